"""Annihilation of the dark states against explicit Dirac matrices (``annihilation_traces.py``), and R(s).

R(s) is compared with numbers that the data's owners quote for integrals over it; nothing is fitted to them.
"""

import annihilation_traces as traces
import dark_traces
import dirac
import numpy as np
import pytest
from approx import approx
from formulas import charged_cross_section, two_photon_cross_section

from physics.dark_dipole.annihilation import (
    charged_strength,
    mass_excess,
    momentum_squared,
    two_photon_strength,
)
from physics.dipole.pair import DipolePair
from physics.early_universe import hadrons
from physics.nature.mesons import meson

ALPHA = 1 / 137.035999
LEPTON = {"e": 0.51099895e-3, "mu": 0.1056583755, "tau": 1.77686}


def lepton_ratio(s, mass):
    return np.sqrt(1 - 4 * mass**2 / s) * (1 + 2 * mass**2 / s)


# ---- charged pairs


@pytest.mark.parametrize("mass", LEPTON.values(), ids=LEPTON)
@pytest.mark.parametrize("delta", [1e-6, 0.1, 2.0])
def test_lepton_pairs_against_traces(mass, delta):
    """From just above the threshold to far above it, light and heavy leptons, to 1e-9."""
    pair = DipolePair.of_light(0.9 if mass > 1 else 0.11, delta)
    lowest = max(pair.total, 2 * mass) ** 2
    for above in (1.0001, 1.5, 30.0):
        s = lowest * above
        expected = traces.charged_pair_cross_section(s, pair.light, pair.heavy, mass)
        ours = charged_cross_section(pair, s, lepton_ratio(s, mass))
        assert ours == approx(expected, rel=1e-9)


def test_slow_pairs_annihilate_in_an_s_wave():
    """Sigma v -> 4 alpha d^2 R for equal masses, v the relative velocity, to O(v^2)."""
    pair = DipolePair.of_light(0.2, 1e-12)
    s = pair.total**2 * (1 + 1e-8)
    velocity = 2 * np.sqrt(1 - pair.total**2 / s)
    assert velocity * charged_cross_section(pair, s, 1.0) == approx(4 * ALPHA, rel=1e-6)


@pytest.mark.parametrize("delta", [1e-3, 0.3, 5.0])
def test_detailed_balance(delta):
    """Crossing: p^2 sigma is that of e+e- -> chi_1 chi_2 = 4 pi alpha^2/(3 s) R_chi; R_chi from a decaying vector."""
    pair = DipolePair.of_light(0.2, delta)
    mass = 1.7 * pair.total
    electron = 1e-6
    made = dark_traces.vector_width(mass, pair.light, pair.heavy)
    r_chi = made / (dirac.E2 * dirac.vector_to_leptons(mass, electron))
    produced = 4 * np.pi * ALPHA**2 / (3 * mass**2) * r_chi
    ours = charged_cross_section(pair, mass**2, 1.0)
    ratio = momentum_squared(mass**2, pair.light, pair.heavy) / (mass**2 / 4)
    assert ours * ratio == approx(produced, rel=1e-9)


# ---- two photons

MASSES = [(1.0, 1.1), (1.1, 1.0), (0.3, 0.3), (1.0, 5.0), (3.0, 1.0)]


@pytest.mark.parametrize(("outer", "inner"), MASSES)
def test_two_photons_against_traces(outer, inner):
    """Both diagrams, either state outside, slow and fast, to 1e-6."""
    for above in (1.0001, 1.3, 4.0, 60.0):
        s = 4 * outer**2 * above
        expected = traces.two_photon_cross_section(s, outer, inner)
        ours = two_photon_cross_section(outer, inner**2 - outer**2, s)
        assert ours == approx(expected, rel=1e-6)


@pytest.mark.parametrize(("outer", "inner"), MASSES)
def test_slow_two_photons(outer, inner):
    """Sigma v -> 16 M^4 m^2/(pi (M^2 + m^2)^2); for equal masses mu^4 M^2/(4 pi), mu = 2 d, of arXiv:1103.3289."""
    s = 4 * outer**2 * (1 + 1e-9)
    velocity = 2 * np.sqrt(1 - 4 * outer**2 / s)
    ours = velocity * two_photon_cross_section(outer, inner**2 - outer**2, s)
    expected = 16 * outer**4 * inner**2 / (np.pi * (outer**2 + inner**2) ** 2)
    assert ours == approx(expected, rel=1e-6)
    if inner == outer:
        assert ours == approx(2**4 * outer**2 / (4 * np.pi), rel=1e-6)


def test_nearly_equal_masses_of_two_photons():
    """Smooth in delta down to 1e-12, from either side."""
    s = 4.7
    equal = two_photon_cross_section(1.0, 0.0, s)
    for delta in (1e-12, 1e-9, 1e-6):
        excess = mass_excess(DipolePair.of_light(1.0, delta))
        for sign in (1, -1):
            ours = two_photon_cross_section(1.0, sign * excess, s)
            assert ours == approx(equal, rel=1e-14 + 3 * delta)


def test_heavy_exchange():
    """A far heavier exchanged state: positive and like 1/m^2 (its mass flips the helicity), to 1e-3."""
    s = 5.0
    ours = [two_photon_cross_section(1.0, m**2 - 1, s) for m in (100.0, 200.0, 1e6)]
    assert ours[0] / ours[1] == approx(4, rel=1e-3)
    assert ours[1] / ours[2] == approx((1e6 / 200) ** 2, rel=1e-3)


def test_strengths_are_the_cross_sections():
    """Both p^2 sigma, with arrays; zero for charged pairs below the threshold."""
    pair = DipolePair.of_light(0.4, 0.2)
    s = np.linspace(1.01, 9, 7) * (2 * pair.heavy) ** 2
    p2 = momentum_squared(s, pair.light, pair.heavy)
    np.testing.assert_allclose(
        charged_strength(pair, s, 2.0), p2 * charged_cross_section(pair, s, 2.0), rtol=1e-12
    )
    for outer, excess in ((pair.light, mass_excess(pair)), (pair.heavy, -mass_excess(pair))):
        np.testing.assert_allclose(
            two_photon_strength(outer, excess, s),
            (s / 4 - outer**2) * two_photon_cross_section(outer, excess, s),
            rtol=1e-12,
        )
    assert charged_strength(pair, 0.9 * pair.total**2) == 0


# ---- R(s)


def energies(low, high):
    """Nodes and weights of s, dense around everything that is narrow."""
    edges = {low, high, *np.geomspace(low, high, 60)}
    for centre, width in hadrons.features():
        spread = width * 2.0 ** np.arange(-2, 24)
        spread = spread[spread < 0.3 * centre]
        edges |= {centre, *(centre + spread), *(centre - spread)}
    edges = np.array(sorted(e for e in edges if low <= e <= high))
    x, weights = np.polynomial.legendre.leggauss(12)
    half = np.diff(edges)[:, None] / 2
    energy = ((edges[1:] + edges[:-1])[:, None] / 2 + half * x).ravel()
    return energy**2, (half * weights).ravel() * 2 * energy


PIONS = 2 * 0.13957039 * (1 + 1e-9)


def muon_kernel(s):
    """K(s) of the muon's g-2, as an integral over a Feynman parameter."""
    x, weights = np.polynomial.legendre.leggauss(200)
    x, weights = (x + 1) / 2, weights / 2
    ratio = np.multiply.outer(s / LEPTON["mu"] ** 2, 1 - x)
    return (x**2 * (1 - x) / (x**2 + ratio)) @ weights


def test_muon_magnetic_moment():
    """Hadronic vacuum polarisation of arXiv:2006.04822: 693.1e-10, of which 506e-10 are two pions; to 3%."""
    s, weights = energies(PIONS, 300.0)
    kernel = ALPHA**2 / (3 * np.pi**2) * weights * muon_kernel(s) / s
    assert kernel @ hadrons.hadrons(s) == approx(693.1e-10, rel=0.03)
    low = s < 1.8**2
    assert kernel[low] @ hadrons.pions(s[low]) == approx(506e-10, rel=0.03)


def test_running_of_alpha():
    """Five quarks at the Z: 0.0276 (PDG 2022), a principal value over R(s), to 3%."""
    z, top = 91.1876**2, 1e6
    s, weights = energies(PIONS, np.sqrt(top))
    at_z, at_top = hadrons.hadrons(z), hadrons.hadrons(top)

    def primitive(x):
        return np.log(abs(x - z) / x) / z

    total = np.sum(weights * (hadrons.hadrons(s) - at_z) / (s * (s - z)))
    total += at_z * (primitive(top) - primitive(PIONS**2)) - at_top * primitive(top)
    assert -ALPHA * z / (3 * np.pi) * total == approx(0.0276, rel=0.03)


@pytest.mark.parametrize("tag", ["J_psi", "Upsilon"])
def test_area_of_narrow_peaks(tag):
    """Integral of R minus quarks over a peak: 9 pi/alpha^2 BR(e+e-) m Gamma, to 2% (its tails)."""
    peak = meson(tag)
    span = 60 * peak.mass * peak.width
    s, weights = energies(np.sqrt(peak.mass**2 - span), np.sqrt(peak.mass**2 + span))
    area = weights @ (hadrons.hadrons(s) - hadrons.quarks(s))
    expected = 9 * np.pi / ALPHA**2 * peak.br_ee * peak.mass * peak.width
    assert area == approx(expected, rel=0.02)


def test_heights_of_omega_and_phi():
    """9 BR(e+e-)/alpha^2 above the pions and quarks there, which are below a tenth of phi and half of omega."""
    for tag, share in (("omega", 0.6), ("phi", 0.05)):
        s = meson(tag).mass ** 2
        height = 9 * meson(tag).br_ee / ALPHA**2
        assert height < hadrons.hadrons(s) < height * (1 + share) + 0.1


def test_rho():
    """R of pions on top of the rho is 9 BR(rho -> e+e-)/alpha^2; rho(1450) has the usual share of -0.05 to -0.15."""
    rho = meson("rho")
    assert hadrons.pions(rho.mass**2) == approx(9 * rho.br_ee / ALPHA**2, rel=1e-9)
    assert -0.15 < hadrons._rho_prime_share() < -0.05


def test_charge_radius_of_the_pion():
    """log |F|^2 = s <r^2>/3 + O(s^2), radius 0.659 fm (PDG 2022); at s = 0.1 GeV^2 to 25%."""
    slope = np.log(np.abs(hadrons._form_factor(np.array(0.1), hadrons._rho_prime_share())) ** 2)
    assert slope / 0.1 == approx((0.659 / 0.1973269804) ** 2 / 3, rel=0.25)


def test_quarks_and_thresholds():
    """R = 2.2, 3.4 to 3.7, 3.8 in the three plateaus; nothing below thresholds; alpha_s falls."""
    assert hadrons.hadrons(2.5**2) == approx(2.2, rel=0.03)
    assert 3.2 < hadrons.hadrons(7.0**2) < 3.7
    assert hadrons.hadrons(30.0**2) == approx(3.85, rel=0.02)
    assert hadrons.hadrons(0.27**2) == 0
    assert hadrons.leptons(1e-6) == 0
    assert hadrons.leptons(0.1**2) == approx(1, rel=1e-6)
    assert hadrons.leptons(100.0**2) == approx(3, rel=1e-5)
    assert hadrons.all_charged(0.2**2) == hadrons.leptons(0.2**2)
    coupling = hadrons.alpha_s(np.geomspace(1, 1e6, 50))
    assert (np.diff(coupling) < 1e-15).all()
    assert hadrons.alpha_s(91.1876**2) == approx(0.118)
