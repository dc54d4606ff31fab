"""Neutrinos through an area: closed forms of a narrow beam, and a direct simulation of decays."""

import numpy as np
import pytest
from approx import approx

from physics.fluxes.hadrons import neutrino_parents
from physics.fluxes.response import Line, Window, responses
from physics.fluxes.rest_spectra import two_body
from physics.numerics.sampling import Sampling

PARENTS = neutrino_parents()
LINE = Line(pipe_radius=0.05, decay_length=30.0)
PI_MU = PARENTS["pi"].decays[0].spectrum(PARENTS["pi"].mass)


def one_bin(p, theta, width=1e-9):
    return np.log10(p) + np.array([0, width]), np.log10(theta) + np.array([0, width])


def response(tag, spectrum, grid, window, edges, points=2**15, line=LINE):
    found = responses(
        PARENTS[tag], (spectrum,), grid, window, line, np.asarray(edges), Sampling(points, 8, 3)
    )
    return found[0].mean(axis=0)


def decaying(tag, p, length):
    return -np.expm1(-length * PARENTS[tag].mass / (PARENTS[tag].c_tau * p))


def test_a_narrow_beam_of_pions_gives_a_flat_spectrum():
    """dN/dE = 1/(0.427 E_pi) for each pion that decays (two bodies, isotropic), whatever of it is inside the area."""
    p, mass = 100.0, PARENTS["pi"].mass
    ratio = 1 - (0.1056583755 / mass) ** 2
    assert ratio == approx(0.427, rel=1e-3)
    highest = ratio * (p + np.hypot(p, mass)) / 2
    edges = highest * np.array([0.3, 0.5, 0.7, 0.9, 0.999, 1.2])
    window = Window(480.0, 2.4, 2.4)
    found = response("pi", PI_MU, one_bin(p, 1e-8), window, edges, 2**17)[0, 0] * 2.4**2
    shares = np.diff(np.minimum(edges / highest, 1)) * decaying("pi", p, 30.0)
    assert found[:3] == approx(shares[:3], rel=5e-3)
    assert found[3:].sum() == approx(shares[3:].sum(), rel=5e-3)


def test_all_neutrinos_of_a_hadron_go_through_an_area_that_is_wide_enough():
    """Whatever the decay: their number is that of decays (here a charmed meson, at once)."""
    parent = PARENTS["D"]
    spectrum = parent.decays[0].spectrum(parent.mass)
    window = Window(480.0, 6.0, 6.0)
    edges = np.array([50.0, 1e4])
    found = response("D", spectrum, one_bin(3000.0, 1e-8), window, edges, 2**16)[0, 0] * 36
    # E* delta > 50 GeV with delta uniform from nearly 0 to 2 gamma: a mean over E* of 1 - 50/(2 gamma E*)
    gamma = 3000.0 / parent.mass
    energies = (spectrum.energies[1:] + spectrum.energies[:-1]) / 2
    inside = np.diff(spectrum.below) @ np.maximum(1 - 50 / (2 * gamma * energies), 0)
    assert found[0] == approx(inside, rel=0.01)


def boosted(momentum, mass, energy, direction):
    """A massless particle of the rest frame, in the laboratory: three-momentum (3, n)."""
    gamma_beta = momentum / mass
    gamma = np.sqrt((gamma_beta**2).sum(axis=0) + 1)
    along = (gamma_beta * direction).sum(axis=0) * energy
    return energy * direction + gamma_beta * (energy + along / (gamma + 1))


@pytest.mark.parametrize(
    ("tag", "p", "theta", "window"),
    [
        ("pi", 300.0, 2e-4, Window(480.0, 0.5, 0.5)),
        ("K", 500.0, 6e-4, Window(480.0, 1.0, 0.3, (0.2, -0.1))),
        ("K", 800.0, 1.5e-3, Window(480.0, 0.5, 0.5)),
        ("K_L", 400.0, 5e-4, Window(480.0, 0.5, 0.5)),
    ],
)
def test_against_a_simulation_of_decays(tag, p, theta, window):
    """Hadrons fly, decay, and their neutrinos fly to the plane of the area; those inside are counted."""
    rng = np.random.default_rng(5)
    n, parent = 500_000, PARENTS[tag]
    mother = np.full(n, p)
    azimuth, cosine, around = rng.random(n) * 2 * np.pi, rng.uniform(-1, 1, n), rng.random(n)
    sine = np.sqrt(1 - cosine**2)
    flight = np.array(
        [
            np.sin(theta) * np.cos(azimuth),
            np.sin(theta) * np.sin(azimuth),
            np.full(n, np.cos(theta)),
        ]
    )
    energy = (parent.mass**2 - 0.1056583755**2) / (2 * parent.mass)
    # the cosine is that from the flight: a frame with its third axis along it
    first = np.cross(flight.T, [0, 1.0, 0]).T
    first /= np.sqrt((first**2).sum(axis=0))
    second = np.cross(flight.T, first.T).T
    angle = 2 * np.pi * around
    direction = sine * (np.cos(angle) * first + np.sin(angle) * second) + cosine * flight
    found = boosted(mother * flight, parent.mass, energy, direction)
    end = parent.free_path(np.array([theta]), 0.05, 30.0)[0]
    mean = parent.c_tau * p / parent.mass
    probability = -np.expm1(-end / mean)
    point = -mean * np.log1p(-rng.random(n) * probability) * flight
    at = point + found * (window.distance - point[2]) / found[2]
    inside = (np.abs(at[0] - window.centre[0]) < window.width / 2) & (
        np.abs(at[1] - window.centre[1]) < window.height / 2
    )
    size = np.sqrt((found**2).sum(axis=0))
    edges = np.quantile(size[inside], [0.0, 0.3, 0.6, 1.0]) * np.array([0.5, 1, 1, 2])
    counts = np.histogram(size[inside], edges)[0]
    expected = counts * probability / n
    assert counts.min() > 100
    spectrum = two_body(parent.mass, 0.1056583755)
    area = window.width * window.height
    result = response(tag, spectrum, one_bin(p, theta), window, edges)[0, 0] * area
    pulls = (result - expected) / (expected / np.sqrt(counts))
    assert (np.abs(pulls) < 4).all(), (result, expected, pulls)


def test_flights_end_at_absorbers():
    """17 mm at 19 m, then the effective length or, for neutral hadrons, 140 m; the wall of the pipe before."""
    pi, k_l = PARENTS["pi"], PARENTS["K_L"]
    angles = np.array([1e-5, 8.9e-4, 9.0e-4, 5e-3])
    assert pi.free_path(angles, 0.05, 30.0) == approx([30, 30, 19, 10], rel=1e-4)
    assert k_l.free_path(angles, 0.05, 30.0) == approx([140, 0.05 / 8.9e-4, 19, 10], rel=1e-4)


def test_the_two_sides_of_an_area_are_alike():
    """The beam is round: width and height may be exchanged, and left and right."""
    grid = one_bin(500.0, 5e-4)
    edges = [10.0, 100.0, 300.0]
    spectrum = PARENTS["K"].decays[0].spectrum(PARENTS["K"].mass)

    def at(window):
        return response("K", spectrum, grid, window, edges)[0, 0]

    first = at(Window(480.0, 1.0, 0.25, (0.3, 0.1)))
    assert first == approx(at(Window(480.0, 0.25, 1.0, (0.1, 0.3))), rel=0.03)
    assert first == approx(at(Window(480.0, 1.0, 0.25, (-0.3, 0.1))), rel=0.03)
