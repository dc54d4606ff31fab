"""Sets of W bosons on disk: where they are, what they come from, whether they are intact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.spectra.sets import (
    DEFAULT_SET,
    SOURCES,
    WORKING,
    check_intact,
    check_label,
    check_user_folder,
    is_plain,
    read_source,
    sha256,
    write_whole,
)
from physics.spectra.sets import user_folder as folder_of_the_user
from physics.w_bosons.colliders import collider, colliders
from physics.w_bosons.events import Columns, WEvents, WEventsError, write_events

SHIPPED = Path(__file__).with_name("tables")
ENVIRONMENT = "DIPOLESCAN_W_BOSONS"
DEFAULT_LABEL = "pythia8"
FORMAT = 1  # of a set
_FILE = "events.npz"


def user_folder() -> Path:
    """Folder of the user's sets, which need not be there.

    ``$DIPOLESCAN_W_BOSONS``, else ``dipolescan/w-bosons`` under ``$XDG_DATA_HOME`` or ``~/.local/share``.

    Raises
    ------
    InputError
        If the variable holds no path of this machine.
    """
    return folder_of_the_user(ENVIRONMENT, "w-bosons")


def folders() -> list[Path]:
    """The user's folder of sets, which need not be there, and the shipped one."""
    return [user_folder(), SHIPPED]


def search_path() -> list[Path]:
    """List the folders with sets: the user's, then the shipped one.

    Raises
    ------
    InputError
        If ``$DIPOLESCAN_W_BOSONS`` names something else than a folder: shipped sets would be taken in silence.
    """
    user, shipped = folders()
    check_user_folder(user, ENVIRONMENT, "dipolescan w-bosons")
    return [user, shipped]


@dataclass(frozen=True)
class WSet:
    """A folder with the W bosons of one collider, of one origin.

    Attributes
    ----------
    collider, label : str
        Its name, ``lhc-14tev/pythia8``, in two parts.
    folder : Path
        Where it lies.
    description : str
        One line.
    source : dict
        What it was made from: file, SHA-256, command, generator, settings, seeds, events, cross-section.
    """

    collider: str
    label: str
    folder: Path
    description: str
    source: dict[str, Any]

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.collider}/{self.label}"

    def load(self) -> WEvents:
        """The events, after their checksum has been verified.

        Raises
        ------
        WEventsError
            If they are missing, altered or truncated.
        """
        said = f"the set of W bosons {self.name}"
        path = self.folder / self.source["file"]
        check_intact(path, self.source, said, WEventsError)
        try:
            return _load(path, self.source["sha256"])
        except WEventsError as error:
            raise WEventsError(f"{said} cannot be used: {error}") from None

    def checksums(self) -> dict[str, str]:
        """SHA-256 of its file, as recorded, by a label that names the set."""
        return {f"W bosons {self.name}": self.source["sha256"]}


@lru_cache(maxsize=4)
def _load(path: Path, checksum: str) -> WEvents:
    """A file that has been verified is read once."""
    return WEvents.load(path)


def w_events(name: str | float, label: str = DEFAULT_SET) -> WEvents:
    """W bosons of a collider, after their checksum has been verified.

    Parameters
    ----------
    name : str or float
        Tag of the collider, or its energy in TeV.
    label : str
        Of the set.

    Raises
    ------
    InputError
        If there is no such collider or set, or it is not intact.

    Examples
    --------
    >>> round(w_events(14).cross_section)
    149
    """
    return find_w_set(name, label).load()


def find_w_set(name: str | float, label: str = DEFAULT_SET) -> WSet:
    """Find a set of a collider; the label ``default`` is ``pythia8``.

    Raises
    ------
    InputError
        If there is no such collider.
    WEventsError
        If it has no such set; the message lists those there are.
    """
    tag = collider(name).tag
    wanted = DEFAULT_LABEL if label == DEFAULT_SET else label
    for root in search_path():
        folder = root / tag / wanted
        # A user's set without its sources must not fall back to a shipped one in silence.
        if is_plain(wanted) and folder.is_dir():
            return read_w_set(folder)
    names = [f"{a}/{b}" for a, b in sorted(available_w_sets())]
    hint = did_you_mean(f"{tag}/{wanted}", names)
    raise WEventsError(
        f"no W bosons {quoted(f'{tag}/{wanted}')}; {hint}there are: {one_of(names) or 'none'}; make one with "
        f"'dipolescan w-bosons build --collider {tag}'"
    )


def w_folder(root: Path, tag: str, label: str) -> Path:
    """Folder of a set under a folder of sets.

    Raises
    ------
    WEventsError
        If the label is not a plain name, or has a meaning already.
    """
    try:
        check_label("label", label)
    except InputError as error:
        raise WEventsError(error) from None
    return root / tag / label


def available_w_sets() -> dict[tuple[str, str], WSet]:
    """All sets found, by (collider, label); a user's set hides a shipped one of the same name."""
    found: dict[tuple[str, str], WSet] = {}
    for root in search_path():
        for note in sorted(root.glob(f"*/*/{SOURCES}")):
            tag, label = note.parts[-3:-1]
            if tag in colliders() and not label.endswith(WORKING):
                found.setdefault((tag, label), read_w_set(note.parent))
    return found


def write_w_set(
    folder: Path,
    columns: Columns,
    cross_section: float,
    mass_range: tuple[float, float],
    source: Mapping[str, Any],
    description: str,
) -> WSet:
    """Write a set into a new folder, whole or not at all; an older one is replaced at the end.

    Parameters
    ----------
    folder : Path
        From :func:`w_folder`.
    columns : mapping
        See :func:`physics.w_bosons.events.columns_of`.
    cross_section : float
        [nb]
    mass_range : (float, float)
        [GeV]
    source : mapping
        ``command`` and whatever else the events were made with, plain data.
    description : str
        One line.

    Raises
    ------
    WEventsError
        If the folder cannot be written; nothing is left then.
    """

    def fill(part: Path) -> None:
        path = part / _FILE
        write_events(path, columns, cross_section, *mass_range)
        note = {**source, "file": path.name, "sha256": sha256(path)}
        text = yaml.safe_dump(
            {"description": description, "events": note, "format": FORMAT},
            sort_keys=True,
            allow_unicode=True,
        )
        (part / SOURCES).write_text(text, encoding="utf-8")

    try:
        write_whole(folder, fill)
    except OSError as error:
        raise WEventsError(f"{folder} cannot be written ({error.strerror})") from None
    return read_w_set(folder)


def read_w_set(folder: Path) -> WSet:
    """Read the list of sources of a set; its events are verified when they are loaded.

    Raises
    ------
    WEventsError
        If it is missing or damaged.
    """
    description, source = read_source(folder, "events", FORMAT, WEventsError)
    tag, label = folder.resolve().parts[-2:]
    return WSet(tag, label, folder, description, source)
