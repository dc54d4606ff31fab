"""Run generators and write sets of meson spectra, saving as they go.

A process is generated in chunks of events, each with its own seed and its own file; a build that is
interrupted goes on with the chunks that are missing, and the same seed gives the same tables
whatever the number of jobs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import InputError, did_you_mean, from_clone, one_of, quoted
from physics.nature.beams import Beam
from physics.nature.beams import beam as known_beam
from physics.reading import read_yaml
from physics.spectra.grid import edges_for, histogram
from physics.spectra.library import set_folder, write_set
from physics.spectra.table import UNREADABLE, SpectrumTable

CHUNK_EVENTS = 25_000
MB_TO_PB = 1e9
_BACKENDS = {
    "pythia8": "physics.spectra.generators.pythia8",
    "chromo": "physics.spectra.generators.chromo_models",
}
_PACKAGES = {"pythia8": ("pythia8mc", "awkward"), "chromo": ("chromo",)}
_LARGEST_SEED = (
    900_000_000  # Pythia 8 takes no larger one, and draws its own from the clock if given 0
)


@cache
def recipes() -> dict[str, Any]:
    """Read the recipes of all sets (``recipes.yaml``)."""
    found: dict[str, Any] = read_yaml(Path(__file__).with_name("recipes.yaml"), "list of recipes")
    return found


@dataclass(frozen=True)
class Chunk:
    """A part of a process that one worker generates."""

    process: str
    sqrt_s: float
    events: int
    seed: int
    species: tuple[int, ...]
    beam: str

    @property
    def name(self) -> str:
        """Process and energy, for file names."""
        place = known_beam(self.beam)
        return f"{self.process}-{f'lab{place.momentum:g}' if place.fixed_target else f'{self.sqrt_s:g}'}"

    def path(self, work: Path) -> Path:
        """Where its histograms are kept."""
        return work / f"{self.name}-{self.events}-{self.seed}.npz"


def sets_for(beam: Beam) -> dict[str, dict[str, Any]]:
    """Recipes of the sets that a beam can have."""
    found: dict[str, dict[str, Any]] = recipes()[
        "fixed_target_sets" if beam.fixed_target else "sets"
    ]
    return found


def chunks_of(process: str, sqrt_s: float, events: int, seed: int, beam: str) -> list[Chunk]:
    """Split a process into chunks; the species are all that any set of the beam takes from it."""
    wanted = {
        pdg for name in sets_for(known_beam(beam)) for pdg in _taken(name, beam).get(process, [])
    }
    events = max(1, round(events * recipes()["processes"][process].get("fraction", 1.0)))
    sizes = [min(CHUNK_EVENTS, events - i) for i in range(0, events, CHUNK_EVENTS)]
    species = tuple(sorted(wanted))
    return [Chunk(process, sqrt_s, n, seed + i, species, beam) for i, n in enumerate(sizes)]


def generate_chunk(chunk: Chunk, work: Path) -> int:
    """Generate one chunk into its file; nothing is done if the file is there and whole.

    Returns
    -------
    int
        Events generated.
    """
    path = chunk.path(work)
    if _is_whole(path, chunk.species):
        return chunk.events
    recipe = recipes()["processes"][chunk.process]
    backend = import_module(_BACKENDS[recipe["generator"]])
    place = known_beam(chunk.beam)
    edges = edges_for(place)
    shape = edges[0].size - 1, edges[1].size - 1
    frame = {"momentum": place.momentum} if place.fixed_target else {}
    counts = {pdg: np.zeros(shape) for pdg in chunk.species}
    outside = dict.fromkeys(chunk.species, 0.0)
    events, sigma = 0, 0.0
    for particles, sigma_so_far in backend.generate(
        recipe["settings"], chunk.sqrt_s, chunk.events, chunk.seed, **frame
    ):
        events += particles.events
        sigma = sigma_so_far
        for pdg in chunk.species:
            p, theta = particles.unfolded(pdg) if place.fixed_target else particles.folded(pdg)
            inside, lost = histogram(p, theta, edges)
            counts[pdg] += inside
            outside[pdg] += lost
    arrays: dict[str, Any] = {f"counts_{pdg}": counts[pdg] for pdg in chunk.species}
    arrays |= {f"outside_{pdg}": np.array(outside[pdg]) for pdg in chunk.species}
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as stream:
        np.savez_compressed(stream, sigma_mb=sigma, events=events, **arrays)
    part.replace(path)
    return chunk.events


def _is_whole(path: Path, species: tuple[int, ...]) -> bool:
    """Whether a chunk can be pooled: a machine that went down may have left a file cut short."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return int(stored["events"]) > 0 and all(
                np.isfinite(stored[f"counts_{pdg}"]).all() for pdg in species
            )
    except UNREADABLE:
        return False


def build_set(
    beam: str,
    generator: str,
    out: Path,
    sqrt_s: float,
    events: int,
    seed: int = 1,
    jobs: int = 1,
    work: Path | None = None,
    progress: Callable[[str, int, int], None] = lambda process, done, total: None,
) -> Path:
    """Generate every process of a set and write its folder.

    Parameters
    ----------
    beam : str
        Label of the beam, first level of the folder (``lhc-14tev``).
    generator : str
        Name of the set in ``recipes.yaml``.
    out : Path
        Folder of sets; ``out/beam/generator`` is written whole, at the end.
    sqrt_s : float
        Centre-of-mass energy [GeV].
    events : int
        Events of each soft process; a hard process takes the fraction in its recipe.
    seed : int
        First seed; chunk i of a process uses seed + i.
    jobs : int
        Processes at once.
    work : Path, optional
        Where chunks are kept (default ``out/.chunks``).
    progress : callable
        Told the process, the events done and the events wanted.

    Returns
    -------
    Path
        The set's folder.

    Raises
    ------
    InputError
        If there is no such recipe, its package is not installed, a seed is out of range, the events
        are too few to fill every table, or a folder cannot be used.
    """
    folder = set_folder(out, known_beam(beam).label, generator)
    recipe = _taken(generator, beam)
    plan = {process: chunks_of(process, sqrt_s, events, seed, beam) for process in recipe}
    _check_range(plan, seed, events)
    _require_packages(recipe)
    work = work or out / ".chunks"
    for process, chunks in plan.items():
        _claim(work, process, chunks[0])
    _run(plan, work, jobs, progress)
    tables, sources = [], {}
    inelastic = _inelastic(plan, recipe, beam, work)
    for process, species in recipe.items():
        pooled, note = _pool(plan[process], work, inelastic)
        for pdg in species:
            tables.append(pooled[pdg])
            sources[pdg] = note | {
                "command": f"dipolescan spectra build --beam {beam} --generator {generator} "
                f"--events {events} --seed {seed}"
            }
    description = sets_for(known_beam(beam))[generator]["description"]
    return write_set(folder, tables, sources, description)


def _taken(generator: str, beam: str) -> dict[str, list[int]]:
    """Look up the processes of a set and the species taken from each, without closed ones."""
    place = known_beam(beam)
    sets = sets_for(place)
    if generator not in sets:
        raise InputError(
            f"no recipe for the generator set {quoted(generator)}; {did_you_mean(generator, sets)}"
            f"there are: {one_of(sets)}"
        )
    taken = {
        process: [pdg for pdg in species if abs(pdg) not in place.closed]
        for process, species in sets[generator].items()
        if isinstance(species, list)
    }
    return {process: species for process, species in taken.items() if species}


def _inelastic(
    plan: dict[str, list[Chunk]], recipe: dict[str, Any], beam: str, work: Path
) -> float | None:
    """Inelastic cross-section of the set's soft process, that of pi0 [mb]; none at a collider."""
    if not known_beam(beam).fixed_target:
        return None
    soft = next(process for process, species in recipe.items() if 111 in species)
    return _cross_section([_stored(c.path(work)) for c in plan[soft]])


def _stored(path: Path) -> dict[str, Any]:
    with np.load(path) as stored:
        return dict(stored)


def _cross_section(parts: list[dict[str, Any]]) -> float:
    """Mean over chunks [mb]."""
    events = sum(int(p["events"]) for p in parts)
    return float(sum(p["sigma_mb"] * p["events"] for p in parts) / events)


def _check_range(plan: dict[str, list[Chunk]], seed: int, events: int) -> None:
    if events < 1:
        raise InputError(f"the number of events must be at least 1, not {events}")
    last = max(chunks[-1].seed for chunks in plan.values())
    if seed < 1 or last > _LARGEST_SEED:
        raise InputError(f"seeds must lie between 1 and {_LARGEST_SEED}, not {seed} to {last}")


def _require_packages(recipe: dict[str, Any]) -> None:
    for process in recipe:
        for package in _PACKAGES[recipes()["processes"][process]["generator"]]:
            try:
                import_module(package)
            except ImportError:
                raise InputError(
                    f"the generator package {package} is not installed; "
                    f"add it {from_clone('generators')}"
                ) from None


def _claim(work: Path, process: str, chunk: Chunk) -> None:
    """Note what the chunks of a process are made with; refuse chunks made with anything else."""
    recipe = recipes()["processes"][process]
    version = import_module(_BACKENDS[recipe["generator"]]).version()
    note = json.dumps(
        {"generator": version, "settings": recipe["settings"], "species": list(chunk.species)}
    )
    path = work / f"{chunk.name}.json"
    try:
        work.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_text(encoding="utf-8") != note:
            raise InputError(
                f"the chunks of {process} in {work} were made with another generator version or "
                "recipe; remove that folder, or choose another one"
            )
        path.write_text(note, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{work} cannot be used for chunks ({error.strerror})") from None


def _run(
    plan: dict[str, Any], work: Path, jobs: int, progress: Callable[[str, int, int], None]
) -> None:
    totals = {process: sum(c.events for c in chunks) for process, chunks in plan.items()}
    done = dict.fromkeys(plan, 0)
    # A fresh process for each chunk: Fortran models allow one instance per process.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        futures = {
            pool.submit(generate_chunk, chunk, work): chunk
            for chunks in plan.values()
            for chunk in chunks
        }
        try:
            for future in as_completed(futures):
                chunk = futures[future]
                done[chunk.process] += future.result()
                progress(chunk.process, done[chunk.process], totals[chunk.process])
        except BaseException:
            # Otherwise leaving the pool would first generate all that is still waiting.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _pool(
    chunks: list[Chunk], work: Path, inelastic: float | None
) -> tuple[dict[int, SpectrumTable], dict[str, Any]]:
    """Add the chunks of a process.

    The weight of a particle is sigma/(2 N) [pb] for one hemisphere of a collider, and
    sigma/(sigma_inel N) for mesons per interaction at a fixed target.
    """
    parts = [_stored(c.path(work)) for c in chunks]
    events = int(sum(int(p["events"]) for p in parts))
    sigma = _cross_section(parts)
    weight = sigma * MB_TO_PB / (2 * events) if inelastic is None else sigma / inelastic / events
    place = known_beam(chunks[0].beam)
    log10_p_edges, log10_theta_edges = edges_for(place)
    tables = {}
    for pdg in chunks[0].species:
        counts = sum(p[f"counts_{pdg}"] for p in parts)
        outside = sum(float(p[f"outside_{pdg}"]) for p in parts)
        tables[pdg] = SpectrumTable(
            pdg=pdg,
            log10_p_edges=log10_p_edges,
            log10_theta_edges=log10_theta_edges,
            cross_section=counts * weight,
            variance=counts * weight**2,
            total=float((counts.sum() + outside) * weight),
            unit=place.unit,
        )
    recipe = recipes()["processes"][chunks[0].process]
    note = {
        "generator": import_module(_BACKENDS[recipe["generator"]]).version(),
        "process": chunks[0].process,
        "settings": json.loads(json.dumps(recipe["settings"])),
        "sqrt_s_GeV": chunks[0].sqrt_s,
        "events": events,
        "seeds": f"{chunks[0].seed}..{chunks[-1].seed}, {CHUNK_EVENTS} events each",
        "cross_section_mb": sigma,
    }
    if inelastic is not None:
        note |= {
            "frame": f"laboratory, {place.momentum:g} GeV proton on a proton at rest",
            "unit": place.unit,
            "inelastic_cross_section_mb": inelastic,
        }
    return tables, note
