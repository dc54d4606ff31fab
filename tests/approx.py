"""Comparison of numbers in tests, without the absolute tolerance of pytest's own."""

import numpy as np
import pytest


def approx(expected, rel=None, abs=None, nan_ok=False, or_zero=False):
    """Like pytest's ``approx``, but with ``abs=0``: its default, 1e-12, is more than many widths and counts here.

    One part in a million unless told otherwise; ``abs`` alone leaves no relative tolerance, both together leave the
    larger one. An absolute tolerance within which 0 would do for all that is expected is refused, unless ``or_zero``
    says that the expected number may itself be as small, computed on both sides.
    """
    if abs is None:
        return pytest.approx(expected, rel=1e-6 if rel is None else rel, abs=0, nan_ok=nan_ok)
    values = list(expected.values()) if isinstance(expected, dict) else expected
    largest = np.max(np.abs(np.asarray(values, dtype=float)))
    if 0 < largest <= abs and not or_zero:
        raise ValueError(f"0 would pass: abs = {abs:g} where {largest:g} is expected")
    return pytest.approx(expected, rel=rel, abs=abs, nan_ok=nan_ok)
