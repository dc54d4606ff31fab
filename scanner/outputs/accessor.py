"""The xarray accessor ``ds.scan``."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from physics.errors import one_of
from scanner.limits.calculation import Calculation
from scanner.outputs.asking import Channels, Selection, checked
from scanner.outputs.combination_result import CombinationResult
from scanner.outputs.curve_questions import CurveQuestions
from scanner.outputs.point_questions import PointQuestions
from scanner.queries.assumptions import Assumptions
from scanner.queries.combination import combine
from scanner.queries.combined import Terms
from scanner.queries.cube import open_cube
from scanner.queries.together import open_cubes
from schedulers.words import how_many

__all__ = [
    "ScanAccessor",
    "open_cube",
    "open_cubes",
]  # whoever opens a cube through this module has ds.scan
MANY = 8  # values of an axis that are shown one by one


@xr.register_dataset_accessor("scan")
class ScanAccessor(CurveQuestions, PointQuestions):
    """Questions to a cube; everything stays lazy until asked.

    A *selection* is a mapping of axes to values, ``{"experiment": "FASER2", "flavor": "e"}``; an axis with a single
    value may be left out. *Assumptions* are keywords: ``method``, ``confidence_level``, ``events``, ``background``,
    ``observed``, ``exposure``, ``parameters`` (further ones of the method) and ``channels``; what is not given is the
    search's own. A *result* knows both, shows and draws itself (``plot``), and goes to pandas, xarray, CSV, JSON and
    figures (``to_pandas``, ``to_xarray``, ``to_csv``, ``to_json``, ``save``).
    """

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
        rows = [("model", query.model.title)]
        if "blocks" in attrs:  # else nothing is known of it
            done, blocks = int(attrs["blocks_done"]), int(attrs["blocks"])
            some = f"{done} of {how_many(blocks, 'block')} computed"
            rows.append(("state", "complete" if done == blocks else some))
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


def _axis_words(axis: xr.DataArray) -> str:
    values = np.atleast_1d(axis.values)
    if values.dtype.kind in "OU" or len(values) <= MANY:
        return one_of([v if isinstance(v, str) else f"{v:g}" for v in values], 200)
    units = axis.attrs.get("units", "")
    unit = "" if units in ("", "1") else f" {units}"
    return f"{len(values)} values from {values.min():g} to {values.max():g}{unit}"
