"""Limits on decays of the Z into N: Z -> gamma + invisible, and the invisible width.

arXiv:2301.06050 eqs. (18)-(20), with the erratum that P_dec there is the probability to leave the detector:

    photon:    BR(Z -> N nu) BR(N -> nu gamma) eff P(E_gamma > E_min) [1 - exp(-l_D/l)]
    invisible: BR(Z -> N nu) exp(-l_D/l)

with N nubar and Nbar nu (two modes), l = p hbar c/(m Gamma) and the total width of N. The counts are those of
``exposure`` decays of the Z: of a million for a limit on the branching ratio in units of 1e-6, of Gamma_Z/MeV for
a limit on the width in MeV.
"""

from __future__ import annotations

import numpy as np

from physics.models.countings import countings
from physics.nature.constants import HBAR_C
from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.annihilation.quadratic import Convention
from physics.neutrino_dipole.bosons import photon_fraction, z_momentum, z_total_width
from physics.neutrino_dipole.counting.mass_by_mass import PerMassCounting, PerMassKernel
from physics.neutrino_dipole.widths.totals import branching_ratio_photon, total_width
from physics.numerics.arrays import Array
from physics.searches.z_decay import ZDecay


class ZDecayKernel(PerMassKernel[ZDecay]):
    """Counts from widths; they are exact, so that the error is zero."""

    def counts_at(
        self, search: ZDecay, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[Array, Array]]:
        """Counts (a, d) at one mass and no error, for each flavor."""
        exact = np.zeros(self.a.size)
        return {f: (self.counts_of_flavor(search, chosen, f, m_N), exact) for f in flavors}

    def counts_of_flavor(
        self, search: ZDecay, chosen: Convention, flavor: str, m_N: float
    ) -> Array:
        """Counts (a, d) of one flavor."""
        made = z_total_width([m_N], self.a, flavor, self.options)[0] / ELECTROWEAK.width_Z
        width = total_width([m_N], self.a, flavor, self.options.nature, chosen.z_sign)[0]
        path = search.decay_length * m_N * width / (HBAR_C * max(z_momentum(m_N), 1e-12))
        passed = np.multiply.outer(path, self.d2)  # length of the detector over that of the decay
        produced = search.exposure * np.multiply.outer(made, self.d2)
        if search.observable == "invisible":
            invisible: Array = produced * np.exp(-passed)
            return invisible
        photons = branching_ratio_photon([m_N], self.a, flavor, chosen.z_sign)[0]
        # a Majorana N decays to nu gamma and nubar gamma, which prefer opposite directions
        polarised = chosen.photon == "spin" and self.options.nature == "dirac"
        seen = search.efficiency * photon_fraction(m_N, search.E_min, polarised)
        visible: Array = produced * (photons * seen)[:, None] * -np.expm1(-passed)
        return visible


@countings.instance
class ZDecaysIntoN(PerMassCounting[ZDecay]):
    """Decays of the Z into N."""

    kind = "z-decay"
    channel = "Z"
    kernel_type = ZDecayKernel
    seconds_per_flavor = 0.002
