"""What tells the curves of a comparison apart, in numbers: ratios of reach, areas, who is first, overlaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from physics.errors import one_of
from scanner.outputs.areas import Areas, ContourRegion, PublishedRegion, Region, areas
from scanner.outputs.export import column
from scanner.outputs.first import first_of, open_below
from scanner.outputs.members import told_apart
from scanner.outputs.result import Result
from scanner.queries.about import About
from scanner.queries.assumptions import Assumptions
from scanner.queries.citations import keys_in
from scanner.queries.published import PublishedLimit
from scanner.queries.query import Curve, Query
from scanner.queries.varied import said_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from scanner.outputs.documented import Documented

FEW = 5  # curves whose overlaps a printed table has room for


class Metrics(Result):
    """Ratios of reach, areas and overlaps of curves that differ in one thing.

    Areas are in decades of mass times decades of coupling, within the plane of the scan: exact for the lines that are
    drawn. What is not computed counts for nobody. A reach is not known where it lies below the scan, or where lower
    couplings are not computed.

    Parameters
    ----------
    query : Query
    by : str
        In what they differ.
    curves : sequence of Curve
    assumptions : Assumptions
    about : About
        Of the curves.
    published : sequence of PublishedLimit
        Further members, behind the curves.

    Attributes
    ----------
    labels : list of str
        Of the curves, and of the published limits.
    mass : (n,) array
        Masses of the scan.
    low : (k, n) array
        Lowest coupling at each mass; NaN where none is known.
    below : (k, n) bool array
        Whether the region may go to lower couplings than are known.
    ratio : (k, n) array
        Lowest coupling over that of the first; NaN where one of both is not known.
    first : list of tuples of str
        At each mass who has the lowest coupling; several where they are equal, empty where it is not known.
    """

    kind = "metrics"

    def __init__(
        self,
        query: Query,
        by: str,
        curves: Sequence[Curve],
        assumptions: Assumptions,
        about: About,
        published: Sequence[PublishedLimit] = (),
    ):
        self._query, self.by, self.curves = query, by, tuple(curves)
        self._assumptions, self.published = assumptions, tuple(published)
        self._about = about.citing(keys_in(*(limit.source for limit in published)))
        self.labels = told_apart([*(c.label for c in curves), *(x.name for x in published)])
        self.mass = query.values(query.mass.name).astype(float)
        self._coupling = query.values(query.coupling.name).astype(float)
        self._outlines = [PublishedRegion(x, self._coupling[-1]) for x in published]
        lows = [c.reach.low for c in self.curves] + [r.lowest(self.mass) for r in self._outlines]
        self._low = np.reshape(lows, (len(lows), len(self.mass))).astype(float)
        self.below = open_below(self.curves, self._low, self._coupling)
        self.low = np.where(self.below, np.nan, self._low)
        first = self.low[0] if len(lows) else np.nan
        self.ratio = self.low / first
        self.first = first_of(self.labels, self.curves, self._low, self.below, self._coupling)

    @property
    def selection(self) -> Mapping[str, Any]:
        """What all curves have in common."""
        if not self.curves:
            return {}
        one, *others = [dict(curve.selection) for curve in self.curves]
        return {k: v for k, v in one.items() if all(o.get(k) == v for o in others)}

    @property
    def assumptions(self) -> Assumptions:
        """What was asked for; ``about`` has what it became."""
        return self._assumptions

    @property
    def about(self) -> About:
        """All that decides its numbers."""
        return self._about

    @cached_property
    def areas(self) -> Areas:
        """Areas that each covers, alone and with others."""
        regions: list[Region] = [
            ContourRegion(c.contour, self.mass, self._coupling, c.reach) for c in self.curves
        ]
        return areas([*regions, *self._outlines], self.mass, self._coupling)

    # ---- shown -----------------------------------------------------------------------------------

    def headline(self) -> str:
        """In what the curves differ, and what they cover together."""
        found = f"{len(self.labels)} curves by {self.by}"
        area = self.areas
        if np.isnan(area.plane) or not self.labels:
            return found
        return (
            f"{found}: together {area.together:.4g} of {area.plane:.4g} decades² of the plane, "
            f"all of them {area.common:.4g}"
        )

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """For each curve and mass the lowest coupling, its ratio, and who is first; behind them the areas."""
        lowest = column(self._query.coupling, f"{self._query.coupling.name.split('_')[0]}_low")
        header = [self.by, column(self._query.mass), lowest, "open_below", "ratio_to_first_curve",
                  "lowest_of_all", "area_decades2", "area_alone_decades2", "not_computed_decades2",
                  *(f"overlap_with_{label}" for label in self.labels)]  # fmt: skip
        area, rows = self.areas, []
        for i, label in enumerate(self.labels):
            own = [area.covered[i], area.alone[i], area.unknown[i], *area.overlap[i]]
            for j, mass in enumerate(self.mass):
                rows.append(
                    [label, float(mass), float(self.low[i, j]), bool(self.below[i, j]),
                     float(self.ratio[i, j]), label in self.first[j], *map(float, own)]
                )  # fmt: skip
        return header, rows

    def shown(self) -> tuple[list[str], list[list[Any]]]:
        """For each curve its area, ratios of its reach, at how many masses it is first, and overlaps."""
        area = self.areas
        missing = bool(np.nansum(area.unknown) > 0)
        others = self.labels if len(self.labels) <= FEW else self.labels[:1]
        header = [self.by, "decades² covered", "by it alone", *(["not computed"] if missing else []),
                  "reach / first", "lowest at", *(f"also in {x}" for x in others)]  # fmt: skip
        rows = []
        for i, label in enumerate(self.labels):
            own = [_number(area.covered[i]), _number(area.alone[i])]
            own += [_number(area.unknown[i])] if missing else []
            masses = self._times_first[label]
            own += [self._span(i), f"{masses}/{len(self.mass)} masses"]
            overlaps = [_number(v, ".3f") for v in area.overlap[i][: len(others)]]
            rows.append([label, *own, *overlaps])
        return header, rows

    @property
    def _times_first(self) -> Counter[str]:
        return Counter(label for labels in self.first for label in labels)

    def _span(self, i: int) -> str:
        """Smallest and largest ratio of a curve."""
        known = self.ratio[i][np.isfinite(self.ratio[i])]
        if not known.size:
            return "–"
        ends = [f"{known.min():.4g}", f"{known.max():.4g}"]
        return ends[0] if ends[0] == ends[1] else " to ".join(ends)

    def notes(self) -> list[str]:
        """What a reader must know, in sentences."""
        found = said_of(self.by, [curve.provenance.criterion for curve in self.curves])
        area = self.areas
        if np.isnan(area.plane):
            found.append("a plane with one mass or one coupling has no area")
        elif (area.unknown > 0).any():
            found.append(
                "areas and overlaps leave out what is not computed yet, and are lower bounds; alone is what is known "
                "to be of one only"
            )
        cut = [c.label for c in self.curves if c.contour.open_edges]
        if cut and not np.isnan(area.plane):
            found.append(f"areas end with the scan, which cuts the regions of {one_of(cut, 120)}")
        hidden = [bool(row.any()) for row in self.below]
        if any(hidden):
            names = [label for label, h in zip(self.labels, hidden, strict=True) if h]
            found.append(
                f"of {one_of(names, 120)} the reach is not known at {int(self.below.any(axis=0).sum())} masses (below "
                "the scan, or not computed), where there are no ratios"
            )
        if len(self.labels) > FEW:
            found.append("overlaps with the others are in files (-o) and in --json")
        if self.published:
            found.append("published limits count within the plane of the scan, as they are drawn")
        return found

    def as_data(self) -> dict[str, Any]:
        """Areas, overlaps and, mass by mass, ratios and who is first."""
        area = self.areas
        mass, coupling = column(self._query.mass), column(self._query.coupling)
        sources = {self.labels[len(self.curves) + i]: x for i, x in enumerate(self.published)}
        times = self._times_first
        curves = []
        for i, label in enumerate(self.labels):
            one: dict[str, Any] = {
                "label": label,
                "area": _plain(area.covered[i]),
                "area_alone": _plain(area.alone[i]),
                "not_computed": _plain(area.unknown[i]),
                "overlap": dict(zip(self.labels, map(_plain, area.overlap[i]), strict=True)),
                "first_at_masses": times[label],
                "low": [_plain(v) for v in self.low[i]],
                "open_below": [bool(v) for v in self.below[i]],
                "ratio": [_plain(v) for v in self.ratio[i]],
            }
            if label in sources:
                x = sources[label]
                one["published"] = {"source": x.source, "confidence_level": x.confidence_level}
            curves.append(one)
        return {
            "by": self.by,
            "area_units": "decades of mass times decades of coupling",
            "area_plane": _plain(area.plane),
            "area_together": _plain(area.together),
            "area_common": _plain(area.common),
            "low_units": coupling,
            mass: [float(m) for m in self.mass],
            "first": [list(labels) for labels in self.first],
            "curves": curves,
            "notes": self.notes(),
            "provenance": dict(self.about.data),
        }

    def to_xarray(self) -> xr.Dataset:
        """``low``, ``open_below``, ``ratio`` and ``first`` over curve and mass, areas, and ``overlap`` of pairs."""
        import xarray as xr

        mass, other, area = self._query.mass, f"other_{self.by}", self.areas
        both = (self.by, mass.name)
        first = [[label in there for there in self.first] for label in self.labels]
        unit = {"units": "decades of mass times decades of coupling"}
        return xr.Dataset(
            {
                "low": (both, self.low, {"units": self._query.coupling.units}),
                "open_below": (both, self.below),
                "ratio": (both, self.ratio, {"units": "1"}),
                "first": (both, np.array(first, dtype=bool).reshape(self.low.shape)),
                "area": (self.by, area.covered, unit),
                "area_alone": (self.by, area.alone, unit),
                "not_computed": (self.by, area.unknown, unit),
                "overlap": ((self.by, other), area.overlap, {"units": "1"}),
            },
            coords={
                mass.name: (mass.name, self.mass, {"units": mass.units}),
                self.by: self.labels,
                other: self.labels,
            },
            attrs={"provenance": self.about.text, "notes": self.notes()},
        )

    def draw(self, ax: Axes) -> None:
        """Draw the ratios of reach along the mass."""
        from scanner.outputs.ratio_figure import draw_ratios_alone

        draw_ratios_alone(ax, self._query, self)

    def as_figure(self) -> Documented:
        """The contours, and below them the ratios of reach."""
        from scanner.outputs.ratio_figure import ratio_figure

        return ratio_figure(self._query, self)


def _number(value: float, form: str = ".4g") -> str:
    return f"{value:{form}}" if np.isfinite(value) else "–"


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
