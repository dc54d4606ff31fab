"""Everything about the widths that does not depend on a, computed once per flavor and list of masses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK, NEUTRINO, Electroweak
from physics.nature.flavors import single_flavors
from physics.neutrino_dipole.couplings import TERMS
from physics.neutrino_dipole.widths.interference import lepton_interference, neutrino_exchange
from physics.neutrino_dipole.widths.three_body import charged_widths, neutral_widths
from physics.neutrino_dipole.widths.two_body import photon_width
from physics.numerics.arrays import Array

PHOTON = "nu_gamma"


@dataclass(frozen=True, eq=False)
class WidthCoefficients:
    """Widths of a Dirac N as quadratic forms in (d_gamma, d_Z, d_W).

    Attributes
    ----------
    m_N : (n,) array
        [GeV]
    flavor : str
    channels : mapping of str to (6, n) array
        Final state to the coefficients of g^2, g Z, Z^2, W^2, g W and Z W (``TERMS``) [GeV^3]. ``nu_e_e`` is N -> nu
        e- e+ (with W* and interference if N couples to electrons), ``mu_u_d`` is N -> mu- u dbar, ``nu_nu_nu`` the
        sum over neutrinos.
    total : (6, n) array
        Their sum.
    """

    m_N: Array
    flavor: str
    channels: Mapping[str, Array]
    total: Array

    def group(self, *tags: str) -> Array:
        """Sum over channels, (6, n).

        >>> width_coefficients([1.0], "e").group("nu_e_e", "nu_mu_mu").shape
        (6, 1)
        """
        total: Array = np.sum([self.channels[tag] for tag in tags], axis=0)
        return total


def apply(coefficients: Array, products: Array) -> Array:
    """Widths from (6, n) coefficients and (6, ...) products of couplings, of shape (n, ...).

    Widths are positive; rounding just below zero where everything cancels is removed.
    """
    widths: Array = np.maximum(np.einsum("kn,k...->n...", coefficients, products), 0.0)
    return widths


def width_coefficients(
    m_N: ArrayLike, flavor: str, electroweak: Electroweak = ELECTROWEAK
) -> WidthCoefficients:
    """All widths of a Dirac N at some masses; remembered for the next call.

    Parameters
    ----------
    m_N : array_like
        Masses [GeV], flattened; tested from 1 MeV to 1 TeV.
    flavor : str
        e, mu, tau, or universal (the sum over three lepton flavors that N couples to equally).
    electroweak : Electroweak

    Returns
    -------
    WidthCoefficients

    Raises
    ------
    InputError
        If a mass is not positive and finite, or the flavor is unknown.

    Notes
    -----
    Tree level with fixed boson widths. Left out: QCD corrections of W* and Z* (the three-body widths tend to the
    on-shell ones times the tree-level over the measured width of the boson, 0.98 for W), final states with a top quark
    or with more bosons, hadronic resonances (quarks have constituent masses).
    """
    masses = np.atleast_1d(np.asarray(m_N, dtype=float)).ravel()
    if not (np.isfinite(masses).all() and (masses > 0).all()):
        raise InputError("m_N must be positive and finite")
    return _coefficients(tuple(masses.tolist()), flavor, electroweak)


@lru_cache(maxsize=64)
def _coefficients(
    masses: tuple[float, ...], flavor: str, electroweak: Electroweak
) -> WidthCoefficients:
    flavors = single_flavors(flavor)
    m_N = np.array(masses)
    channels: dict[str, Array] = {}
    for one in flavors:
        for tag, value in _one_flavor(masses, m_N, one, electroweak).items():
            channels[tag] = channels[tag] + value if tag in channels else value
    total = np.sum(list(channels.values()), axis=0)
    for values in (m_N, total, *channels.values()):
        values.flags.writeable = False
    return WidthCoefficients(m_N, flavor, MappingProxyType(channels), total)


def _one_flavor(
    masses: tuple[float, ...], m_N: Array, flavor: str, electroweak: Electroweak
) -> dict[str, Array]:
    photon = np.zeros((len(TERMS), len(m_N)))
    photon[TERMS.index("gg")] = photon_width(m_N)
    channels = {PHOTON: photon, **_neutral(masses, electroweak)}
    lepton = electroweak.fermion(flavor)
    for up, down in electroweak.doublets:
        pair = (electroweak.fermion(up), electroweak.fermion(down))
        widths = charged_widths(m_N, lepton, pair, electroweak)
        if down == flavor:  # N -> l- (l+ nu) is the final state of N -> nu (l- l+)
            same = f"nu_{flavor}_{flavor}"
            interference = lepton_interference(m_N, lepton, electroweak)
            channels[same] = channels[same] + widths + interference
        else:
            channels[f"{flavor}_{up}_{down}"] = widths
    return channels


@lru_cache(maxsize=64)
def _neutral(masses: tuple[float, ...], electroweak: Electroweak) -> Mapping[str, Array]:
    """Channels through gamma* and Z*, the same for every flavor."""
    m_N = np.array(masses)
    channels = {
        f"nu_{f.tag}_{f.tag}": neutral_widths(m_N, f, electroweak)
        for f in (*electroweak.leptons, *electroweak.quarks)
    }
    neutrinos = 3 * neutral_widths(m_N, NEUTRINO, electroweak)
    channels["nu_nu_nu"] = neutrinos + neutrino_exchange(m_N, electroweak)
    return MappingProxyType(channels)
