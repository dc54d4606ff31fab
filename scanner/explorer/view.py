"""What a page of the explorer shows, as plain data, and as the query of a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from physics.errors import InputError, quoted
from physics.reading import UnfitError, number_in
from scanner.queries.assumptions import Assumptions

AXIS = "axis."  # before the name of an axis in a link
LONGEST = 20_000  # characters of a link
NUMBERS = ("events", "confidence_level", "background", "observed", "background_uncertainty")
LEAST_ZERO = NUMBERS[2:]  # which may be zero, and no less


@dataclass(frozen=True)
class View:
    """What is shown.

    Attributes
    ----------
    cube : str
        Name and fingerprint of what is looked at; empty if it is not said.
    searches : tuple of str
        Labels of experiments; None if it is not said.
    axes : mapping
        Axis to label or value.
    method : str
        Limit method; empty for each search's own.
    events, confidence_level, background, observed : float, optional
        Of the limit; the method's and the search's own by default.
    background_uncertainty : float, optional
        Part of the background; with it each line has a band.
    exposure : float
        In each search's own.
    at : (float, float), optional
        Mass and coupling of the point that is looked at.
    """

    cube: str = ""
    searches: tuple[str, ...] | None = None
    axes: Mapping[str, Any] = field(default_factory=dict)
    method: str = ""
    events: float | None = None
    confidence_level: float | None = None
    background: float | None = None
    observed: float | None = None
    background_uncertainty: float | None = None
    exposure: float = 1.0
    at: tuple[float, float] | None = None

    def assumptions(self, own_exposure: float, band: bool = True) -> Assumptions:
        """What a question about a search assumes.

        Parameters
        ----------
        own_exposure : float
            Of the search.
        band : bool
            Whether the band is asked for, if the view has one.
        """
        wide = self.background_uncertainty if band else None
        return Assumptions(
            method=self.method or None,
            events=self.events,
            confidence_level=self.confidence_level,
            background=self.background,
            observed=self.observed,
            band=None if not wide else "background",
            background_uncertainty=None if not wide else f"{100 * wide:.12g}%",
            exposure=None if self.exposure == 1.0 else own_exposure * self.exposure,
        )

    def with_axis(self, name: str, value: Any) -> View:
        """The same with another value of an axis."""
        return replace(self, axes={**self.axes, name: value})

    def link(self) -> str:
        """The query of a link that restores the view.

        Examples
        --------
        >>> View("quickstart:c4df", ("FASER2",), {"flavor": "e"}, events=10.0).link()
        'cube=quickstart%3Ac4df&search=FASER2&axis.flavor=e&events=10'
        """
        words: list[tuple[str, str]] = [("cube", self.cube)] if self.cube else []
        words += [("search", label) for label in self.searches or ()]
        if self.searches == ():
            words.append(("search", ""))
        words += [(AXIS + name, _word(value)) for name, value in self.axes.items()]
        if self.method:
            words.append(("method", self.method))
        for name in NUMBERS:
            if getattr(self, name) is not None:
                words.append((name, _word(getattr(self, name))))
        if self.exposure != 1.0:
            words.append(("exposure", _word(self.exposure)))
        if self.at is not None:
            words.append(("at", ",".join(map(_word, self.at))))
        return urlencode(words)


def from_link(query: str) -> View:
    """The view that a link says.

    Parameters
    ----------
    query : str
        What stands behind ``?`` in a link, or the whole link.

    Returns
    -------
    View
        Values of axes are words; the cube knows what they mean.

    Raises
    ------
    InputError
        If it is no link of a view.

    Examples
    --------
    >>> from_link("http://localhost:5006/?search=FASER2&axis.flavor=e&at=0.1,1e-06").at
    (0.1, 1e-06)
    """
    if len(query) > LONGEST:
        raise InputError(f"the link has more than {LONGEST:,} characters; it is no link of a view")
    query = query.partition("?")[2] if "?" in query or "://" in query else query
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        raise InputError("the link cannot be read; copy all of it") from None
    found: dict[str, Any] = {}
    searches: list[str] = []
    axes: dict[str, str] = {}
    known = {f.name for f in fields(View)} - {"searches", "axes"}
    for name, value in pairs:
        if name == "search":
            searches.append(value)
        elif name.startswith(AXIS):
            if name.removeprefix(AXIS) in axes:
                raise InputError(f"the link has {quoted(name)} twice; copy it again")
            axes[name.removeprefix(AXIS)] = value
        elif name not in known:
            raise InputError(f"the link has {quoted(name)}, which no view has; copy all of it")
        elif name in found:
            raise InputError(f"the link has {name} twice; copy it again")
        elif name in ("cube", "method"):
            found[name] = value
        elif name == "at":
            mass, _, coupling = value.partition(",")
            found[name] = (_positive("the point", mass), _positive("the point", coupling))
        elif name == "exposure":
            found[name] = _positive("exposure", value)
        elif name in LEAST_ZERO:
            found[name] = _not_negative(name, value)
        else:
            found[name] = _number(name, value)
    if any(name == "search" for name, _ in pairs):
        found["searches"] = tuple(dict.fromkeys(label for label in searches if label))
    return View(axes=axes, **found)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.15g}"


def _number(name: str, text: str) -> float:
    try:
        return number_in(text)
    except UnfitError:
        raise InputError(f"{name} in the link is {quoted(text)} and no number") from None


def _not_negative(name: str, text: str) -> float:
    value = _number(name, text)
    if not 0 <= value < float("inf"):
        raise InputError(f"{name} in the link is {quoted(text)}, and must not be below zero")
    return value


def _positive(name: str, text: str) -> float:
    value = _number(name, text)
    if not 0 < value < float("inf"):
        raise InputError(f"{name} in the link is {quoted(text)}, and must be above zero")
    return value
