"""What every experiment's definition has, whatever the kind of its search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SearchDefinition:
    """A search, as its file and the stored cube define it; each kind adds its own fields.

    Attributes
    ----------
    tag, title, facility, signature, source : str
    exposure : float
        In units of :attr:`physics.searches.base.SearchKind.exposure_units`.
    background, observed : float
        In the units of the counts.
    statistic : dict
        The search's own limit method and its parameters; empty for three events.
    kind : str
        Kind of search, a module of :mod:`physics.searches`.
    counts_units : str
        What counts are with the stated exposure; ``events`` unless a limit is stated in something else.
    """

    tag: str
    title: str
    facility: str
    signature: str
    source: str
    exposure: float
    background: float = 0.0
    observed: float = 0.0
    statistic: dict[str, Any] = field(default_factory=dict)
    kind: str
    counts_units: str = "events"
