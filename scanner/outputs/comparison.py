"""Curves that differ in one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from physics.errors import InputError
from scanner.outputs.curve_results import ContourResult, ReachResult, lowest_of_band
from scanner.outputs.export import (
    as_data,
    contour_rows,
    largest,
    most_of,
    notes_of,
    with_units,
)
from scanner.outputs.hepdata import write_submission
from scanner.outputs.result import Result
from scanner.outputs.value_names import with_value_names
from scanner.queries.about import About, about, differing
from scanner.queries.assumptions import Assumptions
from scanner.queries.query import Curve, Query
from scanner.queries.varied import said_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from scanner.outputs.documented import Documented
    from scanner.outputs.metrics import Metrics
    from scanner.queries.published import PublishedLimit


class Comparison(Result, Sequence[Curve]):
    """Curves that differ in one thing; a sequence of :class:`scanner.queries.query.Curve`.

    Parameters
    ----------
    query : Query
    by : str
        In what they differ.
    curves : sequence of Curve
    assumptions : Assumptions
    """

    kind = "comparison"

    def __init__(self, query: Query, by: str, curves: Sequence[Curve], assumptions: Assumptions):
        self._query, self.by, self._assumptions = query, by, assumptions
        self.curves = tuple(curves)

    def __len__(self) -> int:
        return len(self.curves)

    def __iter__(self) -> Iterator[Curve]:
        return iter(self.curves)

    def __getitem__(self, index: Any) -> Any:
        """One curve by its number or its label, or a tuple of curves by a slice."""
        if isinstance(index, str):
            for curve in self.curves:
                if curve.label == index:
                    return curve
            raise KeyError(index)
        return self.curves[index]

    @property
    def labels(self) -> list[str]:
        """Of the curves."""
        return [curve.label for curve in self.curves]

    @property
    def selection(self) -> Mapping[str, Any]:
        """What all curves have in common."""
        if not self.curves:
            return {}
        first, *others = [dict(curve.selection) for curve in self.curves]
        return {k: v for k, v in first.items() if all(o.get(k) == v for o in others)}

    @property
    def assumptions(self) -> Assumptions:
        """What was asked for; ``about`` has what it became."""
        return self._assumptions

    @cached_property
    def about(self) -> About:
        """All that decides its numbers: what the curves share, and for each what it does not."""
        return about([c.provenance for c in self.curves], self.labels)

    def metrics(self, published: Sequence[str | PublishedLimit] = ()) -> Metrics:
        """Ratios of reach along the mass, areas, who reaches lowest, and overlaps.

        Parameters
        ----------
        published : sequence of str or PublishedLimit
            Published limits that are compared, too; a name is that which figures show.

        Returns
        -------
        Metrics

        Raises
        ------
        InputError
            If a name is not that of a published limit that holds for all curves, or the curves have bands.
        """
        from scanner.outputs.members import published_members
        from scanner.outputs.metrics import Metrics

        if any(curve.band for curve in self.curves):
            raise InputError("metrics compare central lines; ask for them without a band")
        wanted = [published] if isinstance(published, str) else published
        members = published_members(self._query, self.curves, wanted)
        return Metrics(self._query, self.by, self.curves, self._assumptions, self.about, members)

    def headline(self) -> str:
        """In what they differ."""
        return f"{len(self.curves)} curves by {self.by}"

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """Label, number of the branch, mass, coupling of every contour."""
        if not self.curves:
            return [self.by], []
        header = contour_rows(self._query, self.curves[0])[0]
        rows = [[c.label, *row] for c in self.curves for row in contour_rows(self._query, c)[1]]
        return [self.by, *header], rows

    def shown(self) -> tuple[list[str], list[list[Any]]]:
        """Best coupling of each curve, and its ratio to the first."""
        if not self.curves:
            return [self.by], []
        first = self.curves[0].reach.best()[0]
        levels = with_units(self.curves, lambda c: f"{c.contour.level:.4g}")
        most = with_units(self.curves, largest)
        banded = any(curve.band for curve in self.curves)
        rows = []
        for curve, level, maximum in zip(self.curves, levels, most, strict=True):
            low, mass = curve.reach.best()
            reached = np.isfinite(low)
            best = [f"{low:.3e}", f"{mass:.3g}"] if reached else [curve.contour.outcome, "–"]
            ratio = f"{low / first:.3f}" if reached and np.isfinite(first) else "–"
            around = [lowest_of_band(curve)] if banded else []
            rows.append([curve.label, *best, *around, ratio, level, maximum])
        incomplete = any(curve.contour.incomplete for curve in self.curves)
        if incomplete:
            for row, curve in zip(rows, self.curves, strict=True):
                missing = curve.contour.missing
                row.append(f"{missing.size - missing.sum():,} of {missing.size:,}")
        unit, mass_unit = self._query.coupling.units, self._query.mass.units
        name = self._query.coupling.name
        header = [self.by, f"lowest {name} [{unit}]" if unit else f"lowest {name}",
                  f"at {self._query.mass.name} [{mass_unit}]", *(["lowest of its band"] if banded else []),
                  "ratio to first", "critical signal",
                  most_of(self.curves), *(["points computed"] if incomplete else [])]  # fmt: skip
        return header, rows

    def as_data(self) -> dict[str, Any]:
        """Every curve, with what it does not share with the others."""
        return {
            "by": self.by,
            "provenance": {k: v for k, v in self.about.data.items() if k != "curves"},
            "curves": [
                {**as_data(self._query, c), "provenance": differing(self.about, c.provenance)}
                for c in self.curves
            ],
        }

    def to_xarray(self) -> xr.Dataset:
        """The reach of each, along an axis of what they differ in."""
        import xarray as xr

        parts = [ReachResult(self._query, c, self._assumptions).to_xarray() for c in self.curves]
        whole = xr.concat([p.drop_attrs() for p in parts], dim=self.by)
        return whole.assign_coords({self.by: self.labels}).assign_attrs(provenance=self.about.text)

    def notes(self) -> list[str]:
        """What is said of curves that are not computed everywhere."""
        said: dict[str, list[str]] = {}
        for curve in self.curves:
            if curve.contour.incomplete:
                said.setdefault(curve.contour.notes()[0], []).append(curve.label)
            for text in notes_of(curve)[len(curve.contour.notes()) :]:
                said.setdefault(text, []).append(curve.label)
        same = said_of(self.by, [curve.provenance.criterion for curve in self.curves])
        return same + [
            text if len(labels) == len(self.curves) else f"{', '.join(labels)}: {text}"
            for text, labels in said.items()
        ]

    def to_hepdata(self, folder: str | Path) -> None:
        """Write a HEPData submission, with the figure, into a folder that is new or empty.

        It has the tables of every contour; curves that have none are named in the comment.

        Raises
        ------
        InputError
            If no curve has a line, something is in the folder, or it cannot be written.
        """
        each = [ContourResult(self._query, c, self._assumptions) for c in self.curves]
        tables = [table for one in each for table in one.submitted()]
        absent = [f"{one.curve.label}: {one.outcome}" for one in each if one.empty]
        if not tables:
            raise InputError(f"there is nothing to submit: {', '.join(absent) or 'no curves'}")
        said = f" No line: {', '.join(absent)}." if absent else ""
        write_submission(Path(folder), tables, self.about, self.as_figure(), said)

    def draw(self, ax: Axes) -> None:
        """Draw the contours, and published limits behind them."""
        from scanner.outputs.plots import common_title, draw_panel

        curves = with_value_names(self._query, self.by, self.curves)
        draw_panel(ax, self._query, curves, common_title(curves, self._query))

    def as_figure(self) -> Documented:
        """The contours, and published limits behind them."""
        from scanner.outputs.plots import contour_figure

        return contour_figure(self._query, with_value_names(self._query, self.by, self.curves))
