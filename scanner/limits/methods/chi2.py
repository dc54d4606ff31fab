"""One bin, chi^2 = ((background + signal - observed)/uncertainty)^2."""

from __future__ import annotations

import numpy as np

from physics.errors import InputError
from scanner.limits.methods.base import Observation, methods


@methods.instance
class ChiSquare:
    """The signal at which chi^2 of one bin reaches a value from above."""

    tag = "chi2"
    title = "one-bin chi square"
    source = "arXiv:2301.06050 eq. (17)"
    defaults = {"chi2": 3.84, "uncertainty": 0.0}  # noqa: RUF012
    needs_events = False
    reads_observed = True
    of_observation = frozenset({"uncertainty"})

    def critical_signal(self, observation: Observation, chi2: float, uncertainty: float) -> float:
        """Observed - background + sqrt(chi2) uncertainty.

        >>> round(ChiSquare().critical_signal(Observation(1.61, 1.50), chi2=3.84, uncertainty=0.11), 4)
        0.1056
        """
        if not (uncertainty > 0 and chi2 > 0):
            raise InputError(
                f"chi2 and uncertainty must be positive, not {chi2:g} and {uncertainty:g}"
            )
        signal = observation.observed - observation.background + np.sqrt(chi2) * uncertainty
        if signal <= 0:
            raise InputError(
                f"an observed {observation.observed:g} lies so far below the background of "
                f"{observation.background:g} that every signal is excluded; use another method"
            )
        return float(signal)
