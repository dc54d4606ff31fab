"""Deterministic quasi-random points, in replicas whose spread gives the integration error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array, Integers
from physics.numerics.sobol import scrambled

DIMENSIONS = 10
FIRST = 7  # dimensions whose scrambling is drawn before, and apart from, that of the rest


@dataclass(frozen=True)
class Sampling:
    """How finely responses are integrated.

    Attributes
    ----------
    points : int
        Points per (channel, mass, flavor), a power of two.
    replicas : int
        Independently scrambled Sobol sequences among which the points are divided.
    seed : int
        Seed of the scrambling; same seed, same points.
    """

    points: int = 16384
    replicas: int = 8
    seed: int = 2308

    def __post_init__(self) -> None:
        if self.points & (self.points - 1) or not 64 <= self.points <= 2**22:
            raise InputError(
                f"sampling points must be a power of two from 64 to {2**22}, not {self.points}"
            )
        if self.replicas & (self.replicas - 1) or not 2 <= self.replicas <= self.points // 8:
            raise InputError(
                f"sampling replicas must be a power of two from 2 to points/8, not {self.replicas}"
            )

    def uniforms(self) -> Array:
        """The points, (points, 10) in [0, 1), replica after replica."""
        return _scrambled(self.points, self.replicas, self.seed)

    def replica(self) -> Integers:
        """Replica of each point, (points,)."""
        return _replicas(self.points, self.replicas)


@lru_cache(maxsize=4)
def _scrambled(points: int, replicas: int, seed: int) -> Array:
    log2 = (points // replicas).bit_length() - 1
    # column after column in memory: each dimension is used by itself
    drawn = np.empty((points, DIMENSIONS), order="F")
    for i, rows in enumerate(np.split(drawn, replicas)):
        # a dimension's direction numbers do not depend on how many there are, and each is scrambled by itself: columns
        # of two sequences make one, and the first stay what they were when there were only seven
        for columns, dimensions, key in (
            (slice(FIRST), FIRST, [seed, i]),
            (slice(FIRST, None), DIMENSIONS, [seed, i, 1]),
        ):
            sequence = scrambled(dimensions, log2, np.random.default_rng(key))
            rows[:, columns] = sequence[:, columns]
    drawn.setflags(write=False)
    return drawn


@lru_cache(maxsize=4)
def _replicas(points: int, replicas: int) -> Integers:
    which = np.repeat(np.arange(replicas), points // replicas)
    which.setflags(write=False)
    return which
