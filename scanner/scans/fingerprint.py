"""What a stored cube was made from, as one number: a cube is only ever continued from the same ingredients."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

import physics
from physics.models.tasks import checksums
from physics.spectra.library import available
from scanner.scans.spec import ScanSpec


def code_version() -> str:
    """Version of the installed distribution."""
    try:
        return version("dipolescan")
    except PackageNotFoundError:
        return "unknown"


@cache
def physics_digest() -> str:
    """SHA-256 over the sources of ``physics`` (code and small tables, not the spectra, which have their own)."""
    root = Path(physics.__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.yaml")]):
        relative = path.relative_to(root)
        own = relative.parts[0] == "experiments" and path.suffix == ".yaml"
        if relative.parts[:2] == ("spectra", "tables") or own:
            continue  # recorded by their own checksums, and as definitions
        digest.update(str(relative).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def resources(spec: ScanSpec) -> dict[str, str]:
    """Verify every resource of a scan and return the checksums by label.

    Raises
    ------
    InputError
        If one is missing or altered.
    """
    found: dict[str, str] = {}
    for task in spec.tasks:
        found |= checksums(task)
    return found


def fingerprint(spec: ScanSpec, checksums: dict[str, str]) -> str:
    """SHA-256 over spec, physics code and resources; how the scan is cut is no part of it."""
    content = spec.canonical()
    for word in ("name", "description"):
        del content[word]
    everything = {"spec": content, "physics": physics_digest(), "resources": checksums}
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def environment(spectra: tuple[tuple[str, str], ...] = ()) -> str:
    """What a process computes with, in lines ``name: value``: the same on every worker of a scan.

    Parameters
    ----------
    spectra : tuple of (str, str)
        Beam and generator of the sets of spectra to tell; by their recorded checksums.
    """
    minor = {"Python": platform.python_version(), "numpy": np.__version__}
    lines = {name: ".".join(v.split(".")[:2]) for name, v in minor.items()}
    lines |= {"dipolescan": code_version(), "physics code": physics_digest()[:12]}
    there = available()
    for label in spectra:
        recorded = repr(sorted(there[label].checksums().items())) if label in there else ""
        digest = hashlib.sha256(recorded.encode()).hexdigest()[:12] if recorded else "missing"
        lines[f"spectra {'/'.join(label)}"] = digest
    return "\n".join(f"{name}: {value}" for name, value in lines.items())


def environment_check() -> Callable[[], str]:
    """:func:`environment` for the sets of spectra that are here now: sets that a worker has besides do no harm."""
    return partial(environment, tuple(sorted(available())))
