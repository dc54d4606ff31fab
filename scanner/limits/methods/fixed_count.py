"""A fixed number of events: 3 for 95%, 2.3 for 90% without background."""

from __future__ import annotations

import numpy as np

from physics.errors import InputError
from scanner.limits.methods.base import Observation, methods


@methods.instance
class FixedCount:
    """Reached where the signal is at least a fixed number of events."""

    tag = "fixed-count"
    title = "fixed number of events"
    source = "arXiv:2308.16608 sec. 3 (3 events); arXiv:2301.08592 (2.3 events)"
    defaults = {"events": 3.0}  # noqa: RUF012
    needs_events = False
    reads_observed = False
    of_observation: frozenset[str] = frozenset()

    def critical_signal(self, observation: Observation, events: float) -> float:
        """The number itself; background and observation play no part.

        >>> FixedCount().critical_signal(Observation(), events=2.3)
        2.3
        """
        if not 0 < events < np.inf:
            raise InputError(f"events must be a positive number, not {events}")
        return float(events)
