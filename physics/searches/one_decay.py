"""A search with one decay as its exposure, so that counts are efficiencies."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from physics.searches.search import Search

S = TypeVar("S", bound=Search)


def of_one_decay(search: S, counts_units: str, events: float) -> S:
    """The search as the fraction of decays that it selects.

    Parameters
    ----------
    search : Search
    counts_units : str
        What is selected, per decay.
    events : float
        Fraction of its contour, which is there to be looked at.
    """
    return replace(
        search,
        exposure=1.0,
        background=0.0,
        observed=0.0,
        statistic={"method": "fixed-count", "events": events},
        counts_units=counts_units,
    )
