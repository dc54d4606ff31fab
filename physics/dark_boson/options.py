"""Conventions of the dark boson that change results; each has a stated default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from physics.dark_boson.couplings import NATURES, DarkBoson
from physics.dark_boson.scattering import SIGNS
from physics.errors import InputError, one_of, quoted

CHOICES: dict[str, tuple[str, ...]] = {
    "nature": NATURES,
    "z_interference": tuple(SIGNS),
    "spin": ("correlated", "flat"),
}


@dataclass(frozen=True)
class DarkBosonOptions:
    """Conventions.

    Attributes
    ----------
    nature : str
        Of N: ``dirac`` (default), or ``majorana``: twice the width, and pairs without a memory of its spin.
    z_interference : str
        Whether the Z of the standard model adds to the exchange of Z_D on nuclei: ``none`` (default), or the sign with
        which it does, ``constructive`` (eps g_D > 0) or ``destructive``.
    spin : str
        ``correlated`` (default): Z_D and pairs follow the helicity of N; ``flat``: isotropic where N is at rest.
    """

    nature: str = "dirac"
    z_interference: str = "none"
    spin: str = "correlated"

    def __post_init__(self) -> None:
        for field in fields(self):
            value, allowed = getattr(self, field.name), CHOICES[field.name]
            if value not in allowed:
                raise InputError(
                    f"option {field.name}: {quoted(value)} is not possible; choose {one_of(allowed)}"
                )

    @property
    def remembers(self) -> bool:
        """Whether pairs follow the helicity of N."""
        return self.spin == "correlated" and self.nature == "dirac"


def chosen(options: Mapping[str, Any]) -> DarkBosonOptions:
    """Those of a task, which has the normalisation of spectra besides."""
    return DarkBosonOptions(**{name: options[name] for name in CHOICES})


def boson_at(point: Mapping[str, Any], options: DarkBosonOptions) -> DarkBoson:
    """Z_D at a point of a scan, from m_ZD [GeV] or its ratio to m_N, alpha_D and epsilon.

    >>> point = {"m_N": 0.5, "m_ZD_over_m_N": 8.0, "alpha_D": 0.1, "epsilon": 1e-3}
    >>> boson_at(point, DarkBosonOptions()).m_ZD
    4.0
    """
    tied = float(point.get("m_ZD_over_m_N", 0.0)) * float(point["m_N"])
    mass = float(point.get("m_ZD", tied))
    return DarkBoson(mass, float(point["alpha_D"]), float(point["epsilon"]), options.nature)
