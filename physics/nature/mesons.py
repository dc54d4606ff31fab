"""The mesons whose decays make heavy neutral leptons, with masses, widths and constants."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from physics.errors import InputError, unknown
from physics.nature.constants import HBAR_C
from physics.reading import read_yaml


@dataclass(frozen=True)
class Meson:
    """A meson.

    Attributes
    ----------
    tag, title : str
        Name in specs and files; name in tables and plots.
    pdg : int
        PDG number (of the positive charge).
    kind : str
        ``vector``, ``neutral_pseudoscalar`` or ``charged_pseudoscalar``.
    mass, width, decay_constant : float
        [GeV], arXiv:2308.16608 table 2.
    charge : float
        Quark charge that the photon sees in a vector meson.
    br_ee, br_gamma_gamma : float
        Measured branching ratios to e+e- (vectors) and to two photons (neutral pseudoscalars).
    ckm : str
        Quarks of the CKM element (charged pseudoscalars).
    """

    tag: str
    title: str
    pdg: int
    kind: str
    mass: float
    width: float
    decay_constant: float
    charge: float = 0.0
    br_ee: float = 0.0
    br_gamma_gamma: float = 0.0
    ckm: str = ""

    @property
    def c_tau(self) -> float:
        """Decay length at rest [m]."""
        return HBAR_C / self.width

    @property
    def flies(self) -> bool:
        """Whether it can hit an absorber before it decays (pi and K)."""
        return self.c_tau > 1.0


@cache
def mesons() -> dict[str, Meson]:
    """All mesons by tag.

    >>> mesons()["J_psi"].mass
    3.0969
    """
    content = read_yaml(Path(__file__).with_name("mesons.yaml"), "list of mesons")
    return {tag: Meson(tag=tag, **values) for tag, values in content.items()}


def meson(tag: str) -> Meson:
    """One meson.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    try:
        return mesons()[tag]
    except KeyError:
        raise InputError(unknown("meson", tag, mesons())) from None
