"""Stores of scans in folders: what there is, found by what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from physics.errors import InputError
from scanner.scans.store import DONE, Store

MARK = "zarr.json"  # in the folder of every store
DEEPEST = 4  # folders below the one that is given


@dataclass(frozen=True)
class Entry:
    """One store.

    Attributes
    ----------
    path : Path
    name, model : str
    experiments : tuple of str
    axes : mapping
        Axis to its values.
    options : mapping
        Of the model.
    blocks, blocks_done : int
    fingerprint : str
    made_with : str
        Version of the product.
    changed : datetime
        When its description or its record was last written, in UTC.
    problem : str
        Why it cannot be read; empty for one that can. Then the path is all that is known.
    """

    path: Path
    name: str = ""
    model: str = ""
    experiments: tuple[str, ...] = ()
    axes: Mapping[str, tuple[Any, ...]] | None = None
    options: Mapping[str, Any] | None = None
    blocks: int = 0
    blocks_done: int = 0
    fingerprint: str = ""
    made_with: str = ""
    changed: datetime | None = None
    problem: str = ""

    @property
    def complete(self) -> bool:
        """Whether every block is computed."""
        return self.blocks > 0 and self.blocks_done == self.blocks


def catalogue(
    *folders: str | Path,
    model: str | None = None,
    experiment: str | None = None,
    axis: str | Sequence[str] = (),
    complete: bool | None = None,
    fingerprint: str | None = None,
    since: datetime | None = None,
) -> list[Entry]:
    """Stores below some folders that hold what is asked for, the latest first.

    Parameters
    ----------
    *folders : str or Path
        Where they are looked for, up to four folders deep; ``results`` by default.
    model : str, optional
    experiment : str, optional
        That they all have.
    axis : str or sequence of str
        Axes that they all have.
    complete : bool, optional
        Only finished ones, or only others.
    fingerprint : str, optional
        The beginning is enough.
    since : datetime, optional
        Changed then or later; a time without a zone is local.

    Returns
    -------
    list of Entry
        With those that cannot be read if nothing is asked for but a folder.

    Raises
    ------
    InputError
        If a folder is not there.
    """
    wanted_axes = [axis] if isinstance(axis, str) else list(axis)
    plain = not (model or experiment or wanted_axes or fingerprint or since) and complete is None
    moment = since.astimezone(UTC) if since else None
    found = []
    for entry in map(entry_of, stores_below(folders or ("results",))):
        if entry.problem:
            found += [entry] if plain else []
            continue
        fits = model in (None, entry.model)
        fits &= experiment is None or experiment in entry.experiments
        fits &= all(name in (entry.axes or {}) for name in wanted_axes)
        fits &= complete in (None, entry.complete)
        fits &= entry.fingerprint.startswith(fingerprint or "")
        fits &= moment is None or (entry.changed is not None and entry.changed >= moment)
        found += [entry] if fits else []
    return sorted(
        found,
        key=lambda e: (e.changed or datetime.min.replace(tzinfo=UTC), str(e.path)),
        reverse=True,
    )


def stores_below(folders: Iterable[str | Path]) -> Iterator[Path]:
    """Folders that look like stores, each once.

    Raises
    ------
    InputError
        If a folder is not there.
    """
    seen: set[Path] = set()
    for given in folders:
        folder = Path(given)
        if not folder.is_dir():
            raise InputError(f"there is no folder {folder}; give one that has stores in it")
        for path in _below(folder, DEEPEST):
            if path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


def _below(folder: Path, depth: int) -> Iterator[Path]:
    if (folder / MARK).is_file() or (folder / "status").is_dir():
        yield folder  # whole or damaged; nothing inside is a store of its own
        return
    if not depth:
        return
    try:
        inside = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    except OSError:
        return
    for path in inside:
        yield from _below(path, depth - 1)


def entry_of(path: Path) -> Entry:
    """What one store says of itself; no number of it is read."""
    try:
        store = Store(path)
        spec = store.spec
        records = [store.status(task) for task in range(len(store.plan.tasks))]
        files = [path / MARK, *(path / "status").glob("*")]
        changed = max(f.stat().st_mtime for f in files if f.exists())
        return Entry(
            path=path,
            name=spec.name,
            model=spec.model.tag,
            experiments=tuple(spec.experiments),
            axes=dict(spec.axes),
            options=dict(spec.options),
            blocks=sum(int(status.size) for status in records),
            blocks_done=sum(int((status == DONE).sum()) for status in records),
            fingerprint=store.fingerprint,
            made_with=str(store.attrs["versions"].get("dipolescan", "")),
            changed=datetime.fromtimestamp(changed, UTC),
        )
    except (InputError, OSError) as error:
        return Entry(path=path, problem=" ".join(str(error).split()))
