"""How models count searches: the countings of all rooms by (model, kind), checked when they are first read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from physics.errors import InputError, RegistrationError
from physics.kernel import Counting
from physics.models.model import models
from physics.registry import Registry
from physics.searches.search import search_kinds


def _check(found: Sequence[Counting[Any]]) -> None:
    """Every counting uses or neglects each axis of its model, and counts a kind of search that there is.

    Raises
    ------
    RegistrationError
        Naming the counting and the axis.
    """
    for counting in found:
        name = f"{type(counting).__module__}.{type(counting).__qualname__}"
        if counting.model not in models:
            raise RegistrationError(
                f"{name} counts in the model {counting.model!r}, which there is not; "
                f"there are: {', '.join(models)}"
            )
        if counting.kind not in search_kinds:
            raise RegistrationError(
                f"{name} counts searches of the kind {counting.kind!r}, which there is not; "
                f"there are: {', '.join(search_kinds)}"
            )
        _check_axes(name, counting)


def _check_axes(name: str, counting: Counting[Any]) -> None:
    there = {axis.name for axis in models[counting.model].axes}
    used, neglected = counting.axes, frozenset(counting.neglects)
    for axis in sorted(used | neglected):
        if axis not in there:
            raise RegistrationError(
                f"{name} names the axis {axis!r}, which the model {counting.model} does not have"
            )
        if axis in used & neglected:
            raise RegistrationError(f"{name} both uses and neglects the axis {axis!r}; decide")
    for axis in sorted(there - used - neglected):
        raise RegistrationError(
            f"{name} neither uses nor neglects the axis {axis!r} of the model {counting.model}; "
            "count with it, or say in its neglects why it does not matter"
        )


countings: Registry[Counting[Any]] = Registry(
    "counting",
    "physics",
    "*/counting/*.py",
    group="countings",
    key=lambda counting: (counting.model, counting.kind),
    check=_check,
    stated=("model", "kind"),
)


def counting_of(model: str, kind: str) -> Counting[Any]:
    """How a model counts a kind of search.

    Parameters
    ----------
    model, kind : str
        Tags.

    Raises
    ------
    InputError
        If it does not.
    """
    if (model, kind) in countings:
        return countings[model, kind]
    title = search_kinds[kind].kind_title
    raise InputError(
        f"a search of the kind {kind} ({title}) is not counted in the model {model!r}; "
        f"it is in: {', '.join(models_that_count(kind))}"
    )


def models_that_count(kind: str) -> list[str]:
    """Tags of the models that count a kind of search."""
    return [tag for tag in models if (tag, kind) in countings]


def kinds_in(model: str) -> list[str]:
    """Kinds of searches that a model counts, by name."""
    return sorted(kind for tag, kind in countings if tag == model)
