"""Scans of the dipole portal: run them, open what they stored, derive limits."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanner.cube import open_cube
    from scanner.foreground import run
    from scanner.spec import load_spec
    from scanner.submission import submit

__all__ = ["load_spec", "open_cube", "run", "submit"]

# imported when they are asked for: workers and short commands need neither xarray nor Dask's arrays
_PLACES = {
    "load_spec": "scanner.spec",
    "open_cube": "scanner.cube",
    "run": "scanner.foreground",
    "submit": "scanner.submission",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'scanner' has no attribute {name!r}")
    found = getattr(import_module(_PLACES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
