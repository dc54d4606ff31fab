"""Materials as mass fractions of elements, and how many nuclei a layer of them has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

from physics.detectors.nuclei.elements import AVOGADRO, element
from physics.errors import InputError, unknown
from physics.reading import STRICT, Number, UnfitError, read_as, read_yaml
from physics.reading.keys import Instead

TOLERANCE = 1e-3  # by which fractions may miss one; tables are rounded
CM2_PER_M2 = 1e4


@dataclass(frozen=True)
class Material:
    """A material.

    Attributes
    ----------
    density : float
        [g/cm3]
    fractions : dict
        Mass fraction of each element, by symbol.
    """

    __pydantic_config__: ClassVar = STRICT

    density: Number
    fractions: dict[str, Number]

    def __post_init__(self) -> None:
        if not 0 < self.density < 1e3:
            raise InputError(
                f"a material needs a density above 0 and below 1000 g/cm3, not {self.density:g}"
            )
        if not self.fractions:
            raise InputError("a material needs the mass fraction of at least one element")
        for tag, fraction in self.fractions.items():
            element(tag)
            if not 0 < fraction <= 1 + TOLERANCE:
                raise InputError(
                    f"the mass fraction of {tag} must be above 0 and at most 1, not {fraction:g}"
                )
        total = math.fsum(self.fractions.values())
        if abs(total - 1) > TOLERANCE:
            raise InputError(f"the mass fractions of a material must add up to 1, not {total:.6g}")

    def atoms(self, length: float) -> dict[str, float]:
        """Atoms of each element in a layer [1/m^2].

        Parameters
        ----------
        length : float
            Thickness of the layer [m].

        Examples
        --------
        >>> round(Material(19.3, {"W": 1.0}).atoms(2.0)["W"] / 1e29, 4)
        1.2644
        """
        depth = self.density * length * 100  # g/cm2
        total = math.fsum(self.fractions.values())
        return {
            tag: AVOGADRO * depth * share / total / element(tag).weight * CM2_PER_M2
            for tag, share in self.fractions.items()
        }

    def describe(self) -> str:
        """Its elements, and their fractions if there are several."""
        if len(self.fractions) == 1:
            return next(iter(self.fractions))
        return ", ".join(f"{100 * share:.3g}% {tag}" for tag, share in self.fractions.items())


@cache
def materials() -> dict[str, Material]:
    """All materials by name (``materials.yaml``)."""
    content = read_yaml(Path(__file__).with_name("materials.yaml"), "list of materials")
    return {tag: read_as(Material, values, tag) for tag, values in content.items()}


def material(name: str) -> Material:
    """One material.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in materials():
        raise InputError(
            f"{unknown('material', name, materials())}, or give its density and its mass fractions"
        )
    return materials()[name]


def _key(value: Any) -> str | Material:
    """A material by its name, or from its density and mass fractions."""
    if isinstance(value, Material):
        return value
    if isinstance(value, str):
        material(value)
        return value
    if isinstance(value, Mapping):
        return read_as(Material, value, "material")
    raise UnfitError(
        f"must be the name of a material or a density with mass fractions, not {value!r:.60}"
    )


MaterialKey = Annotated[str | Material, Instead(_key)]
