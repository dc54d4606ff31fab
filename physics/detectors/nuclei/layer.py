"""A layer of material that a beam of neutrinos crosses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from physics.detectors.nuclei.form_factors import FORM_FACTORS, check_form_factor
from physics.detectors.nuclei.materials import Material, MaterialKey, material
from physics.errors import InputError, one_of, unknown
from physics.reading import STRICT, Number, UnfitError
from physics.reading.keys import Before

INCOHERENT = ("subtracted", "printed")
LONGEST = 1e6  # m


def _pair(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise UnfitError(f"must be [x, y] in m, not {value!r:.60}")
    return value


Point = Annotated[tuple[Number, Number], Before(_pair)]


@dataclass(frozen=True)
class Layer:
    """A block of material, its sides along the beam and across it.

    Attributes
    ----------
    material : str or Material
        The name of a material, or its density and mass fractions.
    length : float
        Along the beam [m].
    width, height : float
        Across it [m].
    centre : (float, float)
        Of its cross-section, from the beam axis [m].
    form_factor : str
        Of nuclei: ``helm``, ``fermi`` or ``fourier-bessel``.
    screening : bool
        Whether the electrons of the atom hide the nucleus at small momentum transfer.
    incoherent : str
        ``subtracted``: scattering on single nucleons times 1 - F^2, so that nothing is counted twice; ``printed``:
        without that factor, as arXiv:2011.04751 eq. (A.9).
    """

    __pydantic_config__: ClassVar = STRICT

    material: MaterialKey
    length: Number
    width: Number
    height: Number
    centre: Point = (0.0, 0.0)
    form_factor: str = "helm"
    screening: bool = True
    incoherent: str = "subtracted"

    def __post_init__(self) -> None:
        for name in ("length", "width", "height"):
            if not 0 < getattr(self, name) <= LONGEST:
                raise InputError(
                    f"the {name} of a target must be above 0 and at most {LONGEST:g} m, not {getattr(self, name):g}"
                )
        if self.form_factor not in FORM_FACTORS:
            raise InputError(unknown("form factor", self.form_factor, FORM_FACTORS))
        if self.incoherent not in INCOHERENT:
            raise InputError(
                f"target incoherent must be {one_of(INCOHERENT)}, not {self.incoherent!r:.60}"
            )
        check_form_factor(self.form_factor, list(self.made_of.fractions))

    @property
    def made_of(self) -> Material:
        """Its material."""
        return self.material if isinstance(self.material, Material) else material(self.material)

    @property
    def area(self) -> float:
        """Across the beam [m^2]."""
        return self.width * self.height

    @property
    def atoms(self) -> dict[str, float]:
        """Atoms of each element along the beam [1/m^2]."""
        return self.made_of.atoms(self.length)

    def describe(self) -> str:
        """Material and sides."""
        name = self.material if isinstance(self.material, str) else self.material.describe()
        return f"{self.length:g} m of {name}, {self.width:g} x {self.height:g} m"
