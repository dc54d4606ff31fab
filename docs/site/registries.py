"""Pages of what is registered: experiments, channels, models, options, methods and the like, each with its source.

Each function is found by its name, which is that of a kind of ``dipolescan list`` or of a marker in a page, and returns
what stands at the marker and the pages below it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from text import anchor, code, escaped, fenced, shown, table, toctree, with_source

import physics
import scanner
from physics.errors import InputError
from physics.models.countings import models_that_count
from physics.models.model import Axis, Model, models
from physics.searches.catalogue import experiments as all_experiments
from physics.searches.search import search_kinds
from physics.spectra.normalisation import NORMALISATIONS
from scanner.cli.list import KINDS
from scanner.limits.methods.base import methods as all_methods
from scanner.scans.spec import bundled_specs, load_spec

Pages = dict[str, str]
Made = tuple[str, Pages]
PHYSICS = Path(physics.__path__[0])
SPECS = Path(scanner.__path__[0]) / "scans" / "specs"


def listed(kind: str, folder: str = "") -> str:
    """The table of ``dipolescan list KIND``."""
    rows = KINDS[kind]()
    if not rows:
        return "There is none."
    header = [name.replace("_", " ") for name in rows[0]]
    return table(
        header, [[_cell(name, value, folder) for name, value in row.items()] for row in rows]
    )


def _cell(name: str, value: Any, folder: str) -> str:
    if name == "source":
        return with_source(str(value), folder)
    return code(value) if name == "name" else escaped(shown(value))


# ---- searches ----------------------------------------------------------------------------------


def experiments(folder: str = "") -> Made:
    """One page for each experiment, with its file, and a table of all for each kind of search."""
    used = _scans_with()
    pages, parts = {}, []
    found = all_experiments()
    for kind in search_kinds:
        of_kind = [e for e in found.values() if e.kind == kind]
        if not of_kind:
            continue
        rows = []
        for e in of_kind:
            pages[f"experiments/{e.tag}"] = _experiment(e, used.get(e.tag, []))
            rows.append(
                [
                    f"[{escaped(e.tag)}](experiments/{e.tag}.md)", escaped(e.title),
                    escaped(e.facility), f"{e.exposure:.4g} {escaped(e.exposure_units)}",
                ]
            )  # fmt: skip
        title = search_kinds[kind].kind_title
        parts.append(
            f"## {escaped(title[0].upper() + title[1:])}\n\nKind of search: {code(kind)}.\n"
        )
        parts.append(table(["name", "title", "facility", "exposure"], rows))
    return "\n\n".join([*parts, toctree(pages)]), pages


def _scans_with() -> dict[str, list[str]]:
    used: dict[str, list[str]] = {}
    for name in bundled_specs():
        for search in load_spec(name).experiments:
            used.setdefault(getattr(search, "tag", str(search)), []).append(name)
    return used


def _experiment(e: Any, scans: list[str]) -> str:
    """Everything that is known of one experiment."""
    file = PHYSICS / "searches" / "experiments" / f"{e.tag}.yaml"
    statistic = dict(e.statistic)
    method = statistic.pop("method", "")
    limit = (
        f"{code(method)}" + (f" with {escaped(shown(statistic))}" if statistic else "")
        if method
        else "three events (`fixed-count`)"
    )
    units = "" if e.counts_units == "events" else f" The counts are in {escaped(e.counts_units)}."
    rows = [
        ("What it is", escaped(e.title)),
        ("Facility", escaped(e.facility)),
        ("What is seen", escaped(e.signature)),
        ("Kind of search", f"[{escaped(e.kind)}](../kinds.md)"),
        ("Models that count it", ", ".join(f"[{escaped(m)}](../models.md)" for m in models_that_count(e.kind))),
        ("Exposure", f"{e.exposure:.6g} {escaped(e.exposure_units)}"),
        ("Geometry and selection", escaped(e.describe())),
        ("Background and observed", f"{e.background:.5g} and {e.observed:.5g}.{units}"),
        ("Limit method of its own", limit),
        ("Bundled scans with it", ", ".join(map(code, scans)) or "none"),
        ("Source", with_source(e.source, "../")),
    ]  # fmt: skip
    return "\n\n".join(
        [
            f"# {escaped(e.tag)}",
            table(["", ""], [[f"**{name}**", cell] for name, cell in rows]),
            "The file of the experiment. A copy of it under another name is an experiment of your own "
            "([how to add an experiment](../../how-to/add-an-experiment.md)); "
            "[all keys](../../specs.md#a-new-experiment) are explained with the specs.",
            fenced(file.read_text(encoding="utf-8"), "yaml"),
        ]
    )


def kinds(folder: str = "") -> Made:
    """Kinds of search, with the models that count them."""
    rows = [
        [
            code(tag), escaped(search_kinds[tag].kind_title),
            ", ".join(map(code, models_that_count(tag))), with_source(search_kinds[tag].kind_source, folder),
        ]
        for tag in search_kinds
    ]  # fmt: skip
    return table(["name", "what is searched for", "models", "source"], rows), {}


# ---- models ------------------------------------------------------------------------------------

WORDS_OF_ROLES = {
    "mass": "mass of the plane of contours",
    "coupling": "coupling of the plane of contours",
    "parameter": "number",
    "label": "word",
}


def models_(folder: str = "") -> Made:
    """Each model with its axes."""
    parts = []
    for model in models.values():
        rows = [_axis(axis) for axis in model.axes]
        counted = [tag for tag in search_kinds if model.tag in models_that_count(tag)]
        parts += [
            f"## {escaped(model.tag)}",
            f"{escaped(model.title[0].upper() + model.title[1:])}. Source: {with_source(model.source, folder)}. "
            f"It counts searches of the kinds {', '.join(map(code, counted)) or 'none'}. "
            f"Its options are under [options](options.md#{anchor(model.tag + ' options')}).",
            table(["axis", "role", "unit", "values", "if it is left out"], rows),
        ]
    return "\n\n".join(parts), {}


def _axis(axis: Axis) -> list[str]:
    if axis.allowed:
        values = ", ".join(map(code, axis.allowed))
    elif axis.numeric:
        low = "any" if axis.lowest == float("-inf") else f"above {axis.lowest:g}"
        high = "" if axis.highest == float("inf") else f", up to {axis.highest:g}"
        values = low + high
    else:
        values = "any word"
    if axis.optional:
        absent = "each search takes its own"
    elif axis.default:
        absent = ", ".join(code(shown(value)) for value in axis.default)
    else:
        absent = (
            f"exactly one of the axes of the group {code(axis.group)} is needed"
            if axis.group
            else "needed"
        )
    units = ", ".join(map(code, axis.accepted_units)) or code(axis.units)
    return [code(axis.name), WORDS_OF_ROLES[axis.role], units, values, absent]


def options(folder: str = "") -> Made:
    """Options of each model: their default, the other values, and what they mean."""
    parts = []
    for model in models.values():
        entries = [_option(model, *pair) for pair in model.complete_options({}).items()]
        parts += [f"## {escaped(model.tag)} options", *(entries or ["This model has no options."])]
    return "\n\n".join(parts), {}


def _option(model: Model, name: str, default: Any) -> str:
    """One option; whatever its model takes of the values that some module lists under its name."""
    values: list[Any] = []
    for choices in _choices():
        values += [v for v in choices.get(name, ()) if v not in values and _taken(model, name, v)]
    others = ", ".join(code(shown(v)) for v in values if v != default)
    meaning = _meanings().get((_room(model), name)) or _meanings().get(("dipole", name), "")
    return (
        f"{code(name)}\n: By default {code(shown(default))}; it may also be {others or 'any other value'}.\n\n"
        f"  {escaped(meaning)}"
    )


def _taken(model: Model, name: str, value: Any) -> bool:
    try:
        return model.complete_options({name: value})[name] == value
    except InputError as error:
        # a Majorana N has no antiparticle: a value may need others beside it
        return f"option {name}: {value}" not in str(error) and "is not possible" not in str(error)


def _room(model: Model) -> str:
    return models.origin(model.tag).split(".")[1]


def _choices() -> Iterable[Mapping[str, tuple[Any, ...]]]:
    for path in sorted(PHYSICS.rglob("*.py")):
        if re.search(r"^CHOICES\b", path.read_text(encoding="utf-8"), re.M):
            name = ".".join(("physics", *path.relative_to(PHYSICS).with_suffix("").parts))
            yield import_module(name).CHOICES
    yield {"normalisation": tuple(NORMALISATIONS)}


def _meanings() -> dict[tuple[str, str], str]:
    """What the docstring of a class of options says of each, by room and name."""
    found = {}
    for path in sorted(PHYSICS.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "Options:" not in text:
            continue
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef) and node.name.endswith("Options"):
                for name, meaning in _attributes(ast.get_docstring(node) or ""):
                    found[(path.relative_to(PHYSICS).parts[0], name)] = meaning
    for room in {key[0] for key in found}:
        found[(room, "normalisation")] = (
            "What the totals of meson spectra are scaled to: see the page on meson spectra."
        )
    return found


def _attributes(docstring: str) -> list[tuple[str, str]]:
    part = docstring.partition("Attributes\n----------\n")[2]
    blocks = re.findall(r"^(\w+) : [^\n]*\n((?:[ \t]+[^\n]*\n?|\n)+)", part + "\n", re.M)
    return [
        (name, " ".join(re.sub(r":\w+:`([^`]*)`", r"\1", text).replace("``", "").split()))
        for name, text in blocks
    ]


# ---- limits ------------------------------------------------------------------------------------


def methods(folder: str = "") -> Made:
    """Limit methods with what they do, their parameters and source."""
    parts = []
    for method in all_methods.values():
        words = (type(method).__doc__ or "").strip()
        rows = [
            [code(name), code(shown(value)) or "needed"] for name, value in method.defaults.items()
        ]
        needs = (
            "Counts must be true events."
            if method.needs_events
            else "Counts may be any number in which the limit is stated."
        )
        reads = (
            "It reads the observed count."
            if method.reads_observed
            else "It does not read the observed count."
        )
        parts += [
            f"## {escaped(method.tag)}",
            f"{escaped(method.title[0].upper() + method.title[1:])}. {needs} {reads}",
            _from_docstring(words),
            table(["parameter", "default"], rows) if rows else "It has no parameters.",
            f"Source: {with_source(method.source, folder)}.",
        ]
    return "\n\n".join(parts), {}


def _from_docstring(text: str) -> str:
    first, *rest = re.split(r"\n\s*\n", text)
    return "\n\n".join(escaped(re.sub(r"``([^`]*)``", r"\1", p)) for p in (first, *rest))


# ---- scans -------------------------------------------------------------------------------------


def specs(folder: str = "") -> Made:
    """Every bundled spec with its file."""
    pages, rows = {}, []
    for name in bundled_specs():
        spec = load_spec(name)
        rows.append(
            [
                f"[{escaped(name)}](bundled-specs/{name}.md)",
                escaped(spec.description),
                code(spec.model.tag),
            ]
        )
        text = (SPECS / f"{name}.yaml").read_text(encoding="utf-8")
        pages[f"bundled-specs/{name}"] = "\n\n".join(
            [
                f"# {escaped(name)}",
                escaped(spec.description) + f". Model: [{escaped(spec.model.tag)}](../models.md).",
                "What it costs, and how to run it:",
                fenced(f"dipolescan plan {name}\ndipolescan run {name}", "bash"),
                "The file, of which [every key](../../specs.md) is explained with the specs:",
                fenced(text, "yaml"),
            ]
        )
    return "\n\n".join([table(["name", "what it is", "model"], rows), toctree(pages)]), pages


OWN_PAGES: dict[str, Callable[[str], Made]] = {
    "experiments": experiments,
    "kinds": kinds,
    "models": models_,
    "options": options,
    "methods": methods,
    "specs": specs,
}


def made(kind: str) -> Made:
    """What stands at the marker of a kind."""
    if kind in OWN_PAGES:
        return OWN_PAGES[kind]("")
    return listed(kind), {}
