"""Sets of meson spectra on disk: where they are, what they come from, and whether they are intact."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from physics.errors import InputError
from physics.spectra.table import SpectrumTable

SHIPPED = Path(__file__).with_name("tables")
SOURCES = "SOURCES.yaml"


class SpectrumError(InputError):
    """A set or a table that is missing, altered or unusable."""


def search_path() -> list[Path]:
    """Folders with sets: the user's first (``DIPOLESCAN_SPECTRA``, else ``~/.local/share``), then the shipped ones."""
    user = os.environ.get("DIPOLESCAN_SPECTRA")
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return [Path(user) if user else Path(data) / "dipolescan" / "spectra", SHIPPED]


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
    sources: dict[int, dict]

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
                f"{label} is missing; build or import it with 'dipolescan spectra', or leave its channel out"
            )
        path = self.folder / self.sources[pdg]["file"]
        if not path.exists():
            raise SpectrumError(f"{label} is missing: {path} does not exist; rebuild the set")
        if sha256(path) != self.sources[pdg]["sha256"]:
            raise SpectrumError(
                f"{label} is altered or truncated: {path} does not match its checksum; "
                f"rebuild it with '{self.sources[pdg]['command']}' or reinstall dipolescan"
            )
        try:
            table = SpectrumTable.load(path)
        except ValueError as error:
            raise SpectrumError(f"{label} cannot be used: {error}") from None
        if table.pdg != pdg:
            raise SpectrumError(f"{label} cannot be used: {path} holds the species {table.pdg}")
        return table

    def checksums(self) -> dict[int, str]:
        """SHA-256 of each table, as recorded."""
        return {pdg: source["sha256"] for pdg, source in sorted(self.sources.items())}


def sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_set(
    folder: Path, tables: list[SpectrumTable], sources: dict[int, dict], description: str
) -> Path:
    """Write a set into a new folder, whole or not at all; an older one is replaced at the end."""
    for table in tables:
        table.check()
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    notes = {}
    for table in tables:
        path = part / f"{table.pdg}.npz"
        table.save(path)
        notes[table.pdg] = {"file": path.name, "sha256": sha256(path)} | sources[table.pdg]
    text = yaml.safe_dump({"description": description, "tables": notes}, sort_keys=True)
    (part / SOURCES).write_text(text)
    old = folder.with_name(f"{folder.name}.{os.getpid()}.old")
    if folder.exists():
        folder.rename(old)
    part.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return folder


def available() -> dict[tuple[str, str], SpectrumSet]:
    """All sets found, by (beam, generator); a user's set hides a shipped one of the same name."""
    found: dict[tuple[str, str], SpectrumSet] = {}
    for root in search_path():
        for note in sorted(root.glob(f"*/*/{SOURCES}")):
            beam, generator = note.parts[-3:-1]
            if generator.endswith((".part", ".old")):
                continue
            found.setdefault((beam, generator), _read(note))
    return found


def find(beam: str, generator: str) -> SpectrumSet:
    """The set of a beam and a generator.

    Raises
    ------
    SpectrumError
        If there is none; the message lists those there are.
    """
    for root in search_path():
        note = root / beam / generator / SOURCES
        if note.exists():
            return _read(note)
    there = ", ".join(f"{b}/{g}" for b, g in available()) or "none"
    raise SpectrumError(
        f"no meson spectra for the beam {beam!r} and the generator {generator!r}; there are: {there}"
    )


def _read(note: Path) -> SpectrumSet:
    try:
        content = yaml.safe_load(note.read_text())
        sources = {int(pdg): dict(source) for pdg, source in content["tables"].items()}
        for source in sources.values():
            source["file"], source["sha256"]
        description = content.get("description", "")
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise SpectrumError(f"{note} is not a readable list of sources ({error})") from None
    return SpectrumSet(note.parts[-3], note.parts[-2], note.parent, description, sources)
