"""CL_s of a counting experiment: no limit profits from a background that fluctuated down."""

from __future__ import annotations

import math

from scanner.limits.methods import parts_of_scipy as scipy
from scanner.limits.methods.base import Observation, methods
from scanner.limits.methods.counting import (
    TINY,
    check_counting,
    check_size,
    largest_limit,
    log_averaged,
)


@methods.instance
class CLs:
    """Signal s with CL_s = P(n <= observed | s + b)/P(n <= observed | b) = 1 - CL.

    It is never below -ln(1 - CL), the limit without events, and for a known background it is also the Bayesian limit
    with a flat prior of s (PDG review of statistics).
    """

    tag = "cls"
    title = "CL_s upper limit"
    source = (
        "A. L. Read, doi:10.1088/0954-3899/28/10/313; PDG 2022 review of statistics, sec. 40.4.2.4; "
        "doi:10.1016/0168-9002(92)90794-5"
    )
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
            Standard deviation of the background [events]: both probabilities are averaged over a Gaussian that is
            not negative, as Cousins and Highland do.

        Returns
        -------
        float
            Events.

        Raises
        ------
        InputError
            If a number is out of range.

        Examples
        --------
        >>> round(CLs().critical_signal(Observation(3.5, 0), confidence_level=0.95), 4)
        2.9957
        """
        check_counting(observation, confidence_level, background_uncertainty)
        check_size(observation, background_uncertainty)
        observed, background = observation.observed, observation.background
        log_b = log_averaged(observed, 0.0, background, background_uncertainty)
        wanted = log_b + math.log1p(-confidence_level)
        if background_uncertainty == 0 and wanted > math.log(TINY):
            return float(scipy.special.gammainccinv(observed + 1, math.exp(wanted))) - background

        def excess(signal: float) -> float:
            return log_averaged(observed, signal, background, background_uncertainty) - wanted

        return float(
            scipy.optimize.brentq(
                excess, 0.0, largest_limit(observed, confidence_level), rtol=1e-14
            )
        )
