"""Questions of ``ds.scan`` whose answers are curves: counts over the plane, contours, reaches, comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from scanner.outputs.asking import Asking, Channels, Selection, checked
from scanner.outputs.comparison import Comparison
from scanner.outputs.curve_results import ContourResult, ReachResult
from scanner.queries.assumptions import Assumptions
from scanner.queries.units import Units, in_units

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from scanner.outputs.documented import Documented


class CurveQuestions(Asking):
    """Curves of a cube, as :class:`scanner.outputs.accessor.ScanAccessor` has them."""

    def counts(
        self,
        selection: Selection = None,
        *,
        channels: Channels = None,
        exposure: float | None = None,
    ) -> xr.DataArray:
        """Counts over mass and coupling, summed over channels; lazy.

        Parameters
        ----------
        selection : mapping, optional
            Axis to value.
        channels : str or sequence of str, optional
            Production channels; all by default.
        exposure : float, optional
            Counts are scaled to it.

        Returns
        -------
        xarray.DataArray
            (mass, coupling), with its ``units``: events, or what the search counts with its own exposure.
        """
        return self._query.plane(checked(selection), channels, exposure)

    def contour(
        self,
        selection: Selection = None,
        *,
        method: str | None = None,
        confidence_level: float | None = None,
        events: float | None = None,
        background: float | None = None,
        observed: float | None = None,
        exposure: float | None = None,
        parameters: Mapping[str, float] | None = None,
        channels: Channels = None,
        band: str | Sequence[str] | None = None,
        background_uncertainty: float | str | None = None,
        units: Units = None,
    ) -> ContourResult:
        """Every branch of the contour at the critical signal.

        Parameters
        ----------
        selection : mapping, optional
            Axis to value.
        method, confidence_level, events, background, observed, exposure, parameters, channels
            See :class:`scanner.queries.assumptions.Assumptions`.
        band, background_uncertainty
            What a band is over, ``statistics``, ``generators`` or ``background``, whose uncertainty is then stated; or
            several. The result has the edges under ``band``.
        units : str or sequence of str, optional
            Of coupling (``mu_B``) or mass (``MeV``) in all that the result shows and writes; the cube's by default.

        Returns
        -------
        ContourResult
            Its ``notes()`` tell what a reader must know (unfinished cells, a level never reached, open edges).

        Examples
        --------
        >>> line = cube.scan.contour({"experiment": "FASER2", "flavor": "e"}, events=10)
        >>> line.level, line.units, len(line.branches)
        (10.0, 'events', 1)
        >>> list(line.to_pandas().columns)
        ['branch', 'm_N_GeV', 'd_gamma_per_GeV']
        >>> wide = cube.scan.contour({"experiment": "FASER2", "flavor": "e"}, band="statistics")
        >>> sorted(set(wide.to_pandas()["edge"]))
        ['central', 'inner', 'outer']
        """
        given = Assumptions(
            method=method, confidence_level=confidence_level, events=events, background=background,
            observed=observed, exposure=exposure, parameters=parameters, channels=channels,
            band=band, background_uncertainty=background_uncertainty,
        )  # fmt: skip
        query = self._query
        curve = query.curve(
            checked(selection), given.limit, given.channels, band=given.uncertainties
        )
        query, (curve,) = in_units(query, [curve], units)
        return ContourResult(query, curve, given)

    def reach(
        self,
        selection: Selection = None,
        *,
        method: str | None = None,
        confidence_level: float | None = None,
        events: float | None = None,
        background: float | None = None,
        observed: float | None = None,
        exposure: float | None = None,
        parameters: Mapping[str, float] | None = None,
        channels: Channels = None,
        band: str | Sequence[str] | None = None,
        background_uncertainty: float | str | None = None,
        units: Units = None,
    ) -> ReachResult:
        """Lowest and highest coupling at each mass.

        Parameters
        ----------
        selection : mapping, optional
            Axis to value.
        method, confidence_level, events, background, observed, exposure, parameters, channels
            See :class:`scanner.queries.assumptions.Assumptions`.
        band, background_uncertainty
            As of :meth:`contour`.
        units : str or sequence of str, optional
            Of coupling (``mu_B``) or mass (``MeV``) in all that the result shows and writes; the cube's by default.

        Returns
        -------
        ReachResult
            With ``mass``, ``low`` and ``high``; ``to_xarray()`` has them with ``open_low``, ``open_high`` and
            ``incomplete``.

        Examples
        --------
        >>> found = cube.scan.reach({"experiment": "FASER2", "flavor": "e"})
        >>> bool((found.low < found.high)[np.isfinite(found.low)].all())
        True
        >>> found = cube.scan.reach(
        ...     {"experiment": "FASER2", "flavor": "e"}, method="cls", background=9, observed=9,
        ...     band=["statistics", "background"], background_uncertainty="20%",
        ... )
        >>> outer = found.band.outer.reach
        >>> bool((outer.low <= found.low)[np.isfinite(found.low)].all())
        True
        """
        given = Assumptions(
            method=method, confidence_level=confidence_level, events=events, background=background,
            observed=observed, exposure=exposure, parameters=parameters, channels=channels,
            band=band, background_uncertainty=background_uncertainty,
        )  # fmt: skip
        query = self._query
        curve = query.curve(
            checked(selection), given.limit, given.channels, band=given.uncertainties
        )
        query, (curve,) = in_units(query, [curve], units)
        return ReachResult(query, curve, given)

    def compare(
        self,
        by: str,
        selection: Selection = None,
        labels: str | float | Sequence[Any] | None = None,
        *,
        method: str | None = None,
        confidence_level: float | None = None,
        events: float | None = None,
        background: float | None = None,
        observed: float | None = None,
        exposure: float | None = None,
        parameters: Mapping[str, float] | None = None,
        band: str | Sequence[str] | None = None,
        background_uncertainty: float | str | None = None,
        units: Units = None,
    ) -> Comparison:
        """Curves that differ in one thing.

        Parameters
        ----------
        by : str
            ``experiment``, ``channel``, ``method``, ``generator``, ``flavor`` or another axis of the cube;
            ``exposure``, ``background``, ``observed``, ``confidence_level`` or ``events``, whose values ``labels`` are.
        selection : mapping, optional
            Axis to value.
        labels : value or sequence of values, optional
            Which to compare; all by default.
        method, confidence_level, events, background, observed, exposure, parameters
            See :class:`scanner.queries.assumptions.Assumptions`.
        band, background_uncertainty
            As of :meth:`contour`, around each curve.
        units : str or sequence of str, optional
            As of :meth:`contour`.

        Returns
        -------
        Comparison
            A sequence of curves.

        Examples
        --------
        >>> cube.scan.compare("experiment", {"flavor": "e"}).labels
        ['FASER2', 'FACET']
        >>> found = cube.scan.compare("events", {"experiment": "FACET", "flavor": "e"}, [3, 10]).metrics()
        >>> bool(found.areas.overlap[1, 0] == 1.0), found.first[0]
        (True, ('3',))
        >>> cube.scan.compare("experiment", {"flavor": "e"}, band="statistics")["FACET"].band.band.words
        'statistics'
        """
        given = Assumptions(
            method=method, confidence_level=confidence_level, events=events, background=background,
            observed=observed, exposure=exposure, parameters=parameters, band=band,
            background_uncertainty=background_uncertainty,
        )  # fmt: skip
        query = self._query
        curves = query.compare(by, checked(selection), given.limit, labels, given.uncertainties)
        query, shown = in_units(query, curves, units)
        return Comparison(query, by, shown, given)

    def plot(
        self,
        by: str = "experiment",
        selection: Selection = None,
        labels: str | float | Sequence[Any] | None = None,
        *,
        method: str | None = None,
        confidence_level: float | None = None,
        events: float | None = None,
        background: float | None = None,
        observed: float | None = None,
        exposure: float | None = None,
        parameters: Mapping[str, float] | None = None,
        band: str | Sequence[str] | None = None,
        background_uncertainty: float | str | None = None,
        units: Units = None,
        ax: Axes | None = None,
        width: str | None = None,
        style: str | Path | None = None,
        legend: bool = True,
    ) -> Documented | Axes:
        """Draw a comparison, published limits shaded behind it where they are installed.

        Parameters
        ----------
        by, selection, labels
            As of :meth:`compare`.
        method, confidence_level, events, background, observed, exposure, parameters
            See :class:`scanner.queries.assumptions.Assumptions`.
        band, background_uncertainty
            As of :meth:`compare`.
        units : str or sequence of str, optional
            As of :meth:`contour`.
        ax, width, style, legend
            As of :meth:`scanner.outputs.result.Result.plot`.

        Returns
        -------
        matplotlib.figure.Figure or matplotlib.axes.Axes
            The panel where one was given.
        """
        return self.compare(
            by, selection, labels, method=method, confidence_level=confidence_level,
            events=events, background=background, observed=observed, exposure=exposure,
            parameters=parameters, band=band, background_uncertainty=background_uncertainty, units=units,
        ).plot(ax, width=width, style=style, legend=legend)  # fmt: skip
