"""Conventions of the dipole portal that change results; each has a stated default."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from physics.errors import InputError, quoted

CHOICES: dict[str, tuple[Any, ...]] = {
    "nature": ("dirac", "majorana"),
    "count_antiparticle": (True, False),
    "constants": ("measured", "paper"),
    "form_factor": ("pointlike", "vmd"),
    "initial_state": ("radiator", "none"),
}
BEFORE = {"initial_state": "none"}  # what stores have that were made before there was the option


@dataclass(frozen=True)
class DipoleOptions:
    """Conventions.

    Attributes
    ----------
    nature : str
        ``dirac`` (default; width d^2 m^3/4pi) or ``majorana`` (twice the width, unpolarised photon).
    count_antiparticle : bool
        Count N and Nbar (default), or N only, as arXiv:2308.16608 seems to do.
    constants : str
        ``measured`` (default): vector and neutral pseudoscalar rates from the measured branching ratios to e+e- and
        two photons. ``paper``: from the decay constants of arXiv:2308.16608 table 2, whose eta and eta' values are
        the octet and singlet constants (an erratum: rates too low by 1.55 and 1.84).
    form_factor : str
        ``pointlike`` (default, as in the paper) or ``vmd``, a single rho pole in P0 -> gamma gamma*.
    initial_state : str
        Photons that e- and e+ radiate before they make N, in single-photon searches and where the axis ``convention``
        is ``exact``: ``radiator`` (default; signal and background, :mod:`physics.nature.radiator`) or ``none``.
    """

    nature: str = "dirac"
    count_antiparticle: bool = True
    constants: str = "measured"
    form_factor: str = "pointlike"
    initial_state: str = "radiator"

    def __post_init__(self) -> None:
        for field in fields(self):
            value, allowed = getattr(self, field.name), CHOICES[field.name]
            if value not in allowed or type(value) is not type(allowed[0]):
                raise InputError(
                    f"option {field.name}: {quoted(value)} is not possible; "
                    f"choose {' or '.join(str(a).lower() for a in allowed)}"
                )
        if self.nature == "majorana" and not self.count_antiparticle:
            raise InputError(
                "option count_antiparticle: a Majorana N is its own antiparticle; "
                "remove count_antiparticle: false or use nature: dirac"
            )
