"""The stored sum over channels, wherever it may stand for the counts of a cube."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.scans.plan import TOTAL

if TYPE_CHECKING:
    import xarray as xr

    from scanner.queries.outline import Outline

SELECTING = {"getitem", "transpose"}  # layers of Dask that choose and order cells
OPENING = {
    "stack",
    "original",
    "full",
    "rechunk",
}  # layers that opening a cube makes; none changes a number


def total_of(ds: xr.Dataset) -> xr.DataArray | None:
    """The sum over channels as it is stored, if it is that of this dataset's counts; still lazy.

    Parameters
    ----------
    ds : xarray.Dataset
        A cube, or what is left of one.

    Returns
    -------
    xarray.DataArray or None
        None where the counts have other channels than the cube, or were changed since it was opened: the graph of the
        counts then has more in it than a selection, or another one than that of the sum.
    """
    if TOTAL not in ds or "counts" not in ds or "channel" not in ds["counts"].dims:
        return None
    counts, total = ds["counts"], ds[TOTAL]
    if counts.sizes["channel"] != total.attrs.get("channels"):
        return None
    if {*counts.dims} - {"channel"} != {*total.dims}:
        return None
    made, summed = _made(counts), _made(total)
    return total if made is not None and made == summed else None


def has_total(outline: Outline) -> bool:
    """Whether a cube as it was opened has a sum over its channels."""
    if TOTAL not in outline.said or "channel" not in outline.dims:
        return False
    return bool(outline.sizes["channel"] == outline.said[TOTAL]["channels"])


def _made(array: xr.DataArray) -> tuple[str, int] | None:
    """The opened cube that an array is a selection of, and in how many steps; None if it is anything else."""
    graph = getattr(array.data, "dask", None)
    if graph is None:
        return None
    cubes, steps = set(), 0
    for name in graph.layers:
        first, *rest = name.split("-")
        if first in SELECTING:
            steps += 1
        elif name.startswith("cube-"):
            cubes.add(tuple(rest[:2]))
        elif first not in OPENING:
            return None
    return ("-".join(cubes.pop()), steps) if len(cubes) == 1 else None
