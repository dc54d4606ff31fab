"""Elements, and the nucleus that stands for each in form factors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from physics.errors import InputError, unknown
from physics.nature.constants import LEPTON_MASS
from physics.reading import STRICT, Number, Whole, read_as, read_yaml

ATOMIC_MASS_UNIT = 0.93149410242  # GeV, CODATA 2018
AVOGADRO = 6.02214076e23  # 1/mol


@dataclass(frozen=True)
class Element:
    """An element.

    Attributes
    ----------
    tag : str
        Its symbol.
    Z, A : int
        Protons, and nucleons of the nucleus that stands for it.
    weight : float
        Standard atomic weight [u].
    nucleus : float
        Atomic mass of that nucleus [u].
    radius : float
        Root mean square charge radius [fm].
    """

    __pydantic_config__: ClassVar = STRICT

    tag: str
    Z: Whole
    A: Whole
    weight: Number
    nucleus: Number
    radius: Number

    @property
    def mass(self) -> float:
        """Mass of the nucleus [GeV]; the electrons' binding, below 1e-5 of it, is neglected."""
        return self.nucleus * ATOMIC_MASS_UNIT - self.Z * LEPTON_MASS["e"]

    @property
    def mean_neutrons(self) -> float:
        """Neutrons of the mean atom, weight - Z."""
        return max(self.weight - self.Z, 0.0) if self.A > 1 else 0.0


@cache
def elements() -> dict[str, Element]:
    """All elements by symbol (``elements.yaml``).

    >>> round(elements()["W"].mass, 3)
    171.311
    """
    content = read_yaml(Path(__file__).with_name("elements.yaml"), "list of elements")
    return {tag: read_as(Element, {"tag": tag} | values, tag) for tag, values in content.items()}


def element(tag: str) -> Element:
    """One element.

    Raises
    ------
    InputError
        If there is none of this symbol: it has no form factor.
    """
    if tag not in elements():
        raise InputError(f"{unknown('element', tag, elements())}; others have no form factor here")
    return elements()[tag]
