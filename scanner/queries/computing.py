"""Lazy values are computed here, with the Dask scheduler that the user has chosen."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import xarray as xr
from dask import config
from dask.base import get_scheduler
from dask.system import CPU_COUNT

_HOME = os.getpid()  # differs in a forked process, whose threads and clients have stayed behind


def computed(values: xr.DataArray) -> xr.DataArray:
    """Values in memory.

    Threads compute them, unless Dask's configuration (``dask.config.set(scheduler=...)``) or a client of a cluster says
    otherwise. The threads end with the computation, so that processes may be forked afterwards; a forked process
    computes in its only thread.

    Parameters
    ----------
    values : xarray.DataArray

    Returns
    -------
    xarray.DataArray
    """
    if values.chunks is None:
        return values
    if os.getpid() != _HOME:
        return values.compute(scheduler="synchronous")
    if get_scheduler() is not None or config.get("pool", None) is not None:
        return values.compute()
    with ThreadPoolExecutor(config.get("num_workers", None) or CPU_COUNT) as pool:
        return values.compute(scheduler="threads", pool=pool)
