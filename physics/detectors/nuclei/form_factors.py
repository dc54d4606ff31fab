"""Charge form factors of nuclei, and the screening of the nucleus by its electrons.

Each is one at Q = 0 and depends on Q = sqrt(-t) [GeV].
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from physics.detectors.nuclei.elements import Element, elements
from physics.errors import InputError, one_of
from physics.nature.constants import HBAR_C, LEPTON_MASS
from physics.numerics.arrays import Array
from physics.reading import read_yaml

FM = 1e-15 / HBAR_C  # 1/GeV
HELM_SKIN = 1.0  # fm
FERMI_SKIN = 0.523  # fm
SCREENING = 111.0  # of the screening length 111 Z^(-1/3)/m_e


def helm(Q: Array, nucleus: Element) -> Array:
    """Helm's form factor, 3 exp(-Q^2 s^2/2) j_1(Q r)/(Q r).

    arXiv:2011.04751 eq. (A.4) with s = 1 fm, r^2 = R^2 - 5 s^2, R = 1.2 A^(1/3) fm. The charge radius of W184 is
    5.29 fm and not the measured 5.37, which changes counts at FASERnu2 by -0.7% (m_N = 1 GeV) to -3.7% (10 GeV).

    Parameters
    ----------
    Q : array
        [GeV]
    nucleus : Element
        A > 6: for lighter ones r is imaginary.

    Returns
    -------
    array
    """
    r = np.sqrt((1.2 * nucleus.A ** (1 / 3)) ** 2 - 5 * HELM_SKIN**2) * FM
    x = np.asarray(Q, dtype=float) * r
    factor: Array = np.exp(-((Q * HELM_SKIN * FM) ** 2) / 2) * _three_j1(x)
    return factor


def _three_j1(x: Array) -> Array:
    """3 j_1(x)/x, by its series below x = 0.1."""
    safe = np.where(x > 0.1, x, 1.0)
    exact = 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3
    x2 = x**2
    series = 1 - x2 / 10 * (1 - x2 / 28 * (1 - x2 / 54))
    found: Array = np.where(x > 0.1, exact, series)
    return found


def symmetrised_fermi(Q: Array, radius: float, skin: float) -> Array:
    """Form factor of the symmetrised Fermi density, in closed form (Sprung and Martorell, J. Phys. A 30 (1997) 6525).

    Parameters
    ----------
    Q : array
        [GeV]
    radius, skin : float
        Half-density radius c and skin a [fm].

    Returns
    -------
    array

    Examples
    --------
    >>> symmetrised_fermi(np.array([0.0]), 6.0, 0.5)
    array([1.])
    """
    Q = np.asarray(Q, dtype=float)
    c, a = radius * FM, skin * FM
    # below 1e-3 of the inverse radius the series is exact to rounding
    x, w = np.maximum(Q * c, 1e-3), np.pi * np.maximum(Q, 1e-3 / c) * a
    w = np.minimum(w, 350.0)
    value = 3 * w / np.sinh(w) * (w / np.tanh(w) * np.sin(x) - x * np.cos(x)) / (x * (x**2 + w**2))
    mean_square = 3 / 5 * c**2 + 7 / 5 * (np.pi * a) ** 2
    found: Array = np.where(Q * c < 1e-3, 1 - Q**2 * mean_square / 6, value)
    return found


def fermi(Q: Array, nucleus: Element) -> Array:
    """The symmetrised Fermi form factor with a skin of 0.523 fm and the measured charge radius.

    Raises
    ------
    InputError
        For a nucleus whose radius is too small for a skin, lighter than carbon.
    """
    square = 5 / 3 * nucleus.radius**2 - 7 / 3 * (np.pi * FERMI_SKIN) ** 2
    if square <= 0:
        raise InputError(
            f"the form factor fermi does not describe {nucleus.tag}, which is too light; use helm"
        )
    return symmetrised_fermi(Q, float(np.sqrt(square)), FERMI_SKIN)


@cache
def _bessel_coefficients() -> dict[str, dict[str, list[float]]]:
    path = Path(__file__).with_name("fourier_bessel.yaml")
    found: dict[str, dict[str, list[float]]] = read_yaml(path, "table of coefficients")
    return found


def fourier_bessel(Q: Array, nucleus: Element) -> Array:
    """Form factor of a charge density that is a sum of spherical Bessel functions j_0(n pi r/R) inside R.

    De Vries, De Jager and De Vries, ADNDT 36 (1987) 495; F(Q) is the sum over n of
    a_n (-1)^(n+1) (R/n pi)^2 j_0(Q R)/(1 - (Q R/n pi)^2) over its value at Q = 0.

    Raises
    ------
    InputError
        If the nucleus is not tabulated.
    """
    if nucleus.tag not in _bessel_coefficients():
        there = one_of(_bessel_coefficients())
        raise InputError(
            f"there is no form factor fourier-bessel of {nucleus.tag}; there are {there}; use fermi or helm"
        )
    table = _bessel_coefficients()[nucleus.tag]
    a, R = np.array(table["a"], dtype=float), table["R"][0] * FM
    n = np.arange(1, a.size + 1)
    x = np.asarray(Q, dtype=float)[..., None] * R
    nodes = n * np.pi
    near = np.abs(x - nodes) < 1e-6  # there sin(x)/(x - n pi) is cos(n pi)
    gap = np.where(near, 1.0, x - nodes)
    slope = np.where(near, np.cos(nodes), np.sin(x) / gap)
    safe = np.where(x > 1e-9, x, 1.0)
    # (-1)^(n+1) sin(x)/x/(1 - x^2/(n pi)^2) = (-1)^n (n pi)^2 [sin(x)/(x - n pi)]/(x (x + n pi))
    term = np.where(
        x > 1e-9, (-1.0) ** n * nodes**2 * slope / (safe * (x + nodes)), (-1.0) ** (n + 1)
    )
    weights = a / n**2
    found: Array = term @ weights / ((-1.0) ** (n + 1) @ weights)
    return found


FORM_FACTORS: dict[str, Callable[[Array, Element], Array]] = {
    "helm": helm,
    "fermi": fermi,
    "fourier-bessel": fourier_bessel,
}


def screening(Q: Array, Z: int) -> Array:
    """Factor of the amplitude by which the atom's electrons hide the nucleus, a^2 Q^2/(1 + a^2 Q^2).

    arXiv:2011.04751 eq. (A.5), a = 111 Z^(-1/3)/m_e. At 1 TeV on tungsten it takes 16% of the cross-section of N of
    0.1 GeV, 45% at 0.01 GeV; it matters below 0.3 GeV.
    """
    x2 = (SCREENING * Z ** (-1 / 3) / LEPTON_MASS["e"] * np.asarray(Q, dtype=float)) ** 2
    found: Array = x2 / (1 + x2)
    return found


def check_form_factor(name: str, tags: list[str]) -> None:
    """Raise InputError unless every element has this form factor."""
    for tag in tags:
        if tag != "H":  # a proton, counted as one
            FORM_FACTORS[name](np.array([0.01]), elements()[tag])
