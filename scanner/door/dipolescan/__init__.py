"""Scans of the dipole portal: the one door for notebooks and scripts.

>>> import dipolescan
>>> spec = dipolescan.load_spec("quickstart")
>>> dipolescan.plan(spec).number_of_blocks > 0
True

``run`` or ``submit`` a scan, ``open_cube`` what it stored and ask ``ds.scan``; ``calc`` single numbers without a scan.
What is behind the door lies in the packages ``physics``, ``scanner`` and ``schedulers``, for those who develop.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dipolescan.functions import (
        calc,
        experiment,
        experiments,
        limit_methods,
        models,
        plan,
        quantities,
    )
    from dipolescan.lists import (
        beams,
        channels,
        check,
        flavors,
        flux,
        fluxes,
        kinds,
        spectra,
        spectrum,
        w_bosons,
        w_sets,
    )
    from physics.errors import InputError
    from scanner.explorer.server import explore
    from scanner.limits.limit import Limit
    from scanner.outputs.accessor import open_cube, open_cubes
    from scanner.outputs.archive import archive
    from scanner.outputs.landscape import landscape
    from scanner.outputs.look import look
    from scanner.outputs.reproduce.papers import papers, reproduce
    from scanner.queries.catalogue import catalogue
    from scanner.queries.cited import cite
    from scanner.queries.curves import read_limit
    from scanner.queries.own_limits import own_limits
    from scanner.queries.published import PublishedLimit, published_limits
    from scanner.queries.query import Query
    from scanner.scans.clusters import clusters, show_cluster
    from scanner.scans.contents import info
    from scanner.scans.foreground import run
    from scanner.scans.queue import cancel, logs, remove, resume, retry, status
    from scanner.scans.spec import ScanSpec, bundled_specs, load_spec
    from scanner.scans.submission import submit
    from scanner.scans.verify import verify
    from scanner.scans.watching import watch

# imported when they are asked for: a short script needs neither xarray nor Dask's arrays
_PLACES = {
    "InputError": "physics.errors",
    "Limit": "scanner.limits.limit",
    "PublishedLimit": "scanner.queries.published",
    "Query": "scanner.queries.query",
    "ScanSpec": "scanner.scans.spec",
    "archive": "scanner.outputs.archive",
    "beams": "dipolescan.lists",
    "bundled_specs": "scanner.scans.spec",
    "calc": "dipolescan.functions",
    "catalogue": "scanner.queries.catalogue",
    "cancel": "scanner.scans.queue",
    "channels": "dipolescan.lists",
    "check": "dipolescan.lists",
    "cite": "scanner.queries.cited",
    "clusters": "scanner.scans.clusters",
    "experiment": "dipolescan.functions",
    "experiments": "dipolescan.functions",
    "explore": "scanner.explorer.server",
    "flavors": "dipolescan.lists",
    "flux": "dipolescan.lists",
    "fluxes": "dipolescan.lists",
    "info": "scanner.scans.contents",
    "kinds": "dipolescan.lists",
    "landscape": "scanner.outputs.landscape",
    "limit_methods": "dipolescan.functions",
    "load_spec": "scanner.scans.spec",
    "logs": "scanner.scans.queue",
    "look": "scanner.outputs.look",
    "models": "dipolescan.functions",
    "open_cube": "scanner.outputs.accessor",
    "open_cubes": "scanner.outputs.accessor",
    "own_limits": "scanner.queries.own_limits",
    "papers": "scanner.outputs.reproduce.papers",
    "plan": "dipolescan.functions",
    "published_limits": "scanner.queries.published",
    "quantities": "dipolescan.functions",
    "read_limit": "scanner.queries.curves",
    "remove": "scanner.scans.queue",
    "reproduce": "scanner.outputs.reproduce.papers",
    "resume": "scanner.scans.queue",
    "retry": "scanner.scans.queue",
    "run": "scanner.scans.foreground",
    "show_cluster": "scanner.scans.clusters",
    "spectra": "dipolescan.lists",
    "spectrum": "dipolescan.lists",
    "status": "scanner.scans.queue",
    "submit": "scanner.scans.submission",
    "verify": "scanner.scans.verify",
    "w_bosons": "dipolescan.lists",
    "w_sets": "dipolescan.lists",
    "watch": "scanner.scans.watching",
}

__all__ = [
    "InputError",
    "Limit",
    "PublishedLimit",
    "Query",
    "ScanSpec",
    "archive",
    "beams",
    "bundled_specs",
    "calc",
    "cancel",
    "catalogue",
    "channels",
    "check",
    "cite",
    "clusters",
    "experiment",
    "experiments",
    "explore",
    "flavors",
    "flux",
    "fluxes",
    "info",
    "kinds",
    "landscape",
    "limit_methods",
    "load_spec",
    "logs",
    "look",
    "models",
    "open_cube",
    "open_cubes",
    "own_limits",
    "papers",
    "plan",
    "published_limits",
    "quantities",
    "read_limit",
    "remove",
    "reproduce",
    "resume",
    "retry",
    "run",
    "show_cluster",
    "spectra",
    "spectrum",
    "status",
    "submit",
    "verify",
    "w_bosons",
    "w_sets",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from scanner.scans.fingerprint import code_version

        return code_version()
    if name not in _PLACES:
        raise AttributeError(f"module 'dipolescan' has no attribute {name!r}")
    found = getattr(import_module(_PLACES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*__all__, "__doc__", "__version__"})
