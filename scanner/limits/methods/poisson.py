"""Classical Poisson upper limit, with a known or an uncertain background."""

from __future__ import annotations

import math

from scanner.limits.methods import parts_of_scipy as scipy
from scanner.limits.methods.base import AllExcludedError, Observation, methods
from scanner.limits.methods.counting import (
    check_counting,
    check_size,
    largest_limit,
    log_averaged,
    without_background,
)


@methods.instance
class Poisson:
    """Signal s for which n <= observed has the probability 1 - CL: P(n <= observed | s + b) = 1 - CL."""

    tag = "poisson"
    title = "Poisson upper limit"
    source = "PDG 2022 review of statistics, sec. 40.4.2.3; doi:10.1016/0168-9002(92)90794-5"
    defaults = {"confidence_level": 0.95, "background_uncertainty": 0.0}  # noqa: RUF012
    needs_events = True
    reads_observed = True
    of_observation = frozenset({"background_uncertainty"})

    def critical_signal(
        self,
        observation: Observation,
        confidence_level: float,
        background_uncertainty: float = 0.0,
    ) -> float:
        """Upper limit on the signal.

        Parameters
        ----------
        observation : Observation
        confidence_level : float
        background_uncertainty : float
            Standard deviation of the background [events]: P is averaged over a Gaussian that is not negative, as
            Cousins and Highland do.

        Returns
        -------
        float
            Events.

        Raises
        ------
        InputError
            If a number is out of range, or so few events are observed that every signal is excluded.

        Examples
        --------
        >>> round(Poisson().critical_signal(Observation(), confidence_level=0.90), 4)
        2.3026
        """
        check_counting(observation, confidence_level, background_uncertainty)
        check_size(observation, background_uncertainty)
        observed, background = observation.observed, observation.background
        wanted = math.log1p(-confidence_level)

        def excess(signal: float) -> float:
            return log_averaged(observed, signal, background, background_uncertainty) - wanted

        if background_uncertainty == 0:
            signal = without_background(observed, confidence_level) - background
        elif excess(0.0) > 0:
            signal = scipy.optimize.brentq(
                excess, 0.0, largest_limit(observed, confidence_level), rtol=1e-14
            )
        else:
            signal = 0.0
        if signal <= 0:
            raise AllExcludedError(
                f"{observed:g} observed events on a background of {background:g} are so few "
                f"that every signal is excluded at {confidence_level:.0%}; use the method cls or fixed-count"
            )
        return signal
