"""Which of many events pass, and between which proper times: cheap cuts first, the rest for those that are left."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from physics.detectors.trilepton_cuts import LEPTONS, Tracker, TrileptonCuts
from physics.numerics.arrays import Array, Integers
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

    @property
    def cuts(self) -> tuple[str, ...]:
        """Cuts after those on single tracks that do not know how much of a tau's momentum the prompt lepton takes."""
        return tuple(
            tag for tag in AFTER_TRACKS if not (self.through_tau and tag == "three-lepton mass")
        )

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
        Flavor of the prompt lepton to the probability that it passes its threshold: one or zero without a tau.
    """

    index: Integers
    weight: Array
    least: Array
    most: Array
    rho: Array
    prompt: dict[str, Array]


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
    prompt = made.prompt()
    softest = min(cuts.prompt_pT(tag) for tag in LEPTONS)
    kept = np.flatnonzero(hard(prompt, softest) & central(prompt, tracker.eta_max))
    made, prompt, index = made[kept], prompt[:, kept], index[kept]

    drawn = decay.draw(u[3:, index], *made.polarisation(decay))
    tracks = made.boosted((drawn.first, drawn.second), decay.m_N)
    hard_enough = [
        made.transverse_square(*track[:3]) > cuts.displaced_pT(flavor) ** 2
        for track, flavor in zip(tracks, decay.leptons, strict=True)
    ]
    kept = np.flatnonzero(hard_enough[0] & hard_enough[1])
    made, prompt = made[kept], prompt[:, kept]
    index, weight = index[kept], drawn.weight[kept]
    one, two = (made.laboratory(*track[:, kept]) for track in tracks)
    kept = np.flatnonzero(central(one, tracker.eta_max) & central(two, tracker.eta_max))
    found = Leptons(prompt[:, kept], one[:, kept], two[:, kept], made[kept].heavy(), decay.leptons)
    index, weight = index[kept], weight[kept]
    alive = np.logical_and.reduce([CUTS[tag](found, cuts, tracker, "e") for tag in source.cuts])
    found, index, weight = found[alive], index[alive], weight[alive]
    rates = per_time(found, decay.m_N)
    least, most = windows(rates, cuts, tracker)
    alive = (least < most) & (weight > 0)
    found = found[alive]
    seen = {tag: _prompt(source, found, cuts, tag) for tag in LEPTONS}
    return Passed(
        start + index[alive], weight[alive], least[alive], most[alive], rates.rho[alive], seen
    )


def _prompt(source: Source, leptons: Leptons, cuts: TrileptonCuts, flavor: str) -> Array:
    """Probability that the prompt lepton is hard enough, and the mass of three right if it comes from a tau.

    Of that lepton, nothing but its momentum x p_tau depends on x, and the squared mass of the three is linear in x, so
    that the spectrum 4/3 (1 - x^3) is integrated between two ends.
    """
    if not source.through_tau:
        return hard(leptons.prompt, cuts.prompt_pT(flavor)).astype(float)
    pair, tau = leptons.pair, leptons.prompt
    slope = 2 * (tau[0] * pair[0] - np.sum(tau[1:] * pair[1:], axis=0))
    square = pair[0] ** 2 - np.sum(pair[1:] ** 2, axis=0)
    low = np.maximum(
        cuts.prompt_pT(flavor) / np.hypot(tau[1], tau[2]), (cuts.mass_min**2 - square) / slope
    )
    high = np.minimum((cuts.mass_max**2 - square) / slope, 1.0)
    low, high = np.maximum(low, 0.0), np.maximum(high, 0.0)
    found: Array = np.maximum((4 * high - high**4 - 4 * low + low**4) / 3, 0.0)
    return np.where(high > low, found, 0.0)
