"""Cuts on the three leptons in the laboratory, one function each, and the proper times at which the rest passes.

Tracks are straight, so that everything about the vertex is linear in the proper time T of N (in metres): N flies
T p_N/m_N, and a track has impact parameters d0 = T g and dz = T h with

    g = abs(X p_y - Y p_x)/p_T,   h = abs(Z - (X p_x + Y p_y) p_z/p_T^2),   (X, Y, Z) = p_N/m_N.

An event that passes all cuts on momenta passes for T between :func:`windows` T1 and T2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from physics.detectors.trilepton_cuts import RESONANCES, Tracker, TrileptonCuts
from physics.numerics.arrays import Array, Integers, Mask


@dataclass(frozen=True, eq=False)
class Leptons:
    """Momenta of some events in the laboratory, (4, n) arrays of E, p_x, p_y, p_z [GeV].

    Attributes
    ----------
    prompt : (4, n) array
        Lepton 1.
    first, second : (4, n) arrays
        The displaced leptons 2 and 3.
    heavy : (4, n) array
        N.
    flavors : (str, str)
        Of 2 and 3.
    """

    prompt: Array
    first: Array
    second: Array
    heavy: Array
    flavors: tuple[str, str]

    def __getitem__(self, kept: Mask | Integers) -> Leptons:
        """Those of some events."""
        return Leptons(
            self.prompt[:, kept],
            self.first[:, kept],
            self.second[:, kept],
            self.heavy[:, kept],
            self.flavors,
        )

    @property
    def pair(self) -> Array:
        """Sum of the two displaced leptons."""
        return self.first + self.second


# ---- cuts on momenta -------------------------------------------------------------------------


def central(track: Array, eta_max: float) -> Mask:
    """Whether tracks lie below a pseudorapidity: abs(p_z) < p_T sinh(eta_max)."""
    limit = np.sinh(eta_max) ** 2
    found: Mask = track[3] ** 2 < limit * (track[1] ** 2 + track[2] ** 2)
    return found


def hard(track: Array, p_T: float) -> Mask:
    """Whether tracks lie above a transverse momentum."""
    found: Mask = track[1] ** 2 + track[2] ** 2 > p_T**2
    return found


def all_central(leptons: Leptons, cuts: TrileptonCuts, tracker: Tracker, prompt: str) -> Mask:
    """Pseudorapidity of the three leptons."""
    three = (leptons.prompt, leptons.first, leptons.second)
    found: Mask = np.logical_and.reduce([central(track, tracker.eta_max) for track in three])
    return found


def hard_prompt(leptons: Leptons, cuts: TrileptonCuts, tracker: Tracker, prompt: str) -> Mask:
    """Transverse momentum of lepton 1, by its flavor."""
    return hard(leptons.prompt, cuts.prompt_pT(prompt))


def hard_displaced(leptons: Leptons, cuts: TrileptonCuts, tracker: Tracker, prompt: str) -> Mask:
    """Transverse momenta of 2 and 3, each by its flavor."""
    one, two = leptons.flavors
    return hard(leptons.first, cuts.displaced_pT(one)) & hard(
        leptons.second, cuts.displaced_pT(two)
    )


def hard_pair(leptons: Leptons, cuts: TrileptonCuts, tracker: Tracker, prompt: str) -> Mask:
    """Transverse momentum of the vector sum of 2 and 3."""
    return hard(leptons.pair, cuts.pair_pT_min)


def three_mass(leptons: Leptons, cuts: TrileptonCuts, tracker: Tracker, prompt: str) -> Mask:
    """Invariant mass of the three leptons."""
    s = _square(leptons.prompt + leptons.pair)
    found: Mask = (s > cuts.mass_min**2) & (s < cuts.mass_max**2)
    return found


def no_resonance(leptons: Leptons, cuts: TrileptonCuts, tracker: Tracker, prompt: str) -> Mask:
    """Mass of a pair of one flavor away from those of mesons."""
    found = np.ones(leptons.first.shape[1], dtype=bool)
    if leptons.flavors[0] != leptons.flavors[1] or not cuts.resonances:
        return found
    mass = np.sqrt(np.maximum(_square(leptons.pair), 0.0))
    for name in cuts.resonances:
        found &= np.abs(mass - RESONANCES[name]) >= cuts.resonance_width
    return found


def pointing(leptons: Leptons, cuts: TrileptonCuts, tracker: Tracker, prompt: str) -> Mask:
    """Angle between the flight of N and the momentum of the pair, in space."""
    found: Mask = _cosine(leptons.heavy, leptons.pair) > cuts.cos_min
    return found


def separated(leptons: Leptons, cuts: TrileptonCuts, tracker: Tracker, prompt: str) -> Mask:
    """Azimuth between lepton 1 and both displaced ones."""
    one, most = leptons.prompt, np.cos(cuts.dphi_min)
    square = one[1] ** 2 + one[2] ** 2
    apart = np.ones(square.shape, dtype=bool)
    for two in (leptons.first, leptons.second):
        along = one[1] * two[1] + one[2] * two[2]
        apart &= along < most * np.sqrt(square * (two[1] ** 2 + two[2] ** 2))
    return apart


def near(leptons: Leptons, cuts: TrileptonCuts, tracker: Tracker, prompt: str) -> Mask:
    """Distance of 2 and 3 in pseudorapidity and azimuth."""
    eta = [np.arcsinh(t[3] / np.hypot(t[1], t[2])) for t in (leptons.first, leptons.second)]
    square = (eta[0] - eta[1]) ** 2 + _azimuth(leptons.first, leptons.second) ** 2
    found: Mask = square < cuts.dR_max**2
    return found


Cut = Callable[[Leptons, TrileptonCuts, Tracker, str], Mask]
CUTS: Mapping[str, Cut] = {  # in the order of arXiv:2301.08592 sec. 3.1
    "eta": all_central,
    "prompt p_T": hard_prompt,
    "displaced p_T": hard_displaced,
    "pair p_T": hard_pair,
    "three-lepton mass": three_mass,
    "resonances": no_resonance,
    "cos(SV, pair)": pointing,
    "dphi": separated,
    "dR": near,
}
AFTER_TRACKS = tuple(name for name in CUTS if name not in ("eta", "prompt p_T", "displaced p_T"))


def _square(vector: Array) -> Array:
    square: Array = vector[0] ** 2 - vector[1] ** 2 - vector[2] ** 2 - vector[3] ** 2
    return square


def _cosine(a: Array, b: Array) -> Array:
    def length(v: Array) -> Array:
        square: Array = v[1] ** 2 + v[2] ** 2 + v[3] ** 2
        return square

    product = a[1] * b[1] + a[2] * b[2] + a[3] * b[3]
    cosine: Array = product / np.sqrt(length(a) * length(b))
    return cosine


def _azimuth(a: Array, b: Array) -> Array:
    """Between two tracks, from -pi to pi."""
    angle: Array = np.arctan2(a[1] * b[2] - a[2] * b[1], a[1] * b[1] + a[2] * b[2])
    return angle


# ---- the vertex ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PerTime:
    """What grows with the proper time of N, per metre of it.

    Attributes
    ----------
    d0, dz : (2, n) arrays
        Impact parameters of the displaced leptons.
    rho, z : (n,) arrays
        Transverse and longitudinal distance of the vertex.
    """

    d0: Array
    dz: Array
    rho: Array
    z: Array


def per_time(leptons: Leptons, m_N: float) -> PerTime:
    """Impact parameters and place of the vertex over the proper time."""
    X, Y, Z = leptons.heavy[1:] / m_N
    d0, dz = [], []
    for track in (leptons.first, leptons.second):
        square = track[1] ** 2 + track[2] ** 2
        d0.append(np.abs(X * track[2] - Y * track[1]) / np.sqrt(square))
        dz.append(np.abs(Z - (X * track[1] + Y * track[2]) * track[3] / square))
    return PerTime(np.stack(d0), np.stack(dz), np.hypot(X, Y), np.abs(Z))


def windows(rates: PerTime, cuts: TrileptonCuts, tracker: Tracker) -> tuple[Array, Array]:
    """Proper times [m] between which events pass d0, dz and the tracker; none do where the first is not below.

    Returns
    -------
    T1, T2 : (n,) arrays
    """
    impact = rates.d0.min(axis=0) if cuts.d0_tracks == "both" else rates.d0.max(axis=0)
    with np.errstate(divide="ignore", over="ignore"):
        least = cuts.d0_min / impact
        most = np.minimum(tracker.radius / rates.rho, tracker.half_length / rates.z)
        most = np.minimum(most, cuts.dz_max / rates.dz.max(axis=0))
    return least, most
