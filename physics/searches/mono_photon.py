"""Searches for single photons at e+e- colliders: e+ e- -> N nu, N -> nu gamma inside the detector.

arXiv:2301.06050 eqs. (14) and (16): N = L eff sigma_cuts(d, a) BR(N -> nu gamma) P_dec(l_D), where sigma_cuts is the
cross-section with the photon within cuts, proportional to d^2 at fixed a, and P_dec = 1 - exp(-l_D m Gamma/p) with the
total width. The paper's eqs. (14) and (16) contain the branching ratio twice; here it enters once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from physics.detectors.neutrino_background import background
from physics.detectors.photon_cuts import PhotonCuts, z_veto
from physics.errors import InputError
from physics.nature.constants import FB_PER_PB, HBAR_C
from physics.neutrino_dipole.annihilation.acceptance import acceptance
from physics.neutrino_dipole.annihilation.production import room
from physics.neutrino_dipole.annihilation.quadratic import Convention
from physics.neutrino_dipole.couplings import coupling_ratio_arrays
from physics.neutrino_dipole.widths.totals import branching_ratio_photon, total_width
from physics.reading import mapping, number, numbers
from physics.searches.base import search_kinds
from physics.searches.definition import SearchDefinition
from physics.searches.per_mass import PerMassKernel, PerMassSearch, check_detector


@dataclass(frozen=True, kw_only=True)
class MonoPhoton(SearchDefinition):
    """A search for a single photon at an e+e- collider; the exposure is an integrated luminosity [fb^-1].

    A background that its file does not give is e+ e- -> nu nubar gamma at tree level.

    Attributes
    ----------
    sqrt_s : float
        [GeV]
    cuts : PhotonCuts
    efficiency : float
        To see a photon within the cuts.
    decay_length : float
        Length of the detector, in which N must decay [m].
    """

    sqrt_s: float
    cuts: PhotonCuts
    efficiency: float
    decay_length: float
    kind: str = "mono-photon"

    def __post_init__(self):
        _check_energy(self.sqrt_s)
        check_detector(self.efficiency, self.decay_length)


def _check_energy(sqrt_s: float) -> None:
    if not 1 < sqrt_s < 1e5:
        raise InputError(f"sqrt_s must lie between 1 and 1e5 GeV, not {sqrt_s:g}")


def _cuts(sqrt_s: float, given: dict[str, Any]) -> PhotonCuts:
    """Cuts as a file states them."""
    vetoes = given.pop("vetoes", ())
    pairs = isinstance(vetoes, list | tuple) and all(
        isinstance(v, list | tuple) and len(v) == 2 for v in vetoes
    )
    if not pairs:
        raise InputError(f"cuts vetoes must be a list of pairs of energies, not {vetoes!r:.60}")
    ranges = [(number(low, "cuts vetoes"), number(high, "cuts vetoes")) for low, high in vetoes]
    if "z_veto" in given:  # half width in units of the width of the peak
        widths = number(given.pop("z_veto"), "cuts z_veto")
        if widths < 0:
            raise InputError(f"cuts z_veto must be zero or positive, not {widths:g}")
        ranges.append(z_veto(sqrt_s, widths))
    return PhotonCuts(**numbers({"cuts": given}, "cuts"), vetoes=tuple(ranges))


class MonoPhotonKernel(PerMassKernel):
    """Counts from quadratic forms."""

    def counts_at(
        self, search: MonoPhoton, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
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


@search_kinds.instance
class MonoPhotonSearch(PerMassSearch):
    """Single photons at e+e- colliders."""

    tag = "mono-photon"
    title = "single photons from e+ e- -> N nu"
    source = "arXiv:2301.06050 eqs. (10)-(16)"
    channel = "annihilation"
    kernel_type = MonoPhotonKernel
    seconds_per_convention = 0.02

    def read(self, tag: str, content: Mapping[str, Any]) -> MonoPhoton:
        """An experiment with ``sqrt_s``, ``cuts``, ``efficiency`` and ``decay_length``."""
        content = dict(content)
        for name in ("sqrt_s", "efficiency", "decay_length"):
            content[name] = number(content[name], name)
        _check_energy(content["sqrt_s"])  # before it enters cuts and background
        cuts = _cuts(content["sqrt_s"], mapping(content, "cuts"))
        content.pop("cuts", None)
        if "background" not in content:
            section = background(content["sqrt_s"], cuts)
            content["background"] = (
                section * FB_PER_PB * content["exposure"] * content["efficiency"]
            )
        content.setdefault("observed", content["background"])
        return MonoPhoton(tag=tag, cuts=cuts, **content)

    def restore(self, definition: Mapping[str, Any]) -> MonoPhoton:
        """A search from its stored definition."""
        content = dict(definition)
        cuts = dict(content.pop("cuts"))
        cuts["vetoes"] = tuple(tuple(v) for v in cuts["vetoes"])
        return MonoPhoton(cuts=PhotonCuts(**cuts), **content)

    def describe(self, definition: MonoPhoton) -> str:
        """Energy and cuts."""
        cuts = definition.cuts
        words = [f"√s {definition.sqrt_s:g} GeV", f"|cos θ| < {cuts.cos_max:.3g}"]
        for name, value in (("E_γ", cuts.E_min), ("p_T", cuts.pT_min)):
            words += [f"{name} > {value:g} GeV"] if value else []
        words += [f"x_γ > {cuts.x_min:g}"] if cuts.x_min else []
        words += [f"without E_γ {low:.3g} to {high:.3g} GeV" for low, high in cuts.vetoes]
        return ", ".join(words)
