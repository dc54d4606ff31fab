"""``dipolescan list``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from scanner.cli._common import echo_json, echo_table, json_option
from scanner.cli._groups import INFORM
from scanner.cli._types import Name

if TYPE_CHECKING:
    from physics.fluxes.library import FluxSet
    from scanner.queries.published import PublishedLimit

GROUP = INFORM

Row = dict[str, object]


def _experiments() -> list[Row]:
    from physics.searches.catalogue import experiments

    return [
        {
            "name": e.tag,
            "kind": e.kind,
            "facility": e.facility,
            "exposure": e.exposure,
            "of": e.exposure_units,
            "counts": e.counts_units,
            "selection": e.describe(),
            "source": e.source,
        }
        for e in experiments().values()
    ]


def _channels() -> list[Row]:
    from physics.neutrino_dipole.decays.base import decay_channels
    from physics.neutrino_dipole.mesons.base import production_channels

    kinds: dict[str, list[Any]] = {
        "production": production_channels.values(),
        "decay": decay_channels.values(),
    }
    return [
        {"name": c.tag, "kind": kind, "decay": c.title, "source": c.source}
        for kind, channels in kinds.items()
        for c in channels
    ]


def _models() -> list[Row]:
    from physics.models.model import models

    return [
        {
            "name": m.tag,
            "title": m.title,
            "axes": ", ".join(a.name for a in m.axes),
            "source": m.source,
        }
        for m in models.values()
    ]


def _methods() -> list[Row]:
    from scanner.limits.methods.base import methods

    return [
        {"name": m.tag, "title": m.title, "parameters": _defaults(m.defaults), "source": m.source}
        for m in methods.values()
    ]


def _spectra() -> list[Row]:
    from physics.spectra.library import available

    return [
        {
            "beam": s.beam,
            "generator": s.generator,
            "species": len(s.sources),
            "description": s.description,
        }
        for s in available().values()
    ]


def _specs() -> list[Row]:
    from physics.reading import read_yaml
    from scanner.scans.bundled import bundled_specs

    return [
        {"name": name, "description": read_yaml(path, "spec").get("description", "")}
        for name, path in bundled_specs().items()
    ]


def _quantities() -> list[Row]:
    from physics.quantities.base import quantities

    return [
        {
            "name": q.tag,
            "title": q.title,
            "parameters": _defaults(
                {k: None if v is inspect.Parameter.empty else v for k, v in q.parameters().items()}
            ),
            "source": q.source,
        }
        for q in quantities.values()
    ]


def _clusters() -> list[Row]:
    from schedulers.clusters.choice import backends

    return [{"name": name} for name in backends()]


def _kinds() -> list[Row]:
    from physics.searches.search import search_kinds

    return [
        {
            "name": tag,
            "title": search_kinds[tag].kind_title,
            "source": search_kinds[tag].kind_source,
        }
        for tag in search_kinds
    ]


def _figures() -> list[Row]:
    from scanner.outputs.reproduce.base import figures

    return [{"name": f.tag, "title": f.title} for f in figures.values()]


def _flavors() -> list[Row]:
    from physics.nature.flavors import FLAVORS, UNIVERSAL, single_flavors

    return [
        {
            "name": label,
            "couples_to": [f"nu_{single}" for single in single_flavors(label)],
            "how": "this one alone" if label in FLAVORS else "all with the same coupling",
        }
        for label in (*FLAVORS, UNIVERSAL)
    ]


def _limits() -> list[Row]:
    """Published limits, and curves of the user's; either may be missing, but not both."""
    from scanner.queries.own_limits import own_limits
    from scanner.queries.published import is_available, published_limits

    own = own_limits()
    published = published_limits() if is_available() or not own else []
    return [_limit("published", x) for x in published] + [_limit("yours", x) for x in own]


def _limit(whose: str, limit: PublishedLimit) -> Row:
    return {
        "name": limit.name,
        "whose": whose,
        "model": limit.model,
        "holds_for": {axis: list(values) for axis, values in limit.applies.items()},
        "confidence_level": limit.confidence_level,
        "masses_GeV": [float(limit.mass.min()), float(limit.mass.max())],
        "excludes": "inside" if limit.closed else "above",
        "source": limit.source,
    }


def _beams() -> list[Row]:
    from physics.nature.beams import beams

    return [
        {
            "name": tag,
            "momentum_GeV": beam.momentum,
            "sqrt_s_GeV": beam.sqrt_s,
            "targets": list(beam.targets),
            "spectra_by_default": beam.spectra,
            "description": beam.description,
        }
        for tag, beam in beams().items()
    ]


def _fluxes() -> list[Row]:
    from physics.fluxes.library import available_fluxes

    return [
        {
            "place": found.place,
            "label": found.label,
            "by_default": _is_default(found),
            "description": found.description,
        }
        for found in available_fluxes().values()
    ]


def _is_default(found: FluxSet) -> bool:
    from physics.fluxes.places import flux_places

    place = flux_places().get(found.place)
    return place is not None and place.default == found.label


def _defaults(parameters: dict[str, Any]) -> str:
    return ", ".join(k if v is None else f"{k}={v}" for k, v in parameters.items())


def _shown(cell: object) -> str:
    """A cell of the table: ``flavor: e, universal; a: 0``, numbers to five figures, yes or nothing."""
    if isinstance(cell, dict):
        return "; ".join(f"{name}: {_shown(values)}" for name, values in cell.items())
    if isinstance(cell, list):
        return ", ".join("not an axis" if part is None else _shown(part) for part in cell)
    if isinstance(cell, bool):
        return "yes" if cell else ""
    return f"{cell:.5g}" if isinstance(cell, float) else str(cell)


KINDS: dict[str, Callable[[], list[Row]]] = {
    "experiments": _experiments,
    "channels": _channels,
    "models": _models,
    "methods": _methods,
    "spectra": _spectra,
    "specs": _specs,
    "quantities": _quantities,
    "clusters": _clusters,
    "kinds": _kinds,
    "figures": _figures,
    "flavors": _flavors,
    "limits": _limits,
    "beams": _beams,
    "fluxes": _fluxes,
}


@click.command()
@click.argument("kind", metavar="KIND", type=Name(list(KINDS)))
@json_option
def command(kind: str, as_json: bool) -> None:
    """List what is registered of a KIND, and where it is from.

    KIND is experiments, channels, models, methods, spectra, specs, quantities, clusters, kinds, figures, flavors,
    limits, beams or fluxes. Limits are the published ones that are drawn behind curves.

    \b
    Examples:
      dipolescan list experiments
      dipolescan list channels --json
      dipolescan list limits
    """
    rows = KINDS[kind]()
    if as_json:
        echo_json(rows)
    elif rows:
        header = [name.replace("_", " ") for name in rows[0]]
        echo_table(header, [[_shown(cell) for cell in row.values()] for row in rows])
