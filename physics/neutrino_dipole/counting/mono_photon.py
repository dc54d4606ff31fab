"""Searches for single photons at e+e- colliders: e+ e- -> N nu, N -> nu gamma inside the detector.

arXiv:2301.06050 eqs. (14) and (16): N = L eff sigma_cuts(d, a) BR(N -> nu gamma) P_dec(l_D), where sigma_cuts is the
cross-section with the photon within cuts, proportional to d^2 at fixed a, and P_dec = 1 - exp(-l_D m Gamma/p) with the
total width. The paper's eqs. (14) and (16) contain the branching ratio twice; here it enters once.

With the option ``initial_state: radiator``, in the convention ``exact``, e- or e+ radiates before (module
``annihilation/radiated.py``): then sigma_cuts is what has no second photon that is seen, P_dec is averaged over the
momentum of N in the laboratory, and the background is the radiated one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from physics.kernel import KernelTask
from physics.models.countings import countings
from physics.nature.constants import FB_PER_PB, HBAR_C
from physics.neutrino_dipole.annihilation.acceptance import acceptance
from physics.neutrino_dipole.annihilation.production import room
from physics.neutrino_dipole.annihilation.quadratic import Convention, radiates
from physics.neutrino_dipole.annihilation.radiated import accepted_by_momentum
from physics.neutrino_dipole.counting.mass_by_mass import PerMassCounting, PerMassKernel
from physics.neutrino_dipole.couplings import coupling_ratio_arrays
from physics.neutrino_dipole.widths.totals import branching_ratio_photon, total_width
from physics.numerics.arrays import Array
from physics.searches.mono_photon import MonoPhoton

SECONDS, SECONDS_PER_COUNT = 0.02, 1e-7  # more with the radiator, on one core of a small machine


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
        if radiates(self.options.initial_state, chosen.tag):
            return self._radiated(search, chosen, m_N, flavors)
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

    def _radiated(
        self, search: MonoPhoton, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[Array, Array]]:
        """The same with the radiator, bin by bin of the momentum of N in the laboratory."""
        made = accepted_by_momentum(search.sqrt_s, m_N, search.cuts, search.photon_veto, chosen)
        d_Z, d_W = coupling_ratio_arrays(self.a)
        by_bin = (1.0, d_Z[:, None], d_W[:, None])
        modes = 2 if self.options.count_antiparticle else 1
        found = {}
        for flavor in flavors:
            section = np.maximum(made.accepted.total(*by_bin, flavor, modes), 0.0)
            over_p = np.maximum(made.over_momentum.total(*by_bin, flavor, modes), 0.0)
            width = total_width([m_N], self.a, flavor, self.options.nature, chosen.z_sign)[0]
            photons = branching_ratio_photon([m_N], self.a, flavor, chosen.z_sign)[0]
            per_d2 = (search.decay_length * m_N / HBAR_C * width)[:, None] * np.divide(
                over_p, section, out=np.zeros_like(section), where=section > 0
            )
            decays = np.zeros((self.a.size, self.d2.size))
            for events, path in zip(section.T, per_d2.T, strict=True):
                if events.any():
                    decays -= events[:, None] * np.expm1(-np.multiply.outer(path, self.d2))
            scale = photons * search.efficiency * (search.exposure * FB_PER_PB)
            error = made.integration_error(1.0, d_Z, d_W, flavor)
            found[flavor] = (scale[:, None] * self.d2 * decays, error)
        return found


@countings.instance
class MonoPhotonsOfN(PerMassCounting[MonoPhoton]):
    """Single photons at e+e- colliders."""

    kind = "mono-photon"
    channel = "annihilation"
    kernel_type = MonoPhotonKernel
    seconds_per_convention = 0.02
    expectation_axes = ("convention",)
    expectation_options = ("initial_state",)

    def expecting(self, search: MonoPhoton, options: Mapping[str, Any]) -> MonoPhoton:
        """With the background that the radiator gives, if it is asked for."""
        return search.with_radiator() if options["initial_state"] == "radiator" else search

    def seconds_per_cell(self, task: KernelTask[MonoPhoton]) -> float:
        """Guess of the time of one mass [s]; with the radiator for each bin of momentum, too."""
        seconds = super().seconds_per_cell(task)
        if any(radiates(task.options["initial_state"], tag) for tag in task.axes["convention"]):
            counts = np.prod([len(task.axes[name]) for name in ("flavor", "a", "d_gamma")])
            seconds += len(task.experiments) * (SECONDS + SECONDS_PER_COUNT * float(counts))
        return seconds

    def sources(self, search: MonoPhoton, options: Mapping[str, Any]) -> tuple[str, ...]:
        """Of the radiator."""
        return ("radiator: hep-ph/9912214",) if options["initial_state"] == "radiator" else ()

    def expectation(
        self, search: MonoPhoton, options: Mapping[str, Any], point: Mapping[str, Any]
    ) -> tuple[float, float]:
        """Radiated where the signal is."""
        if search.radiated is None or not radiates(options["initial_state"], point["convention"]):
            return search.background, search.observed
        return search.radiated.background, search.radiated.observed
