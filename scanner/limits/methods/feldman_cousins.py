"""Upper end of the unified interval of Feldman and Cousins, for a known background."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from physics.errors import InputError
from physics.numerics.arrays import Array
from scanner.limits.methods import parts_of_scipy as scipy
from scanner.limits.methods.base import Observation, methods
from scanner.limits.methods.counting import check_counting

LARGEST = 10_000  # events; beyond, a Gaussian is as good
PEAKS = 3  # jumps that are compared; the first is the highest


@methods.instance
class FeldmanCousins:
    """Largest s whose acceptance set, filled in the order of R = P(n | s + b)/P(n | s_best + b), contains observed.

    s_best = max(0, n - b). As in the tables of the source, an interval with gaps ends with its last part, and the upper
    end as a function of the background is forced not to increase: it is the largest one of all backgrounds >= b.
    """

    tag = "feldman-cousins"
    title = "unified interval of Feldman and Cousins, upper end"
    source = "arXiv:physics/9711021 sec. IV"
    defaults = {"confidence_level": 0.95}  # noqa: RUF012
    needs_events = True
    reads_observed = True
    of_observation: frozenset[str] = frozenset()

    def critical_signal(self, observation: Observation, confidence_level: float) -> float:
        """Upper end of the interval.

        Parameters
        ----------
        observation : Observation
            At most 10000 events, observed and expected.
        confidence_level : float

        Returns
        -------
        float
            Events.

        Raises
        ------
        InputError
            If a number is out of range, counts are too large, or the level is so low that no signal is left.

        Examples
        --------
        >>> method = FeldmanCousins()
        >>> round(method.critical_signal(Observation(), confidence_level=0.90), 2)
        2.44
        >>> round(method.critical_signal(Observation(0.5, 1), confidence_level=0.95), 2)
        4.64
        """
        check_counting(observation, confidence_level)
        if max(observation.observed, observation.background) > LARGEST:
            raise InputError(
                f"the method {self.tag} is for up to {LARGEST} events, observed and expected; "
                "use cls, poisson or gaussian"
            )
        belt = _Belt(int(observation.observed), confidence_level)
        signal = max(belt.upper(observation.background), belt.later(observation.background))
        if signal <= 0:
            raise InputError(
                f"{observation.observed:g} observed events on a background of {observation.background:g} are in no "
                f"interval of {confidence_level:.0%}; use a higher confidence_level"
            )
        return signal


class _Belt:
    """Acceptance of one number n as the mean nu = s + b grows, above max(n, b).

    R rises with the number up to nu and falls beyond, so the numbers that rank above n are n + 1 ... c. The number c
    joins them at a mean that has a closed form (:meth:`joins`). Between two such means the sum of their probabilities
    S_c(nu) = P(n < number <= c | nu) is to be compared with CL: n is accepted where S_c < CL. S_c has one maximum,
    at nu = (c!/n!)^(1/(c - n)).
    """

    def __init__(self, n: int, confidence_level: float):
        self.n = n
        self.level = confidence_level
        self.drop = math.log(2 / (1 - confidence_level))

    def joins(self, c: ArrayLike, background: float) -> Array:
        """Mean nu at which R_c = R_n: nu^(c - n) = m_c^c exp(-m_c)/(m_n^n exp(-m_n)), m = max(number, b)."""
        c = np.asarray(c, dtype=float)
        m_c, m_n = np.maximum(c, background), max(self.n, background)
        logarithm = (scipy.special.xlogy(c, m_c) - m_c - scipy.special.xlogy(self.n, m_n) + m_n) / (
            c - self.n
        )
        mean: Array = np.maximum(np.exp(logarithm), m_n)
        return mean

    def above(self, c: ArrayLike, mean: ArrayLike) -> Array:
        """S_c(nu), the probability of what ranks above n."""
        between: Array = scipy.special.gammaincc(
            np.asarray(c) + 1.0, mean
        ) - scipy.special.gammaincc(self.n + 1.0, mean)
        return between

    def last(self, background: float) -> float:
        """Mean beyond which n is never accepted.

        An accepted n has P(number <= n) + P(number > c) > 1 - CL, and by Chernoff each of the two is at most R_n.
        """
        start = max(self.n, background)

        def excess(mean: float) -> float:
            ratio = self.n * math.log(mean / start) if self.n else 0.0
            return mean - start - ratio - self.drop

        # x - n ln(1 + x/n) >= x^2/(2 (n + x)), which is above drop at this end
        end = start + 4 * self.drop + 4 * math.sqrt(self.drop * self.n)
        return float(scipy.optimize.brentq(excess, start, end))

    def upper(self, background: float) -> float:
        """Largest accepted signal; zero if there is none."""
        start = max(self.n, background)
        last = self.last(background)
        # a number this far above every mean that is accepted has a smaller R than n
        largest = last + math.sqrt(2 * self.drop * last) + self.drop
        c = np.arange(max(self.n, math.floor(background)), math.ceil(largest) + 2)
        ends = np.append(start, self.joins(c[1:], background))
        c, low, high = c[:-1], ends[:-1], ends[1:]
        accepted_low = self.above(c, low) < self.level
        accepted_high = self.above(c, high) < self.level
        found = np.flatnonzero((accepted_low | accepted_high) & (high > low))
        if not len(found):
            return 0.0
        i = found[-1]
        if accepted_high[i]:
            return float(high[i] - background)
        edge = scipy.optimize.brentq(
            lambda nu: float(self.above(c[i], nu)) - self.level, low[i], high[i], rtol=1e-14
        )
        return float(edge - background)

    def later(self, background: float) -> float:
        """Largest upper end at a larger background; zero if there is none.

        With b the upper end falls, but where the mean at which c + 1 joins comes to lie beyond the maximum of S_c, and
        S_c there below CL: then all up to it is accepted again, a jump upwards. It is at the b of joins(c + 1) = y,
        S_c(y) = CL. Heights of the jumps fall with c, as a test shows; some more than the first are compared.
        """
        start = max(self.n, background)
        width = 4 * self.drop + 4 * math.sqrt(self.drop * (start + 1))
        c = np.arange(max(self.n + 1, math.floor(start)), math.ceil(start + width))
        peak = np.exp(
            (scipy.special.gammaln(c + 1.0) - scipy.special.gammaln(self.n + 1.0)) / (c - self.n)
        )
        now = self.joins(c + 1, start)
        still_to_come = ~((self.above(c, now) < self.level) & (now > peak))
        c = c[(self.above(c, peak) > self.level) & still_to_come & (c + 1 > start)]
        return max((self._jump(int(k), start) for k in c[:PEAKS]), default=0.0)

    def _jump(self, c: int, start: float) -> float:
        """Signal at the jump of c."""
        peak = math.exp((math.lgamma(c + 1) - math.lgamma(self.n + 1)) / (c - self.n))
        if self.above(c, c + 1) >= self.level:
            return 0.0

        def sinking(mean: float) -> float:
            return float(self.above(c, mean)) - self.level

        mean: float = scipy.optimize.brentq(sinking, peak, c + 1, rtol=1e-14)

        def distance(background: float) -> float:
            return float(self.joins(c + 1, background)) - mean

        return float(mean - scipy.optimize.brentq(distance, start, c + 1, rtol=1e-14))
