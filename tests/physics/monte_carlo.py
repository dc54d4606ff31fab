"""An event generator for N from meson decays: plain, unbinned, pseudo-random; for tests of the package's counts.

Every event is a meson from a bin of a table, decayed in its rest frame (accept-reject on the squared amplitudes of
arXiv:2308.16608), turned at random, boosted with a Lorentz matrix, and followed along its ray in three dimensions
through the detector. The photon is drawn from the decay of N at rest and weighted with the spin correlation of the
laboratory four-vectors. Nothing of the package is used but its tables and the numbers that define an experiment.
"""

from dataclasses import dataclass

import numpy as np
import rates
from dirac import apply, boost_matrix, kallen
from kinematics import spin_form

HBAR_C = 1.973269804e-16  # GeV m
ABSORBER, PIPE = (
    20.0,
    0.05,
)  # m; charged pions and kaons that get farther are lost (arXiv:2105.07077)
FLYING = {"pi", "K"}


# ---- decays at rest


def decay_at_rest(tag, flavor, m_N, count, rng):
    """Four-momenta of N, p (neutrino or lepton) and k (photon) from mesons at rest, directions at random."""
    kind, mass = rates.TABLE_2[tag][:2]
    if kind == rates.VECTOR:
        momentum = (mass**2 - m_N**2) / (2 * mass)
        zero = np.zeros(count)
        heavy = np.stack([zero + np.hypot(momentum, m_N), zero, zero, zero + momentum], axis=1)
        made = {"N": heavy, "p": np.array([mass, 0, 0, 0]) - heavy}
    else:
        made = _three_body(kind, mass, rates.lepton_mass(tag, flavor), m_N, count, rng)
    turn = _random_rotations(count, rng)
    for vector in made.values():
        vector[:, 1:] = np.einsum("nij,nj->ni", turn, vector[:, 1:])
    return made


def _density(kind, mass, ml, m_N, s, c):
    """d Gamma/(d q^2 d cos), eqs. (2.13), (2.14) or (2.17), (2.18), up to constants."""
    m2, M2, l2 = m_N**2, mass**2, ml**2
    if kind == rates.NEUTRAL:
        cos_twice = 2 * c**2 - 1
        amplitude = (s - M2) ** 2 * (s - m2) / s**2 * (s + 3 * m2 - (s - m2) * cos_twice)
        return (1 - s / M2) * (1 - m2 / s) * amplitude
    root = np.sqrt(np.maximum(kallen(s, M2, l2), 0))
    bracket = s * (M2 - s) + (2 * s + M2) * l2 - l2**2 + (s - l2) * root * c
    return root * (1 - m2 / s) * (s - m2) ** 2 / s**2 * bracket


def _accept_reject(kind, mass, ml, m_N, count, rng):
    low, high = 2 * np.log(m_N), 2 * np.log(mass - ml)
    grid_s = np.exp(np.linspace(low, high, 2001))[:, None]
    grid_c = np.linspace(-1, 1, 41)
    ceiling = 1.05 * np.max(grid_s * _density(kind, mass, ml, m_N, grid_s, grid_c))
    kept, found = [], 0
    while found < count:
        s = np.exp(rng.uniform(low, high, count))
        c = rng.uniform(-1, 1, count)
        height = s * _density(kind, mass, ml, m_N, s, c) / ceiling
        assert height.max() <= 1
        taken = rng.random(count) < height
        kept.append(np.stack([s[taken], c[taken]]))
        found += taken.sum()
    return np.concatenate(kept, axis=1)[:, :count]


def _three_body(kind, mass, ml, m_N, count, rng):
    s, c = _accept_reject(kind, mass, ml, m_N, count, rng)
    root, zero = np.sqrt(s), np.zeros(count)
    # in the rest frame of q the parent and the third particle fly along +z; N at the angle acos(c) to them
    p3 = np.sqrt(np.maximum(kallen(s, mass**2, ml**2), 0)) / (2 * root)
    p1 = (s - m_N**2) / (2 * root)
    x, z = p1 * np.sqrt(1 - c**2), p1 * c
    third = np.stack([np.hypot(p3, ml), zero, zero, p3], axis=1)
    heavy = np.stack([np.hypot(p1, m_N), x, zero, z], axis=1)
    first = np.stack([p1, -x, zero, -z], axis=1)
    energy = np.hypot(p3, mass)
    back = boost_matrix(np.stack([energy, zero, zero, -p3], axis=1))  # the parent comes to rest
    third, heavy, first = (apply(back, v) for v in (third, heavy, first))
    if kind == rates.NEUTRAL:
        return {"N": heavy, "p": first, "k": third}
    return {"N": heavy, "p": third, "k": first}


def _random_rotations(count, rng):
    """Uniform rotations from random unit quaternions."""
    q = rng.normal(size=(count, 4))
    a, b, c, d = (q / np.linalg.norm(q, axis=1, keepdims=True)).T
    return np.array(
        [
            [1 - 2 * (c * c + d * d), 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), 1 - 2 * (b * b + d * d), 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), 1 - 2 * (b * b + c * c)],
        ]
    ).transpose(2, 0, 1)


def random_directions(count, rng):
    n = rng.normal(size=(count, 3))
    return n / np.linalg.norm(n, axis=1, keepdims=True)


# ---- mesons


def draw_mesons(tables, mass, energy_min, count, rng):
    """Four-momenta of mesons from the bins that reach an energy, and the cross-section of these bins [pb]."""
    sigma = np.stack([t.cross_section for t in tables])
    p_edges, theta_edges = tables[0].log10_p_edges, tables[0].log10_theta_edges
    sigma = np.where((np.hypot(10 ** p_edges[1:], mass) > energy_min)[:, None], sigma, 0.0)
    total = sigma.sum()
    chosen = rng.choice(sigma.size, size=count, p=sigma.ravel() / total)
    _, row, column = np.unravel_index(chosen, sigma.shape)
    p = 10 ** rng.uniform(p_edges[row], p_edges[row + 1])
    theta = 10 ** rng.uniform(theta_edges[column], theta_edges[column + 1])
    azimuth = rng.uniform(0, 2 * np.pi, count)
    transverse = p * np.sin(theta)
    four = [
        np.hypot(p, mass),
        transverse * np.cos(azimuth),
        transverse * np.sin(azimuth),
        p * np.cos(theta),
    ]
    return np.stack(four, axis=1), total


def fly(tag, mesons, rng):
    """Decay points of mesons [m], and the probability density they stand for, as a weight."""
    _, mass, width = rates.TABLE_2[tag][:3]
    count = len(mesons)
    if tag not in FLYING:
        return np.zeros((count, 3)), np.ones(count)
    momentum = np.linalg.norm(mesons[:, 1:], axis=1)
    direction = mesons[:, 1:] / momentum[:, None]
    length = momentum / mass * HBAR_C / width
    reach = ABSORBER / np.maximum(direction[:, 2], 1e-3)
    path = reach * rng.random(
        count
    )  # evenly before the absorber, weighted with the exponential law
    point = path[:, None] * direction
    lost = (np.hypot(point[:, 0], point[:, 1]) > PIPE) | (direction[:, 2] < 1e-3)
    return point, np.where(lost, 0.0, reach / length * np.exp(-path / length))


# ---- events


@dataclass
class Events:
    """N above a momentum, with the momenta of their production in the laboratory.

    Attributes
    ----------
    momenta : dict
        Four-momenta.
    start : (n, 3) array
        Where N starts [m].
    weight : (n,) array
        Cross-section times branching ratio, for d = 1/GeV, over the number thrown [pb].
    thrown : int
        Events before any cut.
    """

    tag: str
    m_N: float
    momenta: dict
    start: np.ndarray
    weight: np.ndarray
    thrown: int


def generate(tag, flavor, m_N, tables, p_min, count, rng, modes=None):
    """Throw events of one meson and one flavor.

    Parameters
    ----------
    tables : list of SpectrumTable
        Of the counted charges.
    modes : int
        Final states per meson that are counted; all of them by default.
    """
    kind, mass = rates.TABLE_2[tag][:2]
    mesons, total = draw_mesons(tables, mass, np.hypot(p_min, m_N), count, rng)
    momenta = decay_at_rest(tag, flavor, m_N, count, rng)
    matrix = boost_matrix(mesons)
    heavy = apply(matrix, momenta["N"])
    fast = np.flatnonzero(np.linalg.norm(heavy[:, 1:], axis=1) > p_min)
    start, weight = fly(tag, mesons[fast], rng)
    modes = modes or (1 if kind == rates.CHARGED else 2)
    weight = weight * total * modes * rates.branching_ratio(tag, flavor, m_N) / count
    matrix = matrix[fast]
    return Events(
        tag, m_N, {k: apply(matrix, v[fast]) for k, v in momenta.items()}, start, weight, count
    )


def decay_photons(events, rng):
    """Energies of photons from N [GeV], and the weights (of mean one) of their directions."""
    heavy = events.momenta["N"]
    count = len(heavy)
    light = np.concatenate([np.ones((count, 1)), random_directions(count, rng)], axis=1)
    neutrino = apply(boost_matrix(heavy), light * events.m_N / 2)
    kind = rates.TABLE_2[events.tag][0]
    weight = 2 * spin_form(kind, events.momenta, neutrino) / spin_form(kind, events.momenta, heavy)
    return heavy[:, 0] - neutrino[:, 0], weight


def pieces(volume, start, direction):
    """Path lengths [(from, to), ...] inside a cylinder or ring, empty where to <= from."""
    x, y, z = start.T
    nx, ny, nz = direction.T
    with np.errstate(divide="ignore"):
        planes = np.stack([(volume.z_min - z) / nz, (volume.z_max - z) / nz])
    first, last = np.maximum(planes.min(axis=0), 0), planes.max(axis=0)

    def inside(radius):
        a, half_b, c = nx**2 + ny**2, x * nx + y * ny, x**2 + y**2 - radius**2
        square = half_b**2 - a * c
        root = np.sqrt(np.maximum(square, 0))
        miss = square < 0
        return (
            np.where(miss, np.inf, (-half_b - root) / a),
            np.where(miss, -np.inf, (-half_b + root) / a),
        )

    outer_in, outer_out = inside(volume.r_max)
    first, last = np.maximum(first, outer_in), np.minimum(last, outer_out)
    first, last = np.where(last > first, [first, last], 0.0)
    if volume.r_min == 0:
        return [(first, last)]
    inner_in, inner_out = inside(volume.r_min)
    core = inner_out > inner_in  # otherwise the ray misses it and the first piece is all
    before = (first, np.where(core, np.minimum(last, inner_in), last))
    after = (np.where(core, np.maximum(first, inner_out), last), last)
    return [before, after]


def count_events(events, volume, exposure, d, width, efficiency=1.0):
    """Expected events and their standard error, for each d.

    Parameters
    ----------
    exposure : float
        [fb^-1]
    d : array
        [1/GeV]
    width : float
        Of N, for d = 1/GeV [GeV^3].
    efficiency : array
        Weight of each event from cuts on the photon.
    """
    heavy = events.momenta["N"]
    momentum = np.linalg.norm(heavy[:, 1:], axis=1)
    parts = pieces(volume, events.start, heavy[:, 1:] / momentum[:, None])
    hit = np.flatnonzero(np.any([last > first for first, last in parts], axis=0))
    weight = (events.weight * efficiency)[hit] * exposure * 1e3
    counts, errors = [], []
    for value in d:
        rate = events.m_N / momentum[hit] * width * value**2 / HBAR_C
        chance = np.zeros(hit.size)
        for first, last in parts:
            path = np.maximum(last[hit] - first[hit], 0)
            chance -= np.exp(-rate * np.where(path > 0, first[hit], 0)) * np.expm1(-rate * path)
        each = weight * chance * value**2
        counts.append(each.sum())
        errors.append(np.sqrt(max(np.sum(each**2) - each.sum() ** 2 / events.thrown, 0)))
    return np.array(counts), np.array(errors)
