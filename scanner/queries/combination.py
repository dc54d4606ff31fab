"""Several searches of one cube as one limit: the best of them, the sum of their signals, or their joint likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from physics.errors import InputError, did_you_mean, quoted
from scanner.limits.calculation import Calculation
from scanner.queries.combined import ENVELOPE, HOWS, LIKELIHOOD, SUM, Combined, Terms
from scanner.queries.envelope import envelope
from scanner.queries.joint import joint, own_of, searches_of
from scanner.queries.point import point, split
from scanner.queries.pyhf_workspace import workspace
from scanner.queries.query import Query
from scanner.queries.summed import summed


def combine(
    query: Query,
    experiments: Sequence[str],
    selection: Mapping[str, Any],
    how: str = ENVELOPE,
    terms: Terms | None = None,
) -> Combined:
    """Combine searches.

    Parameters
    ----------
    query : Query
    experiments : sequence of str
    selection : mapping
        All axes but the experiment.
    how : str
        ``envelope``, ``sum`` or ``likelihood``.
    terms : Terms, optional

    Returns
    -------
    Combined

    Raises
    ------
    InputError
        If a search is unknown or there twice, or they cannot be combined in this way.
    """
    terms = terms or Terms()
    if how not in HOWS:
        raise InputError(
            f"no combination {quoted(how)}; {did_you_mean(how, HOWS)}there are: {', '.join(HOWS)}"
        )
    places = _places(query, experiments, selection)
    _check_names(places, terms)
    if how != LIKELIHOOD and terms.calculation != Calculation():
        raise InputError(
            "calculation, toys and seed matter to a likelihood; an envelope and a sum have a limit method"
        )
    if how == ENVELOPE:
        if terms.correlated:
            raise InputError(
                "correlated backgrounds matter to a sum or a likelihood; an envelope has each search by itself"
            )
        return envelope(query, places, terms)
    return summed(query, places, terms) if how == SUM else joint(query, places, terms)


def _places(
    query: Query, experiments: Sequence[str], selection: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Search to all axes that choose it."""
    wanted = [experiments] if isinstance(experiments, str) else list(experiments)
    if not wanted:
        raise InputError("name the searches to combine; two or more make a combination")
    if "experiment" in selection:
        raise InputError(
            "the searches of a combination are named in experiments and not in the selection"
        )
    found: dict[str, dict[str, Any]] = {}
    for name in wanted:
        chosen = query.complete({**selection, "experiment": name})
        label = str(chosen["experiment"])
        if label in found:
            raise InputError(f"{label} is among the searches twice; its events would count twice")
        found[label] = chosen
    return found


def _check_names(places: Mapping[str, Any], terms: Terms) -> None:
    for what in ("background", "observed", "exposure", "uncertainty"):
        given = getattr(terms, what)
        if not isinstance(given, Mapping):
            raise InputError(
                f"{what} must be a mapping of searches to numbers, "
                f"{{{next(iter(places))!r}: 1.5}}, not {quoted(given)}"
            )
        for name in given:
            if name not in places:
                raise InputError(
                    f"{what} is given of {quoted(name)}, which is not combined; "
                    f"{did_you_mean(name, places)}there are: {', '.join(places)}"
                )


def workspace_at(
    query: Query, experiments: Sequence[str], selection: Mapping[str, Any], terms: Terms
) -> dict[str, Any]:
    """The joint likelihood at one point as a workspace of pyhf.

    Parameters
    ----------
    query : Query
    experiments : sequence of str
    selection : mapping
        All axes but the experiment, with mass and coupling.
    terms : Terms

    Returns
    -------
    dict
    """
    rest, m, d = split(query, selection)
    places = _places(query, experiments, rest)
    _check_names(places, terms)
    own = own_of(query, places, terms)
    here = {query.mass.name: m, query.coupling.name: d}
    here = {k: v for k, v in here.items() if not np.isnan(v)}
    counts = [
        point(query, {**c, **here}, terms.of(n, "cls", {}), terms.channels).counts
        for n, c in places.items()
    ]
    searches = searches_of(own, terms.correlated)
    return workspace(searches, np.array(counts), terms.calculation)
