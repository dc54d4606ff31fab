"""Signal squared over background, the simplest criterion for large counts."""

from __future__ import annotations

import numpy as np

from physics.errors import InputError
from scanner.limits.methods.base import Observation, methods


@methods.instance
class SignalSquaredOverBackground:
    """The signal with S^2/B = threshold: 2.71 for 95% one-sided."""

    tag = "s2-over-b"
    title = "signal squared over background"
    source = "arXiv:2301.06050 sec. V"
    defaults = {"threshold": 2.71}  # noqa: RUF012
    needs_events = True
    reads_observed = False
    of_observation: frozenset[str] = frozenset()

    def critical_signal(self, observation: Observation, threshold: float) -> float:
        """sqrt(threshold B).

        >>> SignalSquaredOverBackground().critical_signal(Observation(100.0), threshold=4.0)
        20.0
        """
        if not threshold > 0:
            raise InputError(f"threshold must be positive, not {threshold:g}")
        if not observation.background > 0:
            raise InputError("S^2/B needs a background above zero; use fixed-count or poisson")
        return float(np.sqrt(threshold * observation.background))
