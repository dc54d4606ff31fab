"""Drawn mesons stand for their table: totals and marginals, bins filled evenly in the logarithms."""

import pickle

import falling_spectra
import numpy as np
import pytest
from approx import approx
from falling_spectra import falling

from physics.forward.parents import ParentSpectrum
from physics.nature.mesons import meson
from physics.spectra.table import SpectrumTable

U = np.random.default_rng(4).random((200_000, 2))  # pseudo-random, for errors that can be computed


def above(table, mass, energy_min):
    """Cross-section of the rows of a table that reach an energy."""
    fastest = np.hypot(10 ** table.log10_p_edges[1:], mass)
    return np.where((fastest > energy_min)[:, None], table.cross_section, 0.0)


def total_and_error(weight, where, size):
    """Sums of weights over points that fall in each of some groups, and their standard errors."""
    count = len(weight)
    mean = np.bincount(where, weight, minlength=size) / count
    square = np.bincount(where, weight**2, minlength=size) / count
    return mean, np.sqrt(np.maximum(square - mean**2, 0) / count)


@pytest.mark.parametrize("energy_min", [0.1, 100.0, 2500.0])
@pytest.mark.parametrize(("tag", "pdg"), [("pi0", 111), ("rho", 113), ("Upsilon", 553)])
def test_total_and_marginals(tag, pdg, energy_min):
    """Sums of weights are the table's bins above the cut: the total, every row and every angle to 5 standard errors.

    Pulls of lines with at least 100 points have the spread of normal numbers, so errors are not inflated either; in
    the forward direction (below 5 mrad), where detectors are, the sum is good to 1%.
    """
    table = falling(pdg)
    drawn = ParentSpectrum(meson(tag), (table,)).draw(U, energy_min)
    expected = above(table, meson(tag).mass, energy_min)
    assert drawn.weight.mean() == approx(
        expected.sum(), abs=5 * drawn.weight.std() / np.sqrt(len(U))
    )
    for axis, index in enumerate(np.divmod(drawn.cell, expected.shape[1])):
        size = expected.shape[axis]
        made, error = total_and_error(drawn.weight, index, size)
        line = expected.sum(axis=1 - axis)
        assert (made[line == 0] == 0).all()
        often = np.bincount(index, minlength=size) >= 100
        pull = ((made - line) / np.where(error > 0, error, 1))[often]
        assert often.sum() >= 10
        assert abs(pull).max() < 5
        assert 0.6 < np.sqrt(np.mean(pull**2)) < 1.5

    forward = table.log10_theta_edges[1:] <= np.log10(5e-3)
    near = expected[:, forward].sum()
    made, error = total_and_error(drawn.weight, forward[drawn.cell % expected.shape[1]] * 1, 2)
    assert error[1] < 0.01 * near
    assert made[1] == approx(near, abs=4 * error[1])


def test_points_lie_in_their_bins():
    """Momentum and angle within the edges of the bin, evenly in the logarithms: mean 1/2, variance 1/12, to 1%.

    In every bin on its own, so without weights.
    """
    table = falling(221)
    drawn = ParentSpectrum(meson("eta"), (table,)).draw(U, 50.0)
    row, column = np.divmod(drawn.cell, table.cross_section.shape[1])
    for value, edges, index in (
        (np.log10(drawn.momentum), table.log10_p_edges, row),
        (np.log10(drawn.theta), table.log10_theta_edges, column),
    ):
        within = (value - edges[index]) / (edges[index + 1] - edges[index])
        assert within.min() > -1e-9
        assert within.max() < 1 + 1e-9
        assert within.mean() == approx(0.5, abs=0.005)
        assert within.var() == approx(1 / 12, rel=0.01)
        for common in np.bincount(drawn.cell).argsort()[-5:]:
            assert within[drawn.cell == common].mean() == approx(0.5, abs=0.06)


def test_boost():
    """E = gamma m and p = beta gamma m, to 1e-12."""
    drawn = ParentSpectrum(meson("K"), (falling(321),)).draw(U[:100], 0.1)
    mass = meson("K").mass
    np.testing.assert_allclose(drawn.gamma * mass, np.hypot(drawn.momentum, mass), rtol=1e-12)
    np.testing.assert_allclose(drawn.beta * drawn.gamma * mass, drawn.momentum, rtol=1e-12)


def test_charges_are_added():
    """Two tables of one meson: their sum, and the sum of their variances."""
    plus, minus = falling(321), falling(-321)
    both = ParentSpectrum(meson("K"), (plus, minus))
    assert np.array_equal(both.cross_section, plus.cross_section + minus.cross_section)
    assert np.array_equal(both.variance, plus.variance + minus.variance)
    drawn = both.draw(U, 100.0).weight
    total = above(plus, 0.494, 100.0).sum() + above(minus, 0.494, 100.0).sum()
    assert drawn.mean() == approx(total, abs=4 * drawn.std() / np.sqrt(len(U)))


def sparse(filled):
    """A small table with a few filled bins (row, column, pb)."""
    cross_section = np.zeros((6, 5))
    for row, column, value in filled:
        cross_section[row, column] = value
    edges = np.linspace(0.0, 3.6, 7), np.linspace(-4.0, -1.0, 6)
    return SpectrumTable(221, *edges, cross_section, cross_section**2, cross_section.sum())


@pytest.mark.parametrize(
    "filled",
    [
        [(5, 0, 2.0)],
        [(0, 4, 3.0)],
        [(0, 0, 1.0), (5, 4, 1.0)],
        [(3, 2, 1.0), (5, 1, 1e-9), (5, 3, 1e-3)],
        [(i, j, 1.0 + i + j) for i in range(6) for j in range(0, 5, 2)],
    ],
)
def test_tables_with_holes(filled):
    """Empty bins are never drawn with weight; totals and every bin to 4 standard errors."""
    table = sparse(filled)
    drawn = ParentSpectrum(meson("eta"), (table,)).draw(U, 0.1)
    assert np.isfinite(drawn.momentum).all()
    assert np.isfinite(drawn.theta).all()
    made, error = total_and_error(drawn.weight, drawn.cell, 30)
    sigma = table.cross_section.ravel()
    assert (made[sigma == 0] == 0).all()
    assert (abs(made - sigma) <= 4 * error + 1e-6 * sigma).all()
    assert drawn.weight.mean() == approx(
        sigma.sum(), rel=1e-6, abs=4 * drawn.weight.std() / np.sqrt(len(U))
    )


def test_nothing_fast_enough():
    """None above the end of the table, and where only empty rows are left."""
    spectrum = ParentSpectrum(meson("eta"), (sparse([(2, 2, 1.0)]),))
    assert spectrum.draw(U, 5000.0) is None
    assert spectrum.draw(U, 100.0) is None  # row 2 ends at 63 GeV
    assert spectrum.draw(U, 5000.0) is None  # also when asked again
    assert spectrum.draw(U, 60.0) is not None


def test_deterministic():
    """The same points give the same mesons, whatever was drawn before."""
    spectrum = ParentSpectrum(meson("phi"), (falling(333),))
    first = spectrum.draw(U[:500], 100.0)
    spectrum.draw(U[:300], 700.0)
    again = spectrum.draw(U[:500], 100.0)
    fresh = ParentSpectrum(meson("phi"), (falling(333),)).draw(U[:500], 100.0)
    for other in (again, fresh):
        for name in ("momentum", "theta", "gamma", "beta", "weight", "cell"):
            assert np.array_equal(getattr(first, name), getattr(other, name))


def test_variance_of_the_table():
    """Relative variance of a weighted sum over bins, against 3000 tables redrawn with Gaussian bins, to 10%."""
    table = sparse([(1, 1, 4.0), (2, 3, 1.0), (4, 2, 9.0)])
    spectrum = ParentSpectrum(meson("eta"), (table,))
    acceptance = np.zeros(30)
    acceptance[[6, 13, 22]] = [0.3, 1.0, 0.1]
    sigma = table.cross_section.ravel()
    rng = np.random.default_rng(6)
    redrawn = (sigma + 0.01 * sigma * rng.normal(size=(3000, 30))) @ acceptance
    expected = np.var(redrawn) / np.mean(redrawn) ** 2
    made = spectrum.relative_variance(acceptance * sigma) * 0.01**2  # the table says 100% per bin
    assert made == approx(expected, rel=0.1)
    assert spectrum.relative_variance(np.zeros(30)) is None
    tiny = spectrum.relative_variance(1e-200 * acceptance * sigma) * 0.01**2
    assert tiny == approx(made, rel=1e-9)


def test_synthetic_spectra_are_sound():
    """The tables of these tests pass the product's own check."""
    for pdg in falling_spectra.SHAPES:
        falling(pdg).check()


def test_memory_does_not_grow_with_the_masses_of_a_scan():
    """The lowest useful energy depends on the mass of N: a worker sees thousands of them."""
    spectrum = ParentSpectrum(meson("rho"), (falling(113),))
    first = spectrum.draw(U[:100], 100.0)
    for energy_min in np.linspace(100.1, 120, 50):
        spectrum.draw(U[:100], energy_min)
    assert len(spectrum._proposals) <= 4
    again = spectrum.draw(U[:100], 100.0)
    assert np.array_equal(first.weight, again.weight)


def test_threads_may_draw_at_other_energies_meanwhile(monkeypatch):
    spectrum = ParentSpectrum(meson("rho"), (falling(113),))
    alone, real, asked = spectrum.draw(U[:100], 100.0).weight, ParentSpectrum._made, []

    def made(self, energy_min):
        if not asked:
            asked.extend(range(101, 106))
            for other in asked:  # of another thread
                spectrum.draw(U[:100], other)
        return real(self, energy_min)

    monkeypatch.setattr(ParentSpectrum, "_made", made)
    again = pickle.loads(pickle.dumps(spectrum))
    spectrum.draw(U[:100], 99.0)
    assert asked
    for one in (spectrum, again):
        assert np.array_equal(one.draw(U[:100], 100.0).weight, alone)
