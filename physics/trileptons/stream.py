"""Random numbers that belong to an event, whoever draws them.

A sample has a key, made of all that distinguishes it; event i has eight uniform numbers (the tau's share, two of N's
direction, five of its decay) at a place of its own in the stream of that key (Philox, a counter-based generator), so
that an event is the same in every block and on every worker.
"""

from __future__ import annotations

import hashlib

import numpy as np

from physics.numerics.arrays import Array

PER_EVENT = 8
_WORDS = 4  # numbers per step of Philox's counter


def sample_key(*parts: str | float) -> tuple[int, int]:
    """Key of a sample: 128 bits of a digest of its parts, with numbers by all their digits.

    >>> sample_key("dipole", 1.0) == sample_key("dipole", 1)
    True
    """
    words = [part if isinstance(part, str) else float(part).hex() for part in parts]
    digest = hashlib.sha256("\n".join(words).encode()).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little")


def uniforms(key: tuple[int, int], start: int, stop: int) -> Array:
    """Uniform numbers in [0, 1) of the events from ``start`` to before ``stop``.

    Parameters
    ----------
    key : (int, int)
        From :func:`sample_key`.
    start, stop : int

    Returns
    -------
    (8, stop - start) array
    """
    counter = start * PER_EVENT // _WORDS
    bits = np.random.Philox(key=np.array(key, dtype=np.uint64), counter=counter)
    drawn = np.random.Generator(bits).random((stop - start, PER_EVENT))
    return np.ascontiguousarray(drawn.T)
