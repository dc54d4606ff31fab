"""Numbers with fewer digits: what nobody knows of a count need not be stored."""

from __future__ import annotations

import numpy as np

from physics.numerics.arrays import Array
from scanner.scans.plan import TOTAL

EXACT = 52  # bits of the mantissa of a double
ROUNDED = ("counts", TOTAL)
PIECE = 32768  # numbers at once, so that they stay in the cache


def precision(name: str, bits: int) -> dict[str, float]:
    """Attributes of a variable that tell to how many bits of mantissa it is rounded, and the largest relative error."""
    if name not in ROUNDED or bits >= EXACT:
        return {}
    return {"rounded_to_bits": bits, "rounded_relative": 2.0 ** -(bits + 1)}


def round_mantissa(values: Array, bits: int) -> Array:
    """Round doubles to so many bits of mantissa, half to even; the rest are zeros, which cost no room on disk.

    Numbers below 2.2e-308 may become zero.

    Parameters
    ----------
    values : array of float64
        Rounded in place if it is contiguous and may be written.
    bits : int
        From 1 to 52; the relative error is at most 2**-(bits + 1), for 20 bits 4.8e-7.

    Returns
    -------
    array
    """
    if bits >= EXACT:
        return values
    found = np.require(values, np.float64, ["C", "W"])
    flat = found.reshape(-1).view(np.uint64)
    gone = np.uint64(EXACT - bits)
    half = np.uint64((1 << (EXACT - bits - 1)) - 1)
    kept = ~np.uint64((1 << (EXACT - bits)) - 1)
    room = np.empty(min(flat.size, PIECE), np.uint64)
    for start in range(0, flat.size, PIECE):
        piece = flat[start : start + PIECE]
        odd = np.right_shift(piece, gone, out=room[: piece.size])
        odd &= np.uint64(1)
        odd += half
        piece += odd
        piece &= kept
    return found
