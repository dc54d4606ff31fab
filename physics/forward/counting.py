"""How any model counts decays of particles from mesons: what it must say of the particle, and all that follows.

A model's room has one subclass, ``counting/forward_decay.py``.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from physics.forward.signal import GENERATOR, THRESHOLD, MesonSignal
from physics.kernel import Counting, Kernel, KernelTask, Variable, counts_variables
from physics.nature.beams import Beam
from physics.nature.mesons import Meson
from physics.searches.forward_decay import ForwardDecay
from physics.spectra.library import find, label_of, stored_species
from physics.spectra.normalisation import (
    needs_published,
    published_total,
    references,
    require_all_angles,
)

SECONDS_PER_SAMPLE = 2.6e-7  # per point of the sampling, one core of a small machine
SECONDS_PER_RESPONSE = 1.6e-7
SECONDS_PER_THRESHOLD = 0.4  # of a response, for another selection that shares its samples
SECONDS_PER_COUNT = 2.0e-8
POINTS_TIMES_ERROR = 80  # of a decay, where an error is asked for: a guess
LARGEST = {
    "units": "1",
    "long_name": "largest relative integration error at lifetimes where the sampling asks for one",
}


class ForwardCounting(MesonSignal, Counting[ForwardDecay]):
    """Counts of a model that makes a long-lived particle of mesons; see :class:`MesonSignal` for what a model says."""

    kind, meets_error = "forward-decay", True

    def __init_subclass__(cls, **words: Any):
        super().__init_subclass__(**words)
        own = (GENERATOR, THRESHOLD, cls.inner, *cls.parameters, cls.coupling)
        cls.axes = frozenset(own) - {""}

    @property
    def channels(self) -> tuple[str, ...]:
        """All channels of the model."""
        return tuple(self.parents)

    def channels_of(self, searches: Sequence[ForwardDecay]) -> tuple[str, ...]:
        """Those whose mesons some set of one of the beams has, or a beam cannot make.

        A set that lacks a species which another set of its beam has is refused when the scan is planned: nothing is
        left out because of the set that is chosen, or of other searches in the scan.
        """
        places = {search.beam: search.place for search in searches}.values()
        known = [species_of(place) for place in places] or [None]
        return tuple(
            tag
            for tag, parent in self.parents.items()
            if any(there is None or parent.pdg in there for there in known)
        )

    def trial_options(self, searches: Sequence[ForwardDecay]) -> dict[str, Any]:
        """Nothing is published for the beam of a user."""
        own = any(isinstance(search.beam, Beam) for search in searches)
        return {"normalisation": "generator"} if own else {}

    def group(self, search: ForwardDecay) -> Hashable:
        """Searches at one beam share their samples."""
        return search.beam

    def block_dims(self, axes: Mapping[str, tuple[Any, ...]]) -> tuple[str, ...]:
        """Axes along which the work may be cut: spectra, then the parameters that the scan has."""
        return (GENERATOR, *(name for name in self.parameters if name in axes))

    def layout(self, task: KernelTask[ForwardDecay]) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts by channel and their errors."""
        first = (GENERATOR, self.inner, *self.parameters, THRESHOLD)
        outer = tuple(name for name in first if name in task.axes)
        words = {
            "units": "1",
            "long_name": "relative error from the statistics of the meson spectra",
        }
        tables = Variable((*outer, self.coupling), "float32", words)
        variables = counts_variables(outer, self.coupling) | {"table_error": tables}
        if task.sampling.get("error") is not None:
            variables |= {"largest_error": Variable(outer, "float32", LARGEST)}
        return variables, self.block_dims(task.axes)

    def kernel(self, task: KernelTask[ForwardDecay]) -> Kernel[ForwardDecay]:
        """Counts from responses."""
        from physics.forward.counts import ForwardKernel  # plans need it not

        return ForwardKernel(task, self, *self.layout(task))

    def checksums(self, task: KernelTask[ForwardDecay]) -> dict[str, str]:
        """Verify every spectrum that the task reads."""
        place = task.experiments[0].place
        normalisation = task.options["normalisation"]
        found: dict[str, str] = {}
        parents = dict.fromkeys(self.parents[tag] for tag in task.channels)
        for generator in task.axes[GENERATOR]:
            for parent in parents:
                if parent.pdg in place.closed:
                    continue
                sets: list[tuple[str | Beam, str]] = [(place, generator)]
                second = references(place, generator, parent.pdg, normalisation)
                if second:
                    sets.append(second)
                published = needs_published(place, parent.pdg, normalisation)
                if published:
                    published_total(label_of(sets[-1][0]), parent.pdg)
                for of, name in sets:
                    compared = published and (of, name) == sets[-1]
                    found |= _verified(of, name, parent, compared)
        return found

    def seconds_per_cell(self, task: KernelTask[ForwardDecay]) -> float:
        """Guess of the time of one cell of the block axes [s]."""
        axes = task.axes
        points, error = task.sampling["points"], task.sampling.get("error")
        if error is not None:
            points = min(points, POINTS_TIMES_ERROR / error)
        samples = self.samples(axes, task.channels) * points
        thresholds = len(axes.get(THRESHOLD, (0.0,)))
        share = 1 + SECONDS_PER_THRESHOLD * (thresholds - 1)
        searches = len(task.experiments)
        responses = samples * (SECONDS_PER_SAMPLE + searches * share * SECONDS_PER_RESPONSE)
        labels = len(axes[self.inner]) if self.inner else 1
        cells = thresholds * labels * len(task.channels) * len(axes[self.coupling])
        seconds: float = responses + searches * cells * SECONDS_PER_COUNT
        return seconds


def species_of(place: Beam) -> frozenset[int] | None:
    """Species that any set of a beam has, or that the beam cannot make, by PDG number.

    None for a beam without a set: it is taken to have all, and what is missing is told by name.
    """
    there = stored_species(place)
    return there | frozenset(place.closed) if there else None


def _verified(beam: str | Beam, generator: str, parent: Meson, published: bool) -> dict[str, str]:
    """Checksums of the tables of a meson, which are read and verified, and may be compared with published yields."""
    spectra = find(beam, generator)
    charged = parent.kind == "charged_pseudoscalar"
    found = {}
    for charge in (parent.pdg, -parent.pdg) if charged else (parent.pdg,):
        table = spectra.load(charge)
        if published:
            require_all_angles([table], spectra.beam)
        found[f"{spectra.beam}/{spectra.generator}/{charge}"] = spectra.sources[charge]["sha256"]
    return found
