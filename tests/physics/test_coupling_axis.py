"""A long coupling axis filled from nodes, against direct evaluation."""

import numpy as np

from physics.forward.coupling_axis import CouplingAxis


def law(d, tau=(0.3, 0.5, 2.0), scale=1e8):
    """Exact counts of three window positions: d^2 sum x exp(-x) with x = scale d^2 tau."""
    x = scale * np.multiply.outer(tau, d**2)
    return d**2 * (x * np.exp(-x))


def test_short_axes_are_computed_point_by_point():
    d = np.geomspace(1e-8, 1e-2, 181)
    axis = CouplingAxis(d)
    assert axis.nodes is axis.d
    assert np.array_equal(axis.fill(law(d)), law(d))


def test_long_axes_are_interpolated_to_the_stated_error():
    d = np.geomspace(1.1e-8, 0.97e-2, 5000)
    axis = CouplingAxis(d)
    assert axis.nodes.size < 400
    exact, filled = law(d), axis.fill(law(axis.nodes))
    top = exact.max(axis=1, keepdims=True)
    upper = exact > 1e-3 * top
    tail = exact > 1e-12 * top
    error = np.abs(filled / np.maximum(exact, 1e-300) - 1)
    assert error[upper].max() < 2e-5
    assert error[tail].max() < 2e-4
    long_lived = d < 1e-6  # N ~ d^4 exactly: log N is linear there
    assert np.allclose(filled[:, long_lived], exact[:, long_lived], rtol=1e-8, atol=0)


def test_a_count_does_not_depend_on_the_ends_of_the_axis():
    d = np.geomspace(1e-7, 1e-3, 6001)
    whole, part = CouplingAxis(d), CouplingAxis(d[500:5500])
    assert np.array_equal(whole.fill(law(whole.nodes))[:, 500:5500], part.fill(law(part.nodes)))


def test_vanishing_counts_stay_negligible_and_never_spill_over():
    d = np.geomspace(1e-7, 1e-3, 5000)
    axis = CouplingAxis(d)
    counts = np.ones((3, axis.nodes.size))
    counts[0] = 0.0  # a closed channel
    counts[1, 100:] = 0.0  # lost in rounding on the far side of the maximum
    filled = axis.fill(counts)
    assert (filled[0] == 0).all()
    assert np.allclose(filled[2], 1, rtol=1e-12, atol=0)
    assert (filled >= 0).all()
    vanished = np.interp(np.log(d), np.log(axis.nodes), (counts[1] > 0).astype(float)) == 0
    assert filled[1, vanished].max() < 1e-20
    assert filled[1].max() < 1e4  # next to a step a cubic swings, far less than the step
