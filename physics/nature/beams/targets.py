"""Materials that protons are dumped on, and how far pions and kaons get in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from physics.errors import InputError, unknown
from physics.numerics.arrays import Array
from physics.reading import STRICT, Number, read_yaml

_ANCHORS = ("Fe", "W")  # the law between them holds to 1% at copper


@dataclass(frozen=True)
class Target:
    """A material.

    Attributes
    ----------
    tag : str
        Symbol of the element.
    A : float
        Atomic weight, used as the mass number.
    density : float
        [g/cm3]
    pion_interaction_length : float, optional
        Measured [cm].
    """

    __pydantic_config__: ClassVar = STRICT

    tag: str
    A: Number
    density: Number
    pion_interaction_length: Number | None = None

    @property
    def interaction_length(self) -> float:
        """Mean free path of pions and kaons before an inelastic interaction [m].

        The measured one of pions, otherwise lambda rho = k A^n through iron and tungsten. Kaons are taken like pions:
        their cross-sections differ by 15-20%.
        """
        if self.pion_interaction_length is not None:
            return self.pion_interaction_length / 100
        light, heavy = (targets()[tag] for tag in _ANCHORS)
        depths = [t.interaction_length * t.density for t in (light, heavy)]
        power = np.log(depths[1] / depths[0]) / np.log(heavy.A / light.A)
        return float(depths[0] * (self.A / light.A) ** power / self.density)

    def decay_probability(self, decay_length: Array | float) -> Array | float:
        """Probability that a meson decays before it interacts, in material without end.

        P = (1/L) / (1/L + 1/lambda) = lambda/(lambda + L), the share of decays among two competing exponentials.

        Parameters
        ----------
        decay_length : array or float
            L = c tau p/m [m].
        """
        return self.interaction_length / (self.interaction_length + decay_length)


@cache
def targets() -> dict[str, Target]:
    """All materials by symbol (``targets.yaml``).

    >>> round(targets()["Cu"].interaction_length, 4)
    0.1851
    """
    content = read_yaml(Path(__file__).with_name("targets.yaml"), "list of targets")
    return {tag: Target(tag=tag, **values) for tag, values in content.items()}


def target(tag: str) -> Target:
    """One material.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    try:
        return targets()[tag]
    except KeyError:
        raise InputError(unknown("target", tag, targets())) from None
