"""One bin, chi^2 = ((background + signal - observed)/uncertainty)^2."""

from __future__ import annotations

import numpy as np

from physics.errors import InputError
from scanner.limits.methods.base import AllExcludedError, Observation, methods


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
        if not uncertainty > 0:
            raise InputError(
                "the method chi2 needs the uncertainty of the background, in the units of the counts and positive "
                f"(uncertainty=0.1, or --parameter uncertainty=0.1), not {uncertainty:g}"
            )
        if not chi2 > 0:
            raise InputError(f"chi2 must be positive (3.84 for 95%), not {chi2:g}")
        signal = observation.observed - observation.background + np.sqrt(chi2) * uncertainty
        if signal <= 0:
            raise AllExcludedError(
                f"an observed {observation.observed:g} lies so far below the background of "
                f"{observation.background:g} that every signal is excluded; use another method"
            )
        return float(signal)
