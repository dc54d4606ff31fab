"""Types of the keys of definitions, and definitions made from content that plainly fits them.

Most files are right. Pydantic, which says what is wrong with the others, takes longer to import than most commands take
to answer. So a definition whose content leaves nothing to convert and nothing to complain of is made here; all else is
pydantic's, which knows the same types: each of them is one of its annotations, too.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
STRICT = {"extra": "forbid"}  # of a definition: __pydantic_config__ = STRICT
_EXACT = 2**53  # integers up to this are floats, too


class NotPlainError(Exception):
    """Content that does not plainly fit; pydantic knows whether it fits at all."""


class _Function:
    """A function in a type, and the name of what pydantic makes of it."""

    validator = ""

    def __init__(self, function: Callable[[Any], Any]):
        self.function = function

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """What pydantic makes of it."""
        import pydantic

        kind = getattr(pydantic, self.validator)
        return kind(self.function).__get_pydantic_core_schema__(source, handler)


class Before(_Function):
    """In a type: a function that a value goes through before it is checked.

    Parameters
    ----------
    function : callable
        Of the value; raises ValueError where it does not fit.
    """

    validator = "BeforeValidator"


class Instead(_Function):
    """In a type: a function that makes the value, in place of every check.

    Parameters
    ----------
    function : callable
        Of the value; raises ValueError where it does not fit.
    """

    validator = "PlainValidator"


class BeforeWith:
    """The same for a function that needs the keys before its own, too.

    Parameters
    ----------
    function : callable
        Of the value and of a mapping of the earlier keys that fit.
    """

    def __init__(self, function: Callable[[Any, Mapping[str, Any]], Any]):
        self.function = function

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """What pydantic makes of it."""
        from pydantic_core import core_schema

        return core_schema.with_info_before_validator_function(
            lambda value, info: self.function(value, info.data), schema=handler(source)
        )


class Within:
    """In a type: bounds of a number, the length of a list, the form of a text; by the names that pydantic has.

    Parameters
    ----------
    **bounds
        ``ge``, ``gt``, ``le``, ``lt``, ``min_length``, ``max_length``, ``pattern``.
    """

    __is_annotated_types_grouped_metadata__: Literal[True] = (
        True  # pydantic then asks for its parts
    )

    def __init__(self, **bounds: Any):
        self.bounds = bounds

    def __iter__(self) -> Iterator[Any]:
        from pydantic import Field

        yield from Field(**self.bounds).metadata

    def allows(self, value: Any) -> bool:
        """Whether a value of the right type is within."""
        return all(_BOUNDS[name](value, bound) for name, bound in self.bounds.items())


_BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "ge": lambda value, bound: value >= bound,
    "gt": lambda value, bound: value > bound,
    "le": lambda value, bound: value <= bound,
    "lt": lambda value, bound: value < bound,
    "min_length": lambda value, bound: len(value) >= bound,
    "max_length": lambda value, bound: len(value) <= bound,
    "pattern": lambda value, bound: re.fullmatch(bound, value) is not None,
}


def made(kind: type[T], content: object) -> T:
    """A definition from content that plainly fits.

    Parameters
    ----------
    kind : type
        A dataclass; of its types the usual ones are known.
    content : object
        A dict of its keys.

    Raises
    ------
    NotPlainError
        If pydantic has to look at it.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Place:
    ...     name: str
    ...     height: float = 0.0
    >>> made(Place, {"name": "a", "height": 1.5})
    Place(name='a', height=1.5)
    """
    try:
        found: T = _defined(kind, content)
    except NotPlainError:
        raise
    except (
        Exception
    ) as error:  # of a type's function or of the definition: pydantic raises it again, and tells it
        raise NotPlainError from error
    return found


def _defined(kind: Any, content: object) -> Any:
    types_of = _types(kind)
    if type(content) is not dict or any(key not in types_of for key in content):
        raise NotPlainError
    values: dict[str, Any] = {}
    for name, (hint, default) in types_of.items():
        if name in content:
            values[name] = _fitting(hint, content[name], values)
        else:
            values[name] = default()
    return kind(**values)


@cache
def _types(kind: Any) -> dict[str, tuple[Any, Callable[[], Any]]]:
    """Type and default of each key of a dataclass."""
    if not is_dataclass(kind) or not all(f.init for f in fields(kind)) or _is_pydantic(kind):
        raise NotPlainError
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: (hints[field.name], _default(field)) for field in fields(kind)}


def _is_pydantic(kind: Any) -> bool:
    """Whether a class says more to pydantic than its types do: settings, validators, defaults with bounds."""
    if getattr(kind, "__pydantic_config__", STRICT) != STRICT:
        return True
    if not kind.__dataclass_params__.init or hasattr(kind, "__get_pydantic_core_schema__"):
        return True
    own = (value for base in kind.__mro__ for value in vars(base).values())
    return any(type(value).__module__.partition(".")[0].startswith("pydantic") for value in own)


def _default(field: Any) -> Callable[[], Any]:
    if field.default_factory is not MISSING:
        factory: Callable[[], Any] = field.default_factory
        return factory
    if field.default is not MISSING:
        return lambda: field.default
    return _missing


def _missing() -> Any:
    raise NotPlainError


def _fitting(hint: Any, value: Any, before: Mapping[str, Any]) -> Any:
    """A value as its type has it."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _annotated(hint, value, before)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(hint), value, before)
    if origin is Literal:
        if not any(type(value) is type(word) and value == word for word in get_args(hint)):
            raise NotPlainError
        return value
    if origin in (tuple, list, dict):
        return _collection(origin, get_args(hint), value, before)
    if hint is Any:
        return value
    if is_dataclass(hint) and isinstance(hint, type):
        return value if isinstance(value, hint) else _defined(hint, value)
    if hint is float and type(value) is int and abs(value) <= _EXACT:
        return float(value)
    if hint is int and type(value) is int and abs(value) > _EXACT:
        raise NotPlainError
    if hint not in (str, bool, int, float, type(None)) or type(value) is not hint:
        raise NotPlainError
    return value


def _annotated(hint: Any, value: Any, before: Mapping[str, Any]) -> Any:
    """Functions go before the type, the last of them first; bounds are asked for behind it."""
    inner, *marks = get_args(hint)
    bounds = []
    for mark in reversed(marks):
        if isinstance(mark, Before):
            value = mark.function(value)
        elif isinstance(mark, BeforeWith):
            value = mark.function(value, before)
        elif isinstance(mark, Instead) and len(marks) == 1:
            return mark.function(value)
        elif isinstance(mark, Within):
            bounds.append(mark)
        else:
            raise NotPlainError
    value = _fitting(inner, value, before)
    if not all(mark.allows(value) for mark in bounds):
        raise NotPlainError
    return value


def _one_of(hints: tuple[Any, ...], value: Any, before: Mapping[str, Any]) -> Any:
    """A value that fits one type and no other of a union."""
    found = []
    for hint in hints:
        try:
            found.append(_fitting(hint, value, before))
        except (NotPlainError, ValueError):
            continue
    if len(found) != 1:
        raise NotPlainError
    return found[0]


def _collection(origin: Any, hints: tuple[Any, ...], value: Any, before: Mapping[str, Any]) -> Any:
    if origin is dict:
        if type(value) is not dict:
            raise NotPlainError
        key, item = hints
        return {_fitting(key, k, before): _fitting(item, v, before) for k, v in value.items()}
    if type(value) is not list and not (origin is tuple and type(value) is tuple):
        raise NotPlainError
    if origin is tuple and hints[-1:] != (...,):
        if len(hints) != len(value):
            raise NotPlainError
        return tuple(_fitting(h, v, before) for h, v in zip(hints, value, strict=True))
    if _is_listed(hints[0], set(map(type, value))):
        return origin(value)
    return origin(_fitting(hints[0], v, before) for v in value)


def _is_listed(hint: Any, found: set[type]) -> bool:
    """Whether a type takes values of some types as they are: of a long list, each need not be looked at."""
    members = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return found <= {kind for kind in (str, float) if kind in members}
