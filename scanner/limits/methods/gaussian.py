"""One-sided limit of a Gaussian, for large counts on an uncertain background."""

from __future__ import annotations

import math

from physics.errors import InputError
from scanner.limits.methods import parts_of_scipy as scipy
from scanner.limits.methods.base import AllExcludedError, Observation, methods
from scanner.limits.methods.counting import check_counting


@methods.instance
class Gaussian:
    """Signal s = observed - b + z sqrt(b + sigma_b^2), z the one-sided quantile: 1.645 for 95%.

    The variance is that of the background alone, which is right where the limit is far below the background, as for the
    5429 events of CHARM-II (docs/specs.md compares methods for them: which of them arXiv:2406.17599 uses is not known).
    An error that a measurement states for its number of events contains their fluctuation already; then use ``chi2``
    with ``chi2`` = z^2 and that ``uncertainty``.
    """

    tag = "gaussian"
    title = "Gaussian upper limit"
    source = "PDG 2022 review of statistics, sec. 40.4.2.2"
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
            Standard deviation of the background [events], in quadrature with its fluctuation.

        Returns
        -------
        float
            Events.

        Raises
        ------
        InputError
            If a number is out of range, nothing fluctuates, or every signal is excluded.

        Examples
        --------
        >>> round(Gaussian().critical_signal(Observation(5429.0, 5429), confidence_level=0.95), 1)
        121.2
        """
        check_counting(observation, confidence_level, background_uncertainty)
        background = observation.background
        width = math.hypot(math.sqrt(background), background_uncertainty)
        if width == 0:
            raise InputError(
                "a Gaussian limit needs a background above zero, or its uncertainty; use poisson or cls"
            )
        signal = (
            observation.observed - background + float(scipy.special.ndtri(confidence_level)) * width
        )
        if signal <= 0:
            raise AllExcludedError(
                f"{observation.observed:g} observed events on a background of {background:g} are so few "
                f"that every signal is excluded at {confidence_level:.0%}; use the method cls or fixed-count"
            )
        return signal
