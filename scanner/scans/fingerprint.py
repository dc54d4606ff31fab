"""What a stored cube was made from, as one number: a cube is only ever continued from the same ingredients."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

import numpy as np

from physics.kernel import KernelTask
from physics.models.countings import countings
from physics.models.tasks import checksums, counting_for
from physics.spectra.library import available
from scanner.scans.closure import digest_of
from scanner.scans.installed import installed_code
from scanner.scans.spec import ScanSpec


@cache
def code_version() -> str:
    """Version of the installed distribution."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import

    try:
        return version("dipolescan")
    except PackageNotFoundError:
        return "unknown"


def roots_of(task: KernelTask[Any]) -> frozenset[str]:
    """Modules from which the code behind a task is followed: its counting, who registered that, and its searches."""
    counting = counting_for(task)
    registered = countings.origin((counting.model, counting.kind))
    searches = {type(search).__module__ for search in task.experiments}
    return frozenset({type(counting).__module__, registered, *searches})


def roots_of_scan(spec: ScanSpec) -> tuple[str, ...]:
    """Those of all its tasks."""
    return tuple(sorted(frozenset().union(*(roots_of(task) for task in spec.tasks))))


def code_digests(modules: Iterable[str]) -> dict[str, str]:
    """SHA-256 over the code and the small tables behind each module; spectra have checksums of their own."""
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
    for word in ("name", "description", "tables"):  # what is in the tables is among the resources
        content.pop(word, None)
    code = code_digests(roots_of_scan(spec))
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
        From which the code is followed; by default all files of the packages that count, to the byte.
    """
    minor = {"Python": platform.python_version(), "numpy": np.__version__}
    lines = {name: ".".join(v.split(".")[:2]) for name, v in minor.items()}
    if modules is None:
        code = installed_code()
    else:
        code = hashlib.sha256(json.dumps(code_digests(modules)).encode()).hexdigest()
    lines |= {"dipolescan": code_version(), "physics code": code[:12]}
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
    modules = None if spec is None else roots_of_scan(spec)
    return partial(environment, tuple(sorted(available())), modules)
