"""``dipolescan w-bosons``: build, list and show the W bosons of pp collisions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from physics.errors import InputError
from physics.spectra.sets import DEFAULT_SET
from physics.w_bosons.building import EVENTS, SEED, build_w_set, recipes
from physics.w_bosons.colliders import collider, colliders, number_of_w
from physics.w_bosons.events import WEventsError
from physics.w_bosons.library import (
    DEFAULT_LABEL,
    WSet,
    available_w_sets,
    find_w_set,
    folders,
    search_path,
)
from scanner.cli._common import echo_json, echo_table, examples, json_option, note
from scanner.cli._groups import SCAN
from scanner.cli._types import Name, Place, Whole

GROUP = SCAN


@click.group("w-bosons")
def command() -> None:
    """Build, list and show the W bosons of pp collisions.

    Sets are looked for in $DIPOLESCAN_W_BOSONS (or ~/.local/share/dipolescan/w-bosons) first, then among
    those that come with dipolescan; a set of the user hides one of the same name.
    """


@command.command(
    epilog=examples(
        "dipolescan w-bosons build --collider lhc-14tev --jobs 8",
        "dipolescan w-bosons build --collider fcc-100tev --events 1000000 --seed 7 --out my-sets",
    )
)
@click.option("--collider", "tag", required=True, type=Name(tuple(colliders())), help="Where.")
@click.option(
    "--recipe",
    type=Name(tuple(recipes())),
    default=DEFAULT_LABEL,
    show_default=True,
    help="How they are generated; it names the set.",
)
@click.option("--events", type=Whole(1, 10_000_000), default=EVENTS, show_default=True)
@click.option("--seed", type=Whole(1, 2**31), default=SEED, show_default=True)
@click.option(
    "--jobs",
    type=Whole(1, 10_000),
    default=lambda: os.cpu_count() or 1,
    help="Processes at once  [default: all cores]",
)
@click.option(
    "--out",
    type=Place(file_okay=False),
    help="Folder of sets  [default: the user's own]",
)
@json_option
def build(
    tag: str, recipe: str, events: int, seed: int, jobs: int, out: Path | None, as_json: bool
) -> None:
    """Generate W bosons with Pythia 8: charge, p_T, rapidity, mass, direction of the quark.

    Needs the generator, in the clone: pip install '.[generators]'. The same seed and number of events give the same
    file, whatever the number of jobs; 400,000 events take a minute of one core.
    """
    with _progress(f"{tag}/{recipe}") as progress:
        written = build_w_set(tag, recipe, out or folders()[0], events, seed, jobs, progress)
    root = written.folder.resolve().parents[1]
    unused = root not in [path.resolve() for path in folders()]
    notes = [f"to use this set, set DIPOLESCAN_W_BOSONS={root}"] if unused else []
    if as_json:
        echo_json(_summary(written) | {"source": written.source, "notes": notes})
        return
    click.echo(f"{written.name}: {events} events in {written.folder}")
    for said in notes:
        note(said)


@contextmanager
def _progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr."""
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


@command.command(
    "list",
    epilog=examples("dipolescan w-bosons list", "dipolescan w-bosons list --verify --json"),
)
@click.option("--verify", is_flag=True, help="Check every set against its checksum.")
@json_option
def list_(verify: bool, as_json: bool) -> None:
    """List the sets of W bosons that are found."""
    found = list(available_w_sets().values())
    sets = [_summary(each) | ({"problem": _problem(each)} if verify else {}) for each in found]
    if as_json:
        echo_json(sets)
    elif not sets:
        click.echo(f"no W bosons in {' or '.join(map(str, search_path()))}")
    else:
        _print_table(sets, verify)
    problems = [entry["problem"] for entry in sets if entry.get("problem")]
    if problems:
        raise InputError(f"{len(problems)} set(s) cannot be used: {problems[0]}")


def _summary(found: WSet) -> dict[str, Any]:
    return {
        "collider": found.collider,
        "label": found.label,
        "default": found.label == DEFAULT_LABEL,
        "where": "shipped" if found.folder.is_relative_to(folders()[-1]) else "user",
        "folder": str(found.folder),
        "description": found.description,
    }


def _problem(found: WSet) -> str:
    try:
        found.load()
    except WEventsError as error:
        return str(error)
    return ""


def _print_table(sets: list[dict[str, Any]], verify: bool) -> None:
    rows = []
    for entry in sets:
        where = "shipped" if entry["where"] == "shipped" else entry["folder"]
        name = f"{entry['collider']}/{entry['label']}" + " (default)" * entry["default"]
        state = "altered" if entry.get("problem") else "intact"
        rows.append([name, where, entry["description"], *[state] * verify])
    echo_table(["W bosons", "where", "description"] + ["events"] * verify, rows)


def _split(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, str]:
    tag, slash, label = value.partition("/")
    if not tag or (slash and not label):
        raise click.BadParameter(f"{value!r} is not COLLIDER/LABEL, e.g. lhc-14tev/pythia8")
    return tag, label or DEFAULT_SET


@command.command(
    epilog=examples(
        "dipolescan w-bosons show lhc-14tev", "dipolescan w-bosons show fcc-100tev/pythia8 --json"
    )
)
@click.argument("which", metavar="COLLIDER/LABEL", callback=_split)
@json_option
def show(which: tuple[str, str], as_json: bool) -> None:
    """Show one set: cross-section, momenta and rapidities, and how many W bosons there are.

    Without /LABEL it is the set pythia8.
    """
    numbers = _numbers(find_w_set(*which))
    if as_json:
        echo_json(numbers)
        return
    for key, value in numbers.items():
        shown = f"{value:.4g}" if isinstance(value, float) else value
        click.echo(f"{key:<34} {'unknown' if value is None else shown}")


def _numbers(found: WSet) -> dict[str, Any]:
    events, place = found.load(), collider(found.collider)
    own = number_of_w(place, events.cross_section, "cross-section")
    away = np.abs(events.y)
    return {
        "collider": found.collider,
        "label": found.label,
        "sqrt_s_GeV": place.sqrt_s,
        "events": found.source.get("events"),
        "cross_section_nb": events.cross_section,
        "share_of_W_plus": float((events.charge > 0).mean()),
        "p_T_mean_GeV": float(events.p_T.mean()),
        "p_T_median_GeV": float(np.median(events.p_T)),
        "p_T_95_percent_GeV": float(np.quantile(events.p_T, 0.95)),
        "y_rms": float(np.sqrt((events.y**2).mean())),
        "share_y_below_2.5": float((away < 2.5).mean()),
        "share_y_below_4": float((away < 4).mean()),
        "share_quark_along_boost": float((events.quark_sign * events.y > 0).mean()),
        "luminosity_per_fb": place.luminosity,
        "number_of_W_paper": place.number_of_W or None,
        "number_of_W_cross_section": own,
        "cross_section_over_paper": own / place.number_of_W if place.number_of_W else None,
        "description": found.description,
        "generator": found.source.get("generator"),
        "command": found.source["command"],
    }
