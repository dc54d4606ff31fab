"""Events Z -> tau tau -> e e: what a selection looks at, from counter-based random streams.

A batch of events belongs to a number; its random numbers are those of Philox with the seed and that number as the key,
so that it depends on nothing else: not on the batches before it, nor on the worker. Decays, geometry and radiation
have streams of their own, and each event takes as many numbers from each: the events do not depend on what is looked
at either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from physics.errors import InputError, unknown
from physics.nature.electroweak import ELECTROWEAK
from physics.numerics.arrays import Array
from physics.tau_background.bound import TAU
from physics.tau_background.decays import draw_cosine, draw_energy
from physics.tau_background.production import (
    RADIATION,
    Pair,
    draw_log_left,
    pair_at,
    pair_at_rest,
)

CTAU = 87.03e-6  # m, of tau, PDG 2022
STEP = 16_384  # events that are made at once; part of what the events are
DECAYS, GEOMETRY, RADIATED = range(3)  # streams


@dataclass(frozen=True, eq=False)
class Geometry:
    """What needs directions relative to the beam, arrays of one length.

    Attributes
    ----------
    d0_low, d0_high : (n,) arrays
        Impact parameters in the transverse plane, the smaller and the larger one [m].
    cos_far : (n,) array
        Larger one of the absolute polar cosines of the electrons.
    p_miss_transverse : (n,) array
        Transverse momentum of the pair [GeV].
    """

    d0_low: Array
    d0_high: Array
    cos_far: Array
    p_miss_transverse: Array


@dataclass(frozen=True, eq=False)
class TauPairs:
    """Pairs e+ e-, arrays of one length.

    Attributes
    ----------
    E_low : (n,) array
        Energy of the softer one [GeV].
    cosine : (n,) array
        Of the angle between them.
    p_miss : (n,) array
        Momentum of the pair, which is what is missing [GeV].
    geometry : Geometry or None
        If it was asked for.
    """

    E_low: Array
    cosine: Array
    p_miss: Array
    geometry: Geometry | None


def stream(seed: int, batch: int, which: int) -> np.random.Generator:
    """Random numbers of one batch; which of its three streams is in the highest word of the counter."""
    return np.random.Generator(np.random.Philox(counter=[0, 0, 0, which], key=[seed, batch]))


def tau_pairs(
    events: int, seed: int, batch: int = 0, radiation: str = "none", geometry: bool = True
) -> Iterator[TauPairs]:
    """Events of one batch, some thousands at a time.

    Parameters
    ----------
    events : int
    seed : int
        Zero or positive.
    batch : int
        Zero or positive.
    radiation : str
        ``none`` or ``collinear``, see :mod:`physics.tau_background.production`.
    geometry : bool
        Whether impact parameters and the like are wanted, which costs half as much again; the events are the same.

    Yields
    ------
    TauPairs

    Raises
    ------
    InputError
        If there is no such radiation.
    """
    if radiation not in RADIATION:
        raise InputError(unknown("radiation", radiation, RADIATION))
    lost = radiation == "collinear"
    decays, directions, photons = (stream(seed, batch, which) for which in range(3))
    for first in range(0, events, STEP):
        u = decays.random((10, STEP))
        oriented = directions.random((5, STEP)) if geometry or lost else None
        flights = directions.standard_exponential((2, STEP)) if geometry or lost else None
        radiated = photons.random((2, STEP)) if lost else None
        made = _events(u, oriented, flights, radiated)
        yield made if first + STEP <= events else _first(made, events - first)


def _events(
    u: Array, oriented: Array | None, flights: Array | None, radiated: Array | None
) -> TauPairs:
    """Events from uniform numbers and exponential flights; without directions only what needs none."""
    if radiated is None:
        pair, rapidity = pair_at_rest(), None
    else:
        log_left = draw_log_left(radiated[0])
        pair = pair_at(ELECTROWEAK.m_Z**2 * np.exp(log_left), photon=True)
        rapidity = np.where(radiated[1] < 0.5, 0.5, -0.5) * log_left
    gamma, beta = pair.gamma, pair.beta
    helicity = np.where(u[9] < pair.positive, 1.0, -1.0)
    energy, along, across = zip(
        *(_electron(v, helicity, gamma, beta) for v in (u[[0, 1, 2, 6]], u[[3, 4, 5, 7]])),
        strict=True,
    )
    between = _circle(u[8])
    if oriented is None or flights is None:
        dot = across[0] * across[1] * between[0] - along[0] * along[1]
        return _seen(energy[0], energy[1], dot, None)
    vectors = _directed(along, across, between, oriented, helicity, pair)
    paths = gamma * beta * CTAU * flights * vectors.sine
    return _in_the_laboratory(energy, vectors, paths, rapidity)


def _electron(
    u: Array, helicity: Array, gamma: Array | float, beta: Array | float
) -> tuple[Array, Array, Array]:
    """Energy, momentum along the flight of tau and across it, where the pair of taus is at rest [GeV]."""
    x = draw_energy(u[:3])
    cosine = draw_cosine(u[3], x, helicity)
    rest = x * (TAU / 2)
    across = rest * np.sqrt((1 - cosine) * (1 + cosine))
    boosted = gamma * rest
    return boosted * (1 + beta * cosine), boosted * (cosine + beta), across


def _circle(u: Array) -> tuple[Array, Array]:
    """Cosine and sine of 2 pi u."""
    cosine = np.cos(2 * np.pi * u)
    return cosine, np.copysign(np.sqrt((1 - cosine) * (1 + cosine)), 0.5 - u)


@dataclass(frozen=True, eq=False)
class _Vectors:
    """Momenta (2, n) of electron and positron, the flight of tau- in the x-z plane, and its sine."""

    x: Array
    y: Array
    z: Array
    sine: Array


def _directed(
    along: tuple[Array, ...],
    across: tuple[Array, ...],
    between: tuple[Array, Array],
    u: Array,
    helicity: Array,
    pair: Pair,
) -> _Vectors:
    """Momenta where the pair of taus is at rest; the positron comes from the tau that flies backwards."""
    forward = u[0] < np.where(helicity > 0, pair.forward[1], pair.forward[0])
    cosine = 2 * np.maximum(np.maximum(u[1], u[2]), u[3]) - 1
    cosine = np.where(forward, cosine, -cosine)
    sine = np.sqrt((1 - cosine) * (1 + cosine))
    first = _circle(u[4])
    flight, side = np.stack([along[0], -along[1]]), np.stack(across)
    up = side * np.stack([first[0], first[0] * between[0] - first[1] * between[1]])
    return _Vectors(
        x=flight * sine + up * cosine,
        y=side * np.stack([first[1], first[1] * between[0] + first[0] * between[1]]),
        z=flight * cosine - up * sine,
        sine=sine,
    )


def _in_the_laboratory(
    energy: tuple[Array, ...], vectors: _Vectors, paths: Array, rapidity: Array | None
) -> TauPairs:
    """Boost along the beam, which leaves everything transverse as it is."""
    E, z = np.stack(energy), vectors.z
    if rapidity is not None:
        cosh, sinh = np.cosh(rapidity), np.sinh(rapidity)
        E, z = cosh * E + sinh * z, cosh * z + sinh * E
    transverse = np.hypot(vectors.x, vectors.y)
    d0 = paths * np.abs(vectors.y) / np.maximum(transverse, 1e-300)
    total = np.hypot(vectors.x.sum(axis=0), vectors.y.sum(axis=0))
    dot = vectors.x[0] * vectors.x[1] + vectors.y[0] * vectors.y[1] + z[0] * z[1]
    cosine = np.abs(z) / np.maximum(E, 1e-300)
    return _seen(
        E[0],
        E[1],
        dot,
        Geometry(d0.min(axis=0), d0.max(axis=0), cosine.max(axis=0), total),
    )


def _seen(first: Array, second: Array, dot: Array, geometry: Geometry | None) -> TauPairs:
    product = np.maximum(first * second, 1e-300)
    p_miss = np.sqrt(np.maximum(first**2 + second**2 + 2 * dot, 0.0))
    cosine = np.clip(dot / product, -1.0, 1.0)
    return TauPairs(np.minimum(first, second), cosine, p_miss, geometry)


def _first(made: TauPairs, n: int) -> TauPairs:
    """The first events of some."""
    geometry = made.geometry
    if geometry is not None:
        geometry = Geometry(
            geometry.d0_low[:n],
            geometry.d0_high[:n],
            geometry.cos_far[:n],
            geometry.p_miss_transverse[:n],
        )
    return TauPairs(made.E_low[:n], made.cosine[:n], made.p_miss[:n], geometry)
