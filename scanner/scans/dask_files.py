"""Files of Dask's configuration, read before Dask reads them: it says neither the line nor that a key stands twice."""

from __future__ import annotations

import os
import site
import sys
from pathlib import Path

from physics.errors import InputError
from physics.reading import read_yaml

_ENDINGS = (".yaml", ".yml", ".json")


def dask_files() -> list[Path]:
    """Files that Dask reads, in its order (``dask.config.collect_yaml``); it is not imported for that."""
    folders = [
        os.environ.get("DASK_ROOT_CONFIG", "/etc/dask"),
        os.path.join(sys.prefix, "etc", "dask"),
        *(os.path.join(prefix, "etc", "dask") for prefix in site.PREFIXES),
        os.path.join(os.path.expanduser("~"), ".config", "dask"),
    ]
    given = os.environ.get("DASK_CONFIG")
    found: list[Path] = []
    for folder in dict.fromkeys([*folders, *([given] if given else [])]):
        path = Path(folder)
        try:
            inside = sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
        except OSError:  # Dask passes over what it may not read
            continue
        found += [p for p in inside if p == path or p.suffix.lower() in _ENDINGS]
    return [p for p in found if os.access(p, os.R_OK) and p.is_file()]


def check_dask_files() -> None:
    """Refuse what Dask cannot read, and what it would read in silence: a key that stands twice.

    Raises
    ------
    InputError
        With the file and the line.
    """
    for path in dask_files():
        content = read_yaml(path, "configuration of Dask")
        if content is not None and not isinstance(content, dict):
            raise InputError(f"{path}: a configuration of Dask is a mapping of keys and values")
