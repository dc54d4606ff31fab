"""How counts become a limit: what a user asks for, and what an experiment states of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from physics.errors import InputError, quoted
from physics.reading import number_in
from scanner.limits.methods.base import (
    Observation,
    check_units,
    critical_signal,
    known_method,
    methods,
)


@dataclass(frozen=True)
class Limit:
    """How counts become a limit; chosen at query time.

    Attributes
    ----------
    method : str, optional
        Tag of a limit method; the search's own by default, which is three events if it states none.
    parameters : dict
        Overrides of its parameters (``events``, ``confidence_level``, ...).
    background, observed : float, optional
        In place of the experiment's own, in the units of its counts.
    exposure : float, optional
        In place of the experiment's own; counts and the experiment's background scale with it. The uncertainty of the
        background does not: it must be given, too, if the experiment states one.
    """

    method: str | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)
    background: float | None = None
    observed: float | None = None
    exposure: float | None = None

    def __post_init__(self) -> None:
        if self.method is not None:
            methods[self.method]
        for name in ("background", "observed", "exposure"):
            object.__setattr__(self, name, _number(name, getattr(self, name)))
        numbers = {name: _number(name, value) for name, value in self.parameters.items()}
        object.__setattr__(self, "parameters", numbers)
        if self.exposure is not None and not 0 < self.exposure < np.inf:
            raise InputError(f"exposure must be a positive number, not {self.exposure}")


def _number(name: str, value: Any) -> float | None:
    try:
        if isinstance(value, bool):
            raise TypeError
        return (
            None
            if value is None
            else number_in(value)
            if isinstance(value, str)
            else float(value) + 0.0
        )
    except (TypeError, ValueError):
        raise InputError(f"{name} must be a number, not {quoted(value)}") from None


@dataclass(frozen=True)
class Criterion:
    """How counts became a limit: all that was asked and stated, resolved.

    Attributes
    ----------
    method : str
        Tag of the limit method.
    parameters : dict
        All of its parameters, with their values.
    background : float
        In the units of the counts.
    observed : float, optional
        None with a method that does not read it.
    exposure : float
        In ``exposure_units``.
    exposure_units, counts_units : str
    critical_signal : float
        In the units of the counts.
    """

    method: str
    parameters: Mapping[str, float]
    background: float
    observed: float | None
    exposure: float
    exposure_units: str
    counts_units: str
    critical_signal: float


@dataclass(frozen=True)
class Stated:
    """What an experiment states of itself, as the cube has it.

    Attributes
    ----------
    experiment : str
    exposure : float
    exposure_units, counts_units : str
    background, observed : float
        In the units of the counts.
    statistic : dict
        Its own limit method and the parameters; empty if it states none.
    """

    experiment: str
    exposure: float
    exposure_units: str
    counts_units: str
    background: float
    observed: float
    statistic: Mapping[str, Any]

    def units_with(self, exposure: float | None) -> str:
        """What counts are with an exposure; with another than its own they are events."""
        return self.counts_units if exposure in (None, self.exposure) else "events"

    def level(self, limit: Limit) -> float:
        """Critical signal, in the units of the counts; raises as :meth:`criterion`."""
        return self.criterion(limit).critical_signal

    def criterion(self, limit: Limit) -> Criterion:
        """Method, its parameters, the observation, and the critical signal that they give.

        Raises
        ------
        InputError
            If something that is stated for the own exposure only is needed for another.
        """
        scale = 1.0 if limit.exposure is None else limit.exposure / self.exposure
        own = self._own_criterion(limit)
        method = own.pop("method", "fixed-count")
        if limit.method is not None and limit.method != method:
            method = limit.method
            own = {k: v for k, v in own.items() if k in methods[method].of_observation}
        check_units(method, self.experiment, self.units_with(limit.exposure))
        for name in sorted(methods[method].of_observation & set(own) - set(limit.parameters)):
            if scale != 1 and own[name] != 0:
                # a statistical error grows with the root of the exposure, a systematic one with the exposure
                raise InputError(
                    f"{self.experiment} states its {name} of {own[name]:g} for its own exposure; with another "
                    f"exposure give {name}, too"
                )
        background = self.background * scale if limit.background is None else limit.background
        observed = self._observed(scale, method) if limit.observed is None else limit.observed
        observation = Observation(background, observed, self._luminosity(limit))
        parameters = {**own, **limit.parameters}
        return Criterion(
            method,
            {**known_method(method, parameters).defaults, **parameters},
            background,
            observed if methods[method].reads_observed else None,
            self.exposure if limit.exposure is None else limit.exposure,
            self.exposure_units,
            self.units_with(limit.exposure),
            critical_signal(method, observation, parameters),
        )

    def _own_criterion(self, limit: Limit) -> dict[str, Any]:
        """The own limit method and its parameters; it may hold for the own exposure only."""
        if self.counts_units == self.units_with(limit.exposure):
            return dict(self.statistic)
        if limit.method is None:
            raise InputError(
                f"{self.experiment} states its limit in {self.counts_units} for its own exposure of {self.exposure:g} "
                f"{self.exposure_units}; with another exposure name a method and its parameters, too"
            )
        return {}

    def _luminosity(self, limit: Limit) -> float | None:
        """Exposure in 1/fb; none if it is not a luminosity."""
        if self.exposure_units != "1/fb":
            return None
        return self.exposure if limit.exposure is None else limit.exposure

    def _observed(self, scale: float, method: str) -> float:
        """Observed counts; another exposure has seen something else, which not every method wants to know."""
        if not methods[method].reads_observed:
            return 0.0
        whole = not methods[method].needs_events or (self.observed * scale).is_integer()
        if scale == 1 or (self.observed == self.background and whole):
            return self.observed * scale
        raise InputError(
            f"{self.experiment} has observed {self.observed:g} {self.counts_units} with its own exposure; "
            "with another exposure give observed, too"
        )
