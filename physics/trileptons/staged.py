"""Which of many events pass, and between which proper times: cheap cuts first, the rest for those that are left."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from physics.detectors.trilepton_cuts import LEPTONS, Tracker, TrileptonCuts
from physics.numerics.arrays import Array, Integers, Mask
from physics.trileptons.chain import WBosons, boson_table, bosons_of, make
from physics.trileptons.decay import LeptonicDecay
from physics.trileptons.selection import (
    AFTER_TRACKS,
    CUTS,
    Leptons,
    central,
    hard,
    per_time,
    windows,
)
from physics.trileptons.stream import sample_key, uniforms

BLOCK = 16384  # events at a time: what fits the cache; results do not depend on it


@dataclass(frozen=True, eq=False)
class Source:
    """Where events come from.

    Attributes
    ----------
    decay : LeptonicDecay
    bosons : WBosons
    set_name : str
        Name of the W bosons, for the key of the random numbers.
    through_tau : bool
        Whether the prompt lepton is one of tau -> l nu nu from W -> tau N.
    seed : int
    """

    decay: LeptonicDecay
    bosons: WBosons
    set_name: str
    through_tau: bool = False
    seed: int = 2301

    def key(self, *more: str) -> tuple[int, int]:
        """Of the random numbers."""
        pair = "".join(self.decay.leptons)
        parts = (self.decay.label, self.decay.m_N, pair, self.set_name, self.seed)
        return sample_key(*parts, *more)

    def bosons_of(self, start: int, stop: int) -> Array:
        """W bosons of some events; each sample begins at another one."""
        table = boson_table(self.bosons)
        return bosons_of(table, self.key()[0] % table.shape[1], start, stop)

    def shares(self, u: Array) -> tuple[Array | float, Array | float]:
        """Share x of the tau's energy that the prompt lepton takes, and the weight of the event; one without a tau.

        The spectrum is 4/3 (1 - x^3), that of tau- of helicity -1/2 (of tau+ of +1/2), as W -> tau N makes them; the
        lepton is massless and collinear. Only hard ones pass, so that x is drawn with density 4 x^3.

        Parameters
        ----------
        u : (n,) array
            Uniform numbers.
        """
        if not self.through_tau:
            return 1.0, 1.0
        cube = u**0.75
        return u**0.25, (1 - cube) / (3 * np.maximum(cube, 1e-30))


@dataclass(frozen=True, eq=False)
class Passed:
    """Events that pass all cuts on momenta, in order.

    Attributes
    ----------
    index : (n,) array
        Which events they are.
    weight : (n,) array
    least, most : (n,) arrays
        Proper times between which they pass the others [m].
    rho : (n,) array
        Transverse distance of the vertex over the proper time.
    prompt : dict
        Flavor of the prompt lepton to a mask: whether it passes its threshold.
    """

    index: Integers
    weight: Array
    least: Array
    most: Array
    rho: Array
    prompt: dict[str, Mask]


def passed(
    source: Source, cuts: TrileptonCuts, tracker: Tracker, start: int, stop: int, block: int = BLOCK
) -> Passed:
    """Events from ``start`` to before ``stop`` that pass; the same bit for bit for every size of ``block``."""
    edges = [*range(start, stop, block), stop]
    parts = [_block(source, cuts, tracker, low, high) for low, high in pairwise(edges)]

    def joined(name: str) -> Array:
        return np.concatenate([getattr(part, name) for part in parts])

    prompt = {tag: np.concatenate([part.prompt[tag] for part in parts]) for tag in LEPTONS}
    return Passed(
        np.concatenate([part.index for part in parts]),
        joined("weight"),
        joined("least"),
        joined("most"),
        joined("rho"),
        prompt,
    )


def _block(source: Source, cuts: TrileptonCuts, tracker: Tracker, start: int, stop: int) -> Passed:
    decay = source.decay
    u = uniforms(source.key(), start, stop)
    made, index = make(u[1:3], source.bosons_of(start, stop), decay)
    share, seen = source.shares(u[0, index])
    prompt = made.prompt(share)
    softest = min(cuts.prompt_pT(tag) for tag in LEPTONS)
    kept = np.flatnonzero(hard(prompt, softest) & central(prompt, tracker.eta_max))
    made, prompt, index = made[kept], prompt[:, kept], index[kept]
    seen = seen[kept] if isinstance(seen, np.ndarray) else seen

    drawn = decay.draw(u[3:, index], *made.polarisation(decay))
    tracks = made.boosted((drawn.first, drawn.second), decay.m_N)
    hard_enough = [
        made.transverse_square(*track[:3]) > cuts.displaced_pT(flavor) ** 2
        for track, flavor in zip(tracks, decay.leptons, strict=True)
    ]
    kept = np.flatnonzero(hard_enough[0] & hard_enough[1])
    made, prompt = made[kept], prompt[:, kept]
    index, weight = index[kept], (seen * drawn.weight)[kept]
    one, two = (made.laboratory(*track[:, kept]) for track in tracks)
    kept = np.flatnonzero(central(one, tracker.eta_max) & central(two, tracker.eta_max))
    found = Leptons(prompt[:, kept], one[:, kept], two[:, kept], made[kept].heavy(), decay.leptons)
    index, weight = index[kept], weight[kept]
    alive = np.logical_and.reduce([CUTS[tag](found, cuts, tracker, "e") for tag in AFTER_TRACKS])
    found, index, weight = found[alive], index[alive], weight[alive]
    rates = per_time(found, decay.m_N)
    least, most = windows(rates, cuts, tracker)
    alive = (least < most) & (weight > 0)
    threshold = {tag: hard(found.prompt, cuts.prompt_pT(tag))[alive] for tag in LEPTONS}
    return Passed(
        start + index[alive], weight[alive], least[alive], most[alive], rates.rho[alive], threshold
    )
