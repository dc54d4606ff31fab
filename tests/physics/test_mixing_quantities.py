"""``calc mixing-*`` beside numbers by hand."""

import numpy as np
import pytest
from approx import approx

from physics.errors import InputError
from physics.quantities.base import quantities

G_FERMI, HBAR_C = 1.1663788e-5, 1.973269804e-16
G0 = G_FERMI**2 / (192 * np.pi**3)


def calc(tag, **given):
    found = quantities[tag].evaluate(given)
    return {result.name: (result.value, result.units) for result in found}


def test_widths():
    """N -> nu mu mu and e mu nu of 5 GeV in units of muon decay: massive, with 3/5 (m/M)^2 of the propagators."""
    found = calc("mixing-widths", m_N=5.0, U2=1e-6)
    unit = G0 * 5.0**5 * 1e-6
    x = (0.1056583755 / 5) ** 2
    one = 1 - 8 * x + 8 * x**3 - x**4 - 12 * x**2 * np.log(x)
    assert found["e_mu_nu"][0] / unit == approx(one * (1 + 0.6 * (5 / 80.379) ** 2), rel=1e-4)
    assert found["nu_nu_nu"][0] / unit == approx(1 + 0.6 * (5 / 91.1876) ** 2, rel=1e-4)
    total = found["total"][0]
    assert found["c_tau"] == (approx(HBAR_C / total, rel=1e-9), "m")
    assert found["lifetime"] == (approx(HBAR_C / total / 299792458, rel=1e-9), "s")
    assert found["e_mu_nu_branching_ratio"][0] == approx(found["e_mu_nu"][0] / total, rel=1e-12)
    shares = [value for name, (value, _) in found.items() if name.endswith("branching_ratio")]
    assert sum(shares) == approx(1, rel=1e-12)
    majorana = calc("mixing-widths", m_N=5.0, U2=1e-6, nature="majorana")
    assert majorana["total"][0] == approx(2 * total, rel=1e-12)


def test_bosons():
    """Z -> nu N with (1 - x)^2 (1 + x/2), W -> l N of the measured 0.1086; two modes of the Z."""
    found = calc("mixing-boson-widths", m_N=40.0, U2=1e-4, flavor="mu")
    z, w = (40 / 91.1876) ** 2, (40 / 80.379) ** 2
    one = 0.1671 * 1e-4 * (1 - z) ** 2 * (1 + z / 2)
    assert found["Z_to_nu_N_one_mode"] == (approx(one, rel=1e-3), "GeV")
    assert found["Z_to_nu_N"][0] == approx(2 * found["Z_to_nu_N_one_mode"][0], rel=1e-12)
    assert found["Z_to_nu_N_over_measured_Z_width"][0] == approx(2 * one / 2.4952, rel=1e-3)
    ratio = 0.1086 * 1e-4 * (1 - w) ** 2 * (1 + w / 2)
    assert found["W_to_l_N_over_measured_W_width"] == (approx(ratio, rel=1e-3), "1")
    assert found["W_to_l_N"][0] == approx(2.085 * ratio, rel=1e-3)


def test_mass_of_the_pair():
    """Without propagators 4 m/m_N^2 (1 - y)^2 (1 + 2 y) for massless leptons; quantiles .16, .52 and .83 m_N."""
    found = calc("mixing-pair-mass", m_N=1.0, m_ll=0.4, flavor="mu")
    y = 0.16
    assert found["density"] == (approx(4 * 0.4 * (1 - y) ** 2 * (1 + 2 * y), rel=1e-3), "1/GeV")
    assert found["fraction_below"] == (approx(2 * y - 2 * y**3 + y**4, rel=1e-3), "1")
    quantiles = [found[f"mass_of_{percent}_percent"][0] for percent in (5, 50, 95)]
    assert quantiles == approx([0.16, 0.52, 0.83], abs=6e-3)
    below = calc("mixing-pair-mass", m_N=1.0, m_ll=quantiles[1], flavor="mu")
    assert below["fraction_below"][0] == approx(0.5, rel=1e-9)
    outside = calc("mixing-pair-mass", m_N=1.0, m_ll=0.1, pair="mumu")
    assert (outside["density"][0], outside["fraction_below"][0]) == (0, 0)


def test_events():
    """Those of a search, in proportion to the mixing squared where N outlives the detector."""
    point = {"experiment": "FCC-ee-displaced-0.4mm", "m_N": 1.0}
    few, more = (calc("mixing-events", U2=U2, **point)["events"][0] for U2 in (1e-14, 1e-13))
    assert more / few == approx(100, rel=1e-4)
    like = calc("mixing-events", U2=1e-13, pairs="same-flavor", **point)["events"][0]
    assert 0.3 < like / more < 0.6


@pytest.mark.parametrize(
    ("tag", "given", "words"),
    [
        ("mixing-widths", {"m_N": 76.0, "U2": 1e-6}, "at most 75 GeV"),
        ("mixing-widths", {"m_N": 7.0, "U2": 1e-6, "flavor": "universal"}, "unknown flavor"),
        ("mixing-boson-widths", {"m_N": 7.0, "U2": 1e-6, "flavor": "universal"}, "one flavor"),
        ("mixing-pair-mass", {"m_N": 7.0, "m_ll": 1.0, "flavor": "tau", "pair": "emu"}, "no decay"),
        ("mixing-pair-mass", {"m_N": 0.2, "m_ll": 0.1, "pair": "mumu"}, "too light"),
        ("mixing-pair-mass", {"m_N": 2.0, "m_ll": 0.1, "pair": "me"}, "unknown pair"),
        ("mixing-events", {"m_N": 2.0, "U2": 0.1, "experiment": "FASER2"}, "not counted"),
    ],
)
def test_bad_questions(tag, given, words):
    with pytest.raises(InputError, match=words):
        quantities[tag].evaluate(given)
