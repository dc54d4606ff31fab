"""Beams: the energy at which spectra were made and what stands in the way of their hadrons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from physics.errors import InputError


@dataclass(frozen=True)
class Beam:
    """A beam.

    Attributes
    ----------
    tag, description : str
    sqrt_s : float
        Centre-of-mass energy [GeV].
    momentum : float
        Highest momentum of a secondary [GeV].
    absorber_distance, pipe_radius : float
        Charged hadrons that fly are stopped at this distance, or where they leave the pipe [m].
    """

    tag: str
    description: str
    sqrt_s: float
    momentum: float
    absorber_distance: float
    pipe_radius: float


@cache
def beams() -> dict[str, Beam]:
    """All beams by tag (``beams.yaml``).

    >>> beams()["lhc-14tev"].momentum
    7000.0
    """
    content = yaml.safe_load(Path(__file__).with_name("beams.yaml").read_text())
    return {tag: Beam(tag=tag, **values) for tag, values in content.items()}


def beam(tag: str) -> Beam:
    """One beam.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    try:
        return beams()[tag]
    except KeyError:
        raise InputError(f"unknown beam {tag!r}; there are: {', '.join(beams())}") from None
