"""What searches see of a particle from all its decays: parents are drawn, decays joined, flights followed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from physics.forward.aimed import aim
from physics.forward.decay_law import TauGrid
from physics.forward.decays import BoundDecay, LongLived
from physics.forward.joined import Joined, Part
from physics.forward.parents import ParentSpectrum
from physics.forward.produced import draw_parents, produce_from
from physics.forward.response import Response, grid_for, no_response, respond_parts
from physics.nature.beams import Beam
from physics.nature.mesons import Meson
from physics.numerics.sampling import Sampling
from physics.searches.forward_decay import ForwardDecay, Selection
from physics.spectra.normalisation import load_species

TOGETHER = 8192  # points of several decays that are followed together: as many as stay in a cache

Parents = tuple[Meson, tuple[int, ...]]
ViewKey = tuple[str, int]
Key = tuple[ViewKey, str, str]  # view, channel, single label or none
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class View:
    """One search with one selection, which needs particles from a momentum on.

    Attributes
    ----------
    search : ForwardDecay
    index : int
        Of the threshold, along its axis; zero without one.
    selection : Selection
    slowest : float
        Momentum from which on particles are drawn [GeV].
    grid : TauGrid
    """

    search: ForwardDecay
    index: int
    selection: Selection
    slowest: float
    grid: TauGrid

    @property
    def key(self) -> ViewKey:
        """Label of the search, and the threshold's place."""
        return self.search.tag, self.index


def views_of(
    searches: Sequence[ForwardDecay], thresholds: Sequence[float], particle: LongLived
) -> list[View]:
    """Every search with every threshold [GeV], or with its own if there are none."""
    found = []
    for search in searches:
        chosen = [search.selection.with_threshold(t) for t in thresholds]
        for i, selection in enumerate(chosen or [search.selection]):
            slowest = selection.sampled_momentum(particle.mass, particle.photon_share)
            grid = grid_for(search, search.place, particle.mass, slowest)
            found.append(View(search, i, selection, slowest, grid))
    return found


class Responses:
    """Responses of searches at one beam, with the spectra that they need.

    Parameters
    ----------
    beam : Beam
    normalisation : str
        Of the spectra.
    """

    def __init__(self, beam: Beam, normalisation: str):
        self.beam, self.normalisation = beam, normalisation
        self._spectra: dict[str, dict[Parents, ParentSpectrum]] = {}

    def of(
        self,
        generator: str,
        particle: LongLived,
        views: Sequence[View],
        sampling: Sampling,
        points: Mapping[Key, int] | None = None,
        tables: bool = True,
    ) -> dict[Key, Response]:
        """Responses of all views to all decays.

        Parameters
        ----------
        generator : str
        particle : LongLived
        views : sequence of View
        sampling : Sampling
        points : mapping, optional
            (view, channel, single label) to the number of points; by default as many as the sampling has.
        tables : bool
            Whether the statistics of the spectra's tables are followed; their variances are zero otherwise.

        Returns
        -------
        dict
            (view, channel, single label) to response; what does not depend on the label under ''. Each is the same
            as if it were alone.
        """
        found: dict[Key, Response] = {}
        for slowest, of_cut in grouped(views, lambda v: v.slowest):
            waiting: list[tuple[str, str, Part]] = []
            parts = self._parts(generator, particle, of_cut, slowest, sampling, points)
            for tag, label, part in parts:
                if part is None:
                    for view in of_cut:
                        found[view.key, tag, label] = no_response(view.grid, sampling)
                    continue
                if waiting and not _fit(waiting, part):
                    found |= _seen(waiting, of_cut, points, tables)
                    waiting = []
                waiting.append((tag, label, part))
            if waiting:
                found |= _seen(waiting, of_cut, points, tables)
        return found

    def _parts(
        self,
        generator: str,
        particle: LongLived,
        views: Sequence[View],
        slowest: float,
        sampling: Sampling,
        points: Mapping[Key, int] | None,
    ) -> Iterator[tuple[str, str, Part | None]]:
        """Particles of every channel and label; those whose parents fly are together. None if there are none."""

        def size(tag: str, label: str) -> int:
            return max(points[v.key, tag, label] for v in views) if points else sampling.points

        def alike(case: tuple[str, str, BoundDecay]) -> tuple[bool, Parents, int]:
            tag, label, decay = case
            return decay.meson.flies, (decay.meson, decay.charges), size(tag, label)

        cases = [
            (tag, label, decay)
            for tag, decays in particle.decays.items()
            for label, decay in decays.items()
        ]
        cases.sort(key=lambda case: (case[2].meson.flies, size(*case[:2])))  # small ones together
        for (_, _, n), same in grouped(cases, alike):
            if not any(decay.open for _, _, decay in same):
                yield from ((tag, label, None) for tag, label, _ in same)
                continue
            spectrum, own = self.spectrum(generator, same[0][2]), replace(sampling, points=n)
            drawn = draw_parents(spectrum, self.beam, particle.mass, slowest, own)
            for tag, label, decay in same:
                made = produce_from(drawn, decay, particle.mass, particle.polarised, slowest, own)
                yield tag, label, None if made is None else Part(made, spectrum, own)

    def spectrum(self, generator: str, decay: BoundDecay) -> ParentSpectrum:
        """Spectrum of a parent, loaded and verified once."""
        known = self._spectra.setdefault(generator, {})
        key = decay.meson, decay.charges
        if key not in known:
            tables = load_species(self.beam, generator, decay.meson.pdg, self.normalisation)
            kept = tuple(t for t in tables if t.pdg in decay.charges)
            known[key] = ParentSpectrum(decay.meson, kept, self.beam.forward_angle)
        return known[key]


def _fit(waiting: Sequence[tuple[str, str, Part]], part: Part) -> bool:
    """Whether another part is followed together with those that wait: few points, and vertices of the same kind."""
    others = [other for _, _, other in waiting]
    points = sum(other.sampling.points for other in others) + part.sampling.points
    kinds = {np.ndim(one.made.vertex_z) for one in (others[0], part)}
    shares = {one.made.photon_share for one in (others[0], part)}
    return points <= TOGETHER and len(kinds) == len(shares) == 1


def _seen(
    waiting: Sequence[tuple[str, str, Part]],
    views: Sequence[View],
    points: Mapping[Key, int] | None,
    tables: bool,
) -> dict[Key, Response]:
    """Responses of all searches and thresholds that take particles from the same momentum on."""
    whole, found = Joined([part for _, _, part in waiting]), dict[Key, Response]()
    for _, same in grouped(views, lambda v: v.search.tag):
        wanted = [
            [
                points[view.key, tag, label] if points else part.sampling.points
                for tag, label, part in waiting
            ]
            for view in same
        ]
        joined = whole.first([max(n) for n in zip(*wanted, strict=True)])
        aimed = aim(joined.made, same[0].search)
        if aimed is None:
            of_views = [
                [no_response(view.grid, part.sampling) for part in whole.parts] for view in same
            ]
        else:
            selections = [view.selection for view in same]
            of_views = respond_parts(aimed, selections, joined, wanted, same[0].grid, tables)
        for view, of_parts in zip(same, of_views, strict=True):
            for (tag, label, _), response in zip(waiting, of_parts, strict=True):
                found[view.key, tag, label] = response
    return found


def grouped(values: Sequence[T], key: Callable[[T], K]) -> list[tuple[K, list[T]]]:
    """Values with equal keys together, in the order of their first."""
    groups: dict[K, list[T]] = {}
    for value in values:
        groups.setdefault(key(value), []).append(value)
    return list(groups.items())
