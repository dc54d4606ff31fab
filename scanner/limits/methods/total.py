"""A search's whole background, scaled to another luminosity."""

from __future__ import annotations

import numpy as np

from physics.errors import InputError
from scanner.limits.methods.base import Observation, methods


def ratio_of_luminosities(luminosity: float, reference_luminosity: float) -> float:
    """How much more data there are than the search had.

    Raises
    ------
    InputError
        If one is not positive.
    """
    for name, value in (
        ("luminosity", luminosity),
        ("reference_luminosity", reference_luminosity),
    ):
        if not 0 < value < np.inf:
            raise InputError(f"{name} must be a positive number, not {value:g}")
    return luminosity / reference_luminosity


@methods.instance
class Total:
    """quantile sqrt(expected luminosity/reference_luminosity): all channels and bins as one number of events.

    arXiv:2301.08592 gives 100 to 200 background events with 138 fb^-1 and not how its 90% limit follows from them.
    """

    tag = "total"
    title = "whole background of a search, scaled with luminosity"
    source = "arXiv:2301.08592 sec. 3.1: 100-200 events with 138 fb^-1"
    defaults = {  # noqa: RUF012
        "expected": 150.0,
        "quantile": 1.28,
        "luminosity": 0.0,
        "reference_luminosity": 138.0,
    }
    needs_events = True
    reads_observed = False
    of_observation = frozenset({"luminosity"})

    def critical_signal(
        self,
        observation: Observation,
        expected: float,
        quantile: float,
        luminosity: float,
        reference_luminosity: float,
    ) -> float:
        """Events at ``luminosity`` of a search that expects ``expected`` with ``reference_luminosity`` [fb^-1].

        >>> round(Total().critical_signal(Observation(), **{**Total.defaults, "luminosity": 3000.0}), 1)
        73.1
        """
        for name, value in (("expected", expected), ("quantile", quantile)):
            if not 0 < value < np.inf:
                raise InputError(f"{name} must be a positive number, not {value:g}")
        return float(
            quantile * np.sqrt(expected * ratio_of_luminosities(luminosity, reference_luminosity))
        )
