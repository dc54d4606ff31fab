"""Limits of the user's: curves in a folder, with a file ``limits.yaml`` that says what they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from physics.errors import InputError
from physics.models.model import models
from physics.reading import read_yaml
from physics.spectra.sets import user_folder
from scanner.queries.curves import read_limit
from scanner.queries.published import PublishedLimit

if TYPE_CHECKING:
    from scanner.queries.own_limit import Entry

ENVIRONMENT = "DIPOLESCAN_LIMITS"
INDEX = "limits.yaml"


def own_limits(model: str | None = None) -> list[PublishedLimit]:
    """Limits in the user's folder, ``$DIPOLESCAN_LIMITS``, else ``dipolescan/limits`` in the user's data.

    Parameters
    ----------
    model : str, optional
        Tag of a model; by default of all.

    Raises
    ------
    InputError
        If ``limits.yaml`` or a curve cannot be read.
    """
    folder = user_folder(ENVIRONMENT, "limits")
    index = folder / INDEX
    if not index.exists():
        return []
    found = [_entry(index, number, data) for number, data in enumerate(_entries(index), start=1)]
    return [_limit(folder, entry) for entry in found if model in (None, entry.model)]


def _entries(index: Path) -> list[Any]:
    data = read_yaml(index, "limits")
    entries = data.get("limits") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise InputError(f"{index}: it needs a list under the key limits")
    return entries


def _entry(index: Path, number: int, data: Any) -> Entry:
    from pydantic import (
        ValidationError,  # slow to import, and most users have no limits of their own
    )

    from scanner.queries.own_limit import Entry

    try:
        entry = Entry.model_validate(data)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise InputError(f"{index}, limit {number}: {place}: {problem['msg'].lower()}") from None
    if entry.model not in models:
        raise InputError(f"{index}, limit {number}: there is no model {entry.model!r:.60}")
    for axis in entry.applies:
        if axis not in {a.name for a in models[entry.model].axes}:
            raise InputError(f"{index}, limit {number}: {entry.model} has no axis {axis!r:.60}")
    return entry


def _limit(folder: Path, entry: Entry) -> PublishedLimit:
    return read_limit(
        folder / entry.file,
        entry.model,
        entry.units,
        name=entry.name,
        closed=entry.closed,
        confidence_level=entry.confidence_level,
        source=entry.source,
        applies=entry.applies,
    )
