"""All code and data that counts may come from, as one number: of two installations of the same files it is the same.

Whoever computes any scan that comes compares this in place of the closure of each counting: nothing is imported for it,
no syntax tree is made, and comments count, too.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from physics.registry import all_plugins
from scanner.scans.closure import DATA, OWN

KEPT = (".py", *DATA)


@cache
def installed_code() -> str:
    """SHA-256 over the names and bytes of the files of ``physics``, and of each package that registers something."""
    total = hashlib.sha256()
    entries = sorted((entry.group, entry.name, entry.value) for entry in all_plugins())
    total.update(repr(entries).encode())
    for package in sorted({OWN} | {entry.module.partition(".")[0] for entry in all_plugins()}):
        for name, path in sorted(_files(package).items()):
            raw = path.read_bytes()
            total.update(f"{package} {name} {len(raw)}\0".encode())
            total.update(raw)
    return total.hexdigest()


def _files(package: str) -> dict[str, Path]:
    """Code and data of a top-level package by their paths in it; a package of one module is its file."""
    spec = find_spec(package)
    if spec is None:
        return {}
    folders = list(map(Path, spec.submodule_search_locations or ()))
    if not folders:
        return {"": Path(spec.origin)} if spec.origin is not None else {}
    return {
        path.relative_to(folder).as_posix(): path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in KEPT and path.is_file()
    }
