"""Cuts on a single photon: for each polar angle, windows of its energy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK, Electroweak
from physics.numerics.arrays import Array
from physics.reading import STRICT, Number, OpenNumber, UnfitError
from physics.reading.keys import Before


def _pairs(value: object) -> object:
    pairs = isinstance(value, list | tuple) and all(
        isinstance(v, list | tuple) and len(v) == 2 for v in value
    )
    if not pairs:
        raise UnfitError(f"must be a list of pairs of energies, not {value!r:.60}")
    return value


@dataclass(frozen=True)
class PhotonCuts:
    """What is asked of the photon; symmetric in the two hemispheres, so the same for N nubar and Nbar nu.

    Attributes
    ----------
    cos_min, cos_max : float
        Range of |cos theta| (z in arXiv:2301.06050).
    E_min, E_max : float
        Energy [GeV].
    x_min, x_max : float
        2 E/sqrt_s.
    pT_min : float
        Transverse momentum [GeV].
    vetoes : tuple of (float, float)
        Energies [GeV] that are removed.
    boundary_cos : float
        Edge of the detector c_b, in arXiv:2301.06050 eq. (21): E > sqrt_s/(1 + sin theta/sin theta_b), above which a
        photon cannot be balanced by particles outside the detector. One switches this off.
    """

    __pydantic_config__: ClassVar = STRICT

    cos_min: Number = 0.0
    cos_max: Number = 1.0
    E_min: Number = 0.0
    E_max: OpenNumber = math.inf
    x_min: Number = 0.0
    x_max: OpenNumber = math.inf
    pT_min: Number = 0.0
    vetoes: Annotated[tuple[tuple[Number, Number], ...], Before(_pairs)] = ()
    boundary_cos: Number = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.cos_min <= self.cos_max <= 1:
            raise InputError(
                "photon cuts: |cos theta| must have 0 <= cos_min <= cos_max <= 1, "
                f"not {self.cos_min:g} and {self.cos_max:g}"
            )
        for name in ("E_min", "x_min", "pT_min"):
            if not 0 <= getattr(self, name) < math.inf:
                raise InputError(
                    f"photon cuts: {name} must be zero or positive, not {getattr(self, name):g}"
                )
        for low, high in (("E_min", "E_max"), ("x_min", "x_max")):
            if not getattr(self, low) <= getattr(self, high):
                raise InputError(
                    f"photon cuts: {low} must be at most {high}, not "
                    f"{getattr(self, low):g} and {getattr(self, high):g}"
                )
        if not 0 < self.boundary_cos <= 1:
            raise InputError(
                f"photon cuts: boundary_cos must be in (0, 1], not {self.boundary_cos:g}"
            )
        if min(self.E_max, self.x_max) <= 0:
            raise InputError("photon cuts: E_max and x_max must be above zero")
        for veto in self.vetoes:
            if not (len(veto) == 2 and veto[0] <= veto[1] and veto[1] >= 0):
                raise InputError(f"photon cuts: a veto is (lowest, highest) energy, not {veto}")

    def windows(self, sqrt_s: float, cos: Array) -> tuple[Array, Array]:
        """Energies that are kept, at most sqrt_s/2.

        Parameters
        ----------
        sqrt_s : float
            [GeV]
        cos : (n,) array
            Of the polar angle, within the range of the cuts; +-1 only without ``pT_min``.

        Returns
        -------
        lowest, highest : (len(vetoes) + 1, n) arrays
            [GeV]; equal where a window is empty.
        """
        sin = np.sqrt((1 - cos) * (1 + cos))
        lowest, highest = self._energy_range(sqrt_s)
        low = np.full_like(sin, lowest)
        if self.pT_min > 0:
            low = np.maximum(low, self.pT_min / np.maximum(sin, 1e-300))
        if self.boundary_cos < 1:
            low = np.maximum(low, sqrt_s / (1 + sin / self._boundary_sin))
        starts: list[float] = [0.0]
        ends: list[float] = []
        for first, last in sorted(self.vetoes):
            ends.append(max(first, starts[-1]))  # of vetoes that overlap, the gap is empty
            starts.append(max(last, starts[-1]))
        ends.append(highest)
        bottom = np.minimum(np.maximum(low, np.array(starts)[:, None]), sqrt_s / 2)
        top = np.minimum(highest, np.array(ends)[:, None])
        return bottom, np.maximum(np.broadcast_to(top, bottom.shape), bottom)

    def corners(self, sqrt_s: float, energies: Array) -> Array:
        """Values of |cos theta| where the edges of the windows are not smooth, or cross given energies.

        Parameters
        ----------
        sqrt_s : float
            [GeV]
        energies : (n,) array
            [GeV]

        Returns
        -------
        (k,) array
            Ascending, inside the range of the cuts.
        """
        energies = np.array([*energies, *self._energy_range(sqrt_s), *np.ravel(self.vetoes)])
        # softer photons are outside for all angles, harder ones do not exist
        energies = energies[(energies > 1e-30 * sqrt_s) & (energies < np.inf)]
        sines = [self.pT_min / energies]
        if self.boundary_cos < 1:
            sines.append(self._boundary_sin * (sqrt_s / energies - 1))
            slope = sqrt_s - self.pT_min / self._boundary_sin
            sines.append(np.array([self.pT_min / slope if slope > 0 else 0.0]))
        sin = np.concatenate(sines)
        cos = np.sqrt(1 - sin[(sin >= 0) & (sin <= 1)] ** 2)
        return np.unique(cos[(cos > self.cos_min) & (cos < self.cos_max)])

    @property
    def _boundary_sin(self) -> float:
        return math.sqrt(1 - self.boundary_cos**2)

    def _energy_range(self, sqrt_s: float) -> tuple[float, float]:
        beam = sqrt_s / 2
        return max(self.E_min, self.x_min * beam), min(self.E_max, self.x_max * beam, beam)


def z_veto(
    sqrt_s: float, widths: float = 5.0, electroweak: Electroweak = ELECTROWEAK
) -> tuple[float, float]:
    """Energies [GeV] of photons that recoil against a Z.

    arXiv:2301.06050 section V: (s - M_Z^2)/(2 sqrt_s) +- widths M_Z Gamma_Z/sqrt_s.

    >>> [round(E, 1) for E in z_veto(240.0)]
    [97.9, 107.4]
    """
    ew = electroweak
    centre, width = (sqrt_s - ew.m_Z**2 / sqrt_s) / 2, ew.m_Z * ew.width_Z / sqrt_s
    return centre - widths * width, centre + widths * width
