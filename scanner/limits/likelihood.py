"""The product of Poisson likelihoods of several counting experiments: upper limits of a common signal.

CL_s with the profile likelihood ratio q_mu-tilde in its asymptotic form (Cowan, Cranmer, Gross, Vitells,
arXiv:1007.1727): n_i is Poisson of s f_i + b_i + beta_i with a Gaussian constraint on each beta_i, or on one pull that
all backgrounds share. No background is negative.
Expected limits are those of the Asimov data without signal, with the backgrounds as fitted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.limits.methods.base import Observation, critical_signal
from scanner.limits.methods.counting import log_averaged

FEW = 5.0  # events: below, the asymptotic form is not used
BANDS = (-2, -1, 0, 1, 2)  # sigma of the background's fluctuations; 0 is the median
_HALVINGS = 60
_SMALL = 1e-13
_NEAR = 1e-11  # relative


@dataclass(frozen=True)
class Searches:
    """What counting experiments expect and see without signal.

    Attributes
    ----------
    names : tuple of str
    background, observed, uncertainty : (k,) arrays
        Events; the uncertainty is the standard deviation of the background. Background and observed events may be
        (p, k): many data of the same searches.
    correlated : bool
        Whether all backgrounds follow one pull.
    """

    names: tuple[str, ...]
    background: Array
    observed: Array
    uncertainty: Array
    correlated: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is expected without signal, and nothing is seen."""
        return not (self.background.any() or self.observed.any() or self.uncertainty.any())

    @property
    def few(self) -> bool:
        """Whether any has too few counts for the asymptotic form."""
        return bool((np.minimum(self.background, self.observed) < FEW).any())

    @property
    def alone(self) -> bool:
        """Whether it is one search with few counts, whose limit the method ``cls`` knows."""
        return len(self.names) == 1 and self.few

    def means(self, signal: Array) -> Array:
        """Most likely means of a signal.

        Parameters
        ----------
        signal : (p, k) array

        Returns
        -------
        (p, k) array
        """
        plain = signal + self.background
        if not self.uncertainty.any():
            return plain
        if self.correlated:
            pull = self._pull(signal)
            return np.maximum(plain + self.uncertainty * pull[:, None], 0.0)
        variance = self.uncertainty**2
        shifted = plain - variance  # the root of x^2 - shifted x - n variance
        product = self.observed * variance
        root = np.sqrt(shifted**2 + 4 * product)
        with np.errstate(invalid="ignore", divide="ignore"):
            positive = np.where(shifted >= 0, (shifted + root) / 2, 2 * product / (root - shifted))
        found: Array = np.where(self.uncertainty > 0, np.maximum(positive, signal), plain)
        return found

    def _pull(self, signal: Array) -> Array:
        """The most likely common pull, (p,): the likelihood is log-concave in it."""
        wide = self.uncertainty > 0
        least = (-self.background[..., wide] / self.uncertainty[wide]).max(axis=-1)
        low = np.zeros(len(signal)) + least
        high = np.maximum(low, 0.0) + np.sqrt(self.observed.sum(axis=-1)) + 1.0
        edge = self._pull_slope(signal, low)[0] >= 0  # no background is negative
        high = np.where(edge, low, high)
        at = np.clip(np.zeros(len(signal)), low, high)
        for _ in range(_HALVINGS):  # steps of Newton, or a half where one leads out of the bracket
            slope, bent = self._pull_slope(signal, at)
            low, high = np.where(slope < 0, at, low), np.where(slope < 0, high, at)
            with np.errstate(invalid="ignore"):
                ahead = at - slope / (1 + bent)
            inside = (ahead >= low) & (ahead <= high)
            before, at = at, np.where(inside, ahead, (low + high) / 2)
            at = np.where(edge, before, at)
            if np.all(np.abs(at - before) < _SMALL * (1 + np.abs(at))):
                break
        return at

    def _pull_slope(self, signal: Array, at: Array) -> tuple[Array, Array]:
        """Half the derivatives of the deviance by the common pull, first and second (less one), (p,) each."""
        mean = signal + self.background + self.uncertainty * at[:, None]
        seen = self._seen(np.maximum(mean, 0.0))
        slope = at + (self.uncertainty * (1 - seen)).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            bent = np.where(seen > 0, self.uncertainty**2 * seen / mean, 0.0)
        return slope, bent.sum(axis=1)

    def _seen(self, mean: Array) -> Array:
        """Observed over mean; zero where nothing is observed."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Array = np.where(self.observed > 0, self.observed / mean, 0.0)
        return found

    def deviance(self, signal: Array) -> Array:
        """-2 ln L at its maximum over the backgrounds, up to a constant, (p,)."""
        mean = self.means(signal)
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = np.where(self.observed > 0, self.observed * np.log(mean), 0.0)
            pulls = np.where(
                self.uncertainty > 0, (mean - signal - self.background) / self.uncertainty, 0.0
            )
        wide = self.uncertainty > 0
        penalty = (pulls**2).sum(axis=1)
        if self.correlated and wide.any():
            penalty = pulls[:, int(np.argmax(self.uncertainty))] ** 2
        found: Array = 2 * (mean - seen).sum(axis=1) + penalty
        return found

    def slope(self, signal: Array, fractions: Array) -> Array:
        """Half the derivative of the deviance by the strength of the signal, (p,)."""
        found: Array = (fractions * (1 - self._seen(self.means(signal)))).sum(axis=1)
        return found

    def asimov(self) -> Searches:
        """Data without signal and without fluctuations, with the backgrounds as fitted to what was observed."""
        fitted = self.means(np.zeros((1, len(self.names))))[0]
        return replace(self, background=fitted, observed=fitted)


def check_counts(searches: Searches) -> None:
    """Refuse counts that are too few for the asymptotic form.

    Raises
    ------
    InputError
        Naming the search and its numbers.
    """
    if searches.empty:
        return
    for name, b, n in zip(searches.names, searches.background, searches.observed, strict=True):
        if min(b, n) < FEW:
            raise InputError(
                f"{name} expects {b:g} background events and has observed {n:g}: below {FEW:g} the asymptotic "
                "likelihood does not hold; use the calculation exact or toys"
            )


def asymptotic_limits(
    searches: Searches, fractions: Array, confidence_level: float
) -> dict[str, Array]:
    """Upper limits of the signal in all searches together.

    Parameters
    ----------
    searches : Searches
    fractions : (p, k) array
        Parts of the signal that each search has; each row adds up to one.
    confidence_level : float

    Returns
    -------
    dict
        ``observed``, and ``-2`` to ``2`` for the expected limit and its bands, to (p,) arrays of events.

    Raises
    ------
    InputError
        If counts are too few.
    """
    check_counts(searches)
    alpha = 1 - confidence_level
    asimov = searches.asimov()

    def expected(total: Array) -> Array:
        change = asimov.deviance(total[:, None] * fractions) - asimov.deviance(0 * fractions)
        return np.maximum(change, 0.0)

    found = {"observed": rising(_excess(searches, fractions, expected, alpha), len(fractions))}
    for band in BANDS:
        wanted = band - ndtri(alpha * ndtr(band))
        target = float(wanted) ** 2
        found[str(band)] = rising(partial(_above, expected, target), len(fractions))
    return found


def _excess(
    searches: Searches, fractions: Array, expected: Callable[[Array], Array], alpha: float
) -> Callable[[Array], Array]:
    """How far ln CL_s lies below what is wanted, as a function of the signal."""
    best = best_signals(searches, fractions)
    lowest = searches.deviance(best[:, None] * fractions)

    def excess(total: Array) -> Array:
        root = np.sqrt(expected(total))
        change = searches.deviance(total[:, None] * fractions) - lowest
        own = np.where(total > best, np.maximum(change, 0.0), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            far = (own - root**2) / (2 * root)
        shown = np.where(np.sqrt(own) <= root, np.sqrt(own) - root, far)
        shown = np.where(root > 0, shown, 0.0)
        found: Array = math.log(alpha) - log_ndtr(-(shown + root)) + log_ndtr(-shown)
        return found

    return excess


def best_signals(searches: Searches, fractions: Array, near: float = _NEAR) -> Array:
    """Most likely signal of each row, which is not negative.

    Parameters
    ----------
    searches : Searches
    fractions : (p, k) array
    near : float
        Relative tolerance.

    Returns
    -------
    (p,) array
    """
    return rising(lambda s: searches.slope(s[:, None] * fractions, fractions), len(fractions), near)


def empty_limits(fractions: Array, confidence_level: float) -> dict[str, Array]:
    """Limits where nothing is expected and nothing seen: CL_s = exp(-s), and nothing else can be seen."""
    same = np.full(len(fractions), -math.log1p(-confidence_level))
    return {"observed": same, **{str(band): same for band in BANDS}}


def limits_of_one(searches: Searches, confidence_level: float) -> dict[str, float]:
    """Limits of one search by the method ``cls``, and with the quantiles of what the background alone gives."""
    b, n, u = (float(x[0]) for x in (searches.background, searches.observed, searches.uncertainty))
    parameters = {"confidence_level": confidence_level, "background_uncertainty": u}

    def limit(count: int | float) -> float:
        return critical_signal("cls", Observation(b, float(count)), parameters)

    found = {"observed": limit(n)}
    for band in BANDS:
        wanted, count = math.log(float(ndtr(band))), 0
        while log_averaged(count, 0.0, b, u) < wanted:
            count += 1
        found[str(band)] = limit(count)
    return found


def _above(function: Callable[[Array], Array], target: float, at: Array) -> Array:
    return function(at) - target


def rising(function: Callable[[Array], Array], number: int, near: float = _NEAR) -> Array:
    """Where rising functions of a positive number vanish; zero where they are positive from the beginning."""
    low, high = np.zeros(number), np.ones(number)
    for _ in range(200):
        negative = function(high) < 0
        if not negative.any():
            break
        low, high = np.where(negative, high, low), np.where(negative, 2 * high, high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        negative = function(middle) < 0
        low, high = np.where(negative, middle, low), np.where(negative, high, middle)
        if np.all(high - low <= near * high):
            break
    return (low + high) / 2
