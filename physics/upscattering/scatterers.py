"""What neutrinos scatter on in a layer of material: nuclei as a whole, their nucleons, electrons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from physics.detectors.nuclei.elements import Element, element
from physics.detectors.nuclei.form_factors import FORM_FACTORS, screening
from physics.detectors.nuclei.layer import Layer
from physics.detectors.nuclei.nucleons import MASS, dirac_and_pauli
from physics.nature.constants import LEPTON_MASS
from physics.numerics.arrays import Array
from physics.upscattering.momentum_transfer import limits, log_nodes, propagator_nodes, root_nodes

COHERENT, PROTON, NEUTRON, ELECTRON = CHANNELS = ("coherent", "proton", "neutron", "electron")
FEW = 10  # nodes on electrons with a propagator, 1e-4 of what is seen: each is an energy of N
COARSE = 2  # the error is the difference to a rule of so many times fewer nodes
SMOOTH = 0.03  # GeV: form factors of nuclei have no structure below
RANGE = 1.3  # GeV above the smallest Q, where those of nuclei have fallen to nothing
NUCLEON_RANGE = 300.0, 30.0  # GeV^2, and times the smallest |t|


@dataclass(frozen=True)
class Scatterer:
    """One kind of target particle.

    Attributes
    ----------
    channel : str
        ``coherent``, ``proton``, ``neutron`` or ``electron``.
    mass : float
        [GeV]
    half : bool
        Whether its spin is 1/2; 0 otherwise.
    number : float
        Of them along the beam [1/m^2].
    form_factors : callable
        -t [GeV^2] to F_1 and F_2, F_1(0) being the charge.
    share : callable
        -t to the part of the cross-section that counts.
    nucleus : Element, optional
        Of coherent scattering.
    """

    channel: str
    mass: float
    half: bool
    number: float
    form_factors: Callable[[Array], tuple[Array, Array]]
    share: Callable[[Array], Array] | None = None
    nucleus: Element | None = None

    def nodes(
        self,
        E: Array,
        m: float,
        Q2_max: Array | float = np.inf,
        finer: bool = True,
        scale: float = 0.0,
    ) -> tuple[Array, Array]:
        """Nodes and weights in -t, (n, k), of the integral over all momentum transfers.

        Parameters
        ----------
        E : (n,) array
            Energies of neutrinos [GeV].
        m : float
            Mass of N [GeV].
        Q2_max : float or (n,) array
            Largest -t that counts [GeV^2].
        finer : bool
            False for a rule of half as many nodes, whose difference is an error.
        scale : float
            Squared mass of what is exchanged [GeV^2]; see :func:`log_nodes`.

        Returns
        -------
        tau, weights : (n, k) arrays
            [GeV^2]; weights are zero below threshold.
        """
        low, high = limits(E, m, self.mass)
        high = np.minimum(high, Q2_max)
        part = 1 if finer else COARSE
        if self.channel == ELECTRON:
            if scale and not finer:
                return propagator_nodes(low, high, FEW, scale)
            return log_nodes(low, high, 28 // part, scale)
        if self.channel != COHERENT:
            flat, steep = NUCLEON_RANGE
            return log_nodes(low, np.minimum(high, flat + steep * low), 128 // part)
        high = np.minimum(high, (np.sqrt(low) + RANGE) ** 2)
        join = np.clip(np.full_like(low, SMOOTH**2), low, np.maximum(high, low))
        parts = (
            log_nodes(low, join, 64 // part),
            root_nodes(join, np.maximum(high, join), 144 // part),
        )
        nodes = np.concatenate([p[0] for p in parts], axis=1)
        # at and below threshold limits are zero, and so are the nodes
        return np.where(nodes > 0, nodes, 1.0), np.concatenate([p[1] for p in parts], axis=1)


def scatterers(layer: Layer, channels: tuple[str, ...] = CHANNELS) -> list[Scatterer]:
    """Everything in a layer that some channels count.

    Hydrogen is a free proton: its charge is counted there and not as a nucleus.

    Parameters
    ----------
    layer : Layer
    channels : tuple of str

    Returns
    -------
    list of Scatterer
    """
    found = []
    electrons = 0.0
    for tag, atoms in layer.atoms.items():
        nucleus = element(tag)
        electrons += atoms * nucleus.Z
        if tag == "H":
            found.append(_nucleon(PROTON, atoms, None))
            continue
        hidden = FORM_FACTORS[layer.form_factor]
        found.append(
            Scatterer(
                COHERENT, nucleus.mass, False, atoms,
                partial(_charge, nucleus, layer.form_factor, layer.screening), nucleus=nucleus,
            )
        )  # fmt: skip
        share = partial(_left, hidden, nucleus) if layer.incoherent == "subtracted" else None
        found.append(_nucleon(PROTON, atoms * nucleus.Z, share))
        found.append(_nucleon(NEUTRON, atoms * nucleus.mean_neutrons, share))
    found.append(Scatterer(ELECTRON, LEPTON_MASS["e"], True, electrons, _point))
    return [scatterer for scatterer in found if scatterer.channel in channels]


def _nucleon(name: str, number: float, share: Callable[[Array], Array] | None) -> Scatterer:
    return Scatterer(name, MASS[name], True, number, partial(dirac_and_pauli, name), share)


def _charge(nucleus: Element, form_factor: str, screened: bool, tau: Array) -> tuple[Array, Array]:
    Q = np.sqrt(tau)
    charge = nucleus.Z * FORM_FACTORS[form_factor](Q, nucleus)
    if screened:
        charge = charge * screening(Q, nucleus.Z)
    return charge, np.zeros_like(charge)


def _left(form_factor: Callable[[Array, Element], Array], nucleus: Element, tau: Array) -> Array:
    """What coherent scattering leaves to single nucleons."""
    left: Array = 1 - form_factor(np.sqrt(tau), nucleus) ** 2
    return left


def _point(tau: Array) -> tuple[Array, Array]:
    return np.ones_like(tau), np.zeros_like(tau)
