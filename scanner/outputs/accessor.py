"""The xarray accessor ``ds.scan``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from scanner.limits.limit import Limit
from scanner.limits.methods.base import methods
from scanner.queries.about import about
from scanner.queries.contours import Contour
from scanner.queries.cube import open_cube
from scanner.queries.query import Curve, Query

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ScanAccessor", "open_cube"]  # whoever opens a cube through this module has ds.scan


@xr.register_dataset_accessor("scan")
class ScanAccessor:
    """Limits of a cube; everything stays lazy until asked.

    Every method takes the axes of the cube as keywords (``experiment="FASER2", flavor="e"``; an axis with a single
    value may be left out) and the limit's settings: ``method`` (``fixed-count``, ``poisson``, ``cls``, ...), its
    parameters (``events``, ``confidence_level``, ``background_uncertainty``, ...), and ``background``, ``observed``,
    ``exposure`` in place of the experiment's.
    """

    def __init__(self, ds: xr.Dataset):
        self._ds = ds

    @property
    def _query(self) -> Query:
        """Of the dataset as it is now: it may have been changed in its place."""
        return Query(self._ds)

    def counts(
        self,
        channels: str | Sequence[str] | None = None,
        exposure: float | None = None,
        **axes: Any,
    ) -> xr.DataArray:
        """Counts over mass and coupling, summed over channels; lazy.

        Parameters
        ----------
        channels : str or sequence of str, optional
            Production channels; all by default.
        exposure : float, optional
            Counts are scaled to it.
        **axes
            Axis to value.

        Returns
        -------
        xarray.DataArray
            (mass, coupling), with its ``units``: events, or what the search counts with its own exposure.
        """
        return self._query.plane(axes, channels, exposure)

    def contour(self, channels: str | Sequence[str] | None = None, **settings: Any) -> Contour:
        """Every branch of the contour at the critical signal.

        Returns
        -------
        Contour
            Its ``notes()`` tell what a reader must know (unfinished cells, a level never reached, open edges).
        """
        axes, limit = split_settings(settings)
        return self._query.curve(axes, limit, channels).contour

    def reach(self, channels: str | Sequence[str] | None = None, **settings: Any) -> xr.Dataset:
        """Lowest and highest coupling at each mass.

        Returns
        -------
        xarray.Dataset
            ``low`` and ``high`` over the mass axis, in the coupling's units; NaN where the level is not reached at any
            coupling that is computed. ``incomplete`` tells at which masses couplings are not computed yet, so that the
            region may go further or be there at all; ``open_low`` and ``open_high`` tell where the scan ends before
            the region does. The attribute ``provenance`` says what decides the numbers, in YAML.
        """
        axes, limit = split_settings(settings)
        query = self._query
        curve = query.curve(axes, limit, channels)
        found = curve.reach
        mass = query.mass.name
        units = {"units": query.coupling.units}
        return xr.Dataset(
            {
                "low": (mass, found.low, units),
                "high": (mass, found.high, units),
                "open_low": (mass, found.open_low),
                "open_high": (mass, found.open_high),
                "incomplete": (mass, found.incomplete),
            },
            coords={mass: (mass, np.asarray(found.mass), {"units": query.mass.units})},
            attrs={"provenance": about([curve.provenance]).text},
        )

    def compare(
        self, by: str, labels: str | Sequence[Any] | None = None, **settings: Any
    ) -> list[Curve]:
        """Curves that differ in one thing: ``experiment``, ``channel``, ``generator``, ``flavor``, ``method``, ...

        Parameters
        ----------
        by : str
        labels : value or sequence of values, optional
            Which; all by default.
        **settings
            Axes and limit settings.

        Returns
        -------
        list of Curve
        """
        axes, limit = split_settings(settings)
        return self._query.compare(by, axes, limit, labels)

    def plot(
        self, by: str = "experiment", labels: str | Sequence[Any] | None = None, **settings: Any
    ) -> Figure:
        """Draw a comparison, published limits shaded behind it where they are installed.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from scanner.outputs.plots import contour_figure

        axes, limit = split_settings(settings)
        query = self._query
        return contour_figure(query, query.compare(by, axes, limit, labels))


_LIMIT = ("method", "background", "observed", "exposure")


def split_settings(settings: dict[str, Any]) -> tuple[dict[str, Any], Limit]:
    """Separate axes from limit settings."""
    names = {name for method in methods.values() for name in method.defaults}
    own = {k: v for k, v in settings.items() if k in _LIMIT and v is not None}
    parameters = {k: v for k, v in settings.items() if k in names and v is not None}
    axes = {k: v for k, v in settings.items() if k not in (*_LIMIT, *names)}
    return axes, Limit(parameters=parameters, **own)
