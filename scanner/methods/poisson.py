"""Classical Poisson upper limit with a known background."""

from __future__ import annotations

from scipy.special import gammainccinv

from physics.errors import InputError
from scanner.methods.base import Observation, methods


@methods.instance
class Poisson:
    """Signal s for which n <= observed has the probability 1 - CL: P(n <= observed | s + b) = 1 - CL."""

    tag = "poisson"
    title = "Poisson upper limit"
    source = "PDG 2022 review of statistics, sec. 40.4.2.3"
    defaults = {"confidence_level": 0.95}  # noqa: RUF012
    needs_events = True

    def critical_signal(self, observation: Observation, confidence_level: float) -> float:
        """Upper limit on the signal.

        >>> round(Poisson().critical_signal(Observation(), confidence_level=0.90), 4)
        2.3026
        """
        if not 0 < confidence_level < 1:
            raise InputError(f"confidence_level must lie between 0 and 1, not {confidence_level}")
        if observation.observed != int(observation.observed):
            raise InputError(
                f"observed must be a whole number of events for a Poisson limit, not {observation.observed}"
            )
        total = float(gammainccinv(observation.observed + 1, 1 - confidence_level))
        signal = total - observation.background
        if signal <= 0:
            raise InputError(
                f"{observation.observed:g} observed events on a background of {observation.background:g} are so few "
                f"that every signal is excluded at {confidence_level:.0%}; use the method fixed-count"
            )
        return signal
