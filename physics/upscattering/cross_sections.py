"""Cross-sections from a model's formula for dsigma/dt."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from physics.nature.constants import HBAR_C
from physics.numerics.arrays import Array
from physics.upscattering.scatterers import Scatterer

M2 = HBAR_C**2  # m^2 GeV^2


class Formula(Protocol):
    """dsigma/d|t| of nu T -> N T, over the square of the model's coupling."""

    def __call__(self, E: Array, tau: Array, m: float, target: Scatterer) -> Array:
        """Its value with the form factors of the target, [GeV^-4] times the coupling's units.

        Parameters
        ----------
        E, tau : arrays
            Energy of the neutrino [GeV] and -t [GeV^2], which broadcast.
        m : float
            Mass of N [GeV].
        target : Scatterer
        """


def exchanged(formula: Formula) -> float:
    """Squared mass of what a formula exchanges [GeV^2], its attribute ``scale``; zero for a photon."""
    return float(getattr(formula, "scale", 0.0))


def differential(
    formula: Formula,
    target: Scatterer,
    E: Array,
    m: float,
    Q2_max: Array | float = np.inf,
    *,
    finer: bool = True,
) -> tuple[Array, Array]:
    """Momentum transfers and what each adds to the cross-section.

    Parameters
    ----------
    formula : callable
    target : Scatterer
    E : (n,) array
        [GeV]
    m : float
        Mass of N [GeV].
    Q2_max : float or (n,) array
        Largest -t that counts [GeV^2].
    finer : bool
        See :meth:`Scatterer.nodes`.

    Returns
    -------
    tau, parts : (n, k) arrays
        [GeV^2] and [m^2], whose sum over k is the cross-section.
    """
    tau, weights = target.nodes(E, m, Q2_max, finer, exchanged(formula))
    values = formula(E[:, None], tau, m, target)
    if target.share is not None:
        values = values * target.share(tau)
    return tau, np.maximum(values, 0.0) * weights * M2


def cross_section(
    formula: Formula, target: Scatterer, E: Array, m: float, Q2_max: float = np.inf
) -> tuple[Array, Array]:
    """Cross-section on one target particle, and its error.

    Parameters
    ----------
    formula, target, E, m, Q2_max
        As in :func:`differential`.

    Returns
    -------
    sigma, error : (n,) arrays
        [m^2]; the error is the difference to a rule of half as many nodes, so that it is far too large.
    """
    fine = differential(formula, target, E, m, Q2_max)[1].sum(axis=1)
    coarse = differential(formula, target, E, m, Q2_max, finer=False)[1].sum(axis=1)
    return fine, np.abs(fine - coarse)
