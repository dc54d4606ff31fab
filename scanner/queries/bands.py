"""Bands around limits: what is asked for, and what it means for one curve.

A band lies between the contours of two planes. Its *outer* edge bounds the largest region, its *inner* edge the
smallest one:

* ``statistics``: of N (1 + r) and N (1 - r), where r is the relative error that the cube states of the sum over
  channels: sampling and tables added in quadrature, one standard deviation;
* ``generators``: of the largest and the smallest N of all generators of the cube, point by point;
* ``background``: at the smallest and the largest critical signal that the background has within its uncertainty, with
  everything else as it is, the observed number included.

Of several together all are at their edge at once: an envelope has no standard deviation that could be added in
quadrature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.models.model import GENERATOR
from physics.reading import UnfitError, number_in
from scanner.limits.limit import Criterion, Limit
from scanner.queries.contours import Contour, Reach
from scanner.scans.plan import TOTAL

if TYPE_CHECKING:
    from scanner.queries.query import Query

STATISTICS, GENERATORS, BACKGROUND = KINDS = ("statistics", "generators", "background")
ERRORS = ("relative_error", "table_error")
TOGETHER = "all at their edge at once"


@dataclass(frozen=True)
class Band:
    """What a band is over.

    Attributes
    ----------
    kinds : tuple of str
        Of ``KINDS``, in their order.
    uncertainty : float
        Of the background: in the units of the counts, or a fraction of it if ``relative``.
    relative : bool
    """

    kinds: tuple[str, ...]
    uncertainty: float = 0.0
    relative: bool = False

    @property
    def words(self) -> str:
        """What it is over, in words."""
        return " and ".join(self.kinds)


@dataclass(frozen=True)
class Edge:
    """One edge of a band.

    Attributes
    ----------
    contour : Contour
    reach : Reach
    """

    contour: Contour
    reach: Reach


@dataclass(frozen=True)
class CurveBand:
    """The band of a curve.

    Attributes
    ----------
    band : Band
        What it is over.
    outer, inner : Edge
        Of the largest and of the smallest region; the curve's own lies between them.
    """

    band: Band
    outer: Edge
    inner: Edge


@dataclass(frozen=True)
class Uncertain:
    """What the band of one curve is made of.

    Attributes
    ----------
    members : tuple of mapping
        Selections whose counts the envelope is of; the first is that of the curve.
    errors : tuple of str
        Variables of the cube with relative errors; empty if those are not asked for.
    levels : (float, float)
        Critical signals of the outer and of the inner edge.
    said : mapping
        All that decides it, as plain data.
    """

    members: tuple[Mapping[str, Any], ...]
    errors: tuple[str, ...]
    levels: tuple[float, float]
    said: Mapping[str, Any]


def asked_band(
    kinds: str | Iterable[str] | None, background_uncertainty: float | str | None = None
) -> Band | None:
    """What is asked for, checked; None if no band is.

    Parameters
    ----------
    kinds : str or sequence of str, optional
        ``statistics``, ``generators``, ``background``, or several of them.
    background_uncertainty : float or str, optional
        In the units of the counts, or relative: ``"20%"``.

    Raises
    ------
    InputError
        If a kind is unknown, or the uncertainty is missing, no number, or asked of no band.

    Examples
    --------
    >>> asked_band(["background", "statistics"], "20%")
    Band(kinds=('statistics', 'background'), uncertainty=0.2, relative=True)
    """
    wanted = [kinds] if isinstance(kinds, str) else list(kinds or ())
    for kind in wanted:
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS)
            raise InputError(f"unknown band {quoted(kind)}; {hint}there are: {one_of(KINDS)}")
    if kinds is not None and not wanted:
        raise InputError(f"band is empty; leave it out, or name some of {one_of(KINDS)}")
    if background_uncertainty is None:
        if BACKGROUND in wanted:
            raise InputError(
                "a band over the background needs its uncertainty: background_uncertainty=2 "
                '(--background-uncertainty 2) in the units of the counts, or "20%"'
            )
    elif BACKGROUND not in wanted:
        raise InputError(
            "background_uncertainty is that of a band over the background; ask for it, too "
            "(band='background', --band background), or give the method its own parameter of that name"
        )
    if not wanted:
        return None
    value, relative = _uncertainty(background_uncertainty)
    return Band(tuple(kind for kind in KINDS if kind in wanted), value, relative)


def _uncertainty(given: float | str | None) -> tuple[float, bool]:
    """A number, and whether it is a fraction."""
    if given is None:
        return 0.0, False
    words = given.strip() if isinstance(given, str) else given
    relative = isinstance(words, str) and words.endswith("%")
    try:
        if isinstance(words, bool):
            raise TypeError
        plain = words.removesuffix("%").strip() if isinstance(words, str) else words
        value = number_in(plain) if isinstance(plain, str) else float(plain)
    except (TypeError, ValueError, UnfitError):
        raise InputError(
            f'background_uncertainty must be a number, or "20%", not {quoted(given)}'
        ) from None
    if not 0 < value < np.inf:
        raise InputError(f"background_uncertainty must be above zero, not {quoted(given)}")
    return (value / 100 if relative else value), relative


def uncertain(
    query: Query,
    chosen: Mapping[str, Any],
    limit: Limit,
    channels: Sequence[str] | None,
    criterion: Criterion,
    band: Band,
) -> Uncertain:
    """What the band of one curve is made of.

    Parameters
    ----------
    query : Query
    chosen : mapping
        The experiment, and the values of all other axes.
    limit : Limit
    channels : sequence of str, optional
        That are summed.
    criterion : Criterion
        Of the curve itself.
    band : Band

    Raises
    ------
    InputError
        If the cube has no errors, or one generator, or the limit does not depend on the background.
    """
    said: dict[str, Any] = {"of": list(band.kinds)}
    members: tuple[Mapping[str, Any], ...] = (chosen,)
    errors: tuple[str, ...] = ()
    levels = (criterion.critical_signal, criterion.critical_signal)
    if STATISTICS in band.kinds:
        errors = _errors(query, channels)
        said[STATISTICS] = (
            f"N (1 + r) and N (1 - r), one standard deviation; r: {' and '.join(errors)}"
            + (" in quadrature, as far as it states them" if len(errors) > 1 else "")
        )
    if GENERATORS in band.kinds:
        members = _members(query, chosen)
        said[GENERATORS] = {
            "envelope": [str(each[GENERATOR.name]) for each in members],
            "central": str(chosen[GENERATOR.name]),
        }
    if BACKGROUND in band.kinds:
        levels, said[BACKGROUND] = _levels(query, chosen, limit, criterion, band)
    said["critical_signal"] = {"outer": levels[0], "inner": levels[1]}
    if len(band.kinds) > 1:
        said["together"] = TOGETHER
    return Uncertain(members, errors, levels, said)


def _errors(query: Query, channels: Sequence[str] | None) -> tuple[str, ...]:
    """Names of the errors that a cube states of its sum over channels."""
    outline = query.outline
    found = tuple(name for name in ERRORS if name in outline.said)
    if not found:
        raise InputError(
            f"this cube states no errors of its counts ({' and '.join(ERRORS)}), so that there is no band of statistics"
        )
    there = outline.sizes.get("channel", 0)
    stored = outline.said.get(TOTAL, {}).get("channels", there)
    some = channels is not None and set(channels) != set(query.channels())
    if some or (there and there != stored):
        raise InputError(
            "the errors that a cube states are those of the sum over all channels: there is no band of statistics of "
            "some of them; leave out the channels, or the band"
        )
    return found


def _members(query: Query, chosen: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Selections that differ in the generator alone."""
    name = GENERATOR.name
    values = list(np.atleast_1d(query.values(name))) if name in chosen else []
    if len(values) < 2:
        only = f"has one generator, {values[0]}" if values else "has no axis generator"
        raise InputError(
            f"this cube {only}, so that there is no envelope; open stores that differ in it together "
            "(--with STORE, dipolescan.open_cubes), or scan several"
        )
    experiment = str(chosen["experiment"])
    if not query.matters(name, [experiment]):
        raise InputError(
            f"{experiment} does not depend on the generator: there is no band of generators of it"
        )
    others = [v for v in values if v != chosen[name]]
    return tuple({**chosen, name: value} for value in (chosen[name], *others))


def _levels(
    query: Query, chosen: Mapping[str, Any], limit: Limit, criterion: Criterion, band: Band
) -> tuple[tuple[float, float], dict[str, Any]]:
    """Smallest and largest critical signal within the uncertainty of the background, and words about it."""
    stated, background = query.stated(chosen), criterion.background
    own = criterion.parameters.get("background_uncertainty", 0.0)
    if own:
        raise InputError(
            f"the limit has a background_uncertainty of {own:g} in it already, which a band over the background would "
            "count twice; leave out the band, or set the method's parameter to 0 (--parameter background_uncertainty=0)"
        )
    width = band.uncertainty * background if band.relative else band.uncertainty
    if width == 0:
        raise InputError(
            f"{stated.experiment} expects no background, of which {band.uncertainty:.0%} is nothing; give the "
            "uncertainty in the units of the counts"
        )
    low, high = max(0.0, background - width), background + width
    found = [
        stated.criterion(replace(limit, background=each)).critical_signal for each in (low, high)
    ]
    if found[0] == found[1] == criterion.critical_signal:
        raise InputError(
            f"the method {criterion.method} does not depend on the background, so that there is no band over it; "
            "choose another method, such as poisson or cls"
        )
    every = (criterion.critical_signal, *found)
    said = {
        "uncertainty": width,
        **({"relative": band.uncertainty} if band.relative else {}),
        "from": low,
        "to": high,
        **(
            {} if criterion.observed is None else {"observed": criterion.observed}
        ),  # stays as it is
        "critical_signal": {"from": found[0], "to": found[1]},
    }
    return (min(every), max(every)), said
