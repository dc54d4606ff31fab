"""Generate W bosons and write a set: in parts, each with its own seed, the same whatever the number of processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import InputError, from_clone, unknown
from physics.numerics.arrays import Array
from physics.reading import read_yaml
from physics.w_bosons.colliders import collider
from physics.w_bosons.events import columns_of
from physics.w_bosons.library import WSet, w_folder, write_w_set

PART = 25_000  # events of one seed
EVENTS, SEED = 400_000, 1
LARGEST_SEED = 900_000_000  # of Pythia 8
_MB_TO_NB = 1e6


@cache
def recipes() -> dict[str, Any]:
    """Read how each set is generated (``recipes.yaml``)."""
    found: dict[str, Any] = read_yaml(Path(__file__).with_name("recipes.yaml"), "list of recipes")
    return found


@dataclass(frozen=True)
class Part:
    """Events that one process generates."""

    sqrt_s: float
    settings: tuple[str, ...]
    events: int
    seed: int


def parts_of(sqrt_s: float, settings: tuple[str, ...], events: int, seed: int) -> list[Part]:
    """Split events into parts; part i has the seed ``seed + i``."""
    sizes = [min(PART, events - i) for i in range(0, events, PART)]
    return [Part(sqrt_s, settings, n, seed + i) for i, n in enumerate(sizes)]


def generate(part: Part) -> tuple[Array, float]:
    """Generate one part.

    Returns
    -------
    (n, 5) array
        Charge, p_T [GeV], y, mass [GeV], sign of the quark.
    float
        Cross-section [mb].

    Raises
    ------
    RuntimeError
        If Pythia 8 does not start.
    """
    import pythia8mc

    pythia = pythia8mc.Pythia("", False)
    for line in (
        "Print:quiet = on",
        "Beams:idA = 2212",
        "Beams:idB = 2212",
        f"Beams:eCM = {part.sqrt_s:.1f}",
        "Random:setSeed = on",
        f"Random:seed = {part.seed}",
        *part.settings,
    ):
        if not pythia.readString(line):
            raise RuntimeError(f"Pythia 8 does not accept the setting {line!r}")
    if not pythia.init():
        raise RuntimeError("Pythia 8 could not be initialised")
    rows = np.empty((part.events, 5))
    done = 0
    while done < part.events:
        if pythia.next():
            rows[done] = _one(pythia.event)
            done += 1
    return rows, float(pythia.infoPython().sigmaGen())


def _one(event: Any) -> tuple[float, ...]:
    """The last copy of the W, after all recoils; lines 3 and 4 are what it is made of, 3 from the beam along +z."""
    w = event[event[5].iBotCopyId()]
    charge = 1.0 if w.id() > 0 else -1.0
    quark = 1.0 if event[3].id() > 0 else -1.0
    return charge, w.pT(), w.y(), w.m(), quark


def build_w_set(
    name: str,
    label: str,
    out: Path,
    events: int = EVENTS,
    seed: int = SEED,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> WSet:
    """Generate W bosons of a collider and write them as a set.

    Parameters
    ----------
    name : str
        Tag of the collider.
    label : str
        Name of the recipe, which is that of the set.
    out : Path
        Folder of sets.
    events : int
        How many.
    seed : int
        First seed; part i of 25,000 events uses seed + i.
    jobs : int
        Processes at once.
    progress : callable
        Told the events done and the events wanted.

    Returns
    -------
    WSet

    Raises
    ------
    InputError
        If there is no such collider or recipe, the seeds are out of range, Pythia 8 is not installed or fails, or the
        set cannot be written.
    """
    place = collider(name)
    folder = w_folder(out, place.tag, label)
    if label not in recipes():
        raise InputError(unknown("recipe for W bosons", label, recipes()))
    recipe = recipes()[label]
    parts = parts_of(place.sqrt_s, tuple(recipe["settings"]), events, seed)
    if events < 1 or seed < 1 or parts[-1].seed > LARGEST_SEED:
        raise InputError(
            f"at least one event is needed, and seeds from 1 to {LARGEST_SEED}; not {events} events from seed {seed}"
        )
    try:
        import_module("pythia8mc")
    except ImportError:
        raise InputError(
            f"the generator package pythia8mc is not installed; add it {from_clone('generators')}"
        ) from None
    rows, sigma = _run(parts, jobs, progress)
    low, high = recipe["mass_range"]
    note = {
        "command": f"dipolescan w-bosons build --collider {place.tag} --recipe {label} --events {events} --seed {seed}",
        "generator": f"pythia8mc {version('pythia8mc')}",
        "settings": json.loads(json.dumps(recipe["settings"])),
        "sqrt_s_GeV": place.sqrt_s,
        "events": events,
        "seeds": f"{seed}..{parts[-1].seed}, {PART} events each",
        "cross_section_nb": sigma,
        "mirrored": "each event stands for its mirror image in z, too",
    }
    charge, p_T, y, mass, quark = rows.T
    columns = columns_of(charge.astype(int), p_T, y, mass, quark.astype(int), low)
    return write_w_set(folder, columns, sigma, (low, high), note, recipe["description"])


def _run(parts: list[Part], jobs: int, progress: Callable[[int, int], None]) -> tuple[Array, float]:
    """All events in the order of their seeds, and the mean cross-section [nb]."""
    total = sum(part.events for part in parts)
    rows, sigma, done = [], 0.0, 0
    try:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            for part, (found, section) in zip(parts, pool.map(generate, parts), strict=True):
                rows.append(found)
                sigma += section * part.events / total
                done += part.events
                progress(done, total)
    except RuntimeError as error:
        raise InputError(f"W bosons could not be generated: {error}") from None
    return np.concatenate(rows), sigma * _MB_TO_NB
