"""``dipolescan flux list`` and ``show``: the fluxes that are found, and what one of them holds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from physics.errors import InputError
from physics.fluxes.library import FluxSet, available_fluxes, find_flux, folders, search_path
from physics.fluxes.places import flux_places
from physics.fluxes.species import name_of
from physics.fluxes.table import FluxError, NeutrinoFlux
from scanner.cli._common import echo_json, echo_table, examples, json_option
from scanner.cli._types import Place
from scanner.outputs.flux_figure import FORMATS, draw_flux
from scanner.queries.about import About, computed


@click.command(
    "list", epilog=examples("dipolescan flux list", "dipolescan flux list --verify --json")
)
@click.option("--verify", is_flag=True, help="Check every flux against its checksum.")
@json_option
def list_(verify: bool, as_json: bool) -> None:
    """List the neutrino fluxes that are found."""
    sets = [summary(found) for found in available_fluxes().values()]
    if verify:
        for entry, found in zip(sets, available_fluxes().values(), strict=True):
            entry["problem"] = _problem(found)
    if as_json:
        echo_json(sets)
    else:
        _print_table(sets, verify)
    problems = [entry["problem"] for entry in sets if entry.get("problem")]
    if problems:
        raise InputError(f"{len(problems)} flux(es) cannot be used: {problems[0]}")


def summary(found: FluxSet) -> dict[str, Any]:
    """What a set is, in a row of a list."""
    place = flux_places().get(found.place)
    return {
        "place": found.place,
        "label": found.label,
        "default": bool(place and place.default == found.label),
        "where": "shipped" if found.folder.is_relative_to(folders()[-1]) else "user",
        "folder": str(found.folder),
        "description": found.description,
    }


def _problem(found: FluxSet) -> str:
    try:
        found.load()
    except FluxError as error:
        return str(error)
    return ""


def _print_table(sets: list[dict[str, Any]], verify: bool) -> None:
    if not sets:
        click.echo(f"no neutrino fluxes in {' or '.join(map(str, search_path()))}")
        return
    columns = ["flux", "where", "description"] + ["table"] * verify
    rows = []
    for entry in sets:
        where = "shipped" if entry["where"] == "shipped" else entry["folder"]
        name = f"{entry['place']}/{entry['label']}" + " (default)" * entry["default"]
        state = "altered" if entry.get("problem") else "intact"
        rows.append([name, where, entry["description"], *[state] * verify])
    echo_table(columns, rows)


def _split_set(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, str]:
    place, slash, label = value.partition("/")
    if not place or (slash and not label):
        raise click.BadParameter(f"{value!r} is not PLACE/LABEL, e.g. faser-nu/pythia8-forward")
    return place, label or "default"


def _check_format(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() not in FORMATS:
        raise click.BadParameter(f"{value} must end in {', '.join(FORMATS)}")
    return value


@click.command(
    epilog=examples(
        "dipolescan flux show faser-nu/pythia8-forward",
        "dipolescan flux show faser-nu2 -o faser-nu2.pdf",
        "dipolescan flux show faser-nu/sibyll-2.3d --json",
    )
)
@click.argument("which", metavar="PLACE/LABEL", callback=_split_set)
@click.option(
    "-o",
    "--output",
    type=Place(dir_okay=False),
    callback=_check_format,
    help="Write a figure (png, pdf or svg).",
)
@json_option
def show(which: tuple[str, str], output: Path | None, as_json: bool) -> None:
    """Show one flux: numbers of each species, all bins with --json, a figure with -o.

    Without /LABEL it is the flux that the place has by default.
    """
    found = find_flux(*which)
    flux = found.load()
    said = _about(found)
    if output:
        place = flux_places().get(found.place)
        draw_flux(flux, f"{place.title if place else found.place}   {found.label}", output, said)
    numbers = _numbers(found, flux) | ({"figure": str(output)} if output else {})
    if as_json:
        echo_json(numbers | {"bins": _bins(flux), "provenance": dict(said.data)})
        return
    for key, value in numbers.items():
        shown = f"{value:.4g}" if isinstance(value, float) else value
        click.echo(f"{key:<42} {'unknown' if value is None else shown}")


def _about(found: FluxSet) -> About:
    """What a figure of a flux says."""
    source = {k: v for k, v in found.source.items() if k != "file"}
    words = [str(found.source.get("source", "")), *map(str, found.source.get("generators", ()))]
    return computed(f"neutrino flux {found.name}", *words, source=source)


def _numbers(found: FluxSet, flux: NeutrinoFlux) -> dict[str, Any]:
    unit = {"1/fb": "per_m2_per_inverse_fb", "protons on target": "per_m2_per_proton"}.get(
        flux.exposure_units, "per_m2_per_s"
    )
    totals = {f"{name_of(p)}_{unit}": float(flux.numbers[p].sum()) for p in flux.species}
    x, y = flux.centre
    return {
        "place": found.place,
        "label": found.label,
        **totals,
        "bins": flux.energies.size,
        "lowest_energy_GeV": float(flux.edges[0]),
        "highest_energy_GeV": float(flux.edges[-1]),
        "averaged_over_m2": None if math.isnan(flux.area) else flux.area,
        "centre_m": f"{x:g}, {y:g}",
        "description": found.description,
        "source": str(found.source.get("source", "")),
        "command": found.source["command"],
    }


def _bins(flux: NeutrinoFlux) -> dict[str, Any]:
    return {
        "energies_GeV": flux.energies.tolist(),
        "edges_GeV": flux.edges.tolist(),
        "numbers": {name_of(p): flux.numbers[p].tolist() for p in flux.species},
        "relative_errors": {name_of(p): flux.errors[p].tolist() for p in flux.species},
    }
