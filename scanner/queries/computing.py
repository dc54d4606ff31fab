"""Lazy values are computed here, by whichever Dask scheduler the user has chosen; also in a process that was forked."""

from __future__ import annotations

import os
from threading import Lock

import xarray as xr
from dask import config, threaded
from dask.base import get_scheduler

from physics.errors import InputError

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
    try:
        get_scheduler()
    except ValueError as error:
        raise InputError(
            f"Dask's setting 'scheduler' (DASK_SCHEDULER, a configuration file) is none: {error}"
        ) from None
    return values.compute()


def has_scheduler() -> bool:
    """Whether the user has chosen a scheduler, or has a client of a cluster, which chooses it."""
    return config.get("scheduler", None) is not None


def _forget_threads() -> None:
    """Dask would wait for ever for threads that the parent has (dask/dask#1967)."""
    threaded.default_pool = None
    threaded.pools.clear()
    threaded.pools_lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)
