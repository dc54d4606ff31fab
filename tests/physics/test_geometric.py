"""Logarithmic ranges: equal ratios, and the same doubles everywhere."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from physics.numerics.geometric import geometric

SIZES = st.floats(1e-30, 1e30)


@given(SIZES, st.floats(1.001, 1e30), st.integers(2, 60))
def test_ratios_are_equal_and_the_ends_are_kept(start, factor, number):
    stop = start * factor
    found = geometric(start, stop, number)
    assert (found[0], found[-1], len(found)) == (start, stop, number)
    np.testing.assert_allclose(found, np.geomspace(start, stop, number), rtol=1e-13, atol=0)
    assert (np.diff(found) > 0).all()


def test_each_is_the_nearest_double():
    """Against whole numbers: the n-th power of x**(1/n)."""
    found = geometric(1.0, 2.0, 8)
    for i, value in enumerate(found):
        for beside in (np.nextafter(value, 0), np.nextafter(value, 3)):
            middle = (Fraction(float(value)) + Fraction(float(beside))) / 2
            inside = middle**7 < 2**i if beside < value else middle**7 > 2**i
            assert inside, i


def test_decades_are_written_as_one_writes_them():
    assert geometric(1e-9, 1e-1, 9).tolist() == [
        1e-9,
        1e-8,
        1e-7,
        1e-6,
        1e-5,
        1e-4,
        1e-3,
        1e-2,
        0.1,
    ]
    assert geometric(0.3, 0.3, 1).tolist() == [0.3]
