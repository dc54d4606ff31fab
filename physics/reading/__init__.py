"""Reading what people write, files and values of keys: the answer is data or one sentence.

Definitions are frozen dataclasses whose fields have the types below; :func:`read_as` makes one of a mapping, or has
pydantic check it and says what is wrong in words of a file's keys.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast, get_args, get_type_hints

import yaml

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.reading.keys import STRICT as STRICT
from physics.reading.keys import Before, NotPlainError, made

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

T = TypeVar("T")
MAX_BYTES = 4_000_000
# fields that a definition has from its name, or that follow from the others
NOT_OF_FILES = ("tag", "target", "computed", "radiated")

# what PyYAML raises besides YAMLError: bad dates and numbers, brackets nested too deep
YAML_ERRORS = (yaml.YAMLError, ValueError, KeyError, AttributeError, RecursionError)

# ---- YAML ------------------------------------------------------------------------------------

_NUMBER = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII
)
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)", re.ASCII)
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_INT, _FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
MOST_BRACKETS, LONGEST_LINE = 300, 1000  # of a text that is left to the reader in C
MOST_MERGED = 10_000  # keys that << may bring into one mapping


class _Numbers(yaml.constructor.SafeConstructor, yaml.resolver.Resolver):
    """Numbers as people write them: 1e18 is one, and 021 (octal), 1_000 and 1:30 (sexagesimal) are none."""

    yaml_implicit_resolvers = {  # noqa: RUF012, as in PyYAML
        first: [(tag, form) for tag, form in forms if tag not in (_INT, _FLOAT)]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Bring in what << names; merges of merges can double at each step."""
        super().flatten_mapping(node)
        if len(node.value) > MOST_MERGED:
            raise yaml.constructor.ConstructorError(
                None, None, f"more than {MOST_MERGED} keys in one mapping", node.start_mark
            )


for _tag, _form in ((_INT, _WHOLE), (_FLOAT, _NUMBER), (_FLOAT, _INFINITE)):
    _Numbers.add_implicit_resolver(
        _tag, re.compile(rf"(?:{_form.pattern})\Z"), list("-+.0123456789")
    )


class _Reader(_Numbers, yaml.SafeLoader):
    """The reader of PyYAML, whose words say what is wrong."""


_readers: list[Any] = [_Reader]  # what the first cannot read is left to the last
if yaml.__with_libyaml__:

    class _FastReader(_Numbers, yaml.CSafeLoader):
        """The same in C, ten times faster."""

    _readers.insert(0, _FastReader)


def parse_yaml(text: str) -> Any:
    """Content of a YAML text; a key that stands twice in one mapping is refused.

    Raises
    ------
    InputError
        With the lines of both keys, or where it is no YAML.
    """
    *fast, thorough = _readers
    for reader in fast if _is_shallow(text) else ():
        with suppress(InputError):
            return _parsed(text, reader)
    return _parsed(text, thorough)


def _is_shallow(text: str) -> bool:
    """Whether a text suits the reader in C, which ends Python where brackets or dashes are nested too deep.

    Tabs it takes for spaces.
    """
    brackets = text.count("[") + text.count("{")
    longest = max(map(len, text.splitlines()), default=0)
    return brackets <= MOST_BRACKETS and longest <= LONGEST_LINE and "\t" not in text


def _parsed(text: str, reader: Any) -> Any:
    loader = None
    try:
        loader = reader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        for first, second in _keys_twice(node, loader):
            lines = [node.start_mark.line + 1 for node in (first, second)]
            where = f"in line {lines[0]} and in line {lines[1]}" if lines[0] < lines[1] else ""
            raise InputError(
                f"the key {quoted(second.value)} stands twice, {where or f'both in line {lines[0]}'}; "
                "remove one of them"
            )
        return loader.construct_document(node)
    except InputError:
        raise
    except YAML_ERRORS as error:
        raise InputError(f"not valid YAML ({_where(error)})") from None
    finally:
        if loader is not None:
            loader.dispose()


def _where(error: Exception) -> str:
    """What PyYAML complains about, and in which line."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return quoted(" ".join(str(error).split()), 200).strip("'\"") or type(error).__name__
    mark = error.problem_mark or error.context_mark
    words = " ".join(str(part) for part in (error.context, error.problem) if part)
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return place + " ".join(words.split())[:200]


def _keys_twice(root: yaml.Node, loader: Any) -> Iterator[tuple[yaml.ScalarNode, yaml.ScalarNode]]:
    """Pairs of equal keys in one mapping, in the order of the text; << may come more than once."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += reversed(node.value)
            continue
        own: dict[Any, yaml.ScalarNode] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            value = loader.construct_object(key)
            if value in own:
                yield own[value], key
            own[value] = key
        waiting += [part for pair in reversed(node.value) for part in reversed(pair)]


def read_yaml(path: Path, what: str, parse: Callable[[str], Any] = parse_yaml) -> Any:
    """Content of a file.

    Parameters
    ----------
    path : Path
    what : str
        What it should be, for the message about a file that is too large.
    parse : callable
        :func:`parse_yaml`, or what remembers its answers.

    Raises
    ------
    InputError
        If it cannot be read, is no YAML, has a key twice, or is larger than 4 MB.
    """
    try:
        with path.open("rb") as stream:
            text = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read ({reason})") from None
    if len(text) > MAX_BYTES:
        raise InputError(f"{path}: larger than {MAX_BYTES // 10**6} MB; that is no {what}")
    try:
        return parse(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: cannot be read ({error.reason} at byte {error.start}); save it as UTF-8"
        ) from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


# ---- values of keys --------------------------------------------------------------------------


class UnfitError(ValueError):
    """A value that does not fit its key: what it is not, or must be; the key is put in front of it."""


def number_in(text: str) -> float:
    """The number that a text is: digits, a point, an exponent (``1e18``), or ``inf``.

    Raises
    ------
    UnfitError
        For all else, and for what Python or YAML would read in a way of their own: 021, 1_000, 1:30, 0x10, nan.

    Examples
    --------
    >>> number_in("2e1"), number_in("-inf")
    (20.0, -inf)
    """
    if _NUMBER.fullmatch(text):
        return float(text) + 0.0  # -0 is 0
    if text.lower().lstrip("+-").removeprefix(".") == "inf" and len(text) <= 5:
        return -math.inf if text[0] == "-" else math.inf
    raise UnfitError(f"{quoted(text)} is not a number{_advice(text)}")


def _advice(text: str) -> str:
    """How to write what was perhaps meant."""
    plain = text.strip()
    if _NUMBER.fullmatch(plain):
        return "; write it without quotes or spaces"
    if re.fullmatch(r"[-+]?0[0-9]+", plain, re.ASCII):
        return ", since it begins with a zero; write it without"
    if re.fullmatch(r"[-+]?[0-9][0-9_]*\.?[0-9_]*", plain, re.ASCII):
        return "; write it without underscores"
    if re.fullmatch(r"[-+]?[0-9]+(,[0-9]+)+", plain, re.ASCII):
        return "; write a point and no commas"
    unit = unit_in(plain)
    return f"; write the number alone, without {quoted(unit, 20)}" if unit else ""


def unit_in(text: object) -> str:
    """What follows the number in a text like ``10 MeV``; empty if it is not of that form.

    >>> unit_in("10 MeV"), unit_in("1e-7/GeV"), unit_in("MeV")
    ('MeV', '/GeV', '')
    """
    found = re.fullmatch(r"(.*[0-9.])\s*([^\W\d_][\w^/-]*|/\s*[^\W\d_]+)", str(text))
    return found[2] if found and _NUMBER.fullmatch(found[1]) else ""


def _real(value: object) -> float:
    """A number, perhaps infinite."""
    if isinstance(value, str):
        found = number_in(value)  # for its advice
        advice = "write it without quotes" if math.isfinite(found) else "write .inf"
        raise UnfitError(f"{quoted(value)} is text, not a number; {advice}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnfitError(f"{quoted(value)} is not a number")
    try:
        return float(value) + 0.0  # -0.0 is 0
    except OverflowError:  # an integer of more than 308 digits
        return math.inf


def _finite(value: object) -> float:
    found = _real(value)
    if not math.isfinite(found):
        raise UnfitError(f"{quoted(value)} is not a finite number")
    return found


def _open(value: object) -> float:
    found = _real(value)
    if math.isnan(found):
        raise UnfitError(f"{quoted(value)} is not a number")
    return found


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _real(value)
    if not found.is_integer():
        raise UnfitError(f"{quoted(value)} is not a whole number")
    return int(found)


def _whole_key(value: object) -> int:
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else _whole(value)


Whole = Annotated[int, Before(_whole)]
WholeKey = Annotated[int, Before(_whole_key)]  # of a mapping, which is text in JSON
Number = Annotated[float, Before(_finite)]
OpenNumber = Annotated[float, Before(_open)]  # infinite where a bound is none


def whole(value: object, name: str = "") -> int:
    """A whole number (2e1 is 20), or InputError with the name of its key."""
    try:
        return _whole(value)
    except UnfitError as error:
        raise InputError(f"{name}: {error}" if name else str(error)) from None


def number(value: object, name: str = "") -> float:
    """A finite number, or InputError with the name of its key."""
    try:
        return _finite(value)
    except UnfitError as error:
        raise InputError(f"{name}: {error}" if name else str(error)) from None


def mapping(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A key that holds a mapping (empty if absent), or InputError."""
    value = content.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InputError(f"{name} must be a mapping of keys and values, not {quoted(value)}")
    return dict(value)


def numbers(content: Mapping[str, Any], name: str) -> dict[str, float]:
    """A key that holds a mapping of numbers (empty if absent), or InputError."""
    return {str(k): number(v, f"{name} {k}") for k, v in mapping(content, name).items()}


# ---- definitions -----------------------------------------------------------------------------


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # slow to import, and most files are right

    return TypeAdapter(kind)


def read_as(kind: type[T], content: object, place: str = "") -> T:
    """A definition from the mapping that a file or a store has of it.

    Parameters
    ----------
    kind : type
        A dataclass with ``__pydantic_config__ = STRICT``.
    content : object
        Keys and values; nested definitions as mappings, or made already.
    place : str
        Where the mapping lies, for messages.

    Raises
    ------
    InputError
        Naming the first key that is missing, unknown or has an unfit value; or what the definition itself refuses.
    """
    with suppress(NotPlainError):
        return made(kind, content)
    from pydantic import ValidationError  # slow to import, and most files are right

    adapter: TypeAdapter[T] = _adapter(cast(Any, kind))  # mypy takes a class for unhashable
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        raise InputError(_sentence(kind, error.errors()[0], place)) from None


def _sentence(kind: type[Any], problem: ErrorDetails, place: str) -> str:
    """One problem that pydantic found, in words."""
    *above, last = ("", *problem["loc"])
    where = " ".join(str(part) for part in (place, *above) if part != "" and isinstance(part, str))
    here = f"{where} {last}".strip() if isinstance(last, str) else where
    value = quoted(problem.get("input"))
    cause = problem.get("ctx", {}).get("error")
    if isinstance(cause, UnfitError):
        link = " " if str(cause).startswith("must ") else ": "
        return f"{here}{link}{cause}" if here else str(cause)
    if isinstance(cause, Exception):
        return str(cause)
    found = problem["type"]
    if found == "missing":
        return f"{here} is missing"
    if found in ("unexpected_keyword_argument", "invalid_key"):
        known = _keys(kind, problem["loc"][:-1])
        return (
            f"{where + ': ' if where else ''}unknown key {quoted(last)}; {did_you_mean(last, known)}"
            f"there are {one_of(known)}"
        )
    if found in ("dataclass_type", "dict_type"):
        return f"{here or 'it'} must be a mapping of keys and values, not {value}"
    if found in ("tuple_type", "list_type"):
        return f"{here} must be a list, not {value}"
    if found == "string_type":
        return f"{here} must be text, not {value}"
    message = problem["msg"]
    return f"{here}: {message[:1].lower()}{message[1:]}, not {value}"


def _keys(kind: Any, loc: tuple[int | str, ...]) -> list[str]:
    """Keys of the definition at a place inside another."""
    for part in loc:
        hint = None
        if is_dataclass(kind) and isinstance(part, str):
            hint = get_type_hints(kind).get(part)
        kind = next((t for t in (hint, *get_args(hint)) if is_dataclass(t)), hint)
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else []
    return [name for name in names if name not in NOT_OF_FILES]
