"""What a cube has at one point, and the value of one thing at which a stated result holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from physics.models.model import models
from scanner.outputs.result import Result
from scanner.queries.about import About, about
from scanner.queries.assumptions import Assumptions
from scanner.queries.finding import Found
from scanner.queries.point import Point, PointBand
from scanner.queries.provenance import Provenance

if TYPE_CHECKING:
    import xarray as xr


class ValueResult(Result):
    """Counts at one point of a cube, and whether it is excluded.

    Parameters
    ----------
    point : Point
    assumptions : Assumptions
    """

    kind = "value"
    figures = False

    def __init__(self, point: Point, assumptions: Assumptions):
        self.point, self._assumptions = point, assumptions

    @property
    def selection(self) -> Mapping[str, Any]:
        """The experiment, every other axis, mass and coupling."""
        return self.point.selection

    @property
    def assumptions(self) -> Assumptions:
        """What was asked for; ``about`` has what it became."""
        return self._assumptions

    @cached_property
    def about(self) -> About:
        """All that decides its numbers."""
        return _at(self.point.provenance, self.selection)

    @property
    def counts(self) -> float:
        """Expected signal, in ``units``; NaN where not computed."""
        return self.point.counts

    @property
    def by_channel(self) -> Mapping[str, float]:
        """Production channel to its counts."""
        return self.point.by_channel

    @property
    def sampling_error(self) -> float:
        """Relative error of the integration; NaN where the cube has none."""
        return self.point.sampling_error

    @property
    def table_error(self) -> float:
        """Relative error of tables of spectra or fluxes; NaN where the cube has none."""
        return self.point.table_error

    @property
    def level(self) -> float:
        """Critical signal."""
        return self.point.level

    @property
    def units(self) -> str:
        """Of counts and level."""
        return self.point.units

    @property
    def excluded(self) -> bool | None:
        """Whether the counts reach the critical signal; None if they are not computed."""
        return self.point.excluded

    @property
    def band(self) -> PointBand | None:
        """Counts and critical signals of both edges; None if it was not asked for."""
        return self.point.band

    def headline(self) -> str:
        """Counts against the critical signal."""
        words = {True: "reached", False: "not reached", None: "not computed"}
        said = f"{self.counts:.5g} of {self.level:.5g} {self.units}: {words[self.excluded]}"
        if self.band is None:
            return said
        edges = [
            f"{n:.5g} of {level:.5g} ({words[reached]})"
            for n, level, reached in zip(
                self.band.counts, self.band.levels, self.band.excluded, strict=True
            )
        ]
        return f"{said}; band of {self.band.band.words} from {edges[1]} to {edges[0]}"

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """Counts of each channel and of all, and their errors."""
        header = ["channel", self.units.replace(" ", "_"), "sampling_error", "table_error"]
        rows: list[list[Any]] = [[c, n, np.nan, np.nan] for c, n in self.by_channel.items()]
        rows.append(["all", self.counts, self.sampling_error, self.table_error])
        if self.band is not None:
            names = ("all, outer edge of the band", "all, inner edge of the band")
            rows += [[x, n, np.nan, np.nan] for x, n in zip(names, self.band.counts, strict=True)]
        return header, rows

    def as_data(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            "selection": _plain(self.selection),
            "counts": self.counts,
            "by_channel": dict(self.by_channel),
            "relative_sampling_error": self.sampling_error,
            "relative_table_error": self.table_error,
            "critical_signal": self.level,
            "counts_units": self.units,
            "reached": self.excluded,
            **self._band(),
            "provenance": dict(self.about.data),
        }

    def _band(self) -> dict[str, Any]:
        """Of both edges, as plain data."""
        if self.band is None:
            return {}
        edges = zip(
            ("outer", "inner"), self.band.counts, self.band.levels, self.band.excluded, strict=True
        )
        return {
            "band": {
                name: {"counts": n, "critical_signal": level, "reached": reached}
                for name, n, level, reached in edges
            }
        }

    def to_xarray(self) -> xr.Dataset:
        """``counts`` over ``channel``, and single values; with a band also those at its edges."""
        import xarray as xr

        units = {"units": self.units}
        edges = {}
        for name, values in self._band().get("band", {}).items():
            edges[f"total_{name}"] = ((), values["counts"], units)
            edges[f"critical_signal_{name}"] = ((), values["critical_signal"], units)
        return xr.Dataset(
            {
                "counts": ("channel", list(self.by_channel.values()), {"units": self.units}),
                "total": ((), self.counts, {"units": self.units}),
                "relative_error": self.sampling_error,
                "table_error": self.table_error,
                "critical_signal": ((), self.level, {"units": self.units}),
                **edges,
            },
            coords={"channel": list(self.by_channel), **_plain(self.selection)},
            attrs={"provenance": self.about.text},
        )


class FoundResult(Result):
    """The coupling, exposure, background or observed count at which the counts are the critical signal.

    Parameters
    ----------
    found : Found
    assumptions : Assumptions
    """

    kind = "inverse query"
    figures = False

    def __init__(self, found: Found, assumptions: Assumptions):
        self.found, self._assumptions = found, assumptions

    @property
    def what(self) -> str:
        """What was looked for."""
        return self.found.what

    @property
    def values(self) -> tuple[float, ...]:
        """All that were found, rising."""
        return self.found.values

    @property
    def units(self) -> str:
        """Of the values."""
        return self.found.units

    @property
    def selection(self) -> Mapping[str, Any]:
        """Everything else that was chosen."""
        return self.found.selection

    @property
    def assumptions(self) -> Assumptions:
        """What was asked for; ``about`` has what it became."""
        return self._assumptions

    @cached_property
    def about(self) -> About:
        """All that decides its numbers."""
        return _at(self.found.provenance, self.selection)

    def headline(self) -> str:
        """What was found."""
        if not self.values:
            return f"no {self.what}"
        return f"{self.what} = {', '.join(f'{v:.6g}' for v in self.values)} {self.units}".rstrip()

    def notes(self) -> list[str]:
        """What is to be known of the values."""
        return [self.found.note] if self.found.note else []

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """The values."""
        unit = self.units.replace("1/", "per_").replace(" ", "_")
        return ["_".join(w for w in (self.what, unit) if w)], [[v] for v in self.values]

    def as_data(self) -> dict[str, Any]:
        """Everything as plain data."""
        return {
            "what": self.what,
            "values": list(self.values),
            "units": self.units,
            "selection": _plain(self.selection),
            "notes": self.notes(),
            "provenance": dict(self.about.data),
        }

    def to_xarray(self) -> xr.Dataset:
        """The values over ``solution``."""
        import xarray as xr

        return xr.Dataset(
            {self.what: ("solution", np.array(self.values, dtype=float), {"units": self.units})},
            coords={k: v for k, v in _plain(self.selection).items() if k != self.what},
            attrs={"provenance": self.about.text},
        )


def _at(said: Provenance, selection: Mapping[str, Any]) -> About:
    """What decides the numbers, with the point that was asked for."""
    units = {axis.name: axis.units for axis in models[said.model].axes}
    place = {
        name: {
            "value": float(selection[name]),
            "units": said.units.get(name, units[name]).partition(";")[0],
        }
        for name in said.grid
        if name in selection
    }
    words = ", ".join(f"{n} = {p['value']:.6g} {p['units']}" for n, p in place.items())
    found = about([said])
    return replace(found, data={"point": place, **found.data}, lines=(f"at {words}", *found.lines))


def _plain(selection: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v if isinstance(v, str) else float(v) for k, v in selection.items()}
