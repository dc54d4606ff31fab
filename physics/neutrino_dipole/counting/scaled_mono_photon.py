"""Single photons at a pp collider, scaled from a published limit: arXiv:2301.08592 eq. (2.9).

    counts = L/L_0 * [BR(Z -> N nu) BR(N -> nu gamma) P(decay)](m_N, a, d) / BR(Z -> N nu)(0, infinity, d_0)

where N of the reference decays to a photon at once. P is the probability to decay within the detector at the momentum
of N from a Z at rest. The efficiency is taken to be
the same everywhere, as the paper does; N heavier than the Z is not counted. Background limits the search and grows with
the luminosity, so that the smallest signal grows with its square root and the coupling falls with L^(-1/4).
"""

from __future__ import annotations

import numpy as np

from physics.models.countings import countings
from physics.nature.constants import HBAR_C
from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.annihilation.quadratic import Convention
from physics.neutrino_dipole.bosons import z_momentum, z_total_width
from physics.neutrino_dipole.counting.mass_by_mass import PerMassCounting, PerMassKernel
from physics.neutrino_dipole.widths.totals import branching_ratio, total_width
from physics.numerics.arrays import Array
from physics.searches.scaled_mono_photon import ScaledMonoPhoton

LIGHT = 1e-6  # GeV


class ScaledMonoPhotonKernel(PerMassKernel[ScaledMonoPhoton]):
    """Signals in units of the published limit."""

    def counts_at(
        self, search: ScaledMonoPhoton, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[Array, Array]]:
        """Counts (a, d) and their relative error, which is zero, at one mass, for each flavor."""
        return {flavor: self._of_flavor(search, chosen, flavor, m_N) for flavor in flavors}

    def _of_flavor(
        self, search: ScaledMonoPhoton, chosen: Convention, flavor: str, m_N: float
    ) -> tuple[Array, Array]:
        none = np.zeros(self.a.size)
        if m_N >= ELECTROWEAK.m_Z:
            return np.zeros((self.a.size, self.d2.size)), none
        reference = float(z_total_width([LIGHT], [np.inf], "e", self.options)[0, 0])
        made = z_total_width([m_N], self.a, flavor, self.options)[0] / reference
        photons = branching_ratio([m_N], self.a, flavor, z_sign=chosen.z_sign)[0]
        width = total_width([m_N], self.a, flavor, self.options.nature, chosen.z_sign)[0]
        per_length = m_N * width / (z_momentum(m_N) * HBAR_C)
        decayed = -np.expm1(-search.decay_length * np.multiply.outer(per_length, self.d2))
        more = search.exposure / search.reference_luminosity / search.reference_coupling**2
        return more * np.multiply.outer(made * photons, self.d2) * decayed, none


@countings.instance
class ScaledMonoPhotonsOfN(PerMassCounting[ScaledMonoPhoton]):
    """Single photons, scaled."""

    kind = "scaled-mono-photon"
    channel = "Z"
    kernel_type = ScaledMonoPhotonKernel
    seconds_per_convention = 1e-3
    seconds_per_flavor = 1e-4
