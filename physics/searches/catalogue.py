"""Experiments by name: those of the product, one YAML file each, and files of users."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any

from physics.errors import InputError, unknown
from physics.nature.beams import is_file
from physics.places import local_path
from physics.reading import mapping, numbers, read_as, read_yaml
from physics.searches.search import Search, search_kinds

MAX_EXPOSURE = 1e30
DEFAULT_KIND = "forward-decay"
SHIPPED = "experiments/*.yaml"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.-]*")


def read_experiment(path: Path) -> Search:
    """Read one YAML file; its name without the ending is the experiment's label.

    Raises
    ------
    InputError
        Naming the file and what is wrong in it.
    """
    content = read_yaml(path, "experiment")
    if not isinstance(content, dict):
        raise InputError(f"{path}: an experiment is a mapping of keys such as beam and volume")
    if not _NAME.fullmatch(path.stem):
        raise InputError(f"{path}: use letters, digits, '-', '+', '_' and '.' in the file's name")
    named = content.get("beam")
    if isinstance(named, str) and is_file(named):  # beside the experiment's own file
        content = content | {"beam": str(path.parent / named)}
    try:
        return search_from(path.stem, content)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def search_from(tag: str, content: Mapping[str, Any]) -> Search:
    """A search from its label and the keys of its file, checked.

    Raises
    ------
    InputError
        Naming the first key that is missing, unknown or has an unfit value.
    """
    given = dict(content)
    kind = search_kinds[_text(given.pop("kind", DEFAULT_KIND))]
    for name in ("title", "facility", "signature", "source", "counts_units", "beam"):
        if name in given and not (isinstance(given[name], str) and given[name].strip()):
            raise InputError(f"{name} must be text, not {given[name]!r:.60}")
    if "tag" in given:
        raise InputError("unknown key 'tag'; a search is named like its file, rename that")
    for name in kind.derived:
        if name in given:
            raise InputError(f"unknown key {name!r}; it follows from the others, leave it out")
    given["statistic"] = _statistic(given)
    for field in fields(kind):  # a key for a mapping may be empty
        if field.default_factory is not MISSING and given.get(field.name, 0) is None:
            del given[field.name]
    search = read_as(kind, {"tag": tag, **given}).completed(content)
    search.check()
    if not 0 < search.exposure < MAX_EXPOSURE:
        raise InputError(
            f"exposure must be positive and below {MAX_EXPOSURE:g}, not {search.exposure:g}"
        )
    if min(search.background, search.observed) < 0:
        raise InputError("background and observed must not be negative")
    return search


def _statistic(content: Mapping[str, Any]) -> dict[str, Any]:
    """A limit method and its parameters; which methods there are is not known here."""
    given = mapping(content, "statistic")
    method = given.pop("method", None)
    if given and method is None:
        raise InputError("statistic: method is missing")
    if method is not None and not (isinstance(method, str) and method):
        raise InputError(f"statistic method must be a name, not {method!r:.60}")
    return {**({"method": method} if method else {}), **numbers({"statistic": given}, "statistic")}


def _text(value: object) -> str:
    """Short enough for a message, if it is no text."""
    return value if isinstance(value, str) else f"{value!r:.60}"


def experiment_from(definition: Mapping[str, Any]) -> Search:
    """An experiment from its definition as nested mappings (``dataclasses.asdict``).

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        return read_as(search_kinds[definition.get("kind", DEFAULT_KIND)], dict(definition))
    except (InputError, AttributeError) as error:
        raise InputError(
            f"experiments: a definition is damaged ({error}); give a list of names"
        ) from None


def _of_user(path: Path) -> Search:
    """An experiment of a user's file, which must not stand under the label of another one."""
    found = read_experiment(path)
    if found.tag in _labels() and _labelled(found.tag) != found:
        raise InputError(
            f"{path}: there is an experiment {found.tag!r} in the product, and this one differs from it; name the file "
            "otherwise, since results are labelled with it"
        )
    return found


@cache
def experiments() -> dict[str, Search]:
    """All experiments of the product by label."""
    return {label: _labelled(label) for label in _labels()}


@cache
def _labels() -> dict[str, Path]:
    """Files of the experiments of the product by label."""
    return {path.stem: path for path in sorted(Path(__file__).parent.glob(SHIPPED))}


@cache
def _labelled(label: str) -> Search:
    return read_experiment(_labels()[label])


def experiment(name: str) -> Search:
    """An experiment by its label, or by the path of a YAML file.

    Raises
    ------
    InputError
        If there is none.
    """
    if name in _labels():
        return _labelled(name)
    if name.endswith((".yaml", ".yml")):
        return _of_user(local_path(name))
    raise InputError(f"{unknown('experiment', name, _labels())}, or give the path of a YAML file")
