"""An event generator for Z -> N nubar, N -> nu l- l+ by mixing: plain and pseudo-random; for tests of efficiencies.

Both chiralities of the electron with the couplings of the Z, N and Nbar in equal numbers, accept-reject on the
covariant squared amplitude of the whole chain. Nothing of the package is used; the amplitude is compared with traces in
test_mixing_decay.py. Cuts are those of :mod:`dilepton_events`.
"""

import numpy as np
from dilepton_events import LEFT, M_Z, MASS, RIGHT, SIN2, Events, directions
from dirac import apply, boost_matrix, dot

M_W = 80.379


def chain(e, other, p_N, nubar, momenta, masses, m_N, bosons):
    """(p_N.e)(nubar.e') K.V with K = 2 p_N - m^2 e/(p_N.e), the spin of a pure state; e is e+ for e_L."""
    k, minus, plus = momenta
    s, t = dot(minus + plus, minus + plus), dot(k + plus, k + plus)
    left = (SIN2 - 0.5) * ("Z" in bosons) * M_Z**2 / (M_Z**2 - s)
    left = left + ("W" in bosons) * M_W**2 / (M_W**2 - t)
    right = SIN2 * ("Z" in bosons) * M_Z**2 / (M_Z**2 - s)
    V = (left**2 * dot(k, minus))[:, None] * plus + (right**2 * dot(k, plus))[:, None] * minus
    V = V + (left * right * masses[0] * masses[1])[:, None] * k
    K = 2 * p_N - m_N**2 * e / dot(p_N, e)[:, None]
    return dot(p_N, e) * dot(nubar, other) * dot(V, K)


def generate(m_N, leptons, bosons, count, rng):
    """At least ``count`` unweighted events with l-, l+ of N as given, through bosons ``Z``, ``W`` or ``ZW``."""
    kept, found, ceiling = [], 0, None
    while found < count:
        made, weight = _throw(m_N, leptons, bosons, 4 * count, rng)
        ceiling = ceiling or 1.3 * weight.max()
        taken = rng.random(weight.size) < weight / ceiling
        kept.append([v[taken] for v in made])
        found += int(taken.sum())
    return Events(*(np.concatenate(parts) for parts in zip(*kept, strict=True)))


def _throw(m_N, leptons, bosons, count, rng):
    masses = m2, m3 = [MASS[tag] for tag in leptons]
    energy, momentum = (M_Z**2 + m_N**2) / (2 * M_Z), (M_Z**2 - m_N**2) / (2 * M_Z)
    flight = directions(count, rng)
    p_N = np.concatenate([np.full((count, 1), energy), momentum * flight], axis=1)
    nubar = np.concatenate([np.full((count, 1), momentum), -momentum * flight], axis=1)
    s = rng.uniform((m2 + m3) ** 2, m_N**2, count)
    pair_energy = ((m_N**2 + s) / (2 * m_N))[:, None]
    pair_momentum = ((m_N**2 - s) / (2 * m_N))[:, None]
    pair = np.concatenate([pair_energy, pair_momentum * directions(count, rng)], axis=1)
    q = np.sqrt((s - (m2 + m3) ** 2) * (s - (m2 - m3) ** 2)) / (2 * np.sqrt(s))
    way = q[:, None] * directions(count, rng)
    boost, to_pair = boost_matrix(p_N), boost_matrix(pair)
    minus, plus = (
        apply(boost, apply(to_pair, np.concatenate([np.hypot(m, q)[:, None], v], axis=1)))
        for m, v in ((m2, way), (m3, -way))
    )
    anti = rng.random(count) < 0.5  # events of Nbar: all momenta reversed
    left = rng.random(count) < LEFT / (LEFT + RIGHT)
    beam = np.zeros((count, 4))
    beam[:, 0] = M_Z / 2
    beam[:, 3] = np.where(left, -1, 1) * M_Z / 2  # e+ of e_L
    other = beam * [1, 1, 1, -1]
    momenta = p_N - minus - plus, minus, plus
    amplitude = chain(beam, other, p_N, nubar, momenta, masses, m_N, bosons)
    weight = amplitude * (1 - s / m_N**2) * q / np.sqrt(s)
    mirror = np.where(anti[:, None], [1.0, -1, -1, -1], [1.0, 1, 1, 1])
    return [p_N * mirror, minus * mirror, plus * mirror], np.maximum(weight, 0)
