"""``dipolescan flux``: import, list, show and build neutrino fluxes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from physics.errors import InputError
from physics.fluxes.building import NORMALISATIONS, SAMPLING, FluxSettings
from physics.fluxes.built_sets import build_set
from physics.fluxes.darknews import PREFIX, file_of
from physics.fluxes.hadrons import (
    DECAY_LENGTH,
    DECAY_LENGTHS,
    NEUTRAL_DISTANCE,
    neutrino_parents,
)
from physics.fluxes.importing import FluxFiles, import_flux
from physics.fluxes.library import FluxSet, folders
from physics.fluxes.places import flux_places
from physics.fluxes.species import name_of, neutrino
from physics.fluxes.statement import AREAS, CONTENTS, EDGES, ENERGIES, LAYOUTS, Statement, size
from physics.fluxes.table import EXPOSURE_UNITS
from physics.numerics.sampling import Sampling
from physics.places import local_path
from physics.reading import number_in
from scanner.cli._common import echo_json, examples, json_option, note
from scanner.cli._flux_shown import list_, show, summary
from scanner.cli._groups import SCAN
from scanner.cli._types import Name, Place, Real, Whole

GROUP = SCAN

_out_option = click.option(
    "--out",
    type=Place(file_okay=False),
    help="Folder of sets  [default: the user's own]",
)


@click.group("flux")
def command() -> None:
    """Import, list, show and build neutrino fluxes.

    Sets are looked for in $DIPOLESCAN_FLUXES (or ~/.local/share/dipolescan/fluxes) first, then among
    those that come with dipolescan; a set of the user hides one of the same name.
    """


class FluxFile(Place):
    """A file of this machine, or one of an installed DarkNews."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        if isinstance(value, str) and value.startswith(PREFIX):
            value = file_of(value)
        return super().convert(value, param, ctx)


def _size(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> tuple[float, float] | tuple[()]:
    try:
        return size(value) if value is not None else ()
    except InputError as error:
        raise click.BadParameter(str(error)) from None


def _centre(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[float, float]:
    parts = value.split(",")
    try:
        x, y = (number_in(part.strip()) for part in parts)
        if math.isfinite(x) and math.isfinite(y):
            return x, y
    except ValueError:
        pass
    raise click.BadParameter(f"{value!r} is no place; write x,y in m, e.g. 0,0.3")


def _species(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> Any:
    try:
        return tuple(neutrino(name) for name in value)
    except InputError as error:
        raise click.BadParameter(str(error)) from None


@command.command(
    "import",
    epilog=examples(
        "dipolescan flux import FASER_*.txt --place faser-nu --name public --layout faser-nu",
        "dipolescan flux import darknews:CHARMII_FHC.dat --place charm-ii-neutrino --name darknews",
        "dipolescan flux import numu.txt --species numu --place mine --name first --content per-gev "
        "--per cm^-2 \\\n    --energy-units GeV --exposure 1e21 --exposure-units 'protons on target' --edges log",
        "dipolescan flux import table.dat --place faser-nu2 --name mine --content per-bin --through 0.5x0.5 "
        "\\\n    --energy-units GeV --exposure 3000 --exposure-units 1/fb --edges edges.txt",
    ),
)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=FluxFile())
@click.option("--place", required=True, help="Where it is: faser-nu, faser-nu2, or a new name.")
@click.option("--name", "label", required=True, help="Label of the set.")
@click.option(
    "--layout",
    type=Name(LAYOUTS),
    help="Layout of the files, where columns and header do not show it.",
)
@click.option("--content", type=Name(CONTENTS), help="What the numbers are.")
@click.option("--per", type=Name(tuple(AREAS)), help="The area they are for.")
@click.option(
    "--through",
    metavar="WIDTHxHEIGHT",
    callback=_size,
    help="The area they go through [m], in place of --per.",
)
@click.option("--energy-units", type=Name(tuple(ENERGIES)), help="Units of the energies.")
@click.option("--exposure", type=Real(above=0), help="The exposure they are for.")
@click.option("--exposure-units", type=Name(EXPOSURE_UNITS), help="Units of the exposure.")
@click.option(
    "--edges",
    metavar="|".join((*EDGES, "FILE")),
    help="Bins: energies are the centres of a regular grid (log, linear), edges lie half way between them "
    "(midpoints), or in a file, one a line.",
)
@click.option(
    "--species",
    multiple=True,
    callback=_species,
    help="Neutrino of a file with two columns, numu or 14; repeat it for each file.",
)
@click.option(
    "--centre",
    default="0,0",
    show_default=True,
    metavar="X,Y",
    callback=_centre,
    help="Centre of the area from the beam's axis [m].",
)
@click.option("--source", default="", help="Publication the numbers are from.")
@_out_option
@json_option
def import_(
    paths: tuple[Path, ...],
    place: str,
    label: str,
    layout: str | None,
    content: str | None,
    per: str | None,
    through: tuple[float, float] | tuple[()],
    energy_units: str | None,
    exposure: float | None,
    exposure_units: str | None,
    edges: str | None,
    species: tuple[int, ...],
    centre: tuple[float, float],
    source: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Import a flux from text files: energy and number, or energy and six numbers.

    FILE is one file with seven columns (energy, nue, numu, nutau, nuebar, numubar, nutaubar), or for
    each species one with two. What the numbers are must be stated, here or in the file's header (lines
    "# content: per-bin", with the names of these options; the units that DarkNews writes are understood);
    nothing is guessed. FASERnu's public tables (arXiv:2105.08270) are --layout faser-nu. An older set of
    the same name is replaced.

    darknews:NAME is a file of fluxes of an installed DarkNews (the extra darknews), which cites its sources.
    """
    statement = Statement(
        content=content or "",
        per=per or "",
        through=through,
        energy_units=energy_units or "",
        exposure=math.nan if exposure is None else exposure,
        exposure_units=exposure_units or "",
        edges=edges if edges in EDGES else str(local_path(edges)) if edges else "",
    )
    files = FluxFiles(paths, layout or "", statement, species, centre, source)
    _report_written(import_flux(files, place, label, out or folders()[0]), as_json)


def _report_written(written: FluxSet, as_json: bool) -> None:
    notes = _notes(written)
    if as_json:
        echo_json(summary(written) | {"source": written.source, "notes": notes})
        return
    species = ", ".join(name_of(pdg) for pdg in written.load().species)
    click.echo(f"{written.name}: {species} in {written.folder}")
    for said in notes:
        note(said)


@command.command(
    epilog=examples(
        "dipolescan flux build --place faser-nu2 --generator pythia8-forward",
        "dipolescan flux build --place faser-nu --generator sibyll-2.3d --decay-length 60 --name longer",
    )
)
@click.option("--place", required=True, type=Name(tuple(flux_places())), help="Where it is wanted.")
@click.option(
    "--generator", required=True, help="Set of meson spectra ('dipolescan spectra list')."
)
@click.option(
    "--decay-length",
    type=Real(above=0, most=NEUTRAL_DISTANCE),
    default=DECAY_LENGTH,
    show_default=True,
    help="Where charged hadrons end that pass the absorber before the magnets, effective [m]; "
    f"the band is {DECAY_LENGTHS[0]:g} to {DECAY_LENGTHS[1]:g}.",
)
@click.option(
    "--normalisation",
    type=Name(NORMALISATIONS),
    default=NORMALISATIONS[0],
    show_default=True,
    help="Hadrons whose total yields are the published ones; generator: none.",
)
@click.option(
    "--points",
    type=Whole(64, 2**16),
    default=SAMPLING.points,
    show_default=True,
    help="Points for each bin of a spectrum, a power of two.",
)
@click.option("--seed", type=Whole(0, 2**31), default=SAMPLING.seed, show_default=True)
@click.option(
    "--hadron",
    "hadrons",
    multiple=True,
    type=Name(tuple(neutrino_parents())),
    help="Count the neutrinos of this hadron only; repeatable.",
)
@click.option(
    "--name",
    "label",
    help="Label of the set  [default: the generator, and what is not as by default]",
)
@_out_option
@json_option
def build(
    place: str,
    generator: str,
    decay_length: float,
    normalisation: str,
    points: int,
    seed: int,
    hadrons: tuple[str, ...],
    label: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Compute a flux from the decays of pions, kaons, hyperons and charm in a set of meson spectra.

    Hadrons fly straight from the collision, through the absorber before the first magnets (17 mm at
    19 m) or into it; charged ones that pass it decay within an effective length, neutral ones within
    140 m. What is in and what is not: docs/fluxes.md. The same settings give the same numbers.
    """
    sampling = Sampling(points, SAMPLING.replicas, seed)
    settings = FluxSettings(
        generator, decay_length, normalisation, sampling, parents=tuple(dict.fromkeys(hadrons))
    )
    written = build_set(place, settings, out or folders()[0], label, _told)
    _report_written(written, as_json)


def _told(title: str) -> None:
    """Progress, on stderr."""
    click.echo(f"neutrinos of {title} ...", err=True)


def _notes(written: FluxSet) -> list[str]:
    notes = []
    if "units" in written.source:
        notes.append(f"read as {written.source['units']}")
    for key, value in written.source.get("overruled", {}).items():
        notes.append(f"the header states {key.replace('_', '-')}: {value}, which was overruled")
    if "empty" in written.source:
        notes.append(f"no neutrinos, left out: {', '.join(written.source['empty'])}")
    if "lacking" in written.source:
        lacking = " and ".join(written.source["lacking"])
        notes.append(
            f"{written.source['spectra']} has no spectra of {lacking}, whose neutrinos are not in this flux"
        )
    if written.place not in flux_places():
        notes.append(
            f"{written.place} is no place of dipolescan; its area is what the files state, its distance not known"
        )
    root = written.folder.resolve().parents[1]
    if root not in [path.resolve() for path in folders()]:
        notes.append(f"to use this set, set DIPOLESCAN_FLUXES={root}")
    return notes


command.add_command(list_)
command.add_command(show)
