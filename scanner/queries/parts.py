"""Parts of cubes, as queries need them: every axis is there and in order, or a sentence says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physics.errors import InputError, quoted
from physics.models.model import Model, models
from scanner.limits.limit import Stated
from scanner.queries.outline import Outline

if TYPE_CHECKING:
    import xarray as xr

SAME = 1e-9  # relative; numbers on an axis that are nearer are one number
STORE = "store"  # the axis of cubes that are put side by side


def is_label(values: NDArray[Any]) -> bool:
    """Whether an axis has words (or intervals, or whatever is no number) and not numbers."""
    if values.dtype.kind not in "OUT":
        return False
    try:
        values.astype(float)
    except (TypeError, ValueError):
        return True
    return any(isinstance(value, str) for value in values.ravel())


def ordered(ds: xr.Dataset) -> tuple[xr.Dataset, Model]:
    """A cube or a part of it, over all its axes, with rising masses and couplings; and its model.

    Parameters
    ----------
    ds : xarray.Dataset
        Whatever xarray has made of a cube.

    Returns
    -------
    (xarray.Dataset, Model)

    Raises
    ------
    InputError
        If it is no cube, or an axis is empty, is not of its own, has a value twice or one that is no number.
    """
    if "counts" not in ds or "model" not in ds.attrs:
        raise InputError(_no_cube(ds))
    model = models[ds.attrs["model"]]
    roles = {axis.name: axis.role for axis in model.axes}
    names = [name for name in ("experiment", "channel", *roles) if name in ds.variables]
    ds = ds.set_coords(names)
    for name in names:
        if ds[name].ndim == 0:  # what a slice has fixed is an axis with one value
            ds = ds.expand_dims(name)
        if ds[name].dims != (name,):
            along = " and ".join(map(str, ds[name].dims))
            raise InputError(
                f"{name} lies along {along} and is no axis of its own; unstack it first"
            )
    if ds["counts"].dtype.kind not in "fiu":
        raise InputError(
            f"the counts of this part of a cube are no numbers but {ds['counts'].dtype}"
        )
    for dim in ds["counts"].dims:
        if not ds.sizes[dim]:
            raise InputError(
                f"nothing is left of the axis {dim}; the selection leaves no value of it"
            )
        if dim not in ds.coords and dim in ("experiment", *roles):
            raise InputError(
                f"this part of a cube has lost the values of {dim}; put them back with part.assign_coords({dim}=...)"
            )
        order = _order(str(dim), np.asarray(ds[dim].values), roles.get(str(dim), ""))
        if order is not None:
            ds = ds.isel({dim: order})
    return ds, model


def is_ordered(outline: Outline, model: Model) -> bool:
    """Whether a cube as it was opened is in order; raises as :func:`ordered`."""
    roles = {axis.name: axis.role for axis in model.axes}
    orders = [_order(dim, outline.values(dim), roles.get(dim, "")) for dim in outline.dims]
    return all(order is None for order in orders)


def _no_cube(ds: xr.Dataset) -> str:
    if "counts" in ds and "experiment" in ds.coords:
        return (
            "this part of a cube has lost the attributes (arithmetic drops them, and some ways to combine datasets); "
            "put back those of the cube with part.assign_attrs(cube.attrs)"
        )
    return "this dataset is not a cube of dipolescan; open one with dipolescan.open_cube"


def _order(name: str, values: NDArray[Any], role: str) -> NDArray[np.intp] | None:
    """Which positions put an axis in order; none if it is, or needs none."""
    if role not in ("mass", "coupling"):
        _refuse_twice(name, values)
        return None
    if is_label(values):
        raise InputError(f"the axis {name} must have numbers, not {quoted(values.tolist()[0])}")
    numbers = values.astype(float)
    for wrong in numbers[~((numbers > 0) & np.isfinite(numbers))][:1]:
        raise InputError(f"the axis {name} must have positive numbers, not {wrong:g}")
    _refuse_twice(name, numbers)
    return None if (np.diff(numbers) > 0).all() else np.argsort(numbers)


def _refuse_twice(name: str, values: NDArray[Any]) -> None:
    """Nobody can say which of two parts a value means."""
    if is_label(values):
        labels = [str(v) for v in values]
        found = next((v for i, v in enumerate(labels) if v in labels[:i]), None)
    else:
        numbers = np.sort(values.astype(float))
        if np.isnan(numbers).any():
            raise InputError(f"the axis {name} has a value that is no number (NaN)")
        twice = np.isclose(numbers[1:], numbers[:-1], rtol=SAME, atol=0)
        found = next((f"{v:g}" for v in numbers[1:][twice]), None)
    if found is not None:
        raise InputError(
            f"{name} {found} is there twice; keep one with part.drop_duplicates({name!r}), or combine different parts"
        )


def stated(outline: Outline, chosen: Mapping[str, Any]) -> Stated:
    """What the chosen experiment states of itself.

    Parameters
    ----------
    outline : Outline
        Of a cube, or of a part of one.
    chosen : mapping
        Axis to label or value.

    Returns
    -------
    Stated

    Raises
    ------
    InputError
        If it does not say so any more.
    """
    if "experiment" not in chosen:
        raise InputError(
            "this part of a cube does not say of which experiment it is; select that without drop=True, or put it back "
            "with part.assign_coords(experiment=...)"
        )

    places = {
        name: _place(outline, name, value)
        for name, value in chosen.items()
        if name in outline.sizes
    }

    def own(name: str) -> Any:
        if name not in outline.along:
            raise InputError(
                f"this part of a cube has lost the {name} of its experiments; keep that coordinate"
            )
        dims, values = outline.along[name]
        at = tuple(places.get(dim, slice(None)) for dim in dims)
        first, *others = np.atleast_1d(values[at]).ravel().tolist()
        if any(other != first for other in others):
            raise InputError(
                f"this part of a cube has more than one {name} of {chosen['experiment']}"
            )
        return first

    try:
        exposure = float(own("exposure"))
        if not 0 < exposure < np.inf:
            raise ValueError(exposure)
        return Stated(
            experiment=str(chosen["experiment"]),
            exposure=exposure,
            exposure_units=str(own("exposure_units")),
            counts_units=str(own("counts_units")),
            background=float(own("background")),
            observed=float(own("observed")),
            statistic=dict(json.loads(str(own("statistic")))),
        )
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"this part of a cube has lost what {chosen['experiment']} states of itself (exposure, background)"
        ) from None


def _place(outline: Outline, name: str, value: Any) -> int:
    """Position of a value on an axis."""
    found = np.flatnonzero(np.asarray(outline.values(name)) == value)
    if not found.size:
        raise InputError(f"this part of a cube has no {name} {quoted(value)}")
    return int(found[0])
