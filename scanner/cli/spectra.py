"""``dipolescan spectra``: build, import, list and show sets of meson spectra."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

from physics.errors import InputError
from physics.nature.beams import beam as known_beam
from physics.spectra.foresee import import_set
from physics.spectra.foresee_files import select
from physics.spectra.foresee_table import NEGATIVE
from physics.spectra.library import (
    SpectrumError,
    SpectrumSet,
    available,
    find,
    folders,
    read_set,
    search_path,
)
from physics.spectra.normalisation import PublishedYields, published_yields
from physics.spectra.species import Species, species
from physics.spectra.table import SpectrumTable
from scanner.cli._common import echo_json, echo_table, examples, json_option, note
from scanner.cli._groups import SCAN
from scanner.cli._import_notes import import_notes, in_order, not_used
from scanner.cli._types import Name, Place, Whole
from scanner.outputs.spectrum_figure import FORMATS, draw_spectrum
from scanner.queries.about import About, computed
from scanner.queries.sources import made_by

GROUP = SCAN

P_MIN, THETA_MAX = 100.0, 5e-3  # GeV, rad: the region that forward detectors look at

_beam_option = click.option(
    "--beam",
    default="lhc-14tev",
    show_default=True,
    help="Beam: one of the product, or the path of a YAML file of your own.",
)
_out_option = click.option(
    "--out",
    type=Place(file_okay=False),
    help="Folder of sets  [default: the user's own]",
)


@click.group("spectra")
def command() -> None:
    """Build, import, list and show sets of meson spectra.

    Sets are looked for in $DIPOLESCAN_SPECTRA (or ~/.local/share/dipolescan/spectra) first, then
    among those that come with dipolescan; a set of the user hides one of the same name.
    """


@command.command(
    epilog=examples(
        "dipolescan spectra build --generator pythia8-forward --events 2000000 --jobs 8",
        "dipolescan spectra build --generator epos-lhc --events 100000 --seed 7",
    )
)
@_beam_option
@click.option("--generator", required=True, help="Recipe, e.g. pythia8-forward or sibyll-2.3d.")
@click.option(
    "--events",
    type=Whole(1, 10**12),
    default=1_000_000,
    show_default=True,
    help="Events of each soft process; hard processes take a part of that.",
)
@click.option("--seed", type=Whole(1, 2**31), default=1, show_default=True)
@click.option(
    "--jobs",
    type=Whole(1, 10_000),
    default=lambda: os.cpu_count() or 1,
    help="Processes at once  [default: all cores]",
)
@_out_option
@json_option
def build(
    beam: str,
    generator: str,
    events: int,
    seed: int,
    jobs: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Generate a set of spectra with an event generator.

    Needs the generators, in the clone: pip install '.[generators]'. A build that is interrupted goes
    on where it stopped; the same seed and number of events give the same tables.

    """
    from physics.spectra.generators.build import build_set

    sqrt_s = known_beam(beam).sqrt_s
    out = out or folders()[0]
    with _progress(f"{beam}/{generator}") as progress:
        try:
            folder = build_set(beam, generator, out, sqrt_s, events, seed, jobs, progress=progress)
        except RuntimeError as error:  # a generator that fails, or its worker process
            reason = " ".join(str(error).split())
            raise InputError(
                f"building {beam}/{generator} failed: {reason}; run it again to go on, "
                "with fewer --jobs if memory was short"
            ) from error
    _report_written(read_set(folder), [], as_json)


@contextmanager
def _progress(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """Progress bars on stderr, one for each process once its first events are there."""
    columns = (SpinnerColumn(), *Progress.get_default_columns()[:2], MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bars:
        bars.add_task(title, total=None)
        tasks: dict[str, Any] = {}

        def advance(process: str, done: int, total: int) -> None:
            if process not in tasks:
                tasks[process] = bars.add_task(process, total=total)
            bars.update(tasks[process], completed=done)

        yield advance


@command.command(
    "import",
    epilog=examples(
        "dipolescan spectra import FORESEE/files/hadrons/14TeV/EPOSLHC --name epos-lhc",
        "dipolescan spectra import tables/ --prefix NLO-P8 --negative clip",
        "dipolescan spectra import light/ heavy/ --prefix EPOSLHC --prefix Pythia8 --name mixed",
        "dipolescan spectra import FORESEE/files/hadrons/27TeV --prefix DPMJET --beam my-ring.yaml",
    ),
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=Place())
@_beam_option
@click.option("--name", help="Generator label of the set  [default: foresee-<prefix>+<prefix>...]")
@click.option(
    "--prefix",
    "prefixes",
    multiple=True,
    help="Start of the file names, if several generators have files of one species; "
    "repeat it in order of preference.",
)
@click.option(
    "--negative",
    type=Name(NEGATIVE),
    default=NEGATIVE[0],
    show_default=True,
    help="Negative bins: refuse them, or set them to zero and keep the total.",
)
@click.option("--skip-empty", is_flag=True, help="Leave out species whose tables are all zero.")
@click.option("--verbose", is_flag=True, help="Name all files that were not used.")
@_out_option
@json_option
def import_(
    paths: tuple[Path, ...],
    beam: str,
    name: str | None,
    prefixes: tuple[str, ...],
    negative: str,
    skip_empty: bool,
    verbose: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Import tables in FORESEE's layout, files <generator>_<energy>TeV_<pdg>.txt.

    PATH is a folder of such files or the files themselves. All become one set: of each species
    the first --prefix that has a table which is not all zero. An older set of the same name is
    replaced. Tables of another energy need a beam of that energy: docs/specs.md says how its file is
    written.

    """
    source = paths[0] if len(paths) == 1 else paths
    chosen = select(source, prefixes)
    name = name or f"foresee-{'+'.join(chosen.generators).lower()}"
    out = out or folders()[0]
    folder = import_set(source, beam, name, out, negative, skip_empty, prefixes)
    written = read_set(folder)
    ignored = next(iter(written.sources.values()))["ignored"]
    _report_written(
        written,
        ignored.split(", ") if ignored else [],
        as_json,
        verbose,
        import_notes(written, beam),
    )


def _report_written(
    written: SpectrumSet,
    ignored: list[str],
    as_json: bool,
    verbose: bool = False,
    notes: Iterable[str] = (),
) -> None:
    if as_json:
        echo_json(_summary(written) | {"ignored": ignored, "notes": list(notes)})
        return
    click.echo(
        f"{written.beam}/{written.generator}: {len(written.sources)} species in {written.folder}"
    )
    for said in notes:
        note(said)
    if ignored:
        note(not_used(ignored, verbose))
    root = written.folder.resolve().parents[1]
    if root not in [path.resolve() for path in folders()]:
        note(f"to use this set, set DIPOLESCAN_SPECTRA={root}")


@command.command(
    "list", epilog=examples("dipolescan spectra list", "dipolescan spectra list --verify --json")
)
@click.option("--verify", is_flag=True, help="Check every table against its checksum.")
@json_option
def list_(verify: bool, as_json: bool) -> None:
    """List the sets of spectra that are found."""
    sets = [_summary(found) for found in available().values()]
    if verify:
        for entry, found in zip(sets, available().values(), strict=True):
            entry["problems"] = _problems(found)
    if as_json:
        echo_json(sets)
    else:
        _print_table(sets, verify)
    problems = [problem for entry in sets for problem in entry.get("problems", [])]
    if problems:
        raise InputError(f"{len(problems)} table(s) cannot be used: {problems[0]}")


def _summary(found: SpectrumSet) -> dict[str, Any]:
    return {
        "beam": found.beam,
        "generator": found.generator,
        "species": [pdg for pdg, _ in in_order(found)],
        "where": "shipped" if found.folder.is_relative_to(folders()[-1]) else "user",
        "folder": str(found.folder),
        "description": found.description,
    }


def _problems(found: SpectrumSet) -> list[str]:
    problems = []
    for pdg in found.sources:
        try:
            found.load(pdg)
        except SpectrumError as error:
            problems.append(str(error))
    return problems


def _print_table(sets: list[dict[str, Any]], verify: bool) -> None:
    if not sets:
        click.echo(f"no sets of spectra in {' or '.join(map(str, search_path()))}")
        return
    columns = ["beam", "generator", "species", "where", "description"] + ["tables"] * verify
    rows = []
    for entry in sets:
        where = "shipped" if entry["where"] == "shipped" else entry["folder"]
        state = "altered" if entry.get("problems") else "intact"
        row = [entry["beam"], entry["generator"], len(entry["species"]), where]
        rows.append([*row, entry["description"], *[state] * verify])
    echo_table(columns, rows)


def _split_set(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, str]:
    beam, slash, generator = value.partition("/")
    if not (beam and slash and generator):
        raise click.BadParameter(f"{value!r} is not BEAM/GENERATOR, e.g. lhc-14tev/pythia8-forward")
    return beam, generator


def _check_format(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and value.suffix.lower() not in FORMATS:
        raise click.BadParameter(f"{value} must end in {', '.join(FORMATS)}")
    return value


@command.command(
    epilog=examples(
        "dipolescan spectra show lhc-14tev/pythia8-forward eta",
        "dipolescan spectra show lhc-14tev/sibyll-2.3d D_s+ -o D_s.pdf",
        "dipolescan spectra show lhc-14tev/pythia8 --json -- -211",
    )
)
@click.argument("which", metavar="BEAM/GENERATOR", callback=_split_set)
@click.argument("name", metavar="SPECIES")
@click.option(
    "-o",
    "--output",
    type=Place(dir_okay=False),
    callback=_check_format,
    help="Write a figure (png, pdf or svg).",
)
@json_option
def show(which: tuple[str, str], name: str, output: Path | None, as_json: bool) -> None:
    """Show one spectrum: its totals, and a figure with -o.

    SPECIES is a name (pi0, eta, eta_prime, rho, omega, phi, J_psi, Upsilon, pi+, K-, D+, D_s-, B+, Lambda,
    Sigma-) or a PDG number; put -- before a negative one.

    """
    chosen = species(name)
    found = find(*which)
    table = found.load(chosen.pdg)
    numbers = _numbers(found, chosen, table)
    if output:
        title = f"{chosen.title}   {found.beam} / {found.generator}"
        draw_spectrum(table, title, output, _about(found, chosen))
        numbers["figure"] = str(output)
    if as_json:
        echo_json(numbers | {"provenance": dict(_about(found, chosen).data)})
        return
    for key, value in numbers.items():
        shown = f"{value:.4g}" if isinstance(value, float) else value
        click.echo(f"{key:<42} {'unknown' if value is None else shown}")


def _about(found: SpectrumSet, chosen: Species) -> About:
    """What a figure of a table says."""
    made = made_by(found, [chosen.pdg])
    source = {k: v for k, v in found.sources[chosen.pdg].items() if k != "file"}
    place = f"meson spectrum {found.beam}/{found.generator}, {chosen.name}"
    return computed(place, *made, source=source)


def _numbers(found: SpectrumSet, chosen: Species, table: SpectrumTable) -> dict[str, Any]:
    inside = float(table.cross_section.sum())
    variance = float(table.variance.sum())
    published = published_yields().get(found.beam)
    unit = "pb" if table.unit == "pb" else "per_interaction"
    lacks = found.sources[chosen.pdg].get("missing", {})
    ends = {
        "angles_up_to_rad": table.largest_angle,
        "share_above": lacks.get("share"),
        "share_above_measured_in": lacks.get("measured_in"),
    }
    return {
        "beam": found.beam,
        "generator": found.generator,
        "species": chosen.name,
        "pdg": chosen.pdg,
        f"total_{unit}": table.total,
        **(ends if table.largest_angle < math.inf else {}),
        f"published_total_{unit}": _published(published, chosen.pdg),
        f"inside_grid_{unit}": inside,
        "relative_statistical_error": math.sqrt(variance) / inside if variance else None,
        "fraction_p_above_100GeV_theta_below_5mrad": table.within(P_MIN, THETA_MAX) / table.total,
        "source": found.sources[chosen.pdg]["command"],
    }


def _published(known: PublishedYields | None, pdg: int) -> float | None:
    """Of one charge; at fixed targets kaons that decay before they are absorbed."""
    return known.decaying.get(pdg, known.totals.get(abs(pdg))) if known else None
