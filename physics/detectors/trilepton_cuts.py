"""Cuts on a prompt and two displaced leptons, the tracker, and the efficiency of displaced tracks.

arXiv:2301.08592 sec. 3.1 and table 2 quote those of CMS (arXiv:2201.05578). Tracks are straight.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Annotated, ClassVar

from physics.errors import InputError, unknown
from physics.reading import STRICT, Number, UnfitError
from physics.reading.keys import Before

TRACKS = ("both", "either")
COUNTED = ("lepton", "pair")
LEPTONS = ("e", "mu")
RESONANCES = {  # masses [GeV], PDG
    "omega": 0.78266,
    "phi": 1.019461,
    "J/psi": 3.0969,
    "psi(2S)": 3.6861,
    "Upsilon": 9.4604,
    "Upsilon(2S)": 10.0234,
    "Upsilon(3S)": 10.3551,
}
VETOED = ("omega", "phi", "J/psi", "psi(2S)")

# efficiency of a displaced track at two transverse distances [m], lowest and highest values of sec. 3.1
POINTS = {
    "lowest": {"e": ((0.10, 0.20), (0.25, 0.15)), "mu": ((0.10, 0.85), (0.50, 0.40))},
    "highest": {"e": ((0.10, 0.80), (0.25, 0.60)), "mu": ((0.10, 0.95), (0.50, 0.80))},
}
EFFICIENCIES = ("lowest", "lowest-constant", "highest", "one")
Piece = tuple[float, float, float, float]


def _names(value: object) -> object:
    if not isinstance(value, list | tuple) or not all(isinstance(x, str) for x in value):
        raise UnfitError(f"must be a list of {', '.join(RESONANCES)}, not {value!r:.60}")
    return value


@dataclass(frozen=True)
class Tracker:
    """Where tracks are seen: a cylinder around the collision point.

    Attributes
    ----------
    eta_max : float
        Largest absolute pseudorapidity of the three leptons.
    radius, half_length : float
        The vertex lies at a transverse distance below the one and a longitudinal one below the other [m].
    """

    __pydantic_config__: ClassVar = STRICT

    eta_max: Number
    radius: Number
    half_length: Number

    def __post_init__(self) -> None:
        if not 0 < self.eta_max <= 20:
            raise InputError(f"tracker eta_max must lie between 0 and 20, not {self.eta_max:g}")
        for name in ("radius", "half_length"):
            if not 1e-6 <= getattr(self, name) <= 1e3:
                raise InputError(
                    f"tracker {name} must lie between 1e-6 and 1e3 m, not {getattr(self, name):g}"
                )


@dataclass(frozen=True)
class TrileptonCuts:
    """Selection of a prompt lepton 1 and two displaced ones, 2 and 3.

    Defaults are those of arXiv:2301.08592 sec. 3.1, and where it is silent those noted in docs/physics.md. The prompt
    lepton comes from the collision point, so that its own impact parameters always pass.

    Attributes
    ----------
    prompt_pT_e, prompt_pT_mu : float
        Transverse momentum of lepton 1 [GeV].
    displaced_pT_e, displaced_pT_mu : float
        Transverse momentum of leptons 2 and 3, each by its own flavor [GeV].
    d0_min : float
        Transverse impact parameter [m].
    d0_tracks : str
        Whether ``both`` displaced tracks or ``either`` must have it.
    dz_max : float
        Longitudinal impact parameter of both, at the point nearest to the beam line [m].
    pair_pT_min : float
        Of the vector sum of 2 and 3 [GeV].
    mass_min, mass_max : float
        Invariant mass of the three leptons [GeV].
    resonances : tuple of str
        Mesons around whose masses a pair of one flavor is removed.
    resonance_width : float
        Half the width of that window [GeV].
    cos_min : float
        Cosine between the flight of N and the momentum of the pair.
    dphi_min : float
        Azimuth between lepton 1 and each displaced one.
    dR_max : float
        Distance of the displaced ones in pseudorapidity and azimuth.
    prompt_efficiency : float
    displaced_efficiency : str
        Of a displaced track against the transverse distance of the vertex: the straight line through the ``lowest`` or
        the ``highest`` values of CMS, ``lowest-constant`` (constant below 10 cm), or ``one``.
    efficiency_per : str
        Whether it is that of each ``lepton`` or of the ``pair`` (for e mu then the mean of both).
    """

    __pydantic_config__: ClassVar = STRICT

    prompt_pT_e: Number = 32.0
    prompt_pT_mu: Number = 25.0
    displaced_pT_e: Number = 7.0
    displaced_pT_mu: Number = 5.0
    d0_min: Number = 1e-4
    d0_tracks: str = "both"
    dz_max: Number = 0.1
    pair_pT_min: Number = 15.0
    mass_min: Number = 50.0
    mass_max: Number = 80.0
    resonances: Annotated[tuple[str, ...], Before(_names)] = VETOED
    resonance_width: Number = 0.08
    cos_min: Number = 0.99
    dphi_min: Number = 1.0
    dR_max: Number = 1.0
    prompt_efficiency: Number = 0.9
    displaced_efficiency: str = "lowest"
    efficiency_per: str = "lepton"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float | int) and field.name != "cos_min" and value < 0:
                raise InputError(f"selection {field.name} must be zero or positive, not {value:g}")
        if not -1 <= self.cos_min < 1:
            raise InputError(
                f"selection cos_min must lie between -1 and 1 (excluded), not {self.cos_min:g}"
            )
        if self.dphi_min >= 3.14159:
            raise InputError(
                f"selection dphi_min must lie below pi, the largest azimuth, not {self.dphi_min:g}"
            )
        if not self.d0_min > 0:
            raise InputError(
                "selection d0_min must be positive [m]: without it a pair need not be displaced"
            )
        if not 0 < self.prompt_efficiency <= 1:
            raise InputError(
                f"selection prompt_efficiency must lie between 0 and 1, not {self.prompt_efficiency:g}"
            )
        if not self.mass_min < self.mass_max:
            raise InputError(
                f"selection mass_min = {self.mass_min:g} must lie below mass_max = {self.mass_max:g} GeV"
            )
        for name, allowed in (
            ("d0_tracks", TRACKS),
            ("displaced_efficiency", EFFICIENCIES),
            ("efficiency_per", COUNTED),
        ):
            if getattr(self, name) not in allowed:
                raise InputError(unknown(f"selection {name}", getattr(self, name), allowed))
        for resonance in self.resonances:
            if resonance not in RESONANCES:
                raise InputError(unknown("selection resonances", resonance, RESONANCES))

    def prompt_pT(self, flavor: str) -> float:
        """Threshold of lepton 1 [GeV]."""
        return self.prompt_pT_e if flavor == "e" else self.prompt_pT_mu

    def displaced_pT(self, flavor: str) -> float:
        """Threshold of a displaced lepton [GeV]."""
        return self.displaced_pT_e if flavor == "e" else self.displaced_pT_mu

    def efficiency_pieces(self, leptons: tuple[str, str]) -> tuple[tuple[float, Piece], ...]:
        """Efficiency of the two displaced leptons as quadratic polynomials of the transverse distance.

        Parameters
        ----------
        leptons : (str, str)
            Flavors, e or mu.

        Returns
        -------
        tuple of (end, (start, c0, c1, c2))
            From ``start`` to ``end`` [m] it is c0 + c1 rho + c2 rho^2; ends with the last positive efficiency.
        """
        lines = [self._lines(flavor) for flavor in leptons]
        edges = sorted({edge for line in lines for start, end, *_ in line for edge in (start, end)})
        pieces = []
        for start, end in pairwise(edges):
            found = [
                next(((b, s) for low, high, b, s in line if low <= start < high), None)
                for line in lines
            ]
            if None in found:
                if self.efficiency_per == "lepton" or not any(found):
                    continue
                found = [line or (0.0, 0.0) for line in found]
            (b2, s2), (b3, s3) = found  # type: ignore[misc]
            if self.efficiency_per == "lepton":
                polynomial = (b2 * b3, b2 * s3 + b3 * s2, s2 * s3)
            else:
                polynomial = ((b2 + b3) / 2, (s2 + s3) / 2, 0.0)
            pieces.append((end, (start, *polynomial)))
        return tuple(pieces)

    def _lines(self, flavor: str) -> list[tuple[float, float, float, float]]:
        """Straight pieces (start, end, value at zero, slope) of one track's efficiency, while it is positive."""
        if self.displaced_efficiency == "one":
            return [(0.0, float("inf"), 1.0, 0.0)]
        kind = self.displaced_efficiency.removesuffix("-constant")
        (near, first), (far, second) = POINTS[kind][flavor]
        slope = (second - first) / (far - near)
        base = first - slope * near
        end = -base / slope
        if self.displaced_efficiency == kind:
            return [(0.0, end, base, slope)]
        return [(0.0, near, first, 0.0), (near, end, base, slope)]
