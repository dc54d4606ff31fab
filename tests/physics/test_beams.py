"""Fixed targets: frame, scaling with the mass number, and mesons that decay before they are absorbed."""

import math

import numpy as np
import pytest
from approx import approx

from physics.errors import InputError
from physics.nature.beams import beam, beams
from physics.nature.beams.targets import Target, target, targets
from physics.nature.mesons import meson


@pytest.mark.parametrize(
    ("tag", "sqrt_s"), [("sps-400gev", 27.4296), ("sps-450gev", 29.0896), ("u70-70gev", 11.5382)]
)
def test_centre_of_mass_energy(tag, sqrt_s):
    """By hand: s = 2 m^2 + 2 m E with m = 0.938272 GeV; chromo says 27.42955 and 11.53822 GeV."""
    assert beams()[tag].sqrt_s == approx(sqrt_s, abs=1e-4)


@pytest.mark.parametrize(
    ("tag", "charm"),
    [
        ("sps-400gev:Cu", 3.3335),  # exp(0.29 x 4.15177)
        ("sps-400gev:Mo", 3.7566),  # exp(0.29 x 4.56383)
        ("sps-400gev:W", 4.5362),  # exp(0.29 x 5.21407)
        ("sps-450gev:Be", 1.8919),  # exp(0.29 x 2.19858)
        ("u70-70gev:Fe", 3.2109),  # exp(0.29 x 4.02258)
    ],
)
def test_nuclear_factor(tag, charm):
    """arXiv:2406.17599 section 4.1: A/A^0.71 for charm and bottom, numbers by hand (1e-4); light mesons 1."""
    place = beam(tag)
    for pdg in (411, -411, 431, -521, 443, 553):
        assert place.nuclear_factor(pdg) == approx(charm, rel=1e-4)
    for pdg in (111, 221, 331, 113, 223, 333, 211, -321):
        assert place.nuclear_factor(pdg) == 1


def test_collider_has_no_nuclear_factor():
    assert beam("lhc-14tev").nuclear_factor(411) == 1
    assert beam("lhc-14tev").exposure_units == "1/fb"
    assert beam("sps-400gev:W").exposure_units == "protons on target"


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        (
            "sps",
            r"^unknown beam .sps.; there are: lhc-13.6tev, lhc-14tev, sps-400gev, sps-450gev, u70-70gev, or give",
        ),
        ("sps-400gev:Fe", r"^the beam sps-400gev has no target 'Fe'; there are: Cu, Mo, W$"),
        ("sps-400gev:Unobtainium", r"^unknown target: the beam sps-400gev has no target 'Unob"),
        ("sps-400gev:", r"has no target ''; there are: Cu"),
        ("lhc-14tev:Cu", r"^the beam lhc-14tev has no target 'Cu'; there are: none$"),
    ],
)
def test_wrong_beams_and_targets(tag, message):
    with pytest.raises(InputError, match=message):
        beam(tag)


def test_a_target_must_be_chosen():
    with pytest.raises(InputError, match=r"needs a target; write one of: sps-400gev:Cu, sps-4"):
        beam("sps-400gev").nuclear_factor(111)
    with pytest.raises(InputError, match="unknown target 'Al'; there are: "):
        target("Al")


@pytest.mark.parametrize(
    ("A", "density", "centimetres", "tolerance"),
    [(63.546, 8.960, 18.51, 0.01), (207.2, 11.35, 19.93, 0.01), (26.982, 2.699, 50.64, 0.03)],
)
def test_law_of_the_interaction_length(A, density, centimetres, tolerance):
    """Between iron and tungsten; pion interaction lengths of Cu, Pb and Al: Particle Data Group."""
    found = Target("X", A, density).interaction_length
    assert found == approx(centimetres / 100, rel=tolerance)


def test_interaction_lengths_of_the_targets():
    for material in targets().values():
        assert 0.1 < material.interaction_length < 0.6
    assert targets()["Fe"].interaction_length == approx(0.2042)
    assert {name for b in beams().values() for name in b.targets} <= set(targets())


def test_decay_probability_by_hand():
    """K+ of 10 GeV in tungsten: L = 3.711 m x 10/0.49368 = 75.2 m, 0.1133/(0.1133 + 75.2) = 1.505e-3 (0.2%)."""
    kaon = meson("K")
    length = kaon.c_tau * 10 / kaon.mass
    assert length == approx(75.2, rel=2e-3)
    assert target("W").decay_probability(length) == approx(1.505e-3, rel=2e-3)


def test_decay_probability_rises_with_dilution():
    """In the limits: all decay in vacuum; L >> lambda gives lambda/L."""
    thin, dense = Target("X", 60.0, 1e-9), Target("X", 60.0, 1e9)
    assert thin.decay_probability(10.0) == approx(1, abs=1e-6)
    ratio = dense.decay_probability(10.0) / dense.interaction_length
    assert ratio == approx(0.1, rel=1e-6)


def test_flight_against_competing_exponentials():
    """Decay and interaction points drawn apart, 4e5 mesons; both numbers within five standard errors."""
    place, n = beam("sps-450gev:Be"), 400_000
    rng = np.random.default_rng(1)
    length, reach = 0.7, place.target.interaction_length
    decay, interaction = rng.exponential(length, n), rng.exponential(reach, n)
    decays = (decay < interaction) & (decay < place.absorber_distance)
    u = (np.arange(n) + 0.5) / n
    survive, path = place.flight(np.full(n, length), np.full(n, 0.01), u)
    assert decays.mean() == approx(survive[0], abs=5 * math.sqrt(0.25 / n))
    spread = decay[decays].std() / math.sqrt(decays.sum())
    assert decay[decays].mean() == approx(path.mean(), abs=5 * spread)
    assert path.max() <= place.absorber_distance


def test_flight_at_the_collider():
    """1 - exp(-l/L) with l the shorter of 20 m and the way to the wall, 0.05 m/sin(theta)."""
    survive, _ = beam("lhc-14tev").flight(
        np.array([100.0, 100.0]), np.array([1e-6, 0.01]), np.array([0.5, 0.5])
    )
    assert survive == approx([1 - math.exp(-0.2), 1 - math.exp(-0.05 / math.sin(0.01) / 100)])
