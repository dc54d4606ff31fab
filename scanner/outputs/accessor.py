"""The xarray accessor ``ds.scan``."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from physics.errors import InputError, one_of, quoted
from scanner.limits.calculation import Calculation
from scanner.outputs.combination_result import CombinationResult
from scanner.outputs.curve_results import Comparison, ContourResult, ReachResult
from scanner.outputs.point_results import FoundResult, ValueResult
from scanner.queries.assumptions import Assumptions
from scanner.queries.combination import combine
from scanner.queries.combined import Terms
from scanner.queries.cube import open_cube
from scanner.queries.point_units import find_in_units, point_in_units
from scanner.queries.query import Query
from scanner.queries.together import open_cubes
from scanner.queries.units import Units, in_units

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from scanner.outputs.documented import Documented

__all__ = [
    "ScanAccessor",
    "open_cube",
    "open_cubes",
]  # whoever opens a cube through this module has ds.scan
Channels = str | Sequence[str] | None
Selection = Mapping[str, Any] | None
MANY = 8  # values of an axis that are shown one by one


@xr.register_dataset_accessor("scan")
class ScanAccessor:
    """Questions to a cube; everything stays lazy until asked.

    A *selection* is a mapping of axes to values, ``{"experiment": "FASER2", "flavor": "e"}``; an axis with a single
    value may be left out. *Assumptions* are keywords: ``method``, ``confidence_level``, ``events``, ``background``,
    ``observed``, ``exposure``, ``parameters`` (further ones of the method) and ``channels``; what is not given is the
    search's own. A *result* knows both, shows and draws itself (``plot``), and goes to pandas, xarray, CSV, JSON and
    figures (``to_pandas``, ``to_xarray``, ``to_csv``, ``to_json``, ``save``).
    """

    def __init__(self, ds: xr.Dataset):
        self._ds = ds

    @property
    def _query(self) -> Query:
        """Of the dataset as it is now: it may have been changed in its place."""
        return Query(self._ds)

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
        ax, width, style
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
        ).plot(ax, width=width, style=style)  # fmt: skip

    def value(
        self,
        selection: Mapping[str, Any],
        *,
        method: str | None = None,
        confidence_level: float | None = None,
        events: float | None = None,
        background: float | None = None,
        observed: float | None = None,
        exposure: float | None = None,
        parameters: Mapping[str, float] | None = None,
        channels: Channels = None,
        units: Units = None,
        band: str | Sequence[str] | None = None,
        background_uncertainty: float | str | None = None,
    ) -> ValueResult:
        """Counts at one point, by channel and with their errors, and whether it is excluded.

        Between two points of the scan counts are those that contours see: in log N over the logarithms of the axes.

        Parameters
        ----------
        selection : mapping
            Axis to value, with the mass and the coupling.
        method, confidence_level, events, background, observed, exposure, parameters, channels
            See :class:`scanner.queries.assumptions.Assumptions`.
        units : str or sequence of str, optional
            Of coupling (``mu_B``) or mass (``MeV``), in the selection and in the result; the cube's by default.
        band, background_uncertainty
            As of :meth:`contour`: the counts at both edges.

        Returns
        -------
        ValueResult

        Examples
        --------
        >>> at = {"experiment": "FASER2", "flavor": "e", "m_N": 0.1, "d_gamma": 1e-5}
        >>> found = cube.scan.value(at)
        >>> found.units, found.excluded
        ('events', True)
        >>> outer, inner = cube.scan.value(at, band="statistics").band.counts
        >>> inner < found.counts < outer
        True
        """
        given = Assumptions(
            method=method, confidence_level=confidence_level, events=events, background=background,
            observed=observed, exposure=exposure, parameters=parameters, channels=channels,
            band=band, background_uncertainty=background_uncertainty,
        )  # fmt: skip
        return ValueResult(
            point_in_units(
                self._query,
                checked(selection),
                given.limit,
                given.channels,
                units,
                given.uncertainties,
            ),
            given,
        )

    def find(
        self,
        what: str,
        selection: Mapping[str, Any],
        *,
        method: str | None = None,
        confidence_level: float | None = None,
        events: float | None = None,
        background: float | None = None,
        observed: float | None = None,
        exposure: float | None = None,
        parameters: Mapping[str, float] | None = None,
        channels: Channels = None,
        units: Units = None,
    ) -> FoundResult:
        """The coupling, the exposure, the background or the observed count at which counts are the critical signal.

        Parameters
        ----------
        what : str
            The coupling's name, ``exposure``, ``background`` or ``observed``.
        selection : mapping
            Axis to value, with the mass, and with the coupling unless that is looked for.
        method, confidence_level, events, background, observed, exposure, parameters, channels
            See :class:`scanner.queries.assumptions.Assumptions`.
        units : str or sequence of str, optional
            Of coupling (``mu_B``) or mass (``MeV``), in the selection and in the result; the cube's by default.

        Returns
        -------
        FoundResult
            Of the coupling all values are found, of everything else there is one at most.

        Examples
        --------
        >>> at = {"experiment": "FASER2", "flavor": "e", "m_N": 0.1}
        >>> low, *_ = cube.scan.find("d_gamma", at).values
        >>> round(cube.scan.value({**at, "d_gamma": low}).counts, 6)
        3.0
        """
        given = Assumptions(
            method=method, confidence_level=confidence_level, events=events, background=background,
            observed=observed, exposure=exposure, parameters=parameters, channels=channels,
        )  # fmt: skip
        return FoundResult(
            find_in_units(
                self._query, what, checked(selection), given.limit, given.channels, units
            ),
            given,
        )

    def combine(
        self,
        experiments: str | Sequence[str],
        selection: Selection = None,
        *,
        how: str = "envelope",
        method: str | None = None,
        confidence_level: float | None = None,
        events: float | None = None,
        background: Mapping[str, float] | None = None,
        observed: Mapping[str, float] | None = None,
        exposure: Mapping[str, float] | None = None,
        background_uncertainty: Mapping[str, float] | None = None,
        correlated: bool = False,
        calculation: str = "automatic",
        toys: int = 2000,
        seed: int = 1,
        parameters: Mapping[str, float] | None = None,
        channels: Channels = None,
    ) -> CombinationResult:
        """Several searches as one limit.

        Parameters
        ----------
        experiments : sequence of str
            The searches.
        selection : mapping, optional
            Axis to value, without the experiment.
        how : str
            ``envelope``: what at least one search reaches by itself, and which has the lowest coupling. ``sum``:
            signals, backgrounds and observed events are added to one counting experiment. ``likelihood``: the product
            of Poisson likelihoods with one signal strength, observed and expected with bands.
        method, confidence_level, events, parameters, channels
            See :class:`scanner.queries.assumptions.Assumptions`. A sum needs a method unless all searches
            state the same.
        background, observed, exposure, background_uncertainty : mapping, optional
            Search to its number, in place of its own.
        correlated : bool
            Whether the backgrounds of all searches go up and down together.
        calculation : str
            Of a likelihood: ``asymptotic``, ``exact`` (from all outcomes), ``toys``; or ``automatic``, asymptotic where
            each search expects and has observed 5 events or more, else exact, and toys where outcomes are too many.
        toys, seed : int
            How many toys, and the seed of their random numbers.

        Returns
        -------
        CombinationResult
            With a contour and a reach.

        Examples
        --------
        >>> both = ["FASER2", "FACET"]
        >>> best = cube.scan.combine(both, {"flavor": "e"})
        >>> set(best.by) <= {"FASER2", "FACET", ""}
        True
        >>> joint = cube.scan.combine(both, {"flavor": "e"}, how="likelihood")
        >>> joint.about.data["combination"]["limit"]["calculation"]
        'exact'
        >>> cube.scan.combine(both, {"flavor": "e"}, how="sum", method="cls", observed={"FACET": 4}).level > 3
        True
        """
        given = Assumptions(
            method=method, confidence_level=confidence_level, events=events, parameters=parameters,
            channels=channels,
        )  # fmt: skip
        terms = Terms(
            given.limit, background or {}, observed or {}, exposure or {},
            background_uncertainty or {}, correlated, channels, Calculation(calculation, toys, seed),
        )  # fmt: skip
        query = self._query
        return CombinationResult(
            query, combine(query, experiments, checked(selection), how, terms), given, terms
        )

    # ---- shown -----------------------------------------------------------------------------------

    def _lines(self) -> list[tuple[str, str]]:
        """What the cube is, in pairs of words."""
        query, attrs = self._query, self._ds.attrs
        done, blocks = attrs.get("blocks_done"), attrs.get("blocks")
        state = "complete" if done == blocks else f"{done} of {blocks} blocks computed"
        rows = [("model", query.model.title), ("state", state)]
        for name in (*query.axes(), query.mass.name, query.coupling.name, "channel"):
            if name in query.ds.coords:
                rows.append((name, _axis_words(query.ds[name])))
        rows.append(("questions", "contour, reach, compare, combine, plot, value, find, counts"))
        return rows

    def __repr__(self) -> str:
        rows = self._lines()
        width = max(len(name) for name, _ in rows)
        name = self._ds.attrs.get("name", "")
        return "\n".join([f"<scan {name}>", *(f"{n.ljust(width)}  {words}" for n, words in rows)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><b>{html.escape(n)}</b></td><td>{html.escape(w)}</td></tr>"
            for n, w in self._lines()
        )
        return (
            f"<b>scan {html.escape(str(self._ds.attrs.get('name', '')))}</b><table>{rows}</table>"
        )


def checked(selection: Selection) -> Mapping[str, Any]:
    """A selection, or an empty one.

    Raises
    ------
    InputError
        If it is no mapping.
    """
    if selection is None:
        return {}
    if not isinstance(selection, Mapping):
        raise InputError(
            'a selection is a mapping of axes to values, {"experiment": "FASER2", "flavor": "e"}, '
            f"not {quoted(selection)}"
        )
    return selection


def _axis_words(axis: xr.DataArray) -> str:
    values = np.atleast_1d(axis.values)
    if values.dtype.kind in "OU" or len(values) <= MANY:
        return one_of([v if isinstance(v, str) else f"{v:g}" for v in values], 200)
    units = axis.attrs.get("units", "")
    unit = "" if units in ("", "1") else f" {units}"
    return f"{len(values)} values from {values.min():g} to {values.max():g}{unit}"
