"""Deterministic quasi-random points, in replicas whose spread gives the integration error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from physics.errors import InputError

DIMENSIONS = 7


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

    def __post_init__(self):
        if self.points & (self.points - 1) or not 64 <= self.points <= 2**22:
            raise InputError(
                f"sampling points must be a power of two from 64 to {2**22}, not {self.points}"
            )
        if self.replicas & (self.replicas - 1) or not 2 <= self.replicas <= self.points // 8:
            raise InputError(
                f"sampling replicas must be a power of two from 2 to points/8, not {self.replicas}"
            )

    def uniforms(self) -> np.ndarray:
        """The points, (points, 7) in [0, 1), replica after replica."""
        return _scrambled(self.points, self.replicas, self.seed)

    def replica(self) -> np.ndarray:
        """Replica of each point, (points,)."""
        return _replicas(self.points, self.replicas)


@lru_cache(maxsize=4)
def _scrambled(points: int, replicas: int, seed: int) -> np.ndarray:
    from scipy.stats import qmc  # slow to import, and only workers need it

    log2 = (points // replicas).bit_length() - 1
    rngs = (np.random.default_rng([seed, i]) for i in range(replicas))
    engines = (qmc.Sobol(DIMENSIONS, scramble=True, rng=rng) for rng in rngs)
    # column after column in memory: each dimension is used by itself
    drawn = np.asfortranarray(np.concatenate([engine.random_base2(log2) for engine in engines]))
    drawn.setflags(write=False)
    return drawn


@lru_cache(maxsize=4)
def _replicas(points: int, replicas: int) -> np.ndarray:
    which = np.repeat(np.arange(replicas), points // replicas)
    which.setflags(write=False)
    return which
