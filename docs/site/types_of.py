"""Classes that public functions take and return: found in their annotations, and in those of what is found."""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

OURS = ("physics.", "scanner.", "schedulers.")


def types_of(roots: Iterable[Any]) -> list[type]:
    """Classes of ours that annotations of some functions and classes name, those of the classes' members included."""
    found: list[type] = []
    queue = list(roots)
    while queue:
        for cls in _named_by(queue.pop(0)):
            if cls.__module__.startswith(OURS) and cls not in found:
                found.append(cls)
                queue.append(cls)
    return found


def _named_by(one: Any) -> Iterator[type]:
    members = [one]
    if inspect.isclass(one):
        members += [value for name, value in inspect.getmembers(one) if not name.startswith("_")]
        members.append(one.__init__)
    for member in members:
        function = getattr(member, "fget", None) or getattr(member, "func", member)
        if callable(function) or inspect.isclass(function):
            for hint in _hints(function).values():
                yield from _classes(hint)


def _hints(function: Any) -> dict[str, Any]:
    """Annotations; where a name is imported for type checkers only, it is imported here."""
    function = inspect.unwrap(function)
    known: dict[str, Any] = {}
    for _ in range(20):
        try:
            return typing.get_type_hints(function, localns=known)
        except NameError as error:
            name = error.name or ""
            source = inspect.getsource(sys.modules[function.__module__])
            names = rf"(?:\([^)]*\b{name}\b|[^\n(]*\b{name}\b)"
            lines = re.search(rf"^\s*from (\S+) import {names}", source, re.M)
            if lines is None:
                return {}
            known[name] = getattr(import_module(lines[1]), name)
        except TypeError:
            return {}
    return {}


def _classes(hint: Any) -> Iterator[type]:
    for cls in (hint, typing.get_origin(hint)):
        if inspect.isclass(cls):
            yield cls
    parts = (
        hint if isinstance(hint, list) else typing.get_args(hint)
    )  # a list of a function's arguments
    for part in parts:
        yield from _classes(part)
