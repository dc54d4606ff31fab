"""How limits of several searches together are calculated: asymptotically, exactly, or by toys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from physics.errors import InputError, did_you_mean, quoted
from physics.numerics.arrays import Array
from scanner.limits.exact import MOST, exact_limits, number_of_outcomes
from scanner.limits.likelihood import (
    FEW,
    Searches,
    asymptotic_limits,
    empty_limits,
    limits_of_one,
)
from scanner.limits.mixtures import over_mixtures, steps_of
from scanner.limits.toys import drawn, toy_limits

AUTOMATIC, ASYMPTOTIC, EXACT, TOYS = "automatic", "asymptotic", "exact", "toys"
CALCULATIONS = (AUTOMATIC, ASYMPTOTIC, EXACT, TOYS)
FEWEST = 100  # toys


@dataclass(frozen=True)
class Calculation:
    """How limits are calculated.

    Attributes
    ----------
    kind : str
        ``asymptotic``; ``exact``, from all outcomes; ``toys``; or ``automatic``: asymptotic if each search expects and
        has observed 5 events or more, else exact, else (too many outcomes) toys.
    toys : int
        How many, with and without signal each.
    seed : int
        Of their random numbers.

    Examples
    --------
    >>> Calculation().kind, Calculation().toys
    ('automatic', 2000)
    """

    kind: str = AUTOMATIC
    toys: int = 2000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.kind not in CALCULATIONS:
            raise InputError(
                f"no calculation {quoted(self.kind)}; {did_you_mean(self.kind, CALCULATIONS)}"
                f"there are: {', '.join(CALCULATIONS)}"
            )
        for name, least in (("toys", FEWEST), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise InputError(
                    f"{name} must be a whole number, {least} or more, not {quoted(value)}"
                )

    def of(self, searches: Searches, confidence_level: float) -> str:
        """What is done for some searches: ``asymptotic``, ``exact`` or ``toys``.

        Raises
        ------
        InputError
            If there are too many outcomes for an exact calculation that is asked for.
        """
        if self.kind in (ASYMPTOTIC, TOYS):
            return self.kind
        if self.kind == AUTOMATIC and not searches.few:
            return ASYMPTOTIC
        if searches.empty or len(searches.names) == 1:
            return EXACT
        number = number_of_outcomes(searches, confidence_level)
        if number <= MOST:
            return EXACT
        if self.kind == AUTOMATIC:
            return TOYS
        raise InputError(
            f"these searches have {number:,} outcomes, and an exact calculation goes to {MOST:,}; use toys"
        )


@dataclass(frozen=True)
class JointLimits:
    """Upper limits of the signal in all searches together.

    Attributes
    ----------
    limits : dict
        ``observed``, and ``-2`` to ``2`` for the expected limit and its bands, to (p,) arrays of events.
    how : dict
        How they were calculated, as plain data.
    """

    limits: Mapping[str, Array]
    how: Mapping[str, Any] = field(default_factory=dict)


def joint_limits(
    searches: Searches,
    fractions: Array,
    confidence_level: float,
    calculation: Calculation | None = None,
) -> JointLimits:
    """Upper limits of the signal in all searches together.

    Parameters
    ----------
    searches : Searches
    fractions : (p, k) array
        Parts of the signal that each search has; each row adds up to one.
    confidence_level : float
    calculation : Calculation, optional

    Returns
    -------
    JointLimits

    Raises
    ------
    InputError
        If counts are too few for an asymptotic calculation that is asked for, or too many for an exact one.
    """
    if not 0 < confidence_level < 1:
        raise InputError(f"confidence_level must lie between 0 and 1, not {confidence_level}")
    calculation = calculation or Calculation()
    kind = calculation.of(searches, confidence_level)
    how: dict[str, Any] = {"calculation": kind, "asked_for": calculation.kind}
    if kind == ASYMPTOTIC:
        how["fewest_events_of_a_search"] = FEW
        return JointLimits(asymptotic_limits(searches, fractions, confidence_level), how)
    if kind == TOYS:
        return _by_toys(searches, fractions, confidence_level, calculation, how)
    if searches.empty:
        return JointLimits(empty_limits(fractions, confidence_level), how)
    if len(searches.names) == 1:
        one = limits_of_one(searches, confidence_level)
        return JointLimits({k: np.full(len(fractions), v) for k, v in one.items()}, how)
    found = over_mixtures(fractions, lambda row: exact_limits(searches, row, confidence_level))
    return JointLimits(found, {**how, **_tabulated(searches)})


def _by_toys(
    searches: Searches,
    fractions: Array,
    confidence_level: float,
    calculation: Calculation,
    how: Mapping[str, Any],
) -> JointLimits:
    numbers = drawn(calculation.toys, calculation.seed, searches)
    errors: dict[str, float] = {}

    def limits(row: Array) -> dict[str, float]:
        found, spread = toy_limits(searches, row, confidence_level, numbers)
        errors.update({key: max(errors.get(key, 0.0), value) for key, value in spread.items()})
        return found

    found = over_mixtures(fractions, limits, coarse=True)
    said = {
        **how,
        "toys": calculation.toys,
        "seed": calculation.seed,
        "random_numbers": "Philox",
        "largest_relative_error_of_the_limit": errors,
    }
    return JointLimits(found, {**said, **_tabulated(searches, coarse=True)})


def _tabulated(searches: Searches, coarse: bool = False) -> dict[str, Any]:
    number = len(searches.names)
    return {"steps_of_mixtures": steps_of(number, coarse)} if number > 1 else {}
