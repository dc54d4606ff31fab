"""Results as a HEPData submission: a folder of YAML files and a figure, that HEPData's own validator accepts.

The files are those that hepdata_lib writes. It is not used: it rounds numbers, needs ImageMagick for figures, and puts
an archive into the working directory.
"""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from physics.errors import InputError
from physics.models.model import models
from scanner.queries.about import About
from scanner.scans.fingerprint import code_version

if TYPE_CHECKING:
    from scanner.outputs.documented import Documented

MISSING = "-"  # HEPData's sign for a value that is not there
LONGEST_NAME = 64  # of a table, by HEPData's schema
LONGEST_WORD = 128  # of a keyword
SUBMISSION, FIGURE, THUMBNAIL = "submission.yaml", "figure.png", "thumb_figure.png"
SMALL = 40  # dots per inch of the thumbnail


@dataclass(frozen=True)
class Variable:
    """A column of a table.

    Attributes
    ----------
    name, units : str
    values : sequence
        What is NaN is written as a dash.
    """

    name: str
    units: str
    values: Sequence[Any]


@dataclass(frozen=True)
class Table:
    """One table of a submission.

    Attributes
    ----------
    name : str
    words : str
        What it shows, in a sentence or two.
    independent, dependent, flags : sequence of Variable
        Dependent ones carry every assumption as a qualifier, flags do not.
    about : About
        All that decides its numbers.
    """

    name: str
    words: str
    independent: Sequence[Variable]
    dependent: Sequence[Variable]
    about: About
    flags: Sequence[Variable] = ()


def write_submission(
    folder: Path, tables: Sequence[Table], about: About, figure: Documented, absent: str = ""
) -> None:
    """Write a submission into a folder that is new or empty; whole or not at all.

    Parameters
    ----------
    folder : Path
    tables : sequence of Table
    about : About
        Of all tables.
    figure : Documented
        Shown beside each of them.
    absent : str
        What is not there, for the comment.

    Raises
    ------
    InputError
        If something is in the folder, or it cannot be written.
    """
    folder = folder.absolute()
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(
                f"{folder} is there already; give a new or an empty folder for the submission"
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
        try:
            _fill(part, tables, about, figure, absent)
            part.chmod(0o755)
            part.replace(folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror or error})") from None


def _fill(
    folder: Path, tables: Sequence[Table], about: About, figure: Documented, absent: str
) -> None:
    from scanner.outputs.plots import save_figure  # matplotlib is slow to import

    save_figure(figure, folder / FIGURE)
    save_figure(figure, folder / THUMBNAIL, SMALL)
    documents: list[dict[str, Any]] = [{"comment": _comment(about, absent)}]
    names = unique([table.name for table in tables])
    for number, (name, table) in enumerate(zip(names, tables, strict=True), start=1):
        file = f"table_{number}.yaml"
        qualifiers = [{"name": key, "value": value} for key, value in flat(table.about.data)]
        (folder / file).write_text(_yaml(_data(table, qualifiers)), encoding="utf-8")
        documents.append(
            {
                "name": name,
                "description": f"{table.words}\n\nAll that decides the numbers:\n\n{table.about.text}",
                "location": f"Derived with dipolescan {code_version()}",
                "keywords": _keywords(table),
                "data_file": file,
                "additional_resources": [
                    {"description": "Image file", "location": FIGURE},
                    {"description": "Thumbnail image file", "location": THUMBNAIL},
                ],
            }
        )
    text = "".join(f"---\n{_yaml(document)}" for document in documents)
    (folder / SUBMISSION).write_text(text, encoding="utf-8")


def _yaml(data: Any) -> str:
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    return text


def _comment(about: About, absent: str) -> str:
    words = f"Sensitivities derived with dipolescan. {about.short}.{absent}"
    return f"{words}\n\nAll that decides the numbers:\n\n{about.text}"


def _data(table: Table, qualifiers: list[dict[str, Any]]) -> dict[str, Any]:
    every = [*((v, qualifiers) for v in table.dependent), *((v, []) for v in table.flags)]
    return {
        "independent_variables": [_column(v) for v in table.independent],
        "dependent_variables": [
            {**_column(v), **({"qualifiers": [dict(q) for q in own]} if own else {})}
            for v, own in every
        ],
    }


def _column(variable: Variable) -> dict[str, Any]:
    header = {"name": variable.name} | ({"units": variable.units} if variable.units else {})
    return {"header": header, "values": [{"value": _value(v)} for v in variable.values]}


def _value(value: Any) -> float | str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    number = float(value)
    return MISSING if math.isnan(number) else number


def flat(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, float | str]]:
    """Entries of nested data, by names with dots; lists in one line.

    >>> list(flat({"limit": {"method": "cls", "observed": None}, "channels": ["pi0", "eta"]}))
    [('limit.method', 'cls'), ('limit.observed', 'null'), ('channels', 'pi0, eta')]
    """
    for key, value in data.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{name}.")
        elif isinstance(value, list | tuple):
            yield name, ", ".join(str(each) for each in value)
        elif isinstance(value, bool) or value is None:
            yield name, {True: "true", False: "false", None: "null"}[value]
        elif isinstance(value, str) or not math.isfinite(value):
            yield name, str(value)
        else:
            yield name, value


def _keywords(table: Table) -> list[dict[str, Any]]:
    said = table.about.data
    model = str(said.get("model", ""))
    title = models[model].title if model in models else model
    limit = said.get("limit", {})
    words = (
        title, "sensitivity", "exclusion", said.get("experiment", ""), said.get("facility", ""),
        limit.get("method", ""),
    )  # fmt: skip
    phrases = dict.fromkeys(str(word)[:LONGEST_WORD] for word in words if word)
    return [
        {"name": "observables", "values": [v.name for v in table.dependent]},
        {"name": "phrases", "values": list(phrases)},
    ]


def unique(names: Sequence[str]) -> list[str]:
    """Names no longer than HEPData allows, each different.

    >>> unique(["a", "a"])
    ['a', 'a (2)']
    """
    found: list[str] = []
    for name in names:
        short, number = name[:LONGEST_NAME], 1
        while short in found:
            number += 1
            end = f" ({number})"
            short = name[: LONGEST_NAME - len(end)] + end
        found.append(short)
    return found
