"""Sets of meson spectra on disk: where they are, what they come from, whether they are intact."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.nature.beams import Beam, beams
from physics.reading import parse_yaml, read_yaml
from physics.spectra.sets import (
    DEFAULT_SET,
    SOURCES,
    WORKING,
    check_intact,
    check_label,
    check_user_folder,
    sha256,
    write_whole,
)
from physics.spectra.sets import user_folder as folder_of_the_user
from physics.spectra.table import SpectrumTable

SHIPPED = Path(__file__).with_name("tables")
ENVIRONMENT = "DIPOLESCAN_SPECTRA"


class SpectrumError(InputError):
    """A set or a table that is missing, altered or unusable."""


def user_folder() -> Path:
    """Folder of the user's sets, which need not be there.

    ``$DIPOLESCAN_SPECTRA``, else ``dipolescan/spectra`` under ``$XDG_DATA_HOME`` or ``~/.local/share``.

    Raises
    ------
    InputError
        If the variable holds no path of this machine.
    """
    return folder_of_the_user(ENVIRONMENT, "spectra")


def folders() -> list[Path]:
    """The user's folder of sets, which need not be there, and the shipped one."""
    return [user_folder(), SHIPPED]


def search_path() -> list[Path]:
    """List the folders with sets: the user's, then the shipped one.

    Raises
    ------
    InputError
        If ``$DIPOLESCAN_SPECTRA`` names something else than a folder: shipped sets would be taken in silence.
    """
    user, shipped = folders()
    check_user_folder(user, ENVIRONMENT, "dipolescan spectra")
    return [user, shipped]


@dataclass(frozen=True)
class SpectrumSet:
    """A folder of tables for one beam and one generator.

    Attributes
    ----------
    beam, generator : str
        Labels.
    folder : Path
        Where it lies.
    description : str
        One line.
    sources : dict
        For each PDG number: file, SHA-256, generator version, settings, seeds, events, command.
    """

    beam: str
    generator: str
    folder: Path
    description: str
    sources: dict[int, dict[str, Any]]

    def load(self, pdg: int) -> SpectrumTable:
        """One table, after its checksum has been verified.

        Raises
        ------
        SpectrumError
            If the table is missing, altered, truncated or empty.
        """
        label = f"the spectrum of {pdg} in {self.beam}/{self.generator}"
        if pdg not in self.sources:
            raise SpectrumError(
                f"{label} is missing; build or import it with 'dipolescan spectra', "
                "or leave its channel out"
            )
        path = self.folder / self.sources[pdg]["file"]
        check_intact(path, self.sources[pdg], label, SpectrumError, "rebuild the set")
        try:
            table = _table(path, self.sources[pdg]["sha256"])
        except ValueError as error:
            raise SpectrumError(f"{label} cannot be used: {error}") from None
        if table.pdg != pdg:
            raise SpectrumError(f"{label} cannot be used: {path} holds the species {table.pdg}")
        return table

    def checksums(self) -> dict[int, str]:
        """SHA-256 of each table, as recorded."""
        return {pdg: source["sha256"] for pdg, source in sorted(self.sources.items())}


def set_folder(root: Path, beam: str, generator: str) -> Path:
    """Folder of a set under a folder of sets.

    Raises
    ------
    SpectrumError
        If a label is not a plain name, has a meaning already, or ends like the working folders of a write.
    """
    try:
        check_label("beam", beam)
        check_label("generator", generator)
    except InputError as error:
        raise SpectrumError(error) from None
    return root / beam / generator


def write_set(
    folder: Path, tables: list[SpectrumTable], sources: dict[int, dict[str, Any]], description: str
) -> Path:
    """Write a set into a new folder, whole or not at all; an older one is replaced at the end.

    Raises
    ------
    SpectrumError
        If a table cannot be counted with; nothing is written then.
    """
    try:
        for table in tables:
            table.check()
    except ValueError as error:
        label = "/".join(folder.parts[-2:])
        raise SpectrumError(f"the set {label} is not written: {error}") from None
    try:
        write_whole(folder, lambda part: _fill(part, tables, sources, description))
    except OSError as error:
        raise SpectrumError(f"{folder} cannot be written ({error.strerror})") from None
    return folder


def _fill(
    part: Path, tables: list[SpectrumTable], sources: dict[int, dict[str, Any]], description: str
) -> None:
    notes = {}
    for table in tables:
        path = part / f"{table.pdg}.npz"
        table.save(path)
        notes[table.pdg] = sources[table.pdg] | {"file": path.name, "sha256": sha256(path)}
    text = yaml.safe_dump({"description": description, "tables": notes}, sort_keys=True)
    (part / SOURCES).write_text(text, encoding="utf-8")


def available() -> dict[tuple[str, str], SpectrumSet]:
    """All sets found, by (beam, generator); a user's set hides a shipped one of the same name."""
    found: dict[tuple[str, str], SpectrumSet] = {}
    for root in search_path():
        for note in sorted(root.glob(f"*/*/{SOURCES}")):
            beam, generator = note.parts[-3:-1]
            if generator.endswith(WORKING):
                continue
            found.setdefault((beam, generator), read_set(note.parent))
    return found


def label_of(beam: str | Beam) -> str:
    """Label under which the sets of a beam lie: without the target."""
    return beam.label if isinstance(beam, Beam) else beam.partition(":")[0]


def stored_species(beam: str | Beam) -> frozenset[int]:
    """Species of which any set of a beam has a table, by PDG number; the tables are not read."""
    names = {
        path.stem
        for root in search_path()
        for path in (root / label_of(beam)).glob("*/*.npz")
        if not path.parent.name.endswith(WORKING)
    }
    return frozenset(int(name) for name in names if name.lstrip("-").isdigit())


def find(beam: str | Beam, generator: str) -> SpectrumSet:
    """Find the set of a beam and a generator; the generator ``default`` is the one that the beam's file names.

    Raises
    ------
    SpectrumError
        If there is none; the message lists those there are.
    """
    label = label_of(beam)
    if generator == DEFAULT_SET:
        place = beam if isinstance(beam, Beam) else beams().get(label)
        generator = place.spectra if place is not None else generator
    for root in search_path():
        folder = root / label / generator
        # A user's set without its sources must not fall back to a shipped one in silence.
        if folder.is_dir():
            return read_set(folder)
    sets = sorted(available(), key=lambda found: (found[0] != label, found))
    hint = did_you_mean(generator, [g for b, g in sets if b == label])
    raise SpectrumError(
        f"no meson spectra for the beam {quoted(label)} and the generator {quoted(generator)}; "
        f"{hint}there are: {one_of(f'{b}/{g}' for b, g in sets) or 'none'}"
    )


@lru_cache(maxsize=64)
def _table(path: Path, checksum: str) -> SpectrumTable:
    """A table whose file has just been found to have a checksum; nobody changes its arrays."""
    table = SpectrumTable.load(path)
    for values in vars(table).values():
        if isinstance(values, np.ndarray):
            values.setflags(write=False)
    return table


_parse_once = lru_cache(maxsize=32)(parse_yaml)  # lists of sources are read again for each species


def read_set(folder: Path) -> SpectrumSet:
    """Read the list of sources of a set; its tables are verified when they are loaded.

    Raises
    ------
    SpectrumError
        If it is missing or damaged.
    """
    note = folder / SOURCES
    try:
        content = read_yaml(note, "list of sources", _parse_once)
        sources = {int(pdg): dict(source) for pdg, source in content["tables"].items()}
        for source in sources.values():
            if not all(isinstance(source[key], str) for key in ("file", "sha256", "command")):
                raise ValueError("file, sha256 and command must be texts")
        description = str(content.get("description", ""))
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise SpectrumError(
            f"{note} is not a readable list of sources ({reason}); make the set again"
        ) from None
    beam, generator = folder.resolve().parts[-2:]
    return SpectrumSet(beam, generator, folder, description, sources)
