"""The edges of bands: the largest and the smallest counts of a plane, from members of an envelope and errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.queries.bands import Uncertain
from scanner.queries.computing import computed
from scanner.queries.sides import Sides

if TYPE_CHECKING:
    import xarray as xr

    from scanner.queries.query import Query


class BandedSides(NamedTuple):
    """The sides of a plane and of the two edges of its band."""

    central: Sides
    outer: Sides
    inner: Sides


class Extremes:
    """The largest and the smallest counts of a plane, from those of its members one after the other.

    Attributes
    ----------
    central : array
        Counts of the first member.
    outer, inner : array
        Counts of both edges; NaN where the counts, or errors that are asked for, are not known.
    expected, stated : bool
        Whether errors were asked for where something is expected, and whether there is any there.
    """

    central: Array
    outer: Array
    inner: Array

    def __init__(self) -> None:
        self.expected = self.stated = False
        self._empty = True

    def add(self, counts: Array, errors: Sequence[Array] | None) -> None:
        """Take the next member; its arrays are not kept, and without errors there is no statistical uncertainty."""
        up = down = counts
        if errors is not None:
            relative = _relative(errors)
            expected = counts > 0
            self.expected |= bool(expected.any())
            self.stated |= bool(np.isfinite(relative[expected]).any())
            up, down = (
                np.where(expected, counts * factor, counts)
                for factor in (1 + relative, np.maximum(1 - relative, 0.0))
            )
        if self._empty:
            self.central, self.outer, self.inner = counts.copy(), up.copy(), down.copy()
            self._empty = False
        else:
            np.maximum(self.outer, up, out=self.outer)
            np.minimum(self.inner, down, out=self.inner)


def _relative(errors: Sequence[Array]) -> Array:
    """Relative errors in quadrature; one that is not known does not count beside another that is."""
    known = np.isfinite(errors)
    squares = np.where(known, errors, 0.0) ** 2
    found: Array = np.where(known.any(axis=0), np.sqrt(squares.sum(axis=0)), np.nan)
    return found


def no_errors(experiment: str) -> InputError:
    """Of a search whose counts have none, in a cube where others may have them."""
    return InputError(
        f"the counts of {experiment} have no errors in this cube, so that there is no band of statistics of it"
    )


def computed_planes(
    query: Query,
    chosen: Mapping[str, Any],
    channels: Sequence[str] | None,
    exposure: float | None,
    band: Uncertain | None,
) -> list[Array]:
    """Counts of a plane and of the edges of its band, by Dask.

    Parameters
    ----------
    query : Query
    chosen : mapping
        The experiment, and the values of all other axes.
    channels : sequence of str, optional
        That are summed.
    exposure : float, optional
        Counts are scaled to it.
    band : Uncertain, optional
        Without it there is one plane.

    Raises
    ------
    InputError
        If a search has no errors.
    """
    if band is None:
        plane = computed(query.plane(chosen, channels, exposure))
        return [np.asarray(plane.values, dtype=float)]
    extremes = Extremes()
    for member in band.members:
        plane = computed(query.plane(member, channels, exposure))
        errors = [_error_plane(query, name, member, plane) for name in band.errors]
        extremes.add(np.asarray(plane.values, dtype=float), errors or None)
    if extremes.expected and not extremes.stated:
        raise no_errors(str(chosen["experiment"]))
    return [extremes.central, extremes.outer, extremes.inner]


def _error_plane(query: Query, name: str, chosen: Mapping[str, Any], like: xr.DataArray) -> Array:
    """A relative error over the plane."""
    stored = query.ds[name]
    part = computed(stored.sel({k: v for k, v in chosen.items() if k in stored.dims}))
    along = part.drop_vars([n for n in part.coords if n not in part.dims])
    whole = along.broadcast_like(like).transpose(*like.dims)
    return np.asarray(whole.values, dtype=float)
