"""Counts of chi_2 from the response machinery against a plain Monte Carlo with the traces of ``dark_traces.py``.

Both sides share the synthetic spectra of ``falling_spectra.py`` and nothing else: every chi_2 of the Monte Carlo is
made in the rest frame of its meson, boosted with a Lorentz matrix, followed through the detector, its photon thrown.
"""

from dataclasses import replace
from functools import cache

import dark_traces
import dirac
import monte_carlo
import numpy as np
import pytest
import rates
from falling_spectra import BEAM, falling
from formulas import respond

from physics.dark_dipole import decay
from physics.dark_dipole.mesons import dark_channels
from physics.dipole.conventions import DipoleOptions
from physics.forward.decay_law import decay_table
from physics.forward.parents import ParentSpectrum
from physics.forward.produced import produce
from physics.forward.response import grid_for
from physics.nature.beams import beam
from physics.nature.constants import HBAR_C
from physics.nature.mesons import meson
from physics.numerics.sampling import Sampling
from physics.searches.catalogue import experiment
from physics.searches.forward_decay import Selection

FASER2 = experiment("FASER2")
D = np.geomspace(1e-13, 1e2, 301)  # 1/GeV


def package_counts(tag, delta, M_2, search):
    """Counts and standard errors along D."""
    channel, here = dark_channels(delta)[tag], beam(BEAM)
    spectrum = ParentSpectrum(meson(tag), (falling(meson(tag).pdg),))
    sampling, pair = Sampling(points=2**16, replicas=16, seed=1), channel.pair(M_2)
    slowest = search.selection.momentum_min(M_2, pair.photon_share)
    made = produce(channel.at(M_2, DipoleOptions()), spectrum, here, M_2, False, slowest, sampling)
    grid = grid_for(search, here, M_2)
    weights = respond(made, search, spectrum, grid, sampling).weights
    table = decay_table(grid.nodes, M_2 * decay.width(pair) / HBAR_C * D**2)
    counts = weights @ table * D**2
    return counts.sum(axis=0), counts.std(axis=0, ddof=1) * np.sqrt(sampling.replicas)


@cache
def thrown_events(tag, m1, m2, p_min, count=250_000):
    """chi_2 above a momentum, in the laboratory; weighted with the squared amplitude."""
    kind, mass = rates.TABLE_2[tag][:2]
    rng = np.random.default_rng(round(1e4 * m2))
    parents, total = monte_carlo.draw_mesons(
        [falling(meson(tag).pdg)], mass, np.hypot(p_min, m2), count, rng
    )
    if kind == rates.VECTOR:
        energy = np.full(count, np.hypot(dirac.two_body(mass, m1, m2)[1], m2))
        weight = np.ones(count)
    else:
        decays = dark_traces.PhotonAndPair.random(mass, m1, m2, count)
        energy, weight = decays.heavy_energy, decays.weight / decays.weight.mean()
    momentum = np.sqrt(np.maximum(energy**2 - m2**2, 0))[:, None]
    at_rest = np.hstack([energy[:, None], momentum * monte_carlo.random_directions(count, rng)])
    heavy = dirac.apply(dirac.boost_matrix(parents), at_rest)
    fast = np.linalg.norm(heavy[:, 1:], axis=1) > p_min
    weight = weight * total * dark_traces.branching_ratio(tag, m1, m2) / count
    start = np.zeros((fast.sum(), 3))
    return monte_carlo.Events(tag, m2, {"N": heavy[fast]}, start, weight[fast], count)


def photon_energies(events, m1, rng):
    """Thrown isotropically in the rest frame of chi_2."""
    heavy = events.momenta["N"]
    energy = dirac.two_body(events.m_N, m1, 0.0)[1]
    directions = monte_carlo.random_directions(len(heavy), rng)
    photon = energy * np.concatenate([np.ones((len(heavy), 1)), directions], axis=1)
    return dirac.apply(dirac.boost_matrix(heavy), photon)[:, 0]


@pytest.mark.parametrize("photon", [0.0, 5.0])
@pytest.mark.parametrize(
    ("tag", "delta", "M_2"),
    [("rho", 0.02, 0.3), ("J_psi", 1.0, 1.5), ("eta", 0.02, 0.1), ("pi0", 0.5, 0.04)],
)
def test_counts_against_monte_carlo(tag, delta, M_2, photon):
    """FASER2 without and with a cut E_gamma > 5 GeV that bites at delta = 0.02 (s E/2 = 4 GeV at E = 200 GeV).

    Long lifetimes, the maximum, and 3% of it on the prompt side: within 4 combined standard errors, which are below
    2%, 2% and 9%.
    """
    search = replace(FASER2, selection=Selection(100.0, photon))
    ours, error = package_counts(tag, delta, M_2, search)
    m1 = M_2 / (1 + delta)
    made = thrown_events(tag, m1, M_2, 100.0)
    passing = (photon_energies(made, m1, np.random.default_rng(4)) > photon) * 1.0
    if photon and delta < 0.1:
        assert passing.mean() < 0.9
    peak = int(ours.argmax())
    prompt = peak + np.flatnonzero(ours[peak:] > 0.03 * ours[peak])[-1]
    index = np.array([0, peak, prompt])
    expected, scatter = monte_carlo.count_events(
        made,
        search.volume,
        search.exposure,
        D[index],
        dark_traces.decay_width(m1, M_2),
        passing,
    )
    combined = np.hypot(error[index], scatter)
    assert (combined < np.array([0.02, 0.02, 0.09]) * expected).all(), combined / expected
    assert (abs(ours[index] - expected) < 4 * combined).all(), ours[index] / expected


def test_nothing_is_counted_where_no_photon_is_hard_enough():
    """delta = 1e-9 at 7 TeV: at most 14 keV, below any threshold; zero, without a warning."""
    channel, here, tag = dark_channels(1e-9)["rho"], beam(BEAM), "rho"
    spectrum = ParentSpectrum(meson(tag), (falling(meson(tag).pdg),))
    search = replace(FASER2, selection=Selection(100.0, 0.5))
    slowest = search.selection.momentum_min(0.3, channel.pair(0.3).photon_share)
    sampling = Sampling(points=2**10, replicas=8, seed=1)
    for momentum in (slowest, 100.0):  # by the momentum, and by the efficiency
        made = produce(
            channel.at(0.3, DipoleOptions()), spectrum, here, 0.3, False, momentum, sampling
        )
        weights = respond(made, search, spectrum, grid_for(search, here, 0.3), sampling).weights
        assert (weights == 0).all()
