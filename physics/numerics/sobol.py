"""Scrambled Sobol points: those of ``scipy.stats.qmc`` bit for bit, whose import takes a second of CPU.

Direction numbers: S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30, 2635 (2008), https://web.maths.unsw.edu.au/~fkuo/sobol/.
Scrambling: a random lower triangular matrix and a digital shift, J. Matousek, J. Complexity 14, 527 (1998).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from physics.numerics.arrays import Array, Integers

BITS = 30
# of each dimension: a primitive polynomial over the field of two elements, its coefficients as bits, and the first
# direction integers
POLYNOMIALS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (1, ()),
    (3, (1,)),
    (7, (1, 3)),
    (11, (1, 3, 1)),
    (13, (1, 1, 1)),
    (19, (1, 1, 3, 3)),
    (25, (1, 3, 5, 13)),
    (37, (1, 1, 5, 5, 17)),
    (41, (1, 1, 5, 5, 5)),
    (47, (1, 1, 7, 11, 19)),
)


def scrambled(dimensions: int, log2: int, generator: np.random.Generator) -> Array:
    """The first 2^log2 points of a scrambled Sobol sequence.

    Parameters
    ----------
    dimensions : int
        At most as many as :data:`POLYNOMIALS`.
    log2 : int
        Logarithm of the number of points, to base 2.
    generator : numpy.random.Generator
        Its first child draws the scrambling: the shift of all dimensions first, then their matrices.

    Returns
    -------
    Array
        (2^log2, dimensions), multiples of 2^-30 in [0, 1), column after column in memory.
    """
    generator = generator.spawn(1)[0]  # as SciPy does
    weights = 1 << np.arange(BITS, dtype=np.uint32)
    shift = generator.integers(2, size=(dimensions, BITS), dtype=np.uint32) @ weights
    matrices = generator.integers(2, size=(dimensions, BITS, BITS), dtype=np.uint32)
    directions = _turned(_directions()[:dimensions], np.tril(matrices))
    points = np.empty((dimensions, 1 << log2), dtype=np.uint32)
    points[:, 0] = shift
    # in the order of Gray's code: what is there, backwards, with one more direction
    for bit in range(log2):
        there = points[:, : 1 << bit]
        points[:, 1 << bit : 2 << bit] = there[:, ::-1] ^ directions[:, bit, None]
    found: Array = points.T * np.float64(2.0**-BITS)
    return found


@cache
def _directions() -> Integers:
    """Direction numbers, (dimension, number), before the scrambling."""
    found = np.ones((len(POLYNOMIALS), BITS), dtype=np.uint32)
    for dimension, (polynomial, first) in enumerate(POLYNOMIALS):
        degree = len(first)
        numbers = list(first) or [1] * BITS
        for j in range(len(numbers), BITS):
            new = numbers[j - degree]
            for k in range(1, degree + 1):
                if polynomial >> (degree - k) & 1:
                    new ^= numbers[j - k] << k
            numbers.append(new)
        found[dimension] = numbers
    return found << np.arange(BITS - 1, -1, -1, dtype=np.uint32)


def _turned(directions: Integers, matrices: Integers) -> Integers:
    """Direction numbers times triangular matrices of bits, whose diagonals are ones; the highest bit comes first."""
    matrices = matrices | np.eye(BITS, dtype=np.uint32)
    places = np.arange(BITS - 1, -1, -1, dtype=np.uint32)
    bits = directions[:, None, :] >> places[:, None] & np.uint32(1)
    turned = matrices @ bits & np.uint32(1)
    found: Integers = (turned << places[:, None]).sum(axis=1, dtype=np.uint32)
    return found
