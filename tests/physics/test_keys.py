"""Definitions made without pydantic are those that pydantic makes, whatever is in a file."""

import copy
import math
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
import yaml
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

import physics
from physics import reading
from physics.errors import InputError
from physics.nature.beams.base import Beam
from physics.reading import Number, OpenNumber, Whole, WholeKey
from physics.reading.keys import NotPlainError, Within, made
from physics.searches.catalogue import read_experiment
from scanner.scans.bundled import bundled_specs
from scanner.scans.spec_file import ScanFile

ROOT = Path(physics.__file__).parent
VALUES = (
    None, True, 0, 1, -1, 3, 2**53 + 1, 10**400, 0.0, -0.0, 2.5, 1e18, math.inf, math.nan, "", "e", "1", "1e3", "inf",
    [], [1], [1, 2], [1.0, "a"], ["e", "mu"], [[1, 2]], (1.0, 2.0), {}, {"a": 1}, {1: 2}, b"x", {"num": 1},
    {"values": [1]},
)  # fmt: skip


@cache
def adapter(kind):
    return TypeAdapter(kind)


def compare(kind, content):
    """Whether it is made here; then pydantic makes the same of it."""
    try:
        found = made(kind, copy.deepcopy(content))
    except NotPlainError:
        return False
    expected = adapter(kind).validate_python(copy.deepcopy(content))
    assert repr(found) == repr(expected)  # repr tells 1 from 1.0 and from True
    assert type(found) is type(expected)
    return True


def places(content, path=()):
    """Paths of all keys, at any depth."""
    for key, value in content.items() if isinstance(content, dict) else ():
        yield (*path, key)
        yield from places(value, (*path, key))


def altered(content):
    """The same with one key altered, removed or added."""
    for path in [*places(content), ("unknown",)]:
        for value in (*VALUES, "REMOVED"):
            new = copy.deepcopy(content)
            inner = new
            for key in path[:-1]:
                inner = inner[key]
            if value == "REMOVED":
                inner.pop(path[-1], None)
            else:
                inner[path[-1]] = value
            yield new


@pytest.fixture(scope="module")
def shipped():
    """Contents of shipped files by what they define: one of each kind with the same keys."""
    found = {}

    def record(kind, content):
        keys = tuple(places(content))
        found.setdefault((kind, keys), (kind, copy.deepcopy(content)))
        return made(kind, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "made", record)
        for path in sorted((ROOT / "searches/experiments").glob("*.yaml")):
            read_experiment(path)
        for path in sorted((ROOT / "nature/beams").glob("*.yaml")):
            content = yaml.safe_load(path.read_text())
            if isinstance(content, dict) and "momentum" in content:
                reading.read_as(Beam, {"tag": path.stem, **content})
    for path in bundled_specs().values():
        content = reading.read_yaml(path, "spec")
        found[ScanFile, path.name] = (ScanFile, content)
    return list(found.values())


def test_what_is_shipped_needs_no_pydantic(shipped):
    assert len({kind for kind, _ in shipped}) > 12
    assert all(compare(kind, content) for kind, content in shipped)


def test_what_is_altered_is_made_as_by_pydantic_or_left_to_it(shipped):
    longest = {}
    for kind, content in shipped:
        if len(list(places(content))) > len(list(places(longest.get(kind, {})))):
            longest[kind] = content
    told = [compare(kind, new) for kind, content in longest.items() for new in altered(content)]
    assert 100 < sum(told) < len(told) / 2


@dataclass(frozen=True)
class Inner:
    width: Number
    sides: tuple[OpenNumber, ...] = ()


@dataclass(frozen=True)
class Thing:
    """Every type that a definition has, and some that only those of others may have."""

    number: float
    text: str = ""
    whole: Whole = 0
    bounded: Annotated[Whole, Within(ge=1, lt=5)] | None = None
    form: Annotated[str, Within(pattern="^[a-z]{1,3}$")] = "a"
    some: Annotated[list[str], Within(min_length=1, max_length=2)] = field(
        default_factory=lambda: ["a"]
    )
    either: Literal["log", 1] = "log"
    mixed: list[str | float] = field(default_factory=list)
    both: int | float = 0
    by_number: dict[WholeKey, Number] = field(default_factory=dict)
    inner: Inner | None = None
    exact: tuple[str, Number] = ("", 0.0)
    anything: Any = None
    flag: bool = False
    bare: int = 0
    fixed: ClassVar[int] = 3


def test_every_type_is_as_in_pydantic():
    plain = {
        "number": 1, "text": "a", "whole": 3.0, "bounded": 4, "form": "abc", "some": ["a", "b"], "either": 1,
        "mixed": ["a", 2.0, 3], "both": 2.5, "by_number": {"1": 2, 3: 4.0}, "inner": {"width": 1, "sides": [math.inf]},
        "exact": ["a", 1], "anything": [object], "flag": True, "bare": 7,
    }  # fmt: skip
    assert compare(Thing, plain)
    assert compare(Thing, plain | {"inner": Inner(1.0)})
    assert sum(compare(Thing, new) for new in altered(plain)) > 30


@pytest.mark.parametrize("key", ["form", "bounded", "some"])
def test_a_bound_is_pydantics_bound(key):
    """What is outside is refused by both: a newline behind a text, a list that is too long."""
    outside = {"form": "abc\n", "bounded": 5, "some": ["a", "b", "c"]}[key]
    with pytest.raises(NotPlainError):
        made(Thing, {"number": 1.0, key: outside})
    with pytest.raises(ValidationError):
        adapter(Thing).validate_python({"number": 1.0, key: outside})


def test_what_is_said_to_pydantic_alone_is_left_to_it():
    """Another package's definition, with settings, defaults and annotations of pydantic's."""

    @dataclass
    class Settings:
        __pydantic_config__: ClassVar = {"str_to_upper": True}
        name: str

    @dataclass
    class Bounded:
        name: str = Field(default="a", max_length=1)

    @dataclass
    class Annotation:
        name: Annotated[str, BeforeValidator(str.upper)]

    for kind in (Settings, Bounded, Annotation):
        kind.__annotations__ = {"name": kind.__annotations__["name"]}
        with pytest.raises(NotPlainError):
            made(kind, {"name": "a"})


def test_an_error_of_a_definition_is_told_by_pydantic(monkeypatch):
    """Nothing is said twice, and no error but one that a user can mend gets out."""

    @dataclass(frozen=True)
    class Refusing:
        number: Number

        def __post_init__(self):
            raise InputError("not this one")

    with pytest.raises(NotPlainError):
        made(Refusing, {"number": 1})
    with pytest.raises(InputError, match=r"^not this one$"):
        reading.read_as(Refusing, {"number": 1})
