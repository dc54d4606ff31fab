"""What the methods for counting experiments share: P(n <= observed), for a known or an uncertain background."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from physics.errors import InputError
from physics.numerics.arrays import Array
from physics.numerics.gauss import gauss_legendre
from scanner.limits.methods import parts_of_scipy as scipy
from scanner.limits.methods.base import Observation

TINY = 1e-250  # probabilities below are taken from a series, in logarithms
DROP = 40.0  # e-foldings below its maximum where an integrand ends
NODES, WEIGHTS = gauss_legendre(40)
PANELS = 4  # on each side of the maximum
# beyond these the Poisson distribution is lost in rounding, or takes minutes, and is a Gaussian
MOST, MOST_UNCERTAIN = 1e12, 1e7  # events; with a known and with an uncertain background


def check_counting(
    observation: Observation, confidence_level: float, background_uncertainty: float = 0.0
) -> None:
    """Refuse what is no counting experiment.

    Raises
    ------
    InputError
        Naming the number that is out of range.
    """
    if not 0 < confidence_level < 1:
        raise InputError(f"confidence_level must lie between 0 and 1, not {confidence_level}")
    if observation.observed != int(observation.observed):
        raise InputError(
            f"observed must be a whole number of events for a Poisson limit, not {observation.observed}"
        )
    if not 0 <= background_uncertainty < np.inf:
        raise InputError(
            f"background_uncertainty must be zero or more events, not {background_uncertainty}"
        )


def check_size(observation: Observation, background_uncertainty: float) -> None:
    """Refuse numbers of events for which a Poisson limit is not computed.

    Raises
    ------
    InputError
        If one is too large.
    """
    most = MOST_UNCERTAIN if background_uncertainty else MOST
    largest = max(observation.observed, observation.background, background_uncertainty)
    if largest > most:
        raise InputError(
            f"{largest:g} events are more than the {most:g} for which Poisson limits are computed; "
            "use the method gaussian"
        )


def without_background(observed: float, confidence_level: float) -> float:
    """Mean at which n <= observed has the probability 1 - CL: half the quantile of chi^2 with 2 (n + 1) degrees.

    >>> round(without_background(0, 0.95), 4)
    2.9957
    """
    return float(scipy.special.gammainccinv(observed + 1, 1 - confidence_level))


def largest_limit(observed: float, confidence_level: float) -> float:
    """A bit more than the limit without background, which is above that with any: the end of a search for a root."""
    return without_background(observed, confidence_level) * (1 + 1e-9)


def log_probability(observed: float, mean: ArrayLike) -> Array:
    """Logarithm of P(n <= observed | mean) = Q(observed + 1, mean), also where the probability underflows.

    Parameters
    ----------
    observed : float
        A whole number.
    mean : array_like
        Zero or more, any shape.

    Returns
    -------
    numpy.ndarray
        In the shape of ``mean``.

    Examples
    --------
    >>> log_probability(0, 5000.0).item()
    -5000.0
    """
    mean = np.asarray(mean, dtype=float)
    value = np.asarray(scipy.special.gammaincc(observed + 1, mean))
    if np.all(value >= TINY):
        logarithm: Array = np.log(value)
        return logarithm
    # P = p_n (1 + n/mu + n (n-1)/mu^2 + ...), whose terms fall where the mean is far above n
    far = np.where(value < TINY, mean, np.inf)
    total = term = np.ones_like(far)
    for k in range(int(observed)):
        term = term * ((observed - k) / far)
        total = total + term
        if np.all(term < 1e-17 * total):
            break
    peak = scipy.special.xlogy(observed, mean) - mean - scipy.special.gammaln(observed + 1)
    either: Array = np.where(value < TINY, peak + np.log(total), np.log(np.maximum(value, TINY)))
    return either


def log_averaged(observed: float, signal: float, background: float, uncertainty: float) -> float:
    """Logarithm of P(n <= observed), averaged over a Gaussian background that is not negative.

    The average of Cousins and Highland (NIM A 320 (1992) 331, doi:10.1016/0168-9002(92)90794-5),
    int_0^inf dx G(x; b, sigma) P(n <= observed | s + x) / int_0^inf dx G(x; b, sigma).

    Both factors are log-concave in x, and so is their product: it has one maximum, beside which it falls at least like
    the Gaussian. Gauss-Legendre in (x - b)/sigma, between the points where it is exp(-40) of its maximum.

    Parameters
    ----------
    observed, signal, background : float
        Events.
    uncertainty : float
        Standard deviation of the Gaussian before it is cut at zero [events]; zero for a known background.

    Returns
    -------
    float
    """
    if uncertainty == 0:
        return float(log_probability(observed, signal + background))

    def height(pull: ArrayLike) -> Array:
        pull = np.asarray(pull, dtype=float)
        mean = np.maximum(signal + background + uncertainty * pull, 0.0)
        return log_probability(observed, mean) - 0.5 * pull**2

    def slope(pull: float) -> float:
        mean = max(signal + background + uncertainty * pull, 0.0)
        peak = scipy.special.xlogy(observed, mean) - mean - scipy.special.gammaln(observed + 1)
        return -pull - uncertainty * math.exp(peak - log_probability(observed, mean))

    # ln P falls with the mean, by 1 at most: the maximum is at a pull between -sigma and 0
    least = -background / uncertainty
    first = max(least, -uncertainty)
    top = float(scipy.optimize.brentq(slope, first, 0.0)) if slope(first) > 0 else first
    small = 1e-3 / (
        1 + uncertainty
    )  # far below the width, as the slopes of the two factors are known
    low, high = (_end(height, top, far, small) for far in (max(least, top - 9), top + 9))
    ends = np.append(np.linspace(low, top, PANELS + 1)[:-1], np.linspace(top, high, PANELS + 1))
    half = np.diff(ends)[:, None] / 2
    highest = height(top)
    parts = half * WEIGHTS * np.exp(height(ends[:-1, None] + half * (1 + NODES)) - highest)
    norm = 0.5 * math.log(2 * math.pi) + scipy.special.log_ndtr(-least)
    return float(highest + np.log(parts.sum()) - norm)


def _end(height: Callable[[Any], Any], top: float, far: float, tolerance: float) -> float:
    """Where a function has fallen by DROP on its way from its maximum, or ``far``."""
    floor = height(top) - DROP
    if far == top or height(far) >= floor:
        return far
    return float(
        scipy.optimize.brentq(lambda x: float(height(x) - floor), top, far, xtol=tolerance)
    )
