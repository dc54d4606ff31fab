"""Places at which the product knows neutrino fluxes: a detector, its beam and its area."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from physics.reading import STRICT, Number, read_as, read_yaml


@dataclass(frozen=True)
class FluxPlace:
    """Where a flux is wanted.

    Attributes
    ----------
    tag, title : str
        Its name in commands and files, and in figures.
    beam : str
        Beam whose meson spectra make the neutrinos.
    distance : float
        From the collision [m].
    aperture : (float, float)
        Width and height of the area over which a flux is averaged, around the beam's axis [m].
    default : str
        Label of the flux that is taken by default.
    """

    __pydantic_config__: ClassVar = STRICT

    tag: str
    title: str
    beam: str
    distance: Number
    aperture: tuple[Number, Number]
    default: str

    @property
    def area(self) -> float:
        """[m^2]."""
        return self.aperture[0] * self.aperture[1]


@cache
def flux_places() -> dict[str, FluxPlace]:
    """All places of the product by tag."""
    path = Path(__file__).with_name("places.yaml")
    content = read_yaml(path, "list of places")
    return {
        tag: read_as(FluxPlace, {"tag": tag, **keys}, f"{path}: {tag}:")
        for tag, keys in content.items()
    }


@cache
def imports() -> dict[str, str]:
    """Places of shipped searches whose flux is not shipped, and the command that imports it (``imports.yaml``)."""
    found: dict[str, str] = read_yaml(Path(__file__).with_name("imports.yaml"), "list of commands")
    return found
