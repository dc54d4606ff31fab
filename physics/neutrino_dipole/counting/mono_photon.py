"""Searches for single photons at e+e- colliders: e+ e- -> N nu, N -> nu gamma inside the detector.

arXiv:2301.06050 eqs. (14) and (16): N = L eff sigma_cuts(d, a) BR(N -> nu gamma) P_dec(l_D), where sigma_cuts is the
cross-section with the photon within cuts, proportional to d^2 at fixed a, and P_dec = 1 - exp(-l_D m Gamma/p) with the
total width. The paper's eqs. (14) and (16) contain the branching ratio twice; here it enters once.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from physics.models.countings import countings
from physics.nature.constants import FB_PER_PB, HBAR_C
from physics.neutrino_dipole.annihilation.acceptance import acceptance
from physics.neutrino_dipole.annihilation.production import room
from physics.neutrino_dipole.annihilation.quadratic import Convention
from physics.neutrino_dipole.counting.mass_by_mass import PerMassCounting, PerMassKernel
from physics.neutrino_dipole.couplings import coupling_ratio_arrays
from physics.neutrino_dipole.widths.totals import branching_ratio_photon, total_width
from physics.numerics.arrays import Array
from physics.searches.mono_photon import MonoPhoton


class MonoPhotonKernel(PerMassKernel[MonoPhoton]):
    """Counts from quadratic forms."""

    def counts_at(
        self, search: MonoPhoton, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[Array, Array]]:
        """Counts (a, d) and their relative error (a,) at one mass, for each flavor.

        The acceptance does not depend on flavor, a or d and is computed once.
        """
        if self.options.nature == "majorana":  # nu and nubar together: no preferred direction
            chosen = replace(chosen, photon="isotropic")
        accepted = acceptance(search.sqrt_s, m_N, search.cuts, chosen)
        d_Z, d_W = coupling_ratio_arrays(self.a)
        momentum = float(room(search.sqrt_s, m_N)) / (2 * search.sqrt_s)
        modes = 2 if self.options.count_antiparticle else 1
        found = {}
        for flavor in flavors:
            section = accepted.accepted.total(1.0, d_Z, d_W, flavor, modes)  # [pb GeV^2]
            z_sign = chosen.z_sign
            width = total_width([m_N], self.a, flavor, self.options.nature, z_sign)[0]
            photons = branching_ratio_photon([m_N], self.a, flavor, z_sign)[0]
            path = search.decay_length * m_N * width / (HBAR_C * max(momentum, 1e-12))
            decays = -np.expm1(-np.multiply.outer(path, self.d2))
            events = np.maximum(section, 0.0) * photons * search.efficiency
            events = events * (search.exposure * FB_PER_PB)
            error = accepted.integration_error(1.0, d_Z, d_W, flavor)
            found[flavor] = (events[:, None] * self.d2 * decays, error)
        return found


@countings.instance
class MonoPhotonsOfN(PerMassCounting[MonoPhoton]):
    """Single photons at e+e- colliders."""

    kind = "mono-photon"
    channel = "annihilation"
    kernel_type = MonoPhotonKernel
    seconds_per_convention = 0.02
