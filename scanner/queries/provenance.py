"""What decides the numbers of a curve: one object, from which all that leaves the product says what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from physics.models.model import GENERATOR, Axis, models
from physics.numerics.arrays import Mask
from scanner.limits.limit import Criterion
from scanner.queries.citations import OWN, keys_in
from scanner.queries.outline import Outline
from scanner.queries.sources import sources_of
from scanner.scans.fingerprint import code_version

SAMPLING = ("error", "channel_error", "points")  # what is said of the sampling error


@dataclass(frozen=True)
class Provenance:
    """All that decides the numbers of one curve.

    Attributes
    ----------
    scan, model : str
    options : mapping
        Of the model.
    experiment, facility : str
    selection : mapping
        Other axes that were chosen, and their values.
    channels : tuple of str
        Production channels that were summed.
    grid : mapping
        Axis of the plane to its first and last value and their number.
    criterion : Criterion
        Limit method, its parameters, observation and critical signal.
    fingerprint : str
        Of the cube; empty if it is not known.
    blocks, blocks_done : int
        Of the cube, when it was opened.
    cells, cells_missing : int
        Of the plane that the curve was derived from, and those not computed.
    versions : mapping
        Of the product that computed the cube and of the one that derived the curve, and the format of the store.
    citations : tuple of str
        Keys of what went in; ``dipolescan cite`` has their BibTeX.
    units : mapping
        Axis of the plane to its unit, in words, where that is not the cube's.
    band : mapping
        What a band around the curve is over, and its critical signals; empty if there is none.
    sampling : mapping
        The sampling error that was asked for, and the most points that it could take; empty if none was.
    """

    scan: str
    model: str
    options: Mapping[str, Any]
    experiment: str
    facility: str
    selection: Mapping[str, Any]
    channels: tuple[str, ...]
    grid: Mapping[str, tuple[float, float, int]]
    criterion: Criterion
    fingerprint: str
    blocks: int
    blocks_done: int
    cells: int
    cells_missing: int
    versions: Mapping[str, Any] = field(default_factory=dict)
    citations: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    band: Mapping[str, Any] = field(default_factory=dict)
    sampling: Mapping[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether the whole cube is computed, and no cell of this plane is missing."""
        return self.blocks_done == self.blocks and not self.cells_missing

    def as_data(self) -> dict[str, Any]:
        """As plain data, for JSON and YAML."""
        limit = self.criterion
        return {
            "scan": self.scan,
            "model": self.model,
            "options": dict(self.options),
            **({"sampling": dict(self.sampling)} if self.sampling else {}),
            "experiment": self.experiment,
            "facility": self.facility,
            "selection": dict(self.selection),
            "channels": list(self.channels),
            "grid": {k: {"from": a, "to": b, "values": n} for k, (a, b, n) in self.grid.items()},
            **({"units": dict(self.units)} if self.units else {}),
            "limit": {
                "method": limit.method,
                "parameters": dict(limit.parameters),
                "background": limit.background,
                "observed": limit.observed,
                "exposure": limit.exposure,
                "exposure_units": limit.exposure_units,
                "counts_units": limit.counts_units,
                "critical_signal": limit.critical_signal,
            },
            **({"band": dict(self.band)} if self.band else {}),
            "cube": {
                "fingerprint": self.fingerprint,
                "complete": self.blocks_done == self.blocks,
                "blocks": self.blocks,
                "blocks_done": self.blocks_done,
            },
            "plane": {
                "complete": not self.cells_missing,
                "cells": self.cells,
                "cells_missing": self.cells_missing,
            },
            "versions": dict(self.versions),
            "citations": list(self.citations),
        }


def provenance_of(
    outline: Outline,
    plane: Sequence[Axis],
    chosen: Mapping[str, Any],
    criterion: Criterion,
    channels: Sequence[str] | None,
    missing: Mask,
    band: Mapping[str, Any] | None = None,
) -> Provenance:
    """Provenance of a curve of a cube.

    Parameters
    ----------
    outline : Outline
        Of the cube, or of a part of it.
    plane : sequence of Axis
        Mass and coupling.
    chosen : mapping
        The experiment, and the values of all other axes.
    criterion : Criterion
    channels : sequence of str, optional
        That were summed; all by default.
    missing : bool array
        Points of the plane that are not computed.
    band : mapping, optional
        What is said of the band around the curve.
    """
    attrs, experiment = outline.attrs, str(chosen["experiment"])
    selection = _selection(outline, chosen)
    grid = {axis.name: outline.values(axis.name).astype(float) for axis in plane}
    there = outline.values("channel") if "channel" in outline.coords else ()
    return Provenance(
        scan=str(attrs.get("name", "")),
        model=str(attrs["model"]),
        options=_without("option_", attrs),
        experiment=experiment,
        facility=_of_experiment(outline, "facility", experiment),
        selection=selection,
        channels=tuple(str(c) for c in np.atleast_1d(there if channels is None else channels)),
        grid={k: (float(v.min()), float(v.max()), v.size) for k, v in grid.items()},
        criterion=criterion,
        fingerprint=str(attrs.get("fingerprint", "")),
        blocks=int(attrs.get("blocks", 0)),
        blocks_done=int(attrs.get("blocks_done", 0)),
        cells=missing.size,
        cells_missing=_number(missing),
        versions=versions(
            computed_with=f"dipolescan {attrs.get('dipolescan_version', 'unknown')}",
            store_format=attrs.get("store_format", "unknown"),
        ),
        citations=_citations(attrs, experiment, selection, band or {}, criterion.method),
        band=band or {},
        sampling={k: v for k in SAMPLING if (v := attrs.get(f"sampling_{k}")) is not None},
    )


def _without(prefix: str, attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes whose names begin so, by the rest of their names."""
    return {k.removeprefix(prefix): v for k, v in attrs.items() if k.startswith(prefix)}


def _selection(outline: Outline, chosen: Mapping[str, Any]) -> dict[str, str | float]:
    """Axes of the model that were chosen, and then those along which cubes were put together."""
    own = [axis.name for axis in models[outline.attrs["model"]].axes]
    found = {
        name: str(value) if isinstance(value, str) else float(value)
        for name in own
        if (value := chosen.get(name)) is not None
    }
    beside = {k: v for k, v in chosen.items() if k != "experiment" and k not in found}
    return {**found, **{k: _plain(v) for k, v in beside.items()}}


def _citations(
    attrs: Mapping[str, Any],
    experiment: str,
    selection: Mapping[str, Any],
    band: Mapping[str, Any],
    method: str,
) -> tuple[str, ...]:
    """Keys of all that went in."""
    each = (sources_of(attrs, experiment, one, method) for one in _selections(selection, band))
    return (OWN, *keys_in(*chain.from_iterable(each)))


def _number(missing: Mask) -> int:
    """How many points are missing; a mask that is one column stretched over all couplings is not looked at whole."""
    if missing.ndim == 2 and missing.strides[1] == 0:
        return int(np.count_nonzero(missing[:, 0]) * missing.shape[1])
    return int(np.count_nonzero(missing))


def _selections(selection: Mapping[str, Any], band: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All that count: those of the generators of a band, too."""
    others = band.get("generators", {}).get("envelope", ())
    return [selection, *({**selection, GENERATOR.name: each} for each in others)]


def _plain(value: Any) -> str | float:
    return float(value) if isinstance(value, int | float | np.number) else str(value)


def _of_experiment(outline: Outline, name: str, experiment: str) -> str:
    if name not in outline.coords:
        return ""
    dims, values = outline.along[name]
    if "experiment" in dims:
        at = int(np.flatnonzero(outline.values("experiment") == experiment)[0])
        values = values.take(at, axis=dims.index("experiment"))
    return str(values)


def versions(**others: Any) -> dict[str, Any]:
    """Version of the product that derives numbers, and others."""
    return {"derived_with": f"dipolescan {code_version()}", **others}
