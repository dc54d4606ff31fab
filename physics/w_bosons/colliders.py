"""Colliders whose W bosons are known, and how many they make."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from physics.errors import InputError, unknown
from physics.reading import STRICT, Number, read_as, read_yaml

NORMALISATIONS = ("paper", "cross-section")
_PER_NB = 1e6  # 1/fb times nb


@dataclass(frozen=True)
class Collider:
    """Collisions of protons in which W bosons are made.

    Attributes
    ----------
    tag, title : str
    sqrt_s : float
        [GeV]
    luminosity : float
        Of its programme [1/fb].
    number_of_W : float
        Of both charges in that programme, as arXiv:2301.08592 table 1 has it; zero where it has none.
    """

    __pydantic_config__: ClassVar = STRICT

    tag: str
    title: str
    sqrt_s: Number
    luminosity: Number
    number_of_W: Number = 0.0


@cache
def colliders() -> dict[str, Collider]:
    """All of them by tag."""
    path = Path(__file__).with_name("colliders.yaml")
    content = read_yaml(path, "list of colliders")
    return {
        tag: read_as(Collider, {"tag": tag, **keys}, f"{path}: {tag}:")
        for tag, keys in content.items()
    }


def collider(name: str | float) -> Collider:
    """One collider, by its tag or its energy.

    Parameters
    ----------
    name : str or float
        ``lhc-14tev``, or the centre-of-mass energy in TeV.

    Raises
    ------
    InputError
        If there is none.

    Examples
    --------
    >>> collider(100).tag
    'fcc-100tev'
    """
    for found in colliders().values():
        if name == found.tag or name == found.sqrt_s / 1000:
            return found
    raise InputError(unknown("collider of W bosons", name, colliders()))


def number_of_w(
    place: Collider,
    cross_section: float,
    normalisation: str = NORMALISATIONS[0],
    luminosity: float | None = None,
) -> float:
    """Number of W bosons of both charges.

    Parameters
    ----------
    place : Collider
    cross_section : float
        Of both charges [nb], that of :class:`physics.w_bosons.events.WEvents`.
    normalisation : str
        ``paper``: table 1 of arXiv:2301.08592, in proportion to the luminosity; ``cross-section``: the leading-order
        cross-section of the generated events times the luminosity, which gives 0.74 times as many at 14 TeV, and 2.7
        times as many at 100 TeV.
    luminosity : float, optional
        [1/fb]; by default that of the collider's programme.

    Raises
    ------
    InputError
        If there is no such normalisation, or the paper has no number for the collider.

    Examples
    --------
    >>> number_of_w(collider("lhc-14tev"), 148.8)
    600000000000.0
    >>> f"{number_of_w(collider('fcc-100tev'), 1078.0, 'cross-section'):.3g}"
    '3.23e+13'
    """
    exposure = place.luminosity if luminosity is None else luminosity
    if normalisation == "cross-section":
        return cross_section * exposure * _PER_NB
    if normalisation != "paper":
        raise InputError(unknown("normalisation of W bosons", normalisation, NORMALISATIONS))
    if not place.number_of_W:
        raise InputError(
            f"arXiv:2301.08592 has no number of W bosons for {place.tag}; take the normalisation 'cross-section'"
        )
    return place.number_of_W * exposure / place.luminosity
