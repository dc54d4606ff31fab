"""An event generator for Z -> N nubar, N -> nu l+ l-: plain, unbinned, pseudo-random; for tests of the efficiencies.

Both chiralities of the electron with the couplings of the Z, N and Nbar in equal numbers, accept-reject on the
covariant squared amplitude of the whole chain, Lorentz matrices, decays at points along the flight, and tracks as lines
in space. Nothing of the package is used; the amplitude's two factors are compared with traces in
test_dilepton_efficiency.py and test_nu_dilepton.py.
"""

from dataclasses import dataclass

import numpy as np
from dirac import apply, boost_matrix, dot

M_Z, SIN2 = 91.1876, 0.2312
MASS = {"e": 0.51099895e-3, "mu": 0.1056583755}
LEFT, RIGHT = (SIN2 - 0.5) ** 2, SIN2**2


def directions(count, rng):
    n = rng.normal(size=(count, 3))
    return n / np.linalg.norm(n, axis=1, keepdims=True)


def chain(e, p_N, nubar, p, minus, plus, m_N, m_l):
    """Production (p_N.e)(nubar.e) times decay V.K with K = 2 p_N - m^2 e/(p_N.e), the spin of a pure state.

    ``e`` is the beam particle that the chirality singles out: e- for e_L.
    """
    k, q = minus + plus, minus - plus
    s = dot(k, k)
    b2 = 1 - 4 * m_l**2 / s
    V = (2 * (2 - b2) * dot(k, p))[:, None] * k + (2 * dot(q, p))[:, None] * q - 4 * m_l**2 * p
    K = 2 * p_N - m_N**2 * e / dot(p_N, e)[:, None]
    return dot(p_N, e) * dot(nubar, e) * dot(V, K) / s


@dataclass
class Events:
    """Momenta in the laboratory, (n, 4) each."""

    N: np.ndarray
    minus: np.ndarray
    plus: np.ndarray


def generate(m_N, lepton, count, rng):
    """At least ``count`` unweighted events."""
    m_l = MASS[lepton]
    kept, found = [], 0
    ceiling = None
    while found < count:
        made, weight = _throw(m_N, m_l, 4 * count, rng)
        ceiling = ceiling or 1.3 * weight.max()
        assert weight.max() < ceiling
        taken = rng.random(weight.size) < weight / ceiling
        kept.append([v[taken] for v in made])
        found += int(taken.sum())
    return Events(*(np.concatenate(parts) for parts in zip(*kept, strict=True)))


def _throw(m_N, m_l, count, rng):
    energy = (M_Z**2 + m_N**2) / (2 * M_Z)
    momentum = (M_Z**2 - m_N**2) / (2 * M_Z)
    flight = directions(count, rng)
    p_N = np.concatenate([np.full((count, 1), energy), momentum * flight], axis=1)
    nubar = np.concatenate([np.full((count, 1), momentum), -momentum * flight], axis=1)
    s = np.exp(rng.uniform(np.log(4 * m_l**2), 2 * np.log(m_N), count))
    pair_energy = ((m_N**2 + s) / (2 * m_N))[:, None]
    pair_momentum = ((m_N**2 - s) / (2 * m_N))[:, None]
    pair = np.concatenate([pair_energy, pair_momentum * directions(count, rng)], axis=1)
    half = np.sqrt(np.maximum(s / 4 - m_l**2, 0))[:, None] * directions(count, rng)
    one = np.concatenate([np.sqrt(s)[:, None] / 2, half], axis=1)
    rest = np.array([m_N, 0, 0, 0])
    boost, to_pair = boost_matrix(p_N), boost_matrix(pair)
    minus = apply(boost, apply(to_pair, one))
    plus = apply(boost, apply(to_pair, one * np.array([1, -1, -1, -1])))
    neutrino = apply(boost, rest - pair)

    anti = rng.random(count) < 0.5  # events of Nbar: all momenta reversed, charges exchanged
    left = rng.random(count) < LEFT / (LEFT + RIGHT)
    beam = np.zeros((count, 4))
    beam[:, 0] = M_Z / 2
    beam[:, 3] = np.where(left, 1, -1) * M_Z / 2
    amplitude = chain(beam, p_N, nubar, neutrino, minus, plus, m_N, m_l)
    # two-body spaces, and ds = s d log s
    weight = amplitude * (1 - s / m_N**2) * np.sqrt(np.maximum(1 - 4 * m_l**2 / s, 0)) * s
    mirror = np.where(anti[:, None], [1.0, -1, -1, -1], [1.0, 1, 1, 1])
    minus, plus = (
        np.where(anti[:, None], plus, minus) * mirror,
        np.where(anti[:, None], minus, plus) * mirror,
    )
    return [p_N * mirror, minus, plus], np.maximum(weight, 0)


def passes(events, cuts):
    """Cuts on momenta."""
    a, b = events.minus[:, 1:], events.plus[:, 1:]
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    kept = np.linalg.norm(a + b, axis=1) > cuts.p_miss_min
    kept &= np.sum(a * b, axis=1) > cuts.cos_min * lengths * (1 + 1e-9 * (cuts.cos_min < 0))
    return kept & (events.minus[:, 0] > cuts.E_min) & (events.plus[:, 0] > cuts.E_min)


def efficiency(events, cuts, detector, length, rng):
    """Fraction of decays that are seen and its standard error."""
    count = len(events.N)
    flight = events.N[:, 1:] / np.linalg.norm(events.N[:, 1:], axis=1, keepdims=True)
    vertex = rng.exponential(length, count)[:, None] * flight
    radius = np.hypot(vertex[:, 0], vertex[:, 1])
    seen = passes(events, cuts)
    seen &= (radius < detector.radius) & (np.abs(vertex[:, 2]) < detector.length / 2)
    seen &= np.linalg.norm(vertex, axis=1) > cuts.displacement_min
    if cuts.d0_min:
        far = [
            distance_to_beam(vertex, v[:, 1:]) > cuts.d0_min for v in (events.minus, events.plus)
        ]
        seen &= (far[0] & far[1]) if cuts.tracks == "both" else (far[0] | far[1])
    mean = seen.mean()
    return mean, np.sqrt(max(mean * (1 - mean), 1 / count) / count)


def distance_to_beam(vertex, track):
    """Between the line of a track, seen along the beam, and the beam."""
    x, y, ux, uy = vertex[:, 0], vertex[:, 1], track[:, 0], track[:, 1]
    nearest = -(x * ux + y * uy) / (ux**2 + uy**2)
    return np.hypot(x + nearest * ux, y + nearest * uy)
