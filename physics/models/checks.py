"""Generic checks of an experiment, whatever its kind and model: of those of the product, and of a new file.

They need nothing but the definition: what must hold of counts is that they are finite and not negative, proportional to
the exposure, a power of the coupling where it is small, nothing above the threshold, and more than nothing somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from physics.errors import InputError, shortened
from physics.models.countings import counting_of, models_that_count
from physics.models.model import Model, models
from physics.models.tasks import (
    axes_of,
    chosen_channels,
    complete_axes,
    default_values,
    make_kernel,
    make_tasks,
)
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.search import Search

POINTS = 2048  # enough to see what must hold exactly
HEAVY = 2e4  # GeV, above every threshold
CITATION = re.compile(r"arXiv:\S*\d{4}|\(\d{4}\)|doi:", re.IGNORECASE)
UNCITED = (
    "nobody can look its source up; a source is an arXiv number (arXiv:2308.16608), a DOI (doi:10.1103/...), "
    "or a journal, thesis or proposal with its year in brackets (CERN-SPSC (2015) 016)"
)


@dataclass(frozen=True)
class Check:
    """Outcome of one check.

    Attributes
    ----------
    name : str
    passed : bool
    detail : str
        The numbers behind it.
    advice : str
        What to do if it did not pass, where that says nothing against the counts.
    """

    name: str
    passed: bool
    detail: str
    advice: str = ""


def models_of(search: Search) -> list[Model]:
    """Models in which a search is counted, as far as these checks apply to it."""
    tags = models_that_count(search.kind)
    return [models[tag] for tag in tags if counting_of(tag, search.kind).checked]


def trial_axes(
    model: Model, search: Search, sizes: Mapping[str, tuple[Any, ...]] | None = None
) -> dict[str, tuple[Any, ...]]:
    """Axes with values to try a search at, one of each group; ``sizes`` replaces some."""
    used, groups, found = axes_of(model, [search]), set(), {}
    own = counting_of(model.tag, search.kind).trial_axes(search)
    for axis in model.axes:
        if axis.name not in used or axis.optional or axis.group in groups:
            continue
        groups |= {axis.group} - {""}
        default = default_values(axis, [search]) or axis.allowed[:1]
        tried = own.get(axis.name, axis.trial or default)
        found[axis.name] = tuple((sizes or {}).get(axis.role, tried))
    return found


def counts_of(
    model: Model, searches: Sequence[Search], axes: Mapping[str, tuple[Any, ...]]
) -> list[Array]:
    """Counts of experiments summed over channels, with the mass and the coupling as the last two axes.

    Parameters
    ----------
    model : Model
    searches : sequence of Search
    axes : mapping
        Axis to values, as from :func:`trial_axes`.

    Returns
    -------
    list of (..., n_m, n_d) arrays
    """
    channels = chosen_channels(model, (), searches)
    options: dict[str, Any] = {}
    for search in searches:
        options |= counting_of(model.tag, search.kind).trial_options([search])
    sampling = asdict(Sampling(points=POINTS, replicas=4))
    found = {}
    for task in make_tasks(
        model, searches, axes, model.complete_options(options), sampling, channels
    ):
        kernel = make_kernel(task)
        cut = {dim: slice(0, len(task.axes[dim])) for dim in kernel.block_dims}
        dims = list(kernel.variables["counts"].dims)
        at = dims.index("channel")
        dims.remove("channel")
        mass = next(a.name for a in model.axes if a.role == "mass" and a.name in dims)
        for tag, filled in kernel.evaluate(cut).items():
            found[tag] = np.moveaxis(filled["counts"].sum(axis=at), dims.index(mass), -2)
    return [found[search.tag] for search in searches]


def check_experiment(search: Search, model: Model) -> Iterator[Check]:
    """Check one experiment in one model.

    Parameters
    ----------
    search : Search
    model : Model

    Yields
    ------
    Check
    """
    yield Check(
        "source is cited",
        bool(CITATION.search(search.source)),
        shortened(search.source, 60),
        UNCITED,
    )
    mass = next(axis for axis in model.axes if axis.role == "mass")
    masses = counting_of(model.tag, search.kind).trial_axes(search).get(mass.name, mass.trial)
    twin = replace(search, tag=f"{search.tag}-twice", exposure=2 * search.exposure)
    heavy = True
    axes = trial_axes(model, search, {"mass": (*masses, HEAVY)})
    try:
        complete_axes(model, axes, [search])
    except InputError:
        heavy, axes = False, trial_axes(model, search)
    counts, twice = counts_of(model, [search, twin], axes)
    fine = bool(np.isfinite(counts).all() and (counts >= 0).all())
    yield Check("counts are finite and not negative", fine, f"{counts.size} points")
    largest = f"at most {counts.max():.3g} {search.counts_units}"
    yield Check("something is expected somewhere", bool(counts.max() > 0), largest)
    off = float(np.max(np.abs(twice[counts > 0] / counts[counts > 0] / 2 - 1), initial=0.0))
    detail = f"twice as many for twice of it, to {off:.1e}"
    yield Check("counts are proportional to the exposure", off < 1e-12, detail)
    coupling = axes[next(a.name for a in model.axes if a.role == "coupling")]
    yield _power(counts, coupling, counting_of(model.tag, search.kind).powers)
    if heavy:
        closed = bool((counts[..., -1, :] == 0).all())
        detail = f"at most {counts[..., -1, :].max():.3g} at {HEAVY / 1e3:g} TeV"
        yield Check("nothing is made above all thresholds", closed, detail)


def _power(counts: Array, coupling: tuple[Any, ...], powers: tuple[float, float]) -> Check:
    """Counts are a power of small couplings, between that of production and that with a late decay."""
    some = counts[..., 0] > 0
    step = np.log(coupling[1] / coupling[0])
    found = np.log(counts[..., 1][some] / counts[..., 0][some]) / step
    low, high = (float(f(found)) if found.size else np.nan for f in (np.min, np.max))
    within = not found.size or (low > powers[0] - 0.1 and high < powers[1] + 0.01)
    return Check("counts are a power of small couplings", within, f"d^{low:.3f} to d^{high:.3f}")
