"""Events e+ e- -> gamma chi_1 chi_2, chi_2 -> chi_1 gamma with both photons within cuts (arXiv:2406.17599 sec. 4.2).

Either photon may be the harder one. Integrated by quasi-random points over x and polar angle of the radiated photon,
the direction of chi_2 where gamma* is at rest, and the energy of the photon of chi_2; its azimuth around chi_2 is done
in closed form. Only such directions of chi_2 and energies are drawn as pass the cuts on energies, so that the points
are not lost where chi_2 must be fast (small splittings). All energies and angles are those of the centre of mass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from physics.dark_dipole.radiative import annihilation, heavy_direction
from physics.detectors.two_photon_cuts import TwoPhotonCuts
from physics.dipole.pair import DipolePair
from physics.nature.initial_state import draw_radiated
from physics.numerics.arrays import Array, Integers
from physics.numerics.sampling import Sampling

_TINY = 1e-150  # against 0/0; its square is still a number


@dataclass(frozen=True)
class TwoPhotonSample:
    """Events that pass the cuts, if chi_2 decays soon enough.

    Attributes
    ----------
    weight : (n,) array
        Cross-section over d^2 [pb GeV^2]; their sum is that of the replicas together.
    momentum : (n,) array
        Of chi_2 in the centre of mass [GeV].
    replica : (n,) array
        Replica of each.
    """

    weight: Array
    momentum: Array
    replica: Integers


def two_photon_sample(
    pair: DipolePair, sqrt_s: float, cuts: TwoPhotonCuts, sampling: Sampling
) -> TwoPhotonSample:
    """Integrate e+ e- -> gamma chi_1 chi_2, chi_2 -> chi_1 gamma within cuts.

    Parameters
    ----------
    pair : DipolePair
        With M_2 > 0.
    sqrt_s : float
        [GeV]
    cuts : TwoPhotonCuts
    sampling : Sampling

    Returns
    -------
    TwoPhotonSample
        Empty where no event can pass.
    """
    u = sampling.uniforms()
    drawn = _draw_x(u[:, 0], pair, sqrt_s, cuts)
    if drawn is None:
        return TwoPhotonSample(np.empty(0), np.empty(0), np.empty(0, dtype=int))
    x, weight = drawn
    photon = draw_radiated(u[:, 1], x, cuts.cos_min, cuts.cos_max, sqrt_s)
    energy = x * sqrt_s / 2
    softest = np.where(energy < cuts.leading_min, cuts.leading_min, cuts.subleading_min)
    hardest = sqrt_s - energy - cuts.missing_min
    heavy = _draw_heavy(u[:, 2], u[:, 3], pair, sqrt_s, x, softest)
    seen, decay = _draw_decay(u[:, 4], pair, heavy, softest, hardest)
    if cuts.cos_min > -1 or cuts.cos_max < 1:
        seen = seen * _within(cuts, photon.cos, heavy, decay)
    q2 = sqrt_s**2 * (1 - x)
    weight = weight * photon.weight * heavy.weight * seen * annihilation(pair, q2) / x.size
    weight *= heavy_direction(pair, q2, x, photon.cos, heavy.cos, heavy.azimuth)
    kept = np.flatnonzero(weight > 0)
    return TwoPhotonSample(weight[kept], heavy.momentum[kept], sampling.replica()[kept])


def _draw_x(
    u: Array, pair: DipolePair, sqrt_s: float, cuts: TwoPhotonCuts
) -> tuple[Array, Array] | None:
    """Draw x evenly in its logarithm, half of the points where the radiated photon is not the leading one."""
    soft, leading = 2 * cuts.subleading_min / sqrt_s, 2 * cuts.leading_min / sqrt_s
    threshold = (1 - pair.total / sqrt_s) * (1 + pair.total / sqrt_s)
    balance = 2 * (1 - (cuts.subleading_min + cuts.missing_min) / sqrt_s)
    top = min(threshold, balance)
    # chi_2 against the other two particles cannot have more than this
    energy = (sqrt_s + pair.splitting * pair.total / sqrt_s) / 2
    if energy <= pair.heavy:
        return None
    root = math.sqrt((energy - pair.heavy) * (energy + pair.heavy))
    hardest = pair.photon_share * (energy + root) / 2
    ranges = []
    if hardest > cuts.leading_min and soft < min(leading, top):
        ranges.append((soft, min(leading, top)))
    if hardest > cuts.subleading_min and leading < top:
        ranges.append((leading, top))
    if not ranges:
        return None
    # halves of a Sobol net are nets, so that the step between the two ranges does no harm
    which = np.minimum((u * len(ranges)).astype(int), len(ranges) - 1)
    low, high = np.log(np.array(ranges)).T
    span = (high - low)[which]
    x = np.exp(low[which] + span * (u * len(ranges) - which))
    return np.minimum(x, top), x * span * len(ranges)


@dataclass(frozen=True)
class _Heavy:
    """chi_2: cosine and azimuth where gamma* is at rest, the rest in the centre of mass, along and across gamma*."""

    cos: Array
    azimuth: Array
    weight: Array
    energy: Array
    along: Array
    across: Array
    momentum: Array


def _draw_heavy(
    u: Array, v: Array, pair: DipolePair, sqrt_s: float, x: Array, softest: Array
) -> _Heavy:
    """Directions of chi_2 for which a photon of chi_2 can reach an energy [GeV]."""
    rest_energy, rest_momentum = pair.at_rest(sqrt_s**2 * (1 - x))
    gamma, beta = (1 - x / 2) / np.sqrt(1 - x), x / (2 - x)
    # the hardest photon has share (E + p)/2, and E + p = w means E = (w + M_2^2/w)/2
    reach = np.maximum(2 * softest / pair.photon_share, pair.heavy)
    needed = (reach + pair.heavy**2 / reach) / 2
    lift = np.maximum(beta * rest_momentum, _TINY)
    lowest = np.clip((needed / gamma - rest_energy) / lift, -1.0, 1.0)
    cos = np.minimum(lowest + (1 - lowest) * u, 1.0)
    along = gamma * (rest_momentum * cos + beta * rest_energy)
    across = rest_momentum * np.sqrt((1 - cos) * (1 + cos))
    return _Heavy(
        cos=cos,
        azimuth=2 * np.pi * v,
        weight=(1 - lowest) / 2,
        energy=gamma * (rest_energy + beta * rest_momentum * cos),
        along=along,
        across=across,
        momentum=np.maximum(np.hypot(along, across), _TINY),
    )


def _draw_decay(
    u: Array, pair: DipolePair, heavy: _Heavy, softest: Array, hardest: Array
) -> tuple[Array, tuple[Array, Array]]:
    """Share of decays with a photon between two energies, and (cos, sin) of its angle with chi_2 for one of them."""
    share, most = pair.photon_share, heavy.energy + heavy.momentum
    low = np.maximum(softest, share * pair.heavy**2 / most / 2)
    high = np.minimum(hardest, share * most / 2)
    inside = np.maximum(high - low, 0.0)
    boosted = 2 * (low + inside * u) / share  # E + p cos*
    at_rest = np.clip((boosted - heavy.energy) / heavy.momentum, -1.0, 1.0)
    cos = (heavy.momentum + heavy.energy * at_rest) / boosted
    sin = pair.heavy * np.sqrt((1 - at_rest) * (1 + at_rest)) / boosted
    return np.minimum(inside / (share * heavy.momentum), 1.0), (np.clip(cos, -1.0, 1.0), sin)


def _within(
    cuts: TwoPhotonCuts, photon_cos: Array, heavy: _Heavy, decay: tuple[Array, Array]
) -> Array:
    """Share of the azimuths around chi_2 at which its photon has a polar cosine within the cuts."""
    photon_sin = np.sqrt((1 - photon_cos) * (1 + photon_cos))
    # gamma* flies against the radiated photon; e- is on the side of azimuth zero
    polar = heavy.across * np.cos(heavy.azimuth) * photon_sin - heavy.along * photon_cos
    polar = np.clip(polar / heavy.momentum, -1.0, 1.0)
    middle = decay[0] * polar
    swing = np.maximum(decay[1] * np.sqrt((1 - polar) * (1 + polar)), _TINY)

    def share_above(cos: float) -> Array:
        return np.arccos(np.clip((cos - middle) / swing, -1.0, 1.0)) / np.pi

    above = share_above(cuts.cos_min) if cuts.cos_min > -1 else 1.0
    return above - share_above(cuts.cos_max) if cuts.cos_max < 1 else np.asarray(above)
