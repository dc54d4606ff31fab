"""Freeze-out: the abundance Y = n/s of particles that annihilate with an effective cross-section.

    dY/dx = -sqrt(pi/45) M_Pl g_*^{1/2} (m/x^2) <sigma v> (Y^2 - Y_eq^2),    x = m/T,

Nucl. Phys. B360 (1991) 145, with g_*^{1/2} of :mod:`physics.early_universe.cosmology`; for several states that turn
into each other quickly, Y is their sum and <sigma v> = sum_ij <sigma_ij v> n_i n_j/n^2 (Phys. Rev. D43 (1991)
3191).
log Y is integrated over log x with an implicit method (LSODA), from where it begins to leave its equilibrium or x = 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from physics.early_universe.cosmology import PLANCK_MASS, entropy_density, expansion_dof
from physics.numerics.arrays import Array

LOG_X = np.linspace(0.0, np.log(1e5), 240)
X = np.exp(LOG_X)  # the temperatures of all averages are m/X
_LAG = 1e-4  # log(Y/Y_eq) where the integration starts: before, Y is known


class FreezeOut:
    """Particles of one mass scale with their equilibrium.

    Parameters
    ----------
    mass : float
        m of x = m/T [GeV].
    log_density : (len(X),) array
        log of n_eq exp(x) [GeV^3] at T = m/X.
    """

    def __init__(self, mass: float, log_density: Array):
        self.mass = mass
        temperature = mass / X
        # exp(-x) is kept apart from what the splines see
        self._log_equilibrium = CubicSpline(
            LOG_X, log_density - np.log(entropy_density(temperature))
        )
        self._log_rate = np.log(
            np.sqrt(np.pi / 45) * PLANCK_MASS * expansion_dof(temperature) * temperature
        )

    def abundance(self, log_sigma_v: Array, rtol: float = 1e-8) -> float:
        """n/s that survives.

        Parameters
        ----------
        log_sigma_v : (len(X),) array
            log of the effective <sigma v> [1/GeV^2] at T = m/X.
        rtol : float
            Relative tolerance of the integration.

        Returns
        -------
        float
            Annihilation after x = 1e5 is added for a constant cross-section. Zero if Y follows its equilibrium so far.
        """
        log_rate = np.maximum(self._log_rate + log_sigma_v, -600.0)
        rate = CubicSpline(LOG_X, log_rate)
        follows = self._lag(log_rate)
        late = np.flatnonzero(follows > _LAG)
        if not late.size:
            return 0.0
        first = max(int(late[0]) - 1, 0)
        start = float(self._log_equilibrium(LOG_X[first])) - X[first]
        start += float(follows[first]) if follows[first] < _LAG else 0.0
        end = float(np.exp(self._integrate(rate, LOG_X[first], start, rtol)))
        return end / (1 + float(np.exp(rate(LOG_X[-1]))) * end)

    def _lag(self, log_rate: Array) -> Array:
        """log(Y/Y_eq) at X as long as it is small: -d log Y_eq/d log x over twice the rate of annihilation."""
        exponent = log_rate + self._log_equilibrium(LOG_X) - X
        fall = X - self._log_equilibrium(LOG_X, 1)
        lag: Array = np.maximum(fall, 0.0) / 2 * np.exp(np.clip(-exponent, -600.0, 600.0))
        return lag

    def _integrate(self, rate: CubicSpline, first: float, start: float, rtol: float) -> float:
        """Logarithm of Y at the end of X."""
        rate_at, equilibrium_at = at_one_point(rate), at_one_point(self._log_equilibrium)

        def terms(u: float, log_y: float) -> tuple[float, float]:
            kappa = rate_at(u)
            equilibrium = equilibrium_at(u) - float(np.exp(u))
            down = np.exp(min(kappa + log_y, 600.0))
            return float(down), float(np.exp(min(kappa + 2 * equilibrium - log_y, 600.0)))

        def change(u: float, y: Array) -> list[float]:
            down, up = terms(u, y[0])
            return [up - down]

        def jacobian(u: float, y: Array) -> list[list[float]]:
            down, up = terms(u, y[0])
            return [[-up - down]]

        solution = solve_ivp(
            change, (first, LOG_X[-1]), [start], "LSODA", [LOG_X[-1]], jac=jacobian, rtol=rtol,
            atol=rtol,
        )  # fmt: skip
        if not solution.success:
            raise RuntimeError(f"the Boltzmann equation was not solved: {solution.message}")
        return float(solution.y[0, -1])


def at_one_point(spline: CubicSpline) -> Callable[[float], float]:
    """A cubic spline as a function of one number: the same values, without the time that arrays take.

    Parameters
    ----------
    spline : CubicSpline

    Returns
    -------
    callable
        Beyond its ends the polynomials there go on.
    """
    begins = spline.x[:-1].tolist()
    pieces = spline.c.T.tolist()

    def value(u: float) -> float:
        i = max(bisect_right(begins, u) - 1, 0)
        cubic, square, slope, constant = pieces[i]
        s = u - begins[i]
        found: float = constant + slope * s + square * (s * s) + cubic * (s * s * s)
        return found

    return value
