"""Several searches of one cube as one limit: the best of them, the sum of their signals, or their joint likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from physics.errors import InputError, did_you_mean, quoted
from physics.numerics.arrays import Array
from scanner.limits.likelihood import Searches
from scanner.limits.limit import Criterion, Limit
from scanner.limits.methods.base import Observation, check_units, critical_signal, methods
from scanner.queries.computing import computed
from scanner.queries.contours import Contour, Reach, contour, lines_through, reach
from scanner.queries.crossings import crossings, log_counts
from scanner.queries.joint import searches_of, strengths, workspace
from scanner.queries.point import point, split
from scanner.queries.provenance import Provenance, provenance_of
from scanner.queries.query import Curve, Query
from scanner.queries.sides import sides_of
from scanner.queries.tracing import Rungs

ENVELOPE, SUM, LIKELIHOOD = "envelope", "sum", "likelihood"
HOWS = (ENVELOPE, SUM, LIKELIHOOD)
ASYMPTOTIC = "arXiv:1007.1727"
UNCERTAINTY = "background_uncertainty"
OF_SUMS = (
    "fixed-count",
    "background-free",
    "poisson",
    "cls",
    "feldman-cousins",
    "gaussian",
    "s2-over-b",
)
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
    """

    limit: Limit = field(default_factory=Limit)
    background: Numbers = field(default_factory=dict)
    observed: Numbers = field(default_factory=dict)
    exposure: Numbers = field(default_factory=dict)
    uncertainty: Numbers = field(default_factory=dict)
    correlated: bool = False
    channels: str | Sequence[str] | None = None

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
    if how == ENVELOPE:
        if terms.correlated:
            raise InputError(
                "correlated backgrounds matter to a sum or a likelihood; an envelope has each search by itself"
            )
        return _envelope(query, places, terms)
    return _sum(query, places, terms) if how == SUM else _joint(query, places, terms)


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


def _rest(places: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """All axes but the experiment."""
    first = next(iter(places.values()))
    return {k: v for k, v in first.items() if k != "experiment"}


# ---- envelope --------------------------------------------------------------------------------


def _envelope(query: Query, places: Mapping[str, dict[str, Any]], terms: Terms) -> Combined:
    limit = terms.limit
    singles = tuple(
        query.curve(chosen, terms.of(name, limit.method, limit.parameters), terms.channels, name)
        for name, chosen in places.items()
    )
    mass, coupling = (query.ds[a.name].values.astype(float) for a in (query.mass, query.coupling))
    found, by = _lowest(singles)
    return Combined(
        ENVELOPE,
        tuple(places),
        _rest(places),
        _union(mass, coupling, _heights(query, places, singles, terms)),
        found,
        by,
        singles,
        tuple(single.provenance for single in singles),
        {
            "how": ENVELOPE,
            "meaning": "what at least one of the searches reaches by itself; cells that are not computed for one of "
            "them are unknown",
            "searches": list(places),
        },
    )


def _lowest(singles: Sequence[Curve]) -> tuple[Reach, tuple[str, ...]]:
    """Lowest and highest coupling of any search at each mass, and which has the lowest."""
    low = np.array([c.reach.low for c in singles])
    high = np.array([c.reach.high for c in singles])
    reached = np.isfinite(low).any(axis=0)
    first = np.where(np.isfinite(low), low, np.inf).argmin(axis=0)
    last = np.where(np.isfinite(high), high, -np.inf).argmax(axis=0)
    at = np.arange(low.shape[1])
    open_low = np.array([c.reach.open_low for c in singles])[first, at] & reached
    open_high = np.array([c.reach.open_high for c in singles])[last, at] & reached
    incomplete = np.any([c.reach.incomplete for c in singles], axis=0)
    found = Reach(
        singles[0].reach.mass, low[first, at], high[last, at], open_low, open_high, incomplete
    )
    labels = tuple(singles[i].label if r else "" for i, r in zip(first, reached, strict=True))
    return found, labels


def _heights(
    query: Query, places: Mapping[str, dict[str, Any]], singles: Sequence[Curve], terms: Terms
) -> Array:
    """log(N/level) of each search over the plane, (search, mass, coupling); NaN where not computed."""
    channels = None if terms.channels is None else query.channels(terms.channels)
    found = []
    for (name, chosen), single in zip(places.items(), singles, strict=True):
        plane = computed(query.plane(chosen, channels, terms.exposure.get(name)))
        found.append(log_counts(np.asarray(plane.values, dtype=float), single.contour.level))
    return np.array(found)


def _union(mass: Array, coupling: Array, heights: Array) -> Contour:
    """Contour of what any search reaches; a cell that one of them lacks is unknown."""
    highest = heights.max(axis=0)
    whole = contour(mass, coupling, np.exp(highest), 1.0, "times the critical signal")
    if not whole.branches:
        return whole
    on_column = np.exp(_outermost(highest, [_crossed(np.log(coupling), h) for h in heights]))
    on_row = np.exp(_outermost(highest.T, [_crossed(np.log(mass), h.T) for h in heights]).T)
    sides = sides_of(np.exp(highest), 1.0)

    def at_rungs(rungs: Rungs) -> Array:
        at = np.array(rungs.couplings)
        return np.column_stack([on_row[rungs.mass, at], coupling[at]])

    lines = lines_through(mass, sides, on_column[sides.row, sides.left], at_rungs)
    return replace(whole, branches=lines)


def _crossed(x: Array, heights: Array) -> Array:
    """Where each row crosses its level between neighbours, (k, n - 1); NaN where it does not."""
    found = np.full((heights.shape[0], len(x) - 1), np.nan)
    above, known = heights >= 0, np.isfinite(heights)
    row, left = np.nonzero((above[:, 1:] != above[:, :-1]) & known[:, 1:] & known[:, :-1])
    padded = np.pad(heights, ((0, 0), (1, 2)), constant_values=np.nan)
    found[row, left] = crossings(x, left, padded[row[:, None], left[:, None] + np.arange(4)])
    return found


def _outermost(highest: Array, places: Sequence[Array]) -> Array:
    """Of the crossings of all searches between two neighbours those that bound the union."""
    every = np.array(places)
    rising = highest[:, 1:] > highest[:, :-1]
    first = np.where(np.isnan(every), np.inf, every).min(axis=0)
    last = np.where(np.isnan(every), -np.inf, every).max(axis=0)
    found: Array = np.where(rising, first, last)
    return np.where(np.isfinite(found), found, np.nan)


# ---- sum -------------------------------------------------------------------------------------


def _sum(query: Query, places: Mapping[str, dict[str, Any]], terms: Terms) -> Combined:
    method, parameters = _method_of_all(query, places, terms.limit)
    _refuse_unfit(method, terms)
    reads = methods[method].reads_observed
    own = {
        name: query.stated(chosen).criterion(terms.of(name, "cls" if reads else "fixed-count", {}))
        for name, chosen in places.items()
        if _counts_events(query, chosen, method, terms)
    }
    background = sum(c.background for c in own.values())
    observed = sum(c.observed or 0.0 for c in own.values())
    uncertainty = _together([c.parameters.get(UNCERTAINTY, 0.0) for c in own.values()], terms)
    if UNCERTAINTY in methods[method].defaults:
        parameters = {**parameters, UNCERTAINTY: uncertainty}
    else:  # one that the search states of itself is of no use to this method
        own = {name: replace(c, parameters={}) for name, c in own.items()}
    level = critical_signal(method, Observation(background, observed), parameters)
    resolved = {**methods[method].defaults, **parameters}
    total, provenances = None, []
    for name, chosen in places.items():
        channels = None if terms.channels is None else query.channels(terms.channels)
        plane = query.plane(chosen, channels, terms.exposure.get(name))
        counts = np.asarray(computed(plane).values, dtype=float)
        total = counts if total is None else total + counts
        each = replace(
            own[name],
            method=method,
            parameters=resolved,
            observed=own[name].observed if reads else None,
            critical_signal=level,
        )
        axes = (query.mass, query.coupling)
        provenances.append(provenance_of(query.ds, axes, chosen, each, channels, np.isnan(counts)))
    assert total is not None
    grid = (query.ds[a.name].values.astype(float) for a in (query.mass, query.coupling))
    mass, coupling = grid
    statement = {
        "how": SUM,
        "meaning": "expected signals, backgrounds and observed events of the searches are added and are one counting "
        "experiment; each has its own exposure",
        "searches": _searches(own),
        "correlated_backgrounds": terms.correlated,
        "limit": {
            "method": method,
            "parameters": resolved,
            "background": background,
            "observed": observed if reads else None,
            "critical_signal": level,
            "counts_units": "events",
        },
    }
    return Combined(
        SUM,
        tuple(places),
        _rest(places),
        contour(mass, coupling, total, level),
        reach(mass, coupling, total, level),
        (),
        (),
        tuple(provenances),
        statement,
    )


def _refuse_unfit(method: str, terms: Terms) -> None:
    """Refuse methods whose numbers belong to one search, and an uncertainty that a method does not read."""
    if method not in OF_SUMS:
        raise InputError(
            f"the method {method} has numbers that belong to one search and is none for a sum of several; "
            f"use {', '.join(OF_SUMS)}, or how='envelope'"
        )
    if terms.uncertainty and UNCERTAINTY not in methods[method].defaults:
        knowing = [tag for tag in OF_SUMS if UNCERTAINTY in methods[tag].defaults]
        raise InputError(
            f"the method {method} reads no {UNCERTAINTY}; use {' or '.join(knowing)}, or leave it out"
        )


# ---- likelihood ------------------------------------------------------------------------------


def _level_of_joint(terms: Terms) -> float:
    """Confidence level of the joint likelihood, which has no other parameter.

    Raises
    ------
    InputError
        If something else is asked for.
    """
    limit = terms.limit
    if limit.method not in (None, "cls"):
        raise InputError(
            f"a joint likelihood is a limit by itself, by CL_s, and takes no method {limit.method}; "
            "use how='sum' with it"
        )
    for name in limit.parameters:
        if name != "confidence_level":
            raise InputError(
                f"a joint likelihood has no parameter {quoted(name)}; it has confidence_level, and by search "
                f"background, observed, exposure and {UNCERTAINTY}"
            )
    return limit.parameters.get("confidence_level", 0.95)


def _own(query: Query, places: Mapping[str, dict[str, Any]], terms: Terms) -> dict[str, Criterion]:
    """What each search expects and sees, resolved."""
    level = {"confidence_level": _level_of_joint(terms)}
    return {
        name: query.stated(chosen).criterion(terms.of(name, "cls", level))
        for name, chosen in places.items()
        if _counts_events(query, chosen, "cls", terms)
    }


def _joint(query: Query, places: Mapping[str, dict[str, Any]], terms: Terms) -> Combined:
    own = _own(query, places, terms)
    level = _level_of_joint(terms)
    searches = searches_of(own, terms.correlated)
    channels = None if terms.channels is None else query.channels(terms.channels)
    axes = (query.mass, query.coupling)
    counts, provenances = [], []
    for name, chosen in places.items():
        plane = query.plane(chosen, channels, terms.exposure.get(name))
        counts.append(np.asarray(computed(plane).values, dtype=float))
        provenances.append(
            provenance_of(query.ds, axes, chosen, own[name], channels, np.isnan(counts[-1]))
        )
    found, ranges = strengths(searches, np.array(counts), level)
    mass, coupling = (query.ds[a.name].values.astype(float) for a in axes)
    units = "times the excluded signal"
    curves = {
        key: (contour(mass, coupling, s, 1.0, units), reach(mass, coupling, s, 1.0))
        for key, s in found.items()
    }
    observed = curves.pop("observed")
    statement = {
        "how": LIKELIHOOD,
        "meaning": "the product of Poisson likelihoods with one signal strength; at each point the signals of the "
        "searches are in proportion to their counts",
        "searches": _searches(own),
        "correlated_backgrounds": terms.correlated,
        "limit": {
            "method": _joint_method(searches),
            "confidence_level": level,
            "excluded_events_in_all_searches": {
                "observed" if k == "observed" else f"expected {int(k):+d} sigma": v.tolist()
                for k, v in ranges.items()
            },
        },
    }
    return Combined(
        LIKELIHOOD, tuple(places), _rest(places), *observed, (), (), tuple(provenances), statement,
        curves,
    )  # fmt: skip


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
    own = _own(query, places, terms)
    here = {query.mass.name: m, query.coupling.name: d}
    here = {k: v for k, v in here.items() if not np.isnan(v)}
    counts = [
        point(query, {**c, **here}, terms.of(n, "cls", {}), terms.channels).counts
        for n, c in places.items()
    ]
    return workspace(searches_of(own, terms.correlated), np.array(counts))


def _joint_method(searches: Searches) -> str:
    if searches.alone:
        return "the method cls, as one search has few counts"
    if searches.empty:
        return "CL_s, exact (nothing expected, nothing observed)"
    return f"CL_s with q_mu-tilde, asymptotic ({ASYMPTOTIC}), Gaussian constraints of backgrounds"


def _searches(own: Mapping[str, Criterion]) -> list[dict[str, Any]]:
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


def _counts_events(query: Query, chosen: Mapping[str, Any], method: str, terms: Terms) -> bool:
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


def _together(uncertainties: Sequence[float], terms: Terms) -> float:
    """Uncertainty of the sum of all backgrounds."""
    found = np.sum(uncertainties) if terms.correlated else np.linalg.norm(uncertainties)
    return float(found)


def _method_of_all(
    query: Query, places: Mapping[str, dict[str, Any]], limit: Limit
) -> tuple[str, dict[str, float]]:
    """The method that is named, or that which all searches state; and its parameters.

    Raises
    ------
    InputError
        If they state different ones, or the background's uncertainty is given for all at once.
    """
    if UNCERTAINTY in limit.parameters:
        raise InputError(
            f"{UNCERTAINTY} is that of one search; give it by search ({UNCERTAINTY}={{...}})"
        )
    stated: dict[str, dict[str, Any]] = {}
    for name, chosen in places.items():
        own = query.statistic(chosen)
        tag = own.pop("method", "fixed-count")
        aside = methods[tag].of_observation
        plain = {k: v for k, v in own.items() if k not in aside}
        stated[name] = {"method": tag, **methods[tag].defaults, **plain}
        for key in aside:
            stated[name].pop(key, None)
    first, *others = stated.values()
    if limit.method in (None, first["method"]) and all(o == first for o in others):
        tag = first.pop("method")
        return tag, {**first, **limit.parameters}
    if limit.method is None:
        words = ", ".join(f"{name}: {own['method']}" for name, own in stated.items())
        raise InputError(
            f"these searches state different limit methods or parameters ({words}); name one for their sum"
        )
    return limit.method, dict(limit.parameters)
