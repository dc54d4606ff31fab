"""Z -> nu Nbar and W -> l N: against traces of Dirac matrices, quoted widths, behaviour on grids."""

import dirac
import numpy as np
import pytest
from approx import approx

from physics.dipole.conventions import DipoleOptions
from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK as EW
from physics.neutrino_dipole.bosons import w_width, z_modes, z_total_width, z_width
from physics.quantities.base import quantities


def traced(boson, m_N, m_l):
    """Width of V -> l Nbar for unit coupling from traces, averaged over three polarisations."""
    space, momentum = dirac.two_body(boson, m_N, m_l)
    heavy, lepton = dirac.along_z(m_N, momentum), dirac.along_z(m_l, momentum, -1)
    q = heavy + lepton
    vertex = dirac.dipole(q, dirac.P_R)
    sums = -dirac.METRIC + np.outer(q, q) / boson**2
    lowered = dirac.contract(dirac.METRIC @ sums @ dirac.METRIC, vertex)
    lepton = dirac.slash(lepton) + dirac.mass_term(m_l)
    chain = lepton @ vertex @ (dirac.slash(heavy) - dirac.mass_term(m_N)) @ dirac.bar(lowered)
    return dirac.trace(chain).sum().real / 3 * space / (2 * boson)


@pytest.mark.parametrize("m_N", [1e-3, 1.0, 30.0, 70.0, 78.5, 80.3, 91.0])
@pytest.mark.parametrize("flavor", ["e", "mu", "tau"])
def test_widths_equal_traces(m_N, flavor):
    """Both bosons, with the lepton's mass, to 1e-9; zero above threshold."""
    assert z_width(m_N) == approx(traced(EW.m_Z, m_N, 0.0), rel=1e-10)
    m_l = EW.fermion(flavor).mass
    if m_N < EW.m_W - m_l:
        assert w_width(m_N, flavor) == approx(traced(EW.m_W, m_N, m_l), rel=1e-9)
    else:
        assert w_width(m_N, flavor) == 0


def test_quoted_branching_ratios():
    """arXiv:2301.08592 eqs. (2.4), (2.5): 6.5e3 d_W^2 and 8e3 d_Z^2 GeV^2 for light N, to 2%."""
    assert w_width(0.01, "e") / EW.width_W == approx(6.5e3, rel=0.02)
    assert z_width(0.01) / EW.width_Z == approx(8e3, rel=0.02)
    # recomputed with PDG masses: 6613 and 8059
    assert w_width(0.01, "e") / EW.width_W == approx(6613, rel=2e-3)
    assert z_width(0.01) / EW.width_Z == approx(8059, rel=2e-3)


def test_massless_lepton_formula():
    """(M^2 - m^2)^2 (M^2 + 2 m^2)/(12 pi M^3)."""
    m, M = np.array([5.0, 60.0]), EW.m_W
    expected = (M**2 - m**2) ** 2 * (M**2 + 2 * m**2) / (12 * np.pi * M**3)
    np.testing.assert_allclose(w_width(m, "e"), expected, rtol=1e-8)


def test_all_modes():
    """Two modes per flavor, or one; quadratic in d_Z, which vanishes at a = 2 tan."""
    assert [z_modes("e"), z_modes("tau", False), z_modes("universal")] == [2, 1, 6]
    a = np.array([0.0, np.inf, 2 * EW.sin / EW.cos, -2 * EW.cos / EW.sin])
    found = z_total_width([1.0, 50.0, 95.0], a, "e")
    assert found.shape == (3, 4)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[:2, 0], 2 * z_width([1.0, 50.0]) * (EW.sin / EW.cos) ** 2)
    assert (found[:, 2] < 1e-25).all()
    assert (found[2] == 0).all()
    half = z_total_width([1.0], 0.0, "e", DipoleOptions(count_antiparticle=False))
    assert half[0] == approx(found[0, 0] / 2)


@pytest.mark.parametrize("flavor", ["e", "tau"])
def test_smooth_up_to_threshold(flavor):
    """Falls to zero without a jump, up to the last floating-point mass below threshold."""
    top = EW.m_W - EW.fermion(flavor).mass
    m_N = np.concatenate([np.linspace(0, top, 500), [np.nextafter(top, 0), top * 1.0001, 500.0]])
    found = w_width(np.sort(m_N), flavor)
    assert (found >= 0).all()
    assert np.isfinite(found).all()
    assert abs(np.diff(found)).max() < 0.01 * found.max()
    assert found[-2:].tolist() == [0, 0]


def test_calc_boson_widths():
    """``calc boson-widths``: modes, ratios to the measured widths, a = inf, the singular point."""
    quantity = quantities["boson-widths"]

    def ask(**given):
        return {r.name: r.value for r in quantity.evaluate({"m_N": 1, "d_gamma": 1e-5, **given})}

    found = ask(a="inf")
    assert found["Z_to_nu_N"] == approx(2 * found["Z_to_nu_N_one_mode"])
    assert found["Z_to_nu_N_over_measured_Z_width"] == approx(
        2 * 8059e-10 * (EW.cos / EW.sin) ** 2, rel=3e-3
    )
    assert found["W_to_l_N"] / EW.width_W == approx(found["W_to_l_N_over_measured_W_width"])
    assert ask(a=0.0)["W_to_l_N"] == 0
    assert ask(flavor="universal")["Z_to_nu_N"] == approx(3 * ask()["Z_to_nu_N"])
    with pytest.raises(InputError, match="singular"):
        ask(a=-2 * EW.cos / EW.sin)


def test_a_ratio_above_one_is_said_to_be_none_of_branching():
    """d_gamma = 1 makes Z -> nu N wider than the Z; the measured width has no N in it (no branching ratio)."""
    ask = quantities["boson-widths"].evaluate
    large = {r.name: r for r in ask({"m_N": 85, "d_gamma": 1, "a": -3.7})}
    ratio = large["Z_to_nu_N_over_measured_Z_width"]
    assert not any("branching" in name for name in large)
    assert ratio.value == large["Z_to_nu_N"].value / EW.width_Z > 1
    assert "times the measured width of the Z, which excludes this point" in ratio.note
    small = ask({"m_N": 85, "d_gamma": 1e-5, "a": -3.7})
    assert all(r.value < 1 and not r.note for r in small if r.units == "1")
