"""What a limit method is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from physics.errors import InputError, did_you_mean, quoted
from physics.registry import Registry


class AllExcludedError(InputError):
    """So little was observed that a method excludes every signal, however small."""


@dataclass(frozen=True)
class Observation:
    """What a search expects and sees without signal.

    Attributes
    ----------
    background, observed : float
        Events, or what else the search counts.
    luminosity : float, optional
        What the counts stand for [fb^-1]; none if the exposure is something else.
    """

    background: float = 0.0
    observed: float = 0.0
    luminosity: float | None = None

    def __post_init__(self) -> None:
        for name in ("background", "observed"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise InputError(f"{name} must be zero or more, not {getattr(self, name)}")


class LimitMethod(Protocol):
    """Turns an observation into a critical signal.

    Attributes
    ----------
    tag, title, source : str
    defaults : dict
        Parameters and their default values.
    needs_events : bool
        Whether counts must be true events: their fluctuations are those of whole numbers.
    reads_observed : bool
        Whether what was observed matters.
    of_observation : frozenset of str
        Parameters that describe the observation, not the criterion: in the units of the counts, for the exposure that
        they are stated for, and valid with every method that knows them.
    """

    tag: str
    title: str
    source: str
    defaults: dict[str, float]
    needs_events: bool
    reads_observed: bool
    of_observation: frozenset[str]

    @property
    def critical_signal(self) -> Callable[..., float]:
        """Smallest excluded signal (in units of the counts) of an :class:`Observation` and the method's parameters."""


methods: Registry[LimitMethod] = Registry("limit method", "scanner.limits.methods", group="methods")


def known_method(tag: str, parameters: Iterable[str]) -> LimitMethod:
    """A method that has these parameters, or InputError."""
    method = methods[tag]
    unknown = sorted(set(parameters) - set(method.defaults))
    if unknown:
        name = unknown[0]
        others = [m.tag for m in methods.values() if name in m.defaults]
        hint = (
            f"choose one of those that have it, method={others[0]} or --method {others[0]}: {', '.join(others)}"
            if others
            else f"{did_you_mean(name, method.defaults)}it has: {', '.join(method.defaults)}"
        )
        raise InputError(f"the method {tag!r} has no parameter {quoted(name)}; {hint}")
    return method


def check_units(tag: str, experiment: str, units: str) -> None:
    """Refuse a method that needs true events for a search whose counts are something else.

    Raises
    ------
    InputError
        Naming the search, its units and the methods that remain.
    """
    if units != "events" and methods[tag].needs_events:
        others = " or ".join(m.tag for m in methods.values() if not m.needs_events)
        raise InputError(
            f"the counts of {experiment} are in {units} and not events, which the method {tag} needs; "
            f"use {others}, or the search's own"
        )


def critical_signal(tag: str, observation: Observation, parameters: dict[str, float]) -> float:
    """Critical signal of a method with its defaults completed.

    Parameters
    ----------
    tag : str
        ``fixed-count``, ``poisson``, ...
    observation : Observation
    parameters : dict
        Overrides of the method's defaults.

    Returns
    -------
    float
        In the units of the counts.

    Raises
    ------
    InputError
        If the method or a parameter is unknown or out of range.
    """
    method = known_method(tag, parameters)
    return method.critical_signal(observation, **{**method.defaults, **parameters})
