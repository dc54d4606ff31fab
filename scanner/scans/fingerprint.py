"""What a stored cube was made from, as one number: a cube is only ever continued from the same ingredients."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from physics.models.countings import countings
from physics.models.tasks import checksums, counting_for
from physics.spectra.library import available
from scanner.scans.closure import digest_of
from scanner.scans.spec import ScanSpec


def code_version() -> str:
    """Version of the installed distribution."""
    try:
        return version("dipolescan")
    except PackageNotFoundError:
        return "unknown"


def countings_of(spec: ScanSpec) -> tuple[str, ...]:
    """Modules of the countings that a scan is made with."""
    return tuple(sorted({type(counting_for(task)).__module__ for task in spec.tasks}))


def code_digests(modules: Iterable[str]) -> dict[str, str]:
    """SHA-256 over the code and the small tables behind each counting; spectra have checksums of their own."""
    return {module: digest_of(module) for module in modules}


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
    """SHA-256 over spec, the code that counts, and resources; how the scan is cut is no part of it."""
    content = spec.canonical()
    for word in ("name", "description"):
        del content[word]
    code = code_digests(countings_of(spec))
    everything = {"spec": content, "code": code, "resources": checksums}
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def environment(
    spectra: tuple[tuple[str, str], ...] = (), modules: tuple[str, ...] | None = None
) -> str:
    """What a process computes with, in lines ``name: value``: the same on every worker of a scan.

    Parameters
    ----------
    spectra : tuple of (str, str)
        Beam and generator of the sets of spectra to tell; by their recorded checksums.
    modules : tuple of str, optional
        Of the countings whose code is told; all that there are by default.
    """
    minor = {"Python": platform.python_version(), "numpy": np.__version__}
    lines = {name: ".".join(v.split(".")[:2]) for name, v in minor.items()}
    if modules is None:
        modules = tuple(sorted({type(counting).__module__ for counting in countings.values()}))
    code = hashlib.sha256(json.dumps(code_digests(modules)).encode()).hexdigest()[:12]
    lines |= {"dipolescan": code_version(), "physics code": code}
    there = available()
    for label in spectra:
        recorded = repr(sorted(there[label].checksums().items())) if label in there else ""
        digest = hashlib.sha256(recorded.encode()).hexdigest()[:12] if recorded else "missing"
        lines[f"spectra {'/'.join(label)}"] = digest
    return "\n".join(f"{name}: {value}" for name, value in lines.items())


def environment_check(spec: ScanSpec | None = None) -> Callable[[], str]:
    """:func:`environment` for the sets of spectra that are here now: sets that a worker has besides do no harm.

    Of a scan, if one is given, only the code that counts in it is compared.
    """
    modules = None if spec is None else countings_of(spec)
    return partial(environment, tuple(sorted(available())), modules)
