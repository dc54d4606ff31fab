"""Deterministic quasi-random points, in replicas whose spread gives the integration error."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np

from physics.errors import InputError
from physics.numerics.arrays import Array, Integers
from physics.numerics.sobol import scrambled

DIMENSIONS = 10
KEPT = 12  # sets of points: allocated ones have several sizes
CHANNEL_ERROR = 0.3  # asked for unless another is given
MOST_POINTS = 2**18  # of one decay, where an error is given and points are not
SMALLEST_ERROR, LARGEST_ERROR = 1e-4, 0.3
LEAST_REPLICAS = (
    8  # an error that is met must be known itself: to a quarter; by 16 to less than a fifth
)
REPLICAS = 16  # where an error is given and they are not
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
    error : float, optional
        Relative error of the sum over channels that is asked for; ``points`` are then the most that one (channel,
        mass, flavor) gets. Without it each gets as many.
    channel_error : float, optional
        The same of each channel; 0.3, or ``error`` if that is larger, unless it is given.
    """

    points: int = 16384
    replicas: int = 8
    seed: int = 2308
    error: float | None = None
    channel_error: float | None = None

    def __post_init__(self) -> None:
        if self.points & (self.points - 1) or not 64 <= self.points <= 2**22:
            raise InputError(
                f"sampling points must be a power of two from 64 to {2**22}, not {self.points}"
            )
        if self.replicas & (self.replicas - 1) or not 2 <= self.replicas <= self.points // 8:
            raise InputError(
                f"sampling replicas must be a power of two from 2 to points/8, not {self.replicas}"
            )
        if self.error is None:
            if self.channel_error is not None:
                raise InputError(
                    "sampling channel_error needs sampling error, that of the sum; give both"
                )
            return
        if not SMALLEST_ERROR <= self.error <= LARGEST_ERROR:
            raise InputError(
                f"sampling error must be a relative error from {SMALLEST_ERROR} to {LARGEST_ERROR}, not {self.error}"
            )
        if self.channel_error is None:
            object.__setattr__(self, "channel_error", max(CHANNEL_ERROR, self.error))
        elif not self.error <= self.channel_error <= 1:
            raise InputError(
                f"sampling channel_error must lie between sampling error, {self.error}, and 1, not {self.channel_error}"
            )
        if self.replicas < LEAST_REPLICAS:
            raise InputError(
                f"sampling error needs at least {LEAST_REPLICAS} replicas to be stated, not {self.replicas}"
            )

    def settings(self) -> dict[str, int | float]:
        """What is set, as plain data."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def uniforms(self) -> Array:
        """The points, (points, 10) in [0, 1), replica after replica."""
        return _scrambled(self.points, self.replicas, self.seed)

    def replica(self) -> Integers:
        """Replica of each point, (points,)."""
        return _replicas(self.points, self.replicas)


@lru_cache(maxsize=KEPT)
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


@lru_cache(maxsize=KEPT)
def _replicas(points: int, replicas: int) -> Integers:
    which = np.repeat(np.arange(replicas), points // replicas)
    which.setflags(write=False)
    return which
