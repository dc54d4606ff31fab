"""Pairs of leptons from decays along the flight of N: what cuts and the detector see of an event.

N flies along z in its plane of production, which contains the beam and x; leptons are given in its rest frame. Tracks
are straight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physics.detectors.dilepton_cuts import DileptonCuts
from physics.numerics.arrays import Array, Mask


@dataclass(frozen=True, eq=False)
class SeenPairs:
    """Events in the laboratory, without weights.

    Attributes
    ----------
    cos : (n,) array
        Polar angle of N.
    p_miss : (n,) array
        Momentum of the pair [GeV].
    E_low : (n,) array
        Energy of the softer lepton [GeV].
    cos_ll : (n,) array
        Cosine between the leptons.
    impact_low, impact_high : (n,) arrays
        Transverse impact parameter over the decay path, smaller and larger one of the two tracks.
    """

    cos: Array
    p_miss: Array
    E_low: Array
    cos_ll: Array
    impact_low: Array
    impact_high: Array

    def passed(self, cuts: DileptonCuts) -> Mask:
        """Which events pass all cuts but those on displacement and impact parameter."""
        kept: Mask = (self.p_miss > cuts.p_miss_min) & (self.E_low > cuts.E_min)
        if cuts.cos_min > -1:
            kept &= self.cos_ll > cuts.cos_min
        return kept


def seen_pairs(first: Array, second: Array, m_N: float, momentum: float, cos: Array) -> SeenPairs:
    """Boost two leptons from the rest frame of N.

    Parameters
    ----------
    first, second : (4, n) arrays
        Energy and momentum in the rest frame of N [GeV].
    m_N, momentum : float
        Of N in the laboratory [GeV].
    cos : (n,) array
        Polar angle of N.
    """
    gamma, gamma_beta = float(np.hypot(momentum, m_N)) / m_N, momentum / m_N
    sin = np.sqrt(1 - cos**2)
    leptons = [_boost(v, gamma, gamma_beta) for v in (first, second)]
    impacts = [_impact(v, cos, sin) for v in leptons]
    return SeenPairs(
        cos=cos,
        p_miss=_length(leptons[0] + leptons[1]),
        E_low=np.minimum(leptons[0][0], leptons[1][0]),
        cos_ll=_cosine(*leptons),
        impact_low=np.minimum(*impacts),
        impact_high=np.maximum(*impacts),
    )


def _boost(vector: Array, gamma: float, gamma_beta: float) -> Array:
    """Along z, from the rest frame of N."""
    energy, forward = vector[0], vector[3]
    return np.stack(
        [
            gamma * energy + gamma_beta * forward,
            vector[1],
            vector[2],
            gamma_beta * energy + gamma * forward,
        ]
    )


def _length(vector: Array) -> Array:
    length: Array = np.sqrt(vector[1] ** 2 + vector[2] ** 2 + vector[3] ** 2)
    return length


def _cosine(a: Array, b: Array) -> Array:
    product = a[1] * b[1] + a[2] * b[2] + a[3] * b[3]
    cosine: Array = np.clip(product / np.maximum(_length(a) * _length(b), 1e-300), -1.0, 1.0)
    return cosine


def _impact(track: Array, cos: Array, sin: Array) -> Array:
    """Distance of a straight track from the beam line, over the path of N: sin(theta) sin(azimuth to N)."""
    outward = track[1] * cos + track[3] * sin  # along N's transverse direction
    transverse = np.maximum(np.hypot(outward, track[2]), 1e-300)
    impact: Array = sin * np.abs(track[2]) / transverse
    return impact
