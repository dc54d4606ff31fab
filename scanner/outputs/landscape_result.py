"""All searches of a cube on one plane for each label of an axis, and which reaches lowest at each mass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from physics.errors import InputError, did_you_mean, one_of, quoted
from scanner.outputs.areas import PublishedRegion
from scanner.outputs.export import column
from scanner.outputs.metrics import Metrics
from scanner.outputs.result import Result
from scanner.queries.about import About, about
from scanner.queries.assumptions import Assumptions
from scanner.queries.landscape import (
    Family,
    Missing,
    beside,
    families,
    listed,
    missing_of,
    panel_axis,
)
from scanner.queries.published import overlays
from scanner.queries.query import Curve, Query
from schedulers.words import how_many

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from scanner.outputs.documented import Documented
    from scanner.outputs.landscape_figure import Plane

OWN = "each search by the limit method that it states, at its level"


class Landscape(Result):
    """All searches of a cube on one plane for each label of an axis (the flavors).

    Parameters
    ----------
    query : Query
        Of the whole cube.
    labels : sequence of str, optional
        Which planes; all by default.

    Attributes
    ----------
    query : Query
    panels : dict
        Label to the curves of all searches.
    families : list of Family
        Searches that belong together.
    missing : Missing
        What is not computed.
    """

    kind = "landscape"

    def __init__(self, query: Query, labels: Sequence[str] | None = None):
        self.query, self.axis = query, panel_axis(query.model)
        there = [str(v) for v in np.atleast_1d(query.values(self.axis.name))]
        chosen = there if not labels else list(dict.fromkeys(labels))
        for label in chosen:
            if label not in there:
                raise InputError(
                    f"unknown {self.axis.name} {quoted(label)}; {did_you_mean(label, there)}"
                    f"this cube has: {one_of(there)}"
                )
        self.panels: dict[str, list[Curve]] = {
            label: query.compare("experiment", {self.axis.name: label}) for label in chosen
        }
        self.families: list[Family] = families(query)
        self.missing: Missing = missing_of(self._curves)
        self._plane: Plane | None = None

    @property
    def _curves(self) -> list[Curve]:
        return [curve for curves in self.panels.values() for curve in curves]

    @property
    def selection(self) -> Mapping[str, Any]:
        """What all curves have in common."""
        one, *others = [dict(curve.selection) for curve in self._curves]
        return {k: v for k, v in one.items() if all(o[k] == v for o in others)}

    @property
    def assumptions(self) -> Assumptions:
        """None: each search has its own limit method."""
        return Assumptions()

    @cached_property
    def about(self) -> About:
        """All that decides its numbers."""
        labels = [f"{label}: {c.label}" for label, curves in self.panels.items() for c in curves]
        found = about([c.provenance for c in self._curves], labels)
        return replace(found, lines=(OWN, *found.lines[1:]))

    # ---- which reaches lowest --------------------------------------------------------------------

    @cached_property
    def _lowest(self) -> list[dict[str, Any]]:
        """For each label and listed mass: lowest coupling, whose it is, and what is excluded already."""
        mass = self.query.values(self.query.mass.name).astype(float)
        top = float(self.query.values(self.query.coupling.name).max())
        places, found = listed(mass), []
        for label, curves in self.panels.items():
            metrics = Metrics(self.query, "experiment", curves, self.assumptions, self.about)
            limits = [
                x for x in overlays(self.query.model.tag, curves[0].selection)
                if x.name not in beside()["of_nature"]
            ]  # fmt: skip
            bounds = [PublishedRegion(x, top).lowest(mass) for x in limits]
            names = np.array([c.label for c in curves])
            for i in places:
                low = np.array([c.reach.low[i] for c in curves])
                first = () if self._goes_on(metrics, i) else metrics.first[i]
                known = any(np.isfinite(low))
                unknown = any(c.reach.incomplete[i] for c in curves)
                own = [bound[i] for bound in bounds]
                excluded = np.nanmin(own) if np.isfinite(own).any() else np.nan
                found.append(
                    {
                        "label": label,
                        "mass": float(mass[i]),
                        "low": float(np.nanmin(low)) if known else np.nan,
                        "by": first or (tuple(names[low == np.nanmin(low)]) if known else ()),
                        "sure": bool(first) or not (known or unknown),
                        "excluded": float(excluded),
                        "excluded_by": limits[int(np.nanargmin(own))].name
                        if np.isfinite(excluded)
                        else "",
                    }
                )
        return found

    @staticmethod
    def _goes_on(metrics: Metrics, i: int) -> bool:
        """Whether the lowest search at a mass goes on below what is known."""
        first = metrics.first[i]
        return any(metrics.below[k, i] for k, label in enumerate(metrics.labels) if label in first)

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """For each label and half decade of mass the lowest coupling and whose it is; what laboratories have excluded.

        The column ``sure`` is false where it, or another search, may reach lower: what is not computed there, or
        goes on below the scan.
        """
        low = column(self.query.coupling, f"{self._short}_low")
        excluded = column(self.query.coupling, f"{self._short}_excluded")
        header = [
            self.axis.name,
            column(self.query.mass),
            low,
            "by",
            "sure",
            excluded,
            "excluded_by",
        ]
        return header, [
            [
                r["label"],
                r["mass"],
                r["low"],
                " = ".join(r["by"]),
                r["sure"],
                r["excluded"],
                r["excluded_by"],
            ]
            for r in self._lowest
        ]

    def shown(self) -> tuple[list[str], list[list[Any]]]:
        """A row for each mass, a column for each label."""
        unit = {"1/GeV": "GeV⁻¹"}.get(self.query.coupling.units, self.query.coupling.units)
        header = [
            f"{self.query.mass.name} [{self.query.mass.units}]",
            *(f"{self.axis.name} {label}: lowest {self.query.coupling.name} [{unit}]" for label in self.panels),
        ]  # fmt: skip
        masses = dict.fromkeys(r["mass"] for r in self._lowest)
        rows = [[f"{m:.3g}", *(_words(r) for r in self._lowest if r["mass"] == m)] for m in masses]
        return header, rows

    @property
    def _short(self) -> str:
        return self.query.coupling.name.split("_")[0]

    # ---- what a reader must know -----------------------------------------------------------------

    def missing_words(self) -> list[str]:
        """What is not computed, in words; nothing if all is."""
        attrs = self.query.outline.attrs
        if not self.missing.fraction and attrs["blocks_done"] == attrs["blocks"]:
            return []
        names = {tag: f.name for f in self.families for tag in f.searches}
        share = f"{_percent(self.missing.fraction)} of the points are not computed"
        return [share, *self.missing.words(names, self.query.mass.units)]

    def notes(self) -> list[str]:
        """What a reader must know, in sentences."""
        found = ["; ".join(["unfinished", *self.missing_words()])] if self.missing_words() else []
        there = {str(v) for v in self.query.values("experiment")}
        for reason in dict.fromkeys(beside()["left_out"].values()):
            absent = [k for k, v in beside()["left_out"].items() if v == reason and k not in there]
            if absent:
                found.append(f"left out: {', '.join(absent)} ({reason})")
        behind = {x.name for c in self._curves for x in overlays(self.query.model.tag, c.selection)}
        if behind and not any(name.startswith("LEP ") for name in behind):
            found.append("the limit of LEP is not known for this ratio, and is not drawn")
        return found

    def headline(self) -> str:
        """How many searches, and where they are."""
        places = dict.fromkeys(f.place for f in self.families)
        chosen = [f"{k} = {v:g}" for k, v in self.selection.items() if not isinstance(v, str)]
        number = how_many(self.query.outline.sizes["experiment"], "search")
        return f"{number} at {', '.join(places)}; {', '.join(chosen)}"

    # ---- as data ---------------------------------------------------------------------------------

    def as_data(self) -> dict[str, Any]:
        """All of it as plain data."""
        header, rows = self.table()
        return {
            "model": self.query.model.tag,
            "selection": {k: v if isinstance(v, str) else float(v) for k, v in self.selection.items()},
            "complete": not self.missing_words(),
            "notes": self.notes(),
            "families": [
                {"name": f.name, "place": f.place, "measured": f.measured, "experiments": list(f.searches)}
                for f in self.families
            ],
            "lowest": [dict(zip(header, map(_plain, row), strict=True)) for row in rows],
            "provenance": dict(self.about.data),
        }  # fmt: skip

    def to_xarray(self) -> xr.Dataset:
        """``low``, ``by``, ``sure``, ``excluded`` and ``excluded_by`` over label and mass."""
        import xarray as xr

        masses = list(dict.fromkeys(r["mass"] for r in self._lowest))
        shape, dims = (len(self.panels), len(masses)), (self.axis.name, self.query.mass.name)
        units = {"units": self.query.coupling.units}

        def over(name: str, kind: Any) -> Any:
            values = [" = ".join(r[name]) if name == "by" else r[name] for r in self._lowest]
            return np.array(values, dtype=kind).reshape(shape)

        return xr.Dataset(
            {
                "low": (dims, over("low", float), units),
                "by": (dims, over("by", object)),
                "sure": (dims, over("sure", bool)),
                "excluded": (dims, over("excluded", float), units),
                "excluded_by": (dims, over("excluded_by", object)),
            },
            coords={
                self.axis.name: list(self.panels),
                self.query.mass.name: (self.query.mass.name, masses, {"units": self.query.mass.units}),
            },
            attrs={"provenance": self.about.text},
        )  # fmt: skip

    # ---- drawn -----------------------------------------------------------------------------------

    def draw(self, ax: Axes) -> None:
        """Draw the plane of the only label into a panel.

        Raises
        ------
        InputError
            If there are several labels.
        """
        from scanner.outputs.landscape_figure import draw_alone

        if len(self.panels) > 1:
            raise InputError(
                f"a panel has room for one {self.axis.name}, and there are {one_of(self.panels)}; choose one"
            )
        self._plane = draw_alone(ax, self)

    def draw_legend(self, ax: Axes) -> None:
        """Draw the legend of a panel, which becomes smaller: names of curves without room then are in the legend."""
        from scanner.outputs.landscape_figure import settle_alone

        for _ in range(2):
            super().draw_legend(ax)
            if self._plane is None or not settle_alone(self._plane, self):
                return

    def as_figure(self, width: float | None = None) -> Documented:
        """A panel for each label, with one key.

        Parameters
        ----------
        width : float, optional
            Of the figure [cm]; 17.8, two columns of a journal, by default, and 8.6 is one.
        """
        from scanner.outputs.landscape_figure import WIDE, landscape_figure

        return landscape_figure(self, width or WIDE)

    def save_figure(
        self, path: str | Path, width: float | None = None, dots: float | None = None
    ) -> None:
        """Write the figure (png, pdf, svg) with a width [cm], and dots per inch in place of the style's."""
        from scanner.outputs.plots import save_figure

        save_figure(self.as_figure(width), Path(path), dots)


def _words(row: Mapping[str, Any]) -> str:
    """Lowest coupling and whose it is."""
    if not row["by"]:
        return "–" if row["sure"] else "not computed"
    least, low = "" if row["sure"] else "at most ", row["low"]
    return f"{least}{low:.1e} {' = '.join(row['by'])}"


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _percent(fraction: float) -> str:
    """A part in words; neither nothing nor all unless it is."""
    if 0 < fraction < 0.01:
        return "less than 1%"
    return "more than 99%" if 0.99 < fraction < 1 else f"{fraction:.0%}"
