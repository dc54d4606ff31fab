"""No background at all: 2.3 events for 90%."""

from __future__ import annotations

from scanner.limits.methods.base import Observation, methods
from scanner.limits.methods.counting import check_counting, without_background


@methods.instance
class BackgroundFree:
    """-ln(1 - CL) events: nothing is seen, and nothing is expected without a signal."""

    tag = "background-free"
    title = "no event seen without background"
    source = "PDG 2022 review of statistics, sec. 40.4.2.3"
    defaults = {"confidence_level": 0.90}  # noqa: RUF012
    needs_events = True
    reads_observed = False
    of_observation: frozenset[str] = frozenset()

    def critical_signal(self, observation: Observation, confidence_level: float) -> float:
        """Events, whatever background the search states.

        >>> round(BackgroundFree().critical_signal(Observation(), confidence_level=0.9), 2)
        2.3
        """
        check_counting(Observation(), confidence_level)
        return without_background(0, confidence_level)
