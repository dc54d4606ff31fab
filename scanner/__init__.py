"""Scans of the dipole portal: run them, open what they stored, derive limits. Users come in by ``dipolescan``."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanner.outputs.accessor import open_cube
    from scanner.scans.foreground import run
    from scanner.scans.spec import load_spec
    from scanner.scans.submission import submit

__all__ = ["load_spec", "open_cube", "run", "submit"]

# imported when they are asked for: workers and short commands need neither xarray nor Dask's arrays
_PLACES = {
    "load_spec": "scanner.scans.spec",
    "open_cube": "scanner.outputs.accessor",
    "run": "scanner.scans.foreground",
    "submit": "scanner.scans.submission",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'scanner' has no attribute {name!r}")
    found = getattr(import_module(_PLACES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
