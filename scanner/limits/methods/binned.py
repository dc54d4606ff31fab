"""Bins with few events, scaled to another luminosity."""

from __future__ import annotations

import numpy as np

from physics.errors import InputError
from scanner.limits.methods.base import Observation, methods
from scanner.limits.methods.total import ratio_of_luminosities


@methods.instance
class Binned:
    """events sqrt(luminosity/reference_luminosity): the signal sits in bins in which hardly any background was.

    Three events with 138 fb^-1 meet what the abstract of CMS (arXiv:2201.05578) quotes for a mixed N, which the whole
    background does not (docs/reproduction-2301.08592.md); that this is CMS's statistic is inferred from one number.
    """

    tag = "binned"
    title = "few events per bin, scaled with the square root of luminosity"
    source = "inferred from arXiv:2201.05578; arXiv:2301.08592 gives none"
    defaults = {"events": 3.0, "luminosity": 0.0, "reference_luminosity": 138.0}  # noqa: RUF012
    needs_events = True
    reads_observed = False
    of_observation = frozenset({"luminosity"})

    def critical_signal(
        self,
        observation: Observation,
        events: float,
        luminosity: float,
        reference_luminosity: float,
    ) -> float:
        """Events at ``luminosity`` of a search that is sensitive to ``events`` with ``reference_luminosity`` [fb^-1].

        >>> round(Binned().critical_signal(Observation(), **{**Binned.defaults, "luminosity": 3000.0}), 2)
        13.99
        """
        if not 0 < events < np.inf:
            raise InputError(f"events must be a positive number, not {events:g}")
        return float(events * np.sqrt(ratio_of_luminosities(luminosity, reference_luminosity)))
