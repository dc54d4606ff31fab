"""What a quantity is: a function of keywords with typed parameters and defaults."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

import numpy as np

from physics.errors import InputError, did_you_mean, quoted, shortened
from physics.reading import UnfitError, number_in
from physics.registry import Registry


@dataclass(frozen=True)
class Result:
    """One number with its unit.

    Attributes
    ----------
    name : str
    value : float
    units : str
        ``1`` if dimensionless.
    note : str
        What a reader must know, in a sentence.
    source : str
        What went in beside the quantity's own source, such as an experiment's.
    """

    name: str
    value: float
    units: str
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class Quantity:
    """A quantity that can be asked for by name.

    Attributes
    ----------
    tag, title, source : str
    function : callable
        Keywords to a list of :class:`Result`; parameters are str, float, int or bool.
    ranges : dict
        Parameter to (lowest, highest, unit); the value lies strictly between or, if zero is the lowest, above it.
    """

    tag: str
    title: str
    source: str
    function: Callable[..., list[Result]]
    ranges: Mapping[str, tuple[float, float, str]]

    def parameters(self) -> dict[str, Any]:
        """Parameter to default; ``inspect.Parameter.empty`` if it must be given."""
        return {name: p.default for name, p in inspect.signature(self.function).parameters.items()}

    def evaluate(self, given: Mapping[str, Any]) -> list[Result]:
        """Compute from parameters that may be text.

        Raises
        ------
        InputError
            If a parameter is unknown, missing, of the wrong type or out of range.
        """
        known = self.parameters()
        kinds = get_type_hints(self.function)
        for name in given:
            if name not in known:
                raise InputError(
                    f"{self.tag} has no parameter {quoted(name)}; {did_you_mean(name, known)}"
                    f"it has: {', '.join(known)}"
                )
        values = {
            name: _converted(name, value, kinds[name], self.ranges.get(name, (0, 0, ""))[2])
            for name, value in given.items()
        }
        for name, default in known.items():
            if default is inspect.Parameter.empty and name not in given:
                raise InputError(
                    f"{self.tag} needs {name}=VALUE; it has the parameters: {', '.join(known)}"
                )
        for name, (low, high, unit) in self.ranges.items():
            value = values.get(name, known[name])
            if value is not None and not low < value <= high:
                limits = f"above {low:g} and at most {high:g} {unit}".rstrip()
                raise InputError(f"{name} must be {limits}, not {value:g}")
        return self._computed(values)

    def _computed(self, values: dict[str, Any]) -> list[Result]:
        """What the function gives, or InputError where it leaves the range of floating-point numbers."""
        try:
            with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
                results = self.function(**values)
        except ArithmeticError:
            results = []
        bad = [result.name for result in results if math.isnan(result.value)]
        if bad or not results:
            given = ", ".join(f"{name}={shortened(str(v), 30)}" for name, v in values.items())
            raise InputError(
                f"{self.tag}: {bad[0] if bad else 'it'} cannot be computed in floating-point numbers for {given}; "
                "give values that are less extreme"
            )
        return results


def _converted(name: str, value: Any, kind: type, units: str) -> Any:
    if kind is bool:
        words = {"true": True, "yes": True, "false": False, "no": False}
        if str(value).lower() not in words:
            raise InputError(f"{name} must be true or false, not {quoted(value)}")
        return words[str(value).lower()]
    if kind is str:
        return str(value)
    try:
        if isinstance(value, bool):
            raise TypeError
        number = number_in(value) if isinstance(value, str) else float(value)
    except UnfitError as error:
        advice = str(error).partition("is not a number")[2]
        advice += f"; its unit is {units}" if units else ""
        shown = "NaN" if str(value).lower() == "nan" else quoted(value)
        raise InputError(f"{name} must be a number, not {shown}{advice}") from None
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} must be a number, not {quoted(value)}") from None
    if np.isnan(number):
        raise InputError(f"{name} must be a number, not NaN")
    return number


quantities: Registry[Quantity] = Registry("quantity", "physics.quantities", group="quantities")

Computed = Callable[..., list[Result]]


def checked_ratio(value: float, coupling: str) -> float:
    """A branching ratio to lowest order in the coupling, which holds only where it is small.

    Raises
    ------
    InputError
        If it is above one.
    """
    if value > 1:
        raise InputError(
            f"{coupling} is too large: to lowest order the branching ratio would be {value:.3g}, more than one; "
            "give a smaller coupling"
        )
    return value


MASS = (1e-12, 1e5, "GeV")  # powers of lighter masses are no numbers any more
COUPLING = (1e-60, 1e3, "1/GeV")  # squares of smaller ones make no numbers any more


def quantity(
    tag: str, title: str, source: str, **ranges: tuple[float, float, str]
) -> Callable[[Computed], Computed]:
    """Decorator: register a function as a quantity."""

    def register(function: Computed) -> Computed:
        quantities.add(Quantity(tag, title, source, function, ranges))
        return function

    return register
