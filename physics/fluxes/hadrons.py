"""Hadrons that make neutrinos: their decays, the spectra they are taken from, and how far they fly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from physics.errors import InputError
from physics.fluxes.rest_spectra import (
    RestSpectrum,
    mixed,
    semileptonic,
    semileptonic_of_baryon,
    semileptonic_to_vector,
    tau_cascade,
    two_body,
)
from physics.nature.constants import LEPTON_MASS
from physics.numerics.arrays import Array
from physics.reading import STRICT, Number, Whole, WholeKey, read_as, read_yaml

_POLES = (2.1122, 2.5)  # of V and A_1 in charm decays [GeV]

# Of the LHC's interaction points 1 and 5: radius [m] of the absorber before the first magnets and its distance, and the
# absorber of neutral particles.
ABSORBER_RADIUS, ABSORBER_DISTANCE = 0.017, 19.0
NEUTRAL_DISTANCE = 140.0
DECAY_LENGTH = 30.0  # of charged hadrons that pass it, effective [m]
DECAY_LENGTHS = (20.0, 60.0)  # the band of it


@dataclass(frozen=True)
class NeutrinoDecay:
    """A decay into a neutrino, of the particle of a pair.

    Attributes
    ----------
    to : int
        PDG number of the neutrino.
    branching_ratio : float
    lepton : str
        The charged lepton: e, mu or tau.
    hadron : float
        Mass of the hadron [GeV]; zero if there is none.
    poles : tuple of float
        Masses of the poles of f_+ and f_0 [GeV], if it has no spin.
    vector : tuple of float
        Ratios r_v and r_2 of form factors, if it has spin one.
    baryon : tuple of float
        Ratios g_1/f_1 and f_2/f_1 of form factors, if it is a baryon.
    cascade : bool
        The neutrino is that of the tau.
    """

    __pydantic_config__: ClassVar = STRICT

    to: Whole
    branching_ratio: Number
    lepton: str
    hadron: Number = 0.0
    poles: tuple[Number, ...] = ()
    vector: tuple[Number, ...] = ()
    baryon: tuple[Number, ...] = ()
    cascade: bool = False

    def spectrum(self, mass: float) -> RestSpectrum:
        """The neutrino's energy in the rest frame of a hadron with this mass [GeV]."""
        lepton = LEPTON_MASS[self.lepton]
        if self.cascade:
            return tau_cascade(mass, lepton)
        if self.poles:
            return semileptonic(mass, self.hadron, lepton, *self.poles)
        if self.vector:
            return semileptonic_to_vector(mass, self.hadron, *_POLES, *self.vector)
        if self.baryon:
            return semileptonic_of_baryon(mass, self.hadron, lepton, *self.baryon)
        return two_body(mass, lepton)


@dataclass(frozen=True)
class NeutrinoParent:
    """A hadron.

    Attributes
    ----------
    tag, title : str
        Its name, and that in tables.
    mass, c_tau : float
        [GeV], [m].
    decays : tuple of NeutrinoDecay
        Of the particle; the antiparticle has the antineutrinos.
    tables : dict
        PDG number of meson spectra to the factor with which they make that of the particle.
    neutral : bool
        It flies through magnets.
    both_signs : bool
        It is its own antiparticle: half of its decays are those of the other sign.
    optional : bool
        Sets of meson spectra may lack it: their fluxes are made without it, and say so.
    """

    __pydantic_config__: ClassVar = STRICT

    tag: str
    title: str
    mass: Number
    c_tau: Number
    decays: tuple[NeutrinoDecay, ...]
    tables: dict[WholeKey, Number] = field(hash=False)
    neutral: bool = False
    both_signs: bool = False
    optional: bool = False

    def neutrinos(self) -> dict[int, tuple[float, RestSpectrum]]:
        """Each neutrino of the particle: how many there are in all its decays, and their energy in its rest frame."""
        found = {}
        for to in dict.fromkeys(decay.to for decay in self.decays):
            decays = [decay for decay in self.decays if decay.to == to]
            ratios = [decay.branching_ratio for decay in decays]
            spectra = [decay.spectrum(self.mass) for decay in decays]
            found[to] = (sum(ratios), mixed(spectra, ratios))
        return found

    def yields(self, to: int) -> Iterator[tuple[int, int, float]]:
        """Each table and neutrino in whose number those of the particle appear, and how often.

        Yields
        ------
        table, neutrino : int
            PDG numbers; the antiparticle's are the mirrored ones.
        factor : float
        """
        for table, factor in self.tables.items():
            if self.both_signs:
                yield table, to, factor / 2
                yield table, -to, factor / 2
            else:
                yield table, to, factor
                yield -table, -to, factor

    def free_path(self, theta: Array, pipe_radius: float, decay_length: float) -> Array:
        """How far it can fly [m]: to the wall of the pipe, the absorber before the magnets, or the end beyond.

        Parameters
        ----------
        theta : array
            Polar angle [rad].
        pipe_radius : float
            [m]
        decay_length : float
            Where charged hadrons end that pass the absorber [m].
        """
        end = NEUTRAL_DISTANCE if self.neutral else decay_length
        passes = np.tan(np.minimum(theta, 1.5)) < ABSORBER_RADIUS / ABSORBER_DISTANCE
        distance = np.where(passes, end, min(end, ABSORBER_DISTANCE))
        flown: Array = np.minimum(
            distance / np.maximum(np.cos(theta), 1e-9), pipe_radius / np.sin(theta)
        )
        return flown


@cache
def neutrino_parents() -> dict[str, NeutrinoParent]:
    """All hadrons that make neutrinos, by tag."""
    path = Path(__file__).with_name("decays.yaml")
    return {
        tag: read_as(NeutrinoParent, {"tag": tag, **keys}, f"{path}: {tag}:")
        for tag, keys in read_yaml(path, "list of decays").items()
    }


def check_decay_length(length: float) -> None:
    """Refuse an effective decay length outside of 0 to 140 m.

    Raises
    ------
    InputError
        If it is.
    """
    if not 0 < length <= NEUTRAL_DISTANCE:
        raise InputError(
            f"a decay length of {length:g} m makes no sense: charged hadrons that pass the absorber before the magnets "
            f"decay within some tens of metres; the band is {DECAY_LENGTHS[0]:g} to {DECAY_LENGTHS[1]:g} m"
        )
