"""Several searches as one limit, as a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from physics.numerics.arrays import Array, Mask
from scanner.outputs.export import contour_rows, reach_rows
from scanner.outputs.result import Result
from scanner.queries.about import About, about
from scanner.queries.assumptions import Assumptions
from scanner.queries.citations import keys_in
from scanner.queries.combination import workspace_at
from scanner.queries.combined import ASYMPTOTIC, ENVELOPE, Combined, Terms
from scanner.queries.contours import Contour, Reach
from scanner.queries.query import Curve, Query

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from scanner.outputs.documented import Documented


ERROR = "largest_relative_error_of_the_limit"


class CombinationResult(Result):
    """Several searches as one limit.

    Parameters
    ----------
    query : Query
    combined : Combined
    assumptions : Assumptions
    terms : Terms
        Those, and what is assumed of each search.

    Attributes
    ----------
    combined : Combined
    """

    kind = "combination"

    def __init__(self, query: Query, combined: Combined, assumptions: Assumptions, terms: Terms):
        self._query, self.combined, self._assumptions = query, combined, assumptions
        self._terms = terms

    @property
    def selection(self) -> Mapping[str, Any]:
        """All axes but the experiment."""
        return self.combined.selection

    @property
    def assumptions(self) -> Assumptions:
        """What was asked for; ``about`` has what it became."""
        return self._assumptions

    @cached_property
    def about(self) -> About:
        """All that decides its numbers; what was combined, and how, is under ``combination``."""
        found = about(self.combined.provenances, self.combined.experiments)
        words = f"{self.combined.how} of {', '.join(self.combined.experiments)}"
        data = {"combination": dict(self.combined.statement), **found.data}
        lines = found.lines
        if self.bands:  # no single number of events is the limit, and not every search has its own
            limit = self.combined.statement["limit"]
            how = _calculated(limit)
            lines = (f"CL_s at {limit['confidence_level']:.4g} confidence level, {how}", *lines[1:])
            data |= {k: _jointly(v) for k, v in data.items() if k in ("limit", "curves")}
        found = replace(found, data=data, lines=(words, *lines))
        return found.citing(keys_in(ASYMPTOTIC)) if self.bands else found

    @property
    def how(self) -> str:
        """``envelope``, ``sum`` or ``likelihood``."""
        return self.combined.how

    @property
    def experiments(self) -> tuple[str, ...]:
        """The searches."""
        return self.combined.experiments

    @property
    def contour(self) -> Contour:
        """Every branch of the line around what is reached."""
        return self.combined.contour

    @property
    def reach(self) -> Reach:
        """Lowest and highest coupling at each mass."""
        return self.combined.reach

    @property
    def branches(self) -> list[Array]:
        """Points (mass, coupling) of each line of the contour, (n, 2)."""
        return self.contour.branches

    @property
    def mass(self) -> Array:
        """Masses, (n,)."""
        return self.reach.mass

    @property
    def low(self) -> Array:
        """Lowest coupling, (n,); NaN where nothing is reached at any coupling that is computed."""
        return self.reach.low

    @property
    def high(self) -> Array:
        """Highest coupling, (n,)."""
        return self.reach.high

    @property
    def incomplete_at(self) -> Mask:
        """Masses at which couplings of some search are not computed yet, (n,)."""
        return self.reach.incomplete

    @property
    def by(self) -> tuple[str, ...]:
        """Of an envelope: the search with the lowest coupling at each mass; empty where none reaches its level."""
        return self.combined.by

    @property
    def level(self) -> float:
        """Critical signal of a sum; of an envelope one, in critical signals of each search."""
        return self.contour.level

    @property
    def bands(self) -> Mapping[str, tuple[Contour, Reach]]:
        """Of a likelihood: ``-2`` to ``2``, fluctuations of the background in sigma, to what is expected."""
        return self.combined.bands

    def workspace(self, place: Mapping[str, float]) -> dict[str, Any]:
        """The joint likelihood of these searches at one point as a workspace of pyhf.

        Parameters
        ----------
        place : mapping
            Mass and coupling; between points of the scan counts are those that contours see.

        Returns
        -------
        dict
            Plain data for JSON; its limit of ``mu`` is the inverse of the strength that ``contour`` has there.
        """
        at = {**self.selection, **place}
        return workspace_at(self._query, self.experiments, at, self._terms)

    def best(self) -> tuple[float, float]:
        """Smallest coupling that is reached and its mass; NaN if none is."""
        return self.reach.best()

    def notes(self) -> list[str]:
        """What a reader must know, in sentences."""
        found = self.contour.notes()
        errors = self.combined.statement.get("limit", {}).get(ERROR)
        if errors:
            worst = max(errors.values())
            found.append(
                f"limits of toys have a statistical error of {errors['observed']:.1%} observed, {worst:.1%} at most"
            )
        return found

    def headline(self) -> str:
        """Lowest coupling, and where."""
        low, mass = self.best()
        words = f"{self.how} of {', '.join(self.experiments)}"
        if not np.isfinite(low):
            return f"{words}: {self.contour.outcome}"
        m, d = self._query.mass, self._query.coupling
        first = self.by[int(np.nanargmin(self.low))] if self.by else ""
        who = f" ({first})" if first else ""
        return f"{words}: down to {d.name} = {low:.4g} {d.units} at {m.name} = {mass:.4g} {m.units}{who}"

    @property
    def _curve(self) -> Curve:
        """As one curve, for tables and figures."""
        label = f"{self.how} of {', '.join(self.experiments)}"
        first = self.combined.provenances[0]
        chosen = {"experiment": label, **self.selection}
        return Curve(label, chosen, self.contour, self.reach, first)

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """Mass, lowest and highest coupling, what is to be known of them; the search with the lowest, or the bands."""
        header, rows = reach_rows(self._query, self._curve)
        for key, (_, found) in self.bands.items():
            short = self._query.coupling.name.split("_")[0]
            unit = header[1].removeprefix(f"{short}_low")
            header = [
                *header,
                f"{short}_low_{_word(key)}{unit}",
                f"{short}_high_{_word(key)}{unit}",
            ]
            ends = zip(found.low.tolist(), found.high.tolist(), strict=True)
            rows = [[*row, *both] for row, both in zip(rows, ends, strict=True)]
        if self.how != ENVELOPE:
            return header, rows
        return [*header, "by"], [[*r, who] for r, who in zip(rows, self.by, strict=True)]

    def as_data(self) -> dict[str, Any]:
        """Everything as plain data."""
        header, rows = self.table()
        low, mass = self.best()
        names = contour_rows(self._query, self._curve)[0][1:]
        return {
            "how": self.how,
            "experiments": list(self.experiments),
            "selection": {
                k: v if isinstance(v, str) else float(v) for k, v in self.selection.items()
            },
            "level": self.level,
            "maximum": _number(self.contour.maximum),
            "counts_units": self.contour.units,
            "outcome": self.contour.outcome,
            "incomplete": self.contour.incomplete,
            "best": {header[1]: _number(low), header[0]: _number(mass)},
            "notes": self.notes(),
            "provenance": dict(self.about.data),
            "reach": [
                {
                    k: _number(v) if isinstance(v, float) else v
                    for k, v in zip(header, row, strict=True)
                }
                for row in rows
            ],
            "branches": [
                dict(zip(names, (b[:, 0].tolist(), b[:, 1].tolist()), strict=True))
                for b in self.branches
            ],
        }

    def to_xarray(self) -> xr.Dataset:
        """``low``, ``high``, ``open_low``, ``open_high``, ``incomplete`` and ``by`` over the mass."""
        import xarray as xr

        mass, units = self._query.mass, {"units": self._query.coupling.units}
        found: dict[str, Any] = {
            "low": (mass.name, self.low, units),
            "high": (mass.name, self.high, units),
            "open_low": (mass.name, self.reach.open_low),
            "open_high": (mass.name, self.reach.open_high),
            "incomplete": (mass.name, self.reach.incomplete),
        }
        if self.by:
            found["by"] = (mass.name, np.array(self.by, dtype=object))
        coords: dict[str, Any] = {
            mass.name: (mass.name, np.asarray(self.mass), {"units": mass.units})
        }
        if self.bands:
            every = [reach for _, reach in self.bands.values()]
            dims = ("sigma", mass.name)
            found["expected_low"] = (dims, np.array([r.low for r in every]), units)
            found["expected_high"] = (dims, np.array([r.high for r in every]), units)
            coords["sigma"] = [int(key) for key in self.bands]
        return xr.Dataset(found, coords=coords, attrs={"provenance": self.about.text})

    def _drawn(self) -> list[Curve]:
        curves = [self._curve, *self.combined.singles]
        if self.bands:
            line, ends = self.bands["0"]
            curves.append(replace(self._curve, label="expected", contour=line, reach=ends))
        return curves

    def _title(self) -> str:
        from scanner.outputs.plots import common_title

        rest = [
            replace(c, selection={**self.selection, "experiment": c.label}) for c in self._drawn()
        ]
        return common_title(rest)

    def draw(self, ax: Axes) -> None:
        """Draw the contour, of an envelope with those of each search, and published limits behind them."""
        from scanner.outputs.plots import COLORS, draw_band, draw_panel

        for number, strength in ((2, 0.2), (1, 0.45)) if self.bands else ():
            between = [
                replace(self._curve, contour=self.bands[f"{i}"][0]) for i in (-number, number)
            ]
            label = f"expected, ±{number}σ"
            draw_band(ax, self._query, between, COLORS[1], label, strength, lines=False)
        draw_panel(ax, self._query, self._drawn(), self._title())

    def as_figure(self) -> Documented:
        """The same as a figure with what decides the numbers below it."""
        from scanner.outputs.documented import Documented, keys_of
        from scanner.outputs.legends import legend_above
        from scanner.outputs.look import drawing, figure_size
        from scanner.queries.published import overlays

        behind = overlays(self._query.model.tag, self._curve.selection)
        said = self.about.citing(keys_of(behind))
        with drawing():
            figure = Documented(said, figsize=figure_size(1, 1), layout="constrained")
            self.draw(figure.add_subplot())
            legend_above(figure)
            figure.suit()
        return figure


def _calculated(limit: Mapping[str, Any]) -> str:
    if "toys" in limit:
        return f"{limit['toys']} toys (seed {limit['seed']})"
    return str(limit["calculation"])


def _jointly(said: Any) -> Any:
    """Without the critical signals of each search by itself."""
    if isinstance(said, list):
        return [_jointly(each) for each in said]
    kept = {k: v for k, v in said.items() if k != "critical_signal"}
    return {**kept, "limit": _jointly(kept["limit"])} if "limit" in kept else kept


def _word(key: str) -> str:
    """Of a band, in the name of a column."""
    sigma = int(key)
    if not sigma:
        return "expected"
    return f"expected_{'plus' if sigma > 0 else 'minus'}_{abs(sigma)}_sigma"


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
