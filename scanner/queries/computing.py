"""Lazy values are computed here, by whichever Dask scheduler the user has chosen; also in a process that was forked."""

from __future__ import annotations

import os
import re
import sys
from threading import Lock
from typing import TYPE_CHECKING, Any

from physics.errors import InputError
from scanner.queries.freed import give_back
from scanner.scans.dask_files import check_dask_files, dask_files

if TYPE_CHECKING:
    import xarray as xr

_NAMED = re.compile(rb"""^[^#\n]*\bscheduler["']?\s*:""", re.MULTILINE)  # the setting, in a file
_HOME = os.getpid()  # differs in a forked process


def computed(values: xr.DataArray) -> xr.DataArray:
    """Values in memory.

    Threads compute them, unless Dask's configuration (``dask.config.set(scheduler=...)``) or a client of a cluster says
    otherwise. A forked process, where neither threads nor clients go on, computes by itself.

    Parameters
    ----------
    values : xarray.DataArray

    Returns
    -------
    xarray.DataArray

    Raises
    ------
    InputError
        If there is no scheduler of the name that Dask's configuration has.
    """
    if os.getpid() != _HOME:
        return values.compute(scheduler="synchronous")
    from dask.base import get_scheduler

    try:
        get_scheduler()
    except ValueError as error:
        raise InputError(
            f"Dask's setting 'scheduler' (DASK_SCHEDULER, a configuration file) is none: {error}"
        ) from None
    try:
        return values.compute()
    finally:
        give_back()


def has_scheduler() -> bool:
    """Whether the user has chosen a scheduler, or has a client of a cluster, which chooses it."""
    if "dask" not in sys.modules and not _may_be_configured():
        return False  # an import of Dask takes longer than most questions
    try:
        from dask import config
    except Exception:
        check_dask_files()
        raise
    return config.get("scheduler", None) is not None


def _may_be_configured() -> bool:
    """Whether the setting may be in what Dask would read its settings from."""
    ours = "DASK_DIPOLESCAN__"  # our own section says nothing of it
    if any(name.startswith("DASK_") and not name.startswith(ours) for name in os.environ):
        return True
    return any(_NAMED.search(path.read_bytes()) for path in dask_files())


def _forget_threads() -> None:
    """Dask would wait for ever for threads that the parent has (dask/dask#1967)."""
    threaded: Any = sys.modules.get("dask.threaded")
    if threaded is None:
        return
    threaded.default_pool = None
    threaded.pools.clear()
    threaded.pools_lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
