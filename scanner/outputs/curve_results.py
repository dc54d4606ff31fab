"""A contour and a reach."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array, Mask
from scanner.outputs.export import (
    as_data,
    band_columns,
    band_flags,
    contour_rows,
    contours_of,
    notes_of,
    reach_rows,
)
from scanner.outputs.hepdata import Table, Variable, write_submission
from scanner.outputs.result import Result
from scanner.queries.about import About, about
from scanner.queries.assumptions import Assumptions
from scanner.queries.bands import CurveBand
from scanner.queries.query import Curve, Query

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from scanner.outputs.documented import Documented


_OF_BAND = {
    "low_outer": "lowest, outer edge of the band,",
    "low_inner": "lowest, inner edge of the band,",
    "high_inner": "highest, inner edge of the band,",
    "high_outer": "highest, outer edge of the band,",
}


def lowest_of_band(curve: Curve) -> str:
    """Lowest couplings of both edges of a band, in words."""
    assert curve.band is not None
    lows = [edge.reach.best()[0] for edge in (curve.band.outer, curve.band.inner)]
    return " to ".join(f"{low:.4g}" if np.isfinite(low) else "not reached" for low in lows)


class CurveResult(Result):
    """One limit in the plane of mass and coupling.

    Parameters
    ----------
    query : Query
    curve : Curve
    assumptions : Assumptions

    Attributes
    ----------
    curve : Curve
        Contour, reach and provenance.
    """

    def __init__(self, query: Query, curve: Curve, assumptions: Assumptions):
        self._query, self.curve, self._assumptions = query, curve, assumptions

    @property
    def selection(self) -> Mapping[str, Any]:
        """The experiment, and the value of every other axis."""
        return self.curve.selection

    @property
    def assumptions(self) -> Assumptions:
        """What was asked for; ``about`` has what it became."""
        return self._assumptions

    @cached_property
    def about(self) -> About:
        """All that decides its numbers."""
        return about([self.curve.provenance])

    @property
    def level(self) -> float:
        """Critical signal, in ``units``."""
        return self.curve.contour.level

    @property
    def band(self) -> CurveBand | None:
        """Its edges, ``outer`` and ``inner``, each with a contour and a reach; None if it was not asked for."""
        return self.curve.band

    @property
    def units(self) -> str:
        """What is counted."""
        return self.curve.contour.units

    @property
    def maximum(self) -> float:
        """Largest count of the plane; NaN if nothing is computed."""
        return self.curve.contour.maximum

    @property
    def incomplete(self) -> bool:
        """Whether cells of the plane are not computed yet."""
        return self.curve.contour.incomplete

    @property
    def outcome(self) -> str:
        """``reached``, ``not reached``, ``not reached where computed`` or ``not computed``."""
        return self.curve.contour.outcome

    def best(self) -> tuple[float, float]:
        """Smallest coupling that is reached and its mass; NaN if none is."""
        return self.curve.reach.best()

    def notes(self) -> list[str]:
        """What a reader must know, in sentences."""
        return notes_of(self.curve)

    def headline(self) -> str:
        """Lowest coupling, and where."""
        low, mass = self.best()
        if not np.isfinite(low):
            return f"{self.curve.label}: {self.outcome}"
        m, d = self._query.mass, self._query.coupling
        said = f"{self.curve.label}: down to {d.name} = {low:.4g} {d.units} at {m.name} = {mass:.4g} {m.units}"
        if self.curve.band is not None:
            said += f"; band of {self.curve.band.band.words} from {lowest_of_band(self.curve)}"
        return said.replace("  ", " ")

    def to_hepdata(self, folder: str | Path) -> None:
        """Write a HEPData submission, with the figure, into a folder that is new or empty.

        Every table says in its description and in qualifiers all that decides its numbers.

        Raises
        ------
        InputError
            If there is nothing to submit, something is in the folder, or it cannot be written.
        """
        tables = self.submitted()
        if not tables:
            raise InputError(
                f"there is nothing to submit: {' '.join(self.notes()) or self.outcome}"
            )
        write_submission(Path(folder), tables, self.about, self.as_figure())

    @abstractmethod
    def submitted(self) -> list[Table]:
        """Tables of a HEPData submission."""

    def _words(self, what: str, level: float | None = None) -> str:
        limit = self.curve.provenance.criterion
        reached = self.level if level is None else level
        return " ".join(
            [
                f"{what} of {self.curve.label} at {reached:.6g} {self.units} ({limit.method}).",
                *(f"{note[:1].upper()}{note[1:]}." for note in self.notes()),
            ]
        )

    def draw(self, ax: Axes) -> None:
        """Draw the contour, and published limits behind it."""
        from scanner.outputs.plots import common_title, draw_panel

        draw_panel(ax, self._query, [self.curve], common_title([self.curve], self._query))

    def as_figure(self) -> Documented:
        """The contour, and published limits behind it."""
        from scanner.outputs.plots import contour_figure

        return contour_figure(self._query, [self.curve])


class ContourResult(CurveResult):
    """Every branch of the contour at the critical signal."""

    kind = "contour"

    @property
    def branches(self) -> list[Array]:
        """Points (mass, coupling) of each line, (n, 2); a closed line ends where it starts."""
        return self.curve.contour.branches

    @property
    def empty(self) -> bool:
        """Whether there is no line."""
        return self.curve.contour.empty

    @property
    def open_edges(self) -> tuple[str, ...]:
        """Edges of the scan at which the region is cut."""
        return self.curve.contour.open_edges

    @property
    def single(self) -> str:
        """``mass`` or ``coupling`` where the plane has only one, so that there is no line; else empty."""
        return self.curve.contour.single

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """Number of the branch, mass, coupling."""
        header, rows = contour_rows(self._query, self.curve)
        return header, [list(row) for row in rows]

    def as_data(self) -> dict[str, Any]:
        """Without the reach."""
        return {k: v for k, v in as_data(self._query, self.curve).items() if k != "reach"}

    def submitted(self) -> list[Table]:
        """A table for each line, its points in order; a closed line ends where it starts. So have edges of a band."""
        mass, coupling = self._query.mass, self._query.coupling
        found = []
        for edge, contour in contours_of(self.curve).items():
            which = "" if edge == "central" else f", {edge} edge of the band"
            many = len(contour.branches) > 1
            found += [
                Table(
                    f"Contour, {self.curve.label}{which}" + (f", branch {i}" if many else ""),
                    self._words(f"Contour{which}", contour.level),
                    [Variable(mass.name, mass.units, branch[:, 0].tolist())],
                    [Variable(coupling.name, coupling.units, branch[:, 1].tolist())],
                    self.about,
                )
                for i, branch in enumerate(contour.branches)
            ]
        return found

    def to_xarray(self) -> xr.Dataset:
        """``branch``, mass and coupling over ``point``; with a band also ``edge``."""
        import xarray as xr

        mass, coupling = self._query.mass, self._query.coupling
        lines = [
            (edge, i, branch)
            for edge, contour in contours_of(self.curve).items()
            for i, branch in enumerate(contour.branches)
        ]
        points = np.concatenate([*(b for _, _, b in lines), np.empty((0, 2))])
        number = [i for _, i, b in lines for _ in b]
        found = xr.Dataset(
            {
                "branch": ("point", np.array(number, dtype=int)),
                mass.name: ("point", points[:, 0], {"units": mass.units}),
                coupling.name: ("point", points[:, 1], {"units": coupling.units}),
            },
            attrs={"provenance": self.about.text},
        )
        if self.curve.band is not None:
            edges = np.array([edge for edge, _, b in lines for _ in b], dtype=object)
            found["edge"] = ("point", edges)
        return found


class ReachResult(CurveResult):
    """Lowest and highest coupling at each mass.

    ``incomplete_at`` tells at which masses couplings are not computed yet, so that the region may go further or be
    there at all; ``open_low`` and ``open_high`` tell where the scan ends before the region does.
    """

    kind = "reach"

    @property
    def mass(self) -> Array:
        """Masses, (n,)."""
        return self.curve.reach.mass

    @property
    def low(self) -> Array:
        """Lowest coupling, (n,); NaN where the level is not reached at any coupling that is computed."""
        return self.curve.reach.low

    @property
    def high(self) -> Array:
        """Highest coupling, (n,)."""
        return self.curve.reach.high

    @property
    def incomplete_at(self) -> Mask:
        """Masses at which couplings are not computed yet, (n,)."""
        return self.curve.reach.incomplete

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """Mass, lowest and highest coupling, and what is to be known of them."""
        return reach_rows(self._query, self.curve)

    def as_data(self) -> dict[str, Any]:
        """Without the branches of the contour."""
        found = as_data(self._query, self.curve)
        return {k: v for k, v in found.items() if not k.startswith("branches")}

    def submitted(self) -> list[Table]:
        """One table: the couplings, and what is to be known of them; none if nothing is reached."""
        if not self.curve.reach.reached.any():
            return []
        found, (mass, coupling) = self.curve.reach, (self._query.mass, self._query.coupling)
        flags = {
            "open_low": found.open_low,
            "open_high": found.open_high,
            "incomplete": found.incomplete,
        }
        return [
            Table(
                f"Reach, {self.curve.label}",
                f"{self._words('Reach')} A dash: not reached at any coupling that is computed. open_low and open_high: "
                "the region goes on beyond the scanned couplings. incomplete: some couplings are not computed."
                + self._of_band(),
                [Variable(mass.name, mass.units, found.mass.tolist())],
                [
                    Variable(f"lowest {coupling.name}", coupling.units, found.low.tolist()),
                    Variable(f"highest {coupling.name}", coupling.units, found.high.tolist()),
                    *(
                        Variable(
                            f"{_OF_BAND[name]} {coupling.name}", coupling.units, values.tolist()
                        )
                        for name, values in band_columns(self.curve)
                    ),
                ],
                self.about,
                [Variable(name, "", values.tolist()) for name, values in flags.items()],
            )
        ]

    def _of_band(self) -> str:
        if self.curve.band is None:
            return ""
        levels = " and ".join(
            f"{e.contour.level:.6g}" for e in (self.curve.band.outer, self.curve.band.inner)
        )
        return f" The band is over {self.curve.band.band.words}; its outer and inner edge are at {levels} {self.units}."

    def to_xarray(self) -> xr.Dataset:
        """``low``, ``high``, ``open_low``, ``open_high`` and ``incomplete`` over the mass.

        With a band also ``low_outer``, ``low_inner``, ``high_inner`` and ``high_outer``, and the flags of each edge
        (``open_low_outer``, ...).
        """
        import xarray as xr

        found, mass = self.curve.reach, self._query.mass
        units = {"units": self._query.coupling.units}
        return xr.Dataset(
            {
                "low": (mass.name, found.low, units),
                "high": (mass.name, found.high, units),
                "open_low": (mass.name, found.open_low),
                "open_high": (mass.name, found.open_high),
                "incomplete": (mass.name, found.incomplete),
                **{name: (mass.name, values, units) for name, values in band_columns(self.curve)},
                **{name: (mass.name, flags) for name, flags in band_flags(self.curve)},
            },
            coords={mass.name: (mass.name, np.asarray(found.mass), {"units": mass.units})},
            attrs={"provenance": self.about.text},
        )
