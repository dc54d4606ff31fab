"""What a combination of searches assumes of each, and what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from physics.errors import InputError
from scanner.limits.calculation import Calculation
from scanner.limits.limit import Criterion, Limit
from scanner.limits.methods.base import check_units
from scanner.queries.contours import Contour, Reach
from scanner.queries.provenance import Provenance
from scanner.queries.query import Curve, Query

ENVELOPE, SUM, LIKELIHOOD = "envelope", "sum", "likelihood"
HOWS = (ENVELOPE, SUM, LIKELIHOOD)
ASYMPTOTIC = "arXiv:1007.1727"
UNCERTAINTY = "background_uncertainty"
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Terms:
    """What is assumed of each search, and how counts become a limit.

    Attributes
    ----------
    limit : Limit
        Method and its parameters; what each search states of itself is in the mappings.
    background, observed, exposure, uncertainty : mapping
        Search to its number, in place of its own; the uncertainty is that of the background, in events.
    correlated : bool
        Whether backgrounds of all searches go up and down together.
    channels : str or sequence of str, optional
        Production channels that are summed; all by default.
    calculation : Calculation
        Of a likelihood: asymptotic, exact or by toys.
    """

    limit: Limit = field(default_factory=Limit)
    background: Numbers = field(default_factory=dict)
    observed: Numbers = field(default_factory=dict)
    exposure: Numbers = field(default_factory=dict)
    uncertainty: Numbers = field(default_factory=dict)
    correlated: bool = False
    channels: str | Sequence[str] | None = None
    calculation: Calculation = field(default_factory=Calculation)

    def of(self, experiment: str, method: str | None, parameters: Numbers) -> Limit:
        """Limit of one search by itself."""
        own = dict(parameters)
        if experiment in self.uncertainty:
            own[UNCERTAINTY] = self.uncertainty[experiment]
        given = (self.background, self.observed, self.exposure)
        return Limit(method, own, *(numbers.get(experiment) for numbers in given))


@dataclass(frozen=True)
class Combined:
    """Several searches as one limit.

    Attributes
    ----------
    how : str
    experiments : tuple of str
    selection : mapping
        All axes but the experiment.
    contour : Contour
    reach : Reach
    by : tuple of str
        Of the envelope: the search with the lowest coupling at each mass; empty where none reaches its level.
    singles : tuple of Curve
        Of the envelope: each search by itself.
    provenances : tuple of Provenance
        Of each search.
    statement : mapping
        What was combined, and under which assumptions.
    bands : mapping
        Of the likelihood: ``-2`` to ``2``, fluctuations of the background in sigma, to the expected contour and reach.
    """

    how: str
    experiments: tuple[str, ...]
    selection: Mapping[str, Any]
    contour: Contour
    reach: Reach
    by: tuple[str, ...]
    singles: tuple[Curve, ...]
    provenances: tuple[Provenance, ...]
    statement: Mapping[str, Any]
    bands: Mapping[str, tuple[Contour, Reach]] = field(default_factory=dict)


def rest_of(places: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """All axes but the experiment."""
    first = next(iter(places.values()))
    return {k: v for k, v in first.items() if k != "experiment"}


def as_stated(own: Mapping[str, Criterion]) -> list[dict[str, Any]]:
    """What each search expects and sees, as plain data."""
    return [
        {
            "experiment": name,
            "background": c.background,
            UNCERTAINTY: c.parameters.get(UNCERTAINTY, 0.0),
            "observed": c.observed,
            "exposure": c.exposure,
            "exposure_units": c.exposure_units,
        }
        for name, c in own.items()
    ]


def counts_events(query: Query, chosen: Mapping[str, Any], method: str, terms: Terms) -> bool:
    """True, or a sentence says that counts of a search are no events, which can be neither added nor multiplied."""
    name = str(chosen["experiment"])
    units = query.counts_units(chosen, terms.exposure.get(name))
    check_units(method, name, units)
    if units != "events":
        raise InputError(
            f"the counts of {name} are in {units} and not events, and cannot be added to those of other searches; "
            "leave it out, or use how='envelope'"
        )
    return True
