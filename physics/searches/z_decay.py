"""Limits on decays of the Z into N: Z -> gamma + invisible, and the invisible width.

arXiv:2301.06050 eqs. (18)-(20), with the erratum that P_dec there is the probability to leave the detector:

    photon:    BR(Z -> N nu) BR(N -> nu gamma) eff P(E_gamma > E_min) [1 - exp(-l_D/l)]
    invisible: BR(Z -> N nu) exp(-l_D/l)

with N nubar and Nbar nu (two modes), l = p hbar c/(m Gamma) and the total width of N. The counts are those of
``exposure`` decays of the Z: of a million for a limit on the branching ratio in units of 1e-6, of Gamma_Z/MeV for
a limit on the width in MeV.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from physics.errors import InputError
from physics.nature.constants import HBAR_C
from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.annihilation.quadratic import Convention
from physics.neutrino_dipole.bosons import photon_fraction, z_momentum, z_total_width
from physics.neutrino_dipole.widths.totals import branching_ratio_photon, total_width
from physics.reading import number
from physics.searches.base import search_kinds
from physics.searches.definition import SearchDefinition
from physics.searches.per_mass import PerMassKernel, PerMassSearch, check_detector

OBSERVABLES = ("photon", "invisible")


@dataclass(frozen=True, kw_only=True)
class ZDecay(SearchDefinition):
    """A limit on a decay of the Z; the exposure is decays of the Z.

    Attributes
    ----------
    observable : str
        ``photon``: N decays to nu gamma in the detector. ``invisible``: N leaves it.
    decay_length : float
        Length of the detector [m].
    E_min : float
        Smallest energy of the photon [GeV].
    efficiency : float
        To see a photon above it.
    """

    observable: str
    decay_length: float
    E_min: float = 0.0
    efficiency: float = 1.0
    kind: str = "z-decay"

    def __post_init__(self):
        if self.observable not in OBSERVABLES:
            raise InputError(
                f"observable must be {' or '.join(OBSERVABLES)}, not {self.observable!r:.60}"
            )
        if not 0 <= self.E_min < ELECTROWEAK.m_Z:
            raise InputError(f"E_min must lie between 0 and the mass of the Z, not {self.E_min:g}")
        check_detector(self.efficiency, self.decay_length)
        if self.observable == "invisible" and (self.E_min > 0 or self.efficiency < 1):
            raise InputError("an invisible N has no photon; remove E_min and efficiency")


class ZDecayKernel(PerMassKernel):
    """Counts from widths; they are exact, so that the error is zero."""

    def counts_at(
        self, search: ZDecay, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Counts (a, d) at one mass and no error, for each flavor."""
        exact = np.zeros(self.a.size)
        return {f: (self.counts_of_flavor(search, chosen, f, m_N), exact) for f in flavors}

    def counts_of_flavor(
        self, search: ZDecay, chosen: Convention, flavor: str, m_N: float
    ) -> np.ndarray:
        """Counts (a, d) of one flavor."""
        made = z_total_width([m_N], self.a, flavor, self.options)[0] / ELECTROWEAK.width_Z
        width = total_width([m_N], self.a, flavor, self.options.nature, chosen.z_sign)[0]
        path = search.decay_length * m_N * width / (HBAR_C * max(z_momentum(m_N), 1e-12))
        passed = np.multiply.outer(path, self.d2)  # length of the detector over that of the decay
        produced = search.exposure * np.multiply.outer(made, self.d2)
        if search.observable == "invisible":
            return produced * np.exp(-passed)
        photons = branching_ratio_photon([m_N], self.a, flavor, chosen.z_sign)[0]
        # a Majorana N decays to nu gamma and nubar gamma, which prefer opposite directions
        polarised = chosen.photon == "spin" and self.options.nature == "dirac"
        seen = search.efficiency * photon_fraction(m_N, search.E_min, polarised)
        return produced * (photons * seen)[:, None] * -np.expm1(-passed)


@search_kinds.instance
class ZDecaySearch(PerMassSearch):
    """Decays of the Z into N."""

    tag = "z-decay"
    title = "decays of the Z into N nu, with a photon or invisible"
    source = "arXiv:2301.06050 eqs. (18)-(20)"
    exposure_units = "decays of the Z"
    channel = "Z"
    kernel_type = ZDecayKernel
    seconds_per_flavor = 0.002

    def read(self, tag: str, content: Mapping[str, Any]) -> ZDecay:
        """An experiment with ``observable``, ``decay_length`` and, for a photon, ``E_min`` and ``efficiency``."""
        content = dict(content)
        content["decay_length"] = number(content["decay_length"], "decay_length")
        for name in ("E_min", "efficiency"):
            if name in content:
                content[name] = number(content[name], name)
        return ZDecay(tag=tag, **content)

    def restore(self, definition: Mapping[str, Any]) -> ZDecay:
        """A search from its stored definition."""
        return ZDecay(**definition)

    def describe(self, definition: ZDecay) -> str:
        """What becomes of N."""
        length = f"{definition.decay_length:g} m"
        if definition.observable == "invisible":
            return f"N leaves the detector of {length}"
        return f"N → ν γ within {length}, E_γ > {definition.E_min:g} GeV"
