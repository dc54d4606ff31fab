"""Cut flow: the fraction of decays that is left after each cut, in the order of arXiv:2301.08592 sec. 3.1.

Every event is taken through every cut, and the proper time is integrated in closed form, event by event: slow, and
independent of how :mod:`staged` and :mod:`lifetime` save work.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from physics.detectors.trilepton_cuts import Tracker, TrileptonCuts
from physics.errors import InputError
from physics.numerics.arrays import Array, Integers
from physics.trileptons.chain import make
from physics.trileptons.selection import CUTS, Leptons, per_time, windows
from physics.trileptons.staged import Source
from physics.trileptons.stream import uniforms

FIRST = ("eta", "prompt p_T", "displaced p_T")  # before the impact parameters


def cut_flow(
    source: Source,
    cuts: TrileptonCuts,
    tracker: Tracker,
    ctau: float,
    prompt: str = "e",
    events: int = 200_000,
) -> dict[str, tuple[float, float]]:
    """Fraction of decays left after each cut, and its statistical error.

    Parameters
    ----------
    source : Source
    cuts : TrileptonCuts
    tracker : Tracker
    ctau : float
        Proper decay length [m].
    prompt : str
        Flavor of the prompt lepton.
    events : int
        The first so many of the sample.

    Returns
    -------
    dict
        Name of the cut to fraction and error, in order.
    """
    if not ctau > 0:
        raise InputError(f"a proper decay length must be positive [m], not {ctau:g}")
    found: dict[str, tuple[float, float]] = {}
    for name, share, index in _steps(source, cuts, tracker, ctau, prompt, events):
        full = np.zeros(events)
        full[index] = share
        found[name] = float(full.mean()), float(full.std(ddof=1) / np.sqrt(events))
    return found


def _steps(
    source: Source, cuts: TrileptonCuts, tracker: Tracker, ctau: float, prompt: str, events: int
) -> Iterator[tuple[str, Array, Integers]]:
    decay = source.decay
    u = uniforms(source.key(), 0, events)
    made, index = make(u[1:3], source.bosons_of(0, events), decay)
    drawn = decay.draw(u[3:, index], *made.polarisation(decay))
    boosted = made.boosted((drawn.first, drawn.second), decay.m_N)
    tracks = [made.laboratory(*vector) for vector in boosted]
    share, seen = source.shares(u[0, index])
    lepton = made.prompt(share)
    leptons = Leptons(lepton, tracks[0], tracks[1], made.heavy(), decay.leptons)
    weight = drawn.weight * seen
    yield "all", weight, index
    for name in FIRST:
        weight = weight * CUTS[name](leptons, cuts, tracker, prompt)
        yield name, weight, index
    rates = per_time(leptons, decay.m_N)
    least, most = windows(rates, cuts, tracker)
    never = np.full(least.shape, np.inf)
    yield "d0", weight * between(least, never, ctau), index
    dz = cuts.dz_max / rates.dz.max(axis=0)
    yield "dz", weight * between(least, dz, ctau), index
    for name in (name for name in CUTS if name not in FIRST):
        weight = weight * CUTS[name](leptons, cuts, tracker, prompt)
        yield name, weight * between(least, dz, ctau), index
    yield "tracker", weight * between(least, most, ctau), index
    yield "prompt efficiency", weight * between(least, most, ctau) * cuts.prompt_efficiency, index
    seen = efficiency_between(least, most, rates.rho, ctau, cuts, decay.leptons)
    yield "displaced efficiency", weight * seen * cuts.prompt_efficiency, index


def between(low: Array, high: Array, ctau: float) -> Array:
    """Probability of a proper time between two."""
    found: Array = np.maximum(np.exp(-low / ctau) - np.exp(-high / ctau), 0.0)
    return found


def efficiency_between(
    low: Array, high: Array, rho: Array, ctau: float, cuts: TrileptonCuts, leptons: tuple[str, str]
) -> Array:
    """Efficiency of the displaced leptons over the proper time between two, in closed form.

    int dt e^-t (rho c tau t)^k between t1 and t2 = (rho c tau)^k [Gamma(k + 1, t1) - Gamma(k + 1, t2)].

    Parameters
    ----------
    low, high, rho : (n,) arrays
        Proper times [m], and transverse distance over the proper time.
    ctau : float
        [m]
    cuts : TrileptonCuts
    leptons : (str, str)

    Returns
    -------
    (n,) array
    """

    def tails(t: Array) -> tuple[Array, Array, Array]:
        t = np.minimum(t, 700.0)
        decayed = np.exp(-t)
        return decayed, (1 + t) * decayed, (2 + 2 * t + t**2) * decayed

    total = np.zeros(low.shape)
    for end, (start, *polynomial) in cuts.efficiency_pieces(leptons):
        first = np.maximum(low, start / rho)
        last = np.maximum(np.minimum(high, end / rho), first)
        for k, (c, one, two) in enumerate(
            zip(polynomial, tails(first / ctau), tails(last / ctau), strict=True)
        ):
            total += c * (rho * ctau) ** k * (one - two)
    return total
