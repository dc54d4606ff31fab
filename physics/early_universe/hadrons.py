"""R(s): what a virtual photon turns into, relative to a massless lepton pair.

    R_l(s) = beta (1 + 2 m^2/s)                                        for a lepton of mass m,
    R_pipi(s) = beta_pi^3 |F(s)|^2/4,
    R_V(s) = 9/alpha^2 BR(V -> e+e-) (m Gamma)^2/((s - m^2)^2 + (m Gamma)^2),
    R_q(s) = 3 Q_q^2 beta (3 - beta^2)/2 (1 + alpha_s/pi + 1.6 (alpha_s/pi)^2).

F is the pion's form factor of Gounaris and Sakurai (Phys. Rev. Lett. 21 (1968) 244) with rho and rho(1450), F(0) = 1;
the share of the second is what the measured width of rho -> e+e- asks for. omega, phi, J/psi, psi(2S), Upsilon(1S-3S)
are Breit-Wigner peaks with their measured widths into e+e-. Pairs of pions give way to quarks around 1.3 GeV; charm and
bottom open at pairs of D and B mesons.

Accuracy: a few percent below 1 GeV and above 2 GeV (the rho-omega interference is not there, nor the resonances above
the open charm and bottom thresholds), 20% between 1 and 2 GeV. Only the photon: above 40 GeV Z exchange is missing.
The dispersion integrals for the muon's g-2 and the running of alpha agree with the data's within 3% (tests). alpha is
that at zero momentum: the cross-section that R multiplies should grow by 1-3% through vacuum polarisation.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.optimize import brentq

from physics.nature.constants import ALPHA, LEPTON_MASS
from physics.nature.mesons import mesons
from physics.numerics.arrays import Array, Complex

RHO_PRIME = (1.465, 0.400)  # mass and width of rho(1450) [GeV], PDG 2022
# mass, width [GeV], BR(e+e-): PDG 2022; those of mesons.yaml are added
NARROW = ("omega", "phi", "J_psi", "Upsilon")  # peaks that are mesons of the searches, too
EXCITED = {
    "psi_2S": (3.68610, 2.94e-4, 7.93e-3),
    "Upsilon_2S": (10.02326, 3.198e-5, 1.91e-2),
    "Upsilon_3S": (10.3552, 2.032e-5, 2.18e-2),
}
CONTINUUM = (1.3, 0.1)  # where quarks take over from pions, and over what range [GeV]
# 3 sum of Q^2, and the mass that opens it [GeV]
QUARKS = {"light": (2.0, 0.0), "charm": (4 / 3, 1.86966), "bottom": (1 / 3, 5.27934)}
ALPHA_S_Z, M_Z = 0.1180, 91.1876


def leptons(s: Array | float) -> Array:
    """Sum over e, mu, tau of beta (1 + 2 m^2/s), zero below each threshold.

    Parameters
    ----------
    s : array or float
        [GeV^2], above zero.

    Returns
    -------
    array
    """
    s = np.asarray(s, dtype=float)
    ratio = [4 * m**2 / s for m in LEPTON_MASS.values()]
    total: Array = np.sum([np.sqrt(np.maximum(1 - r, 0.0)) * (1 + r / 2) for r in ratio], axis=0)
    return total


def hadrons(s: Array | float) -> Array:
    """R of hadrons, with peaks; zero below a pair of pions.

    Parameters
    ----------
    s : array or float
        [GeV^2], above zero.

    Returns
    -------
    array
    """
    s = np.asarray(s, dtype=float)
    share = 1 / (1 + np.exp(-(np.minimum(np.sqrt(s), 5.0) - CONTINUUM[0]) / CONTINUUM[1]))
    below = s > 4 * mesons()["pi"].mass ** 2
    peaks = np.sum([_peak(s, *line) for line in narrow_resonances().values()], axis=0)
    return np.where(below, (1 - share) * pions(s) + share * quarks(s) + peaks, 0.0)


def all_charged(s: Array | float) -> Array:
    """R of everything: leptons and hadrons."""
    return leptons(s) + hadrons(s)


@cache
def narrow_resonances() -> dict[str, tuple[float, float, float]]:
    """Mass, width [GeV] and BR(e+e-) of each peak but the rho."""
    known = {tag: (m.mass, m.width, m.br_ee) for tag in NARROW for m in (mesons()[tag],)}
    return known | EXCITED


def features() -> list[tuple[float, float]]:
    """Energies where R(s) changes quickly and over what range [GeV], for quadrature."""
    pi, rho = mesons()["pi"].mass, mesons()["rho"]
    thresholds = [2 * m for m in (*LEPTON_MASS.values(), pi)]
    thresholds += [2 * m for _, m in QUARKS.values() if m > 0]
    peaks = [(mass, width) for mass, width, _ in narrow_resonances().values()]
    return [*((t, 1e-4 * t) for t in thresholds), (rho.mass, rho.width), CONTINUUM, *peaks]


def _peak(s: Array, mass: float, width: float, br_ee: float) -> Array:
    """A Breit-Wigner of constant width with R = 9 BR(e+e-)/alpha^2 on top."""
    return 9 / ALPHA**2 * br_ee / (1 + ((s - mass**2) / (mass * width)) ** 2)


def pions(s: Array | float) -> Array:
    """R of pi+ pi-: beta^3 |F|^2/4, zero below the threshold."""
    s = np.asarray(s, dtype=float)
    beta2 = np.maximum(1 - 4 * mesons()["pi"].mass ** 2 / s, 0.0)
    ratio: Array = beta2**1.5 / 4 * np.abs(_form_factor(s, _rho_prime_share())) ** 2
    return ratio


def _form_factor(s: Array, share: float) -> Complex:
    rho = mesons()["rho"]
    return (
        _gounaris_sakurai(s, rho.mass, rho.width) + share * _gounaris_sakurai(s, *RHO_PRIME)
    ) / (1 + share)


@cache
def _rho_prime_share() -> float:
    """Share of rho(1450) with which R at the rho's mass is 9 BR(rho -> e+e-)/alpha^2, while F(0) = 1."""
    rho, pi = mesons()["rho"], mesons()["pi"]
    peak = 9 * rho.br_ee / ALPHA**2
    s = np.asarray(rho.mass**2)
    phase_space = (1 - 4 * pi.mass**2 / s) ** 1.5 / 4
    return float(brentq(lambda b: phase_space * np.abs(_form_factor(s, b)) ** 2 - peak, -0.4, 0.4))


def _gounaris_sakurai(s: Array, mass: float, width: float) -> Complex:
    """One resonance of the pion's form factor, 1 at s = 0; Phys. Rev. Lett. 21 (1968) 244.

    Below the threshold the imaginary part is left out and the real part frozen: nobody asks there.
    """
    pi = mesons()["pi"].mass
    k0 = np.sqrt(mass**2 / 4 - pi**2)

    def loop(e: Array | float, k: Array | float) -> Array:
        return np.asarray(2 / np.pi * k / e * np.log((e + 2 * k) / (2 * pi)))

    k = np.sqrt(np.maximum(s / 4 - pi**2, 0.0))
    e = np.sqrt(s)
    h0 = loop(mass, k0)
    slope = h0 * (1 / (8 * k0**2) - 1 / (2 * mass**2)) + 1 / (2 * np.pi * mass**2)
    real = width * mass**2 / k0**3 * (k**2 * (loop(e, k) - h0) + k0**2 * slope * (mass**2 - s))
    imaginary = mass * width * (k / k0) ** 3 * mass / e
    d = 3 / np.pi * pi**2 / k0**2 * np.log((mass + 2 * k0) / (2 * pi))
    d += mass / (2 * np.pi * k0) - pi**2 * mass / (np.pi * k0**3)
    factor: Complex = mass**2 * (1 + d * width / mass) / (mass**2 - s + real - 1j * imaginary)
    return factor


def alpha_s(s: Array | float) -> Array:
    """Strong coupling in one loop with three, four and five flavours, from 0.118 at the Z; frozen below 1 GeV.

    Parameters
    ----------
    s : array or float
        [GeV^2]

    Returns
    -------
    array
    """
    log_s = np.log(np.maximum(s, 1.0))
    edges = [np.log(M_Z**2), *(2 * np.log(QUARKS[q][1]) for q in ("bottom", "charm"))]
    inverse = 1 / ALPHA_S_Z + (33 - 10) / (12 * np.pi) * np.maximum(
        log_s - edges[0], edges[1] - edges[0]
    )
    inverse += (33 - 8) / (12 * np.pi) * np.clip(log_s - edges[1], edges[2] - edges[1], 0.0)
    inverse += (33 - 6) / (12 * np.pi) * np.minimum(log_s - edges[2], 0.0)
    return np.asarray(1 / inverse)


def quarks(s: Array | float) -> Array:
    """R of quarks, u, d, s massless, c and b from pairs of D and B mesons on."""
    s = np.asarray(s, dtype=float)
    a = alpha_s(s) / np.pi
    total = np.zeros_like(s)
    for charges, mass in QUARKS.values():
        beta = np.sqrt(np.maximum(1 - 4 * mass**2 / s, 0.0))
        total += charges * beta * (3 - beta**2) / 2
    return total * (1 + a + 1.6 * a**2)
