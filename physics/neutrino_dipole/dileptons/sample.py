"""Events Z -> N nubar, N -> nu l+ l- in the rest frame of the Z: quasi-random points with weights.

At the pole an electron of either chirality makes N with pure polarisation. For e_L

    sum |M|^2 ~ (m^2 - t)(-u) ~ (E - p c)(1 + c),    P = -(direction of the e- seen from N),

c the cosine between N and e-, whose component along the flight is (p - E c)/(E - p c) and the one in the plane of
production m sin/(E - p c) (traces: tests/physics/test_dilepton_efficiency.py); averaged over e_L and e_R this gives
s sin^2 + m^2 (1 + c^2). The two are exchanged by a turn by pi around an axis perpendicular to the beam, under which
displacement, impact parameter, energies, angles between leptons and a cylinder do not change. So they have the same
efficiency whatever the couplings of the Z, and e_L alone is enough. Nbar nu is the CP image (all momenta reversed,
charges exchanged), which changes no cut either. tests/physics/test_dilepton_efficiency.py compares with events of both
chiralities, of N and of Nbar.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.bosons import z_momentum
from physics.neutrino_dipole.decays.nu_dilepton import draw_mass, numerator
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling


@dataclass(frozen=True, eq=False)
class Pairs:
    """Weighted events in the rest frame of the Z.

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
        Transverse impact parameter over the decay path, smaller and larger one of the two straight tracks.
    exact, plain : (n,) arrays
        Weights of a polarised N and of one that forgets its spin, both with the polar angle of production.
    helicity : (2, n) array
        Weights of N with helicity +1/2 and -1/2, without the polar angle.
    """

    cos: Array
    p_miss: Array
    E_low: Array
    cos_ll: Array
    impact_low: Array
    impact_high: Array
    exact: Array
    plain: Array
    helicity: Array


@lru_cache(maxsize=4)
def lepton_pairs(m_N: float, lepton: str, sampling: Sampling) -> Pairs:
    """Events of one mass; remembered for the next selection.

    Parameters
    ----------
    m_N : float
        Between twice the lepton's mass and the mass of the Z [GeV].
    lepton : str
        e or mu.
    sampling : Sampling

    Returns
    -------
    Pairs
        In the order of ``sampling.replica()``.
    """
    momentum = z_momentum(m_N)
    energy = float(np.hypot(momentum, m_N))
    m_l = ELECTROWEAK.fermion(lepton).mass
    u = sampling.uniforms()
    s, b2, weight = draw_mass(u[:, 0], m_N, m_l)
    cos_k, phi_k = 2 * u[:, 1] - 1, 2 * np.pi * u[:, 2]
    x, phi_t, cos = 2 * u[:, 3] - 1, 2 * np.pi * u[:, 4], 2 * u[:, 5] - 1

    # unit vectors in the rest frame of N: z is its flight, x lies in the plane of production
    pair, theta, phi = _triad(cos_k, phi_k)
    across = np.cos(phi_t) * theta + np.sin(phi_t) * phi
    plain, along_k, along_t = numerator(s / m_N**2, b2, x)
    spin = along_k * pair + along_t * across
    sin = np.sqrt(1 - cos**2)
    shape = energy - momentum * cos
    polarised = plain - (m_N * sin * spin[0] + (momentum - energy * cos) * spin[2]) / shape

    first, second = _leptons(m_N, s, b2, x, pair, across)
    boosted = [_boost(v, energy / m_N, momentum / m_N) for v in (first, second)]
    total = boosted[0] + boosted[1]
    impacts = [_impact(v, cos, sin) for v in boosted]
    return Pairs(
        cos=cos,
        p_miss=_length(total),
        E_low=np.minimum(boosted[0][0], boosted[1][0]),
        cos_ll=_cosine(*boosted),
        impact_low=np.minimum(*impacts),
        impact_high=np.maximum(*impacts),
        exact=weight * shape * (1 + cos) * polarised,
        plain=weight * (energy - momentum * cos**2) * plain,
        helicity=weight * np.stack([plain - spin[2], plain + spin[2]]),
    )


def _triad(cos: Array, phi: Array) -> tuple[Array, Array, Array]:
    """Unit vectors along a direction, and of growing polar and azimuthal angle, (3, n) each."""
    sin = np.sqrt(1 - cos**2)
    zero = np.zeros_like(cos)
    return (
        np.stack([sin * np.cos(phi), sin * np.sin(phi), cos]),
        np.stack([cos * np.cos(phi), cos * np.sin(phi), -sin]),
        np.stack([-np.sin(phi), np.cos(phi), zero]),
    )


def _leptons(
    m_N: float, s: Array, b2: Array, x: Array, pair: Array, across: Array
) -> tuple[Array, Array]:
    """Four-momenta (4, n) of the two leptons in the rest frame of N."""
    energy, momentum = (m_N**2 + s) / (2 * m_N), (m_N**2 - s) / (2 * m_N)
    b = np.sqrt(b2)
    # half the difference of the two, boosted from the rest frame of the pair
    time, forward = b * x * momentum / 2, b * x * energy / 2
    sideways = b * np.sqrt(s * (1 - x**2)) / 2
    half = np.concatenate([time[None], forward * pair + sideways * across])
    middle = np.concatenate([energy[None] / 2, momentum / 2 * pair])
    return middle + half, middle - half


def _boost(vector: Array, gamma: float, gamma_beta: float) -> Array:
    """Along z, from the rest frame of N."""
    return np.stack(
        [
            gamma * vector[0] + gamma_beta * vector[3],
            vector[1],
            vector[2],
            gamma_beta * vector[0] + gamma * vector[3],
        ]
    )


def _length(vector: Array) -> Array:
    length: Array = np.sqrt(vector[1] ** 2 + vector[2] ** 2 + vector[3] ** 2)
    return length


def _cosine(a: Array, b: Array) -> Array:
    product = a[1] * b[1] + a[2] * b[2] + a[3] * b[3]
    lengths = np.maximum(_length(a) * _length(b), 1e-300)
    cosine: Array = np.clip(product / lengths, -1.0, 1.0)
    return cosine


def _impact(track: Array, cos: Array, sin: Array) -> Array:
    """Distance of a straight track from the beam line, over the path of N: sin(theta) sin(azimuth to N)."""
    outward = track[1] * cos + track[3] * sin  # along N's transverse direction
    transverse = np.maximum(np.hypot(outward, track[2]), 1e-300)
    impact: Array = sin * np.abs(track[2]) / transverse
    return impact
