"""N from mesons and tau of the collisions, by mixing (arXiv:2011.04751 sec. 3.2); rates are over U2.

pi, K, D, D_s, B -> l N with the lepton of N's flavor, both charges, and D_s -> tau nu with tau -> N X
(:mod:`physics.mixed_neutrino.production`). N of a decay of tau is isotropic in its rest frame: the polarisation of tau
is neglected. With three bodies the squared mass s of lepton and neutrino follows

    [(s - l)(1 + n - s) + (1 + 2 l/s)(1 + s - n)(1 - n - s)] sqrt(lam(1, s, n)) (1 - l/s)^2,

n, l, s (squared masses of N and the lepton) in units of m_tau^2. tau flies a few cm, which is neglected. Semileptonic
decays of D and B are not here.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from physics.forward.decays import BoundDecay, RestFrame
from physics.forward.parents import ParentSpectrum
from physics.forward.produced import Production, produce
from physics.mixed_neutrino.hadrons import charged_mesons
from physics.mixed_neutrino.phase_space import kallen
from physics.mixed_neutrino.production import (
    meson_branching_ratio,
    tau_branching_ratios,
    tau_widths,
)
from physics.nature.beams import Beam
from physics.nature.constants import LEPTON_MASS
from physics.nature.mesons import Meson, meson
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.spectra.normalisation import load_species

MESONS = ("pi", "K", "D", "D_s", "B")
OF_TAU = "tau"
CHANNELS = (*MESONS, OF_TAU)
TAU = LEPTON_MASS["tau"]
_STEPS = 2000  # of the table from which masses of pairs are drawn


def parent(channel: str) -> Meson:
    """The meson whose spectrum a channel needs: of tau it is D_s."""
    return meson("D_s" if channel == OF_TAU else channel)


class HeavyNeutrinos:
    """N of one beam with one set of meson spectra.

    Parameters
    ----------
    beam : Beam
    generator : str
        Label of the set.
    normalisation : str
        Of its spectra.
    sampling : Sampling
    """

    def __init__(self, beam: Beam, generator: str, normalisation: str, sampling: Sampling):
        self.beam, self.generator, self.normalisation = beam, generator, normalisation
        self.sampling = sampling
        self._spectra: dict[str, ParentSpectrum] = {}

    def of(self, channel: str, m_N: float, flavor: str, slowest: float) -> Production | None:
        """N of a channel above a momentum [GeV], over U2; None if there is none."""
        decay = bound(channel, m_N, flavor)
        if not decay.open or decay.meson.pdg in self.beam.closed:
            return None
        tag = decay.meson.tag
        if tag not in self._spectra:
            tables = load_species(self.beam, self.generator, decay.meson.pdg, self.normalisation)
            self._spectra[tag] = ParentSpectrum(decay.meson, tuple(tables), self.beam.forward_angle)
        spectrum = self._spectra[tag]
        return produce(decay, spectrum, self.beam, m_N, False, slowest, self.sampling)


def bound(channel: str, m_N: float, flavor: str) -> BoundDecay:
    """One decay into N over U2, as the forward searches take it.

    Parameters
    ----------
    channel : str
        One of :data:`CHANNELS`.
    m_N : float
        [GeV]
    flavor : str
        With which N mixes.
    """
    of = parent(channel)
    charges = (of.pdg, -of.pdg)
    if channel != OF_TAU:
        lepton = LEPTON_MASS[flavor]
        energy = (of.mass**2 + m_N**2 - lepton**2) / (2 * of.mass)
        return BoundDecay(
            meson=of,
            charges=charges,
            open=of.mass > m_N + lepton,
            rate=partial(meson_branching_ratio, channel, flavor, m_N),
            kinematics=partial(_two_bodies, energy, m_N),
            photon_share=1.0,
        )
    rates = tau_branching_ratios(m_N, flavor)
    return BoundDecay(
        meson=of,
        charges=charges,
        open=sum(rates.values()) > 0,
        rate=lambda: meson_branching_ratio("D_s", "tau", 0.0) * sum(rates.values()),
        kinematics=partial(_of_tau, m_N, flavor),
        photon_share=1.0,
        uniforms=3,
    )


def _frame(energy: Array, m_N: float) -> RestFrame:
    """N with some energies [GeV], without a memory of its spin."""
    momentum = np.sqrt(np.maximum(energy**2 - m_N**2, 0.0))
    return RestFrame(energy, momentum, energy, momentum, np.ones_like(energy))


def _two_bodies(energy: float, m_N: float, u: Array) -> RestFrame:
    return _frame(np.full(len(u), energy), m_N)


def _of_tau(m_N: float, flavor: str, u: Array) -> RestFrame:
    """N in the frame of D_s, from D_s -> tau nu and tau -> N X."""
    at_rest = tau_energies(m_N, flavor, u[:, 0], u[:, 1])
    M = parent(OF_TAU).mass
    gamma = (M**2 + TAU**2) / (2 * M * TAU)
    beta = (M**2 - TAU**2) / (M**2 + TAU**2)
    momentum = np.sqrt(np.maximum(at_rest**2 - m_N**2, 0.0))
    energy = gamma * (at_rest + beta * momentum * (2 * u[:, 2] - 1))
    return _frame(np.maximum(energy, m_N), m_N)


def tau_energies(m_N: float, flavor: str, which: Array, mass: Array) -> Array:
    """Energies of N where tau is at rest [GeV].

    Parameters
    ----------
    m_N : float
        [GeV]
    flavor : str
    which, mass : (n,) arrays
        Points in [0, 1) that choose the decay, and the mass of the pair of a decay into three.

    Returns
    -------
    (n,) array
    """
    widths = tau_widths(m_N, flavor)
    total = sum(widths.values())
    others = {m.tag: m.mass for m in charged_mesons()}
    energies = np.full(which.shape, m_N)
    start = 0.0
    for tag, width in widths.items():
        chosen = (which >= start) & (which < start + width / total)
        start += width / total
        if tag in others:
            squared = np.full(int(chosen.sum()), others[tag] ** 2)
        else:
            squared = _pairs(m_N, LEPTON_MASS[tag.split()[0]], mass[chosen])
        energies[chosen] = (TAU**2 + m_N**2 - squared) / (2 * TAU)
    return energies


def _pairs(m_N: float, lepton: float, u: Array) -> Array:
    """Squared masses of the lepton and the neutrino [GeV^2], drawn from their distribution."""
    n, low = (m_N / TAU) ** 2, (lepton / TAU) ** 2
    high = (1 - m_N / TAU) ** 2
    if high <= low:
        return np.full(u.shape, high * TAU**2)
    s = np.linspace(low, high, _STEPS)
    density = (s - low) * (1 + n - s) + (1 + 2 * low / s) * (1 + s - n) * (1 - n - s)
    density = density * np.sqrt(kallen(1.0, s, n)) * (1 - low / s) ** 2
    steps = (density[1:] + density[:-1]) / 2
    cumulative = np.concatenate([[0.0], np.cumsum(steps)])
    drawn: Array = np.interp(u, cumulative / cumulative[-1], s) * TAU**2
    return drawn
