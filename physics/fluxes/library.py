"""Sets of neutrino fluxes on disk: where they are, what they come from, whether they are intact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.fluxes.places import flux_places, imports
from physics.fluxes.table import FluxError, NeutrinoFlux
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

SHIPPED = Path(__file__).with_name("tables")
ENVIRONMENT = "DIPOLESCAN_FLUXES"
FORMAT = 1  # of a set
_FILE = "flux.npz"


def user_folder() -> Path:
    """Folder of the user's fluxes, which need not be there.

    ``$DIPOLESCAN_FLUXES``, else ``dipolescan/fluxes`` under ``$XDG_DATA_HOME`` or ``~/.local/share``.

    Raises
    ------
    InputError
        If the variable holds no path of this machine.
    """
    return folder_of_the_user(ENVIRONMENT, "fluxes")


def folders() -> list[Path]:
    """The user's folder of fluxes, which need not be there, and the shipped one."""
    return [user_folder(), SHIPPED]


def search_path() -> list[Path]:
    """List the folders with fluxes: the user's, then the shipped one.

    Raises
    ------
    InputError
        If ``$DIPOLESCAN_FLUXES`` names something else than a folder: shipped fluxes would be taken in silence.
    """
    user, shipped = folders()
    check_user_folder(user, ENVIRONMENT, "dipolescan flux")
    return [user, shipped]


@dataclass(frozen=True)
class FluxSet:
    """A folder with the flux of one place, of one origin.

    Attributes
    ----------
    place, label : str
        Its name, ``faser-nu/pythia8-forward``, in two parts.
    folder : Path
        Where it lies.
    description : str
        One line.
    source : dict
        What it was made from: file, SHA-256, command, versions, settings, publication.
    """

    place: str
    label: str
    folder: Path
    description: str
    source: dict[str, Any]

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.place}/{self.label}"

    def load(self) -> NeutrinoFlux:
        """The flux, after its checksum has been verified.

        Raises
        ------
        FluxError
            If it is missing, altered or truncated.
        """
        said = f"the neutrino flux {self.name}"
        path = self.folder / self.source["file"]
        check_intact(path, self.source, said, FluxError)
        try:
            return NeutrinoFlux.load(path)
        except FluxError as error:
            raise FluxError(f"{said} cannot be used: {error}") from None

    def checksums(self) -> dict[str, str]:
        """SHA-256 of each of its files, as recorded."""
        return {self.source["file"]: self.source["sha256"]}


def flux_folder(root: Path, place: str, label: str) -> Path:
    """Folder of a set under a folder of sets.

    Raises
    ------
    FluxError
        If a part of its name is not a plain one, or has a meaning already.
    """
    try:
        check_label("place", place)
        check_label("label", label)
    except InputError as error:
        raise FluxError(error) from None
    return root / place / label


def write_flux(
    folder: Path, flux: NeutrinoFlux, source: Mapping[str, Any], description: str
) -> FluxSet:
    """Write a set into a new folder, whole or not at all; an older one is replaced at the end.

    Parameters
    ----------
    folder : Path
        From :func:`flux_folder`.
    flux : NeutrinoFlux
    source : mapping
        ``command`` and whatever else the flux was made from, plain data.
    description : str
        One line.

    Raises
    ------
    FluxError
        If the flux cannot be counted with, or the folder not be written; nothing is left then.
    """
    flux.check()
    try:
        write_whole(folder, lambda part: _fill(part, flux, source, description))
    except OSError as error:
        raise FluxError(f"{folder} cannot be written ({error.strerror})") from None
    return read_flux_set(folder)


def _fill(part: Path, flux: NeutrinoFlux, source: Mapping[str, Any], description: str) -> None:
    path = part / _FILE
    flux.save(path)
    note = {**source, "file": path.name, "sha256": sha256(path)}
    text = yaml.safe_dump(
        {"description": description, "flux": note, "format": FORMAT},
        sort_keys=True,
        allow_unicode=True,
    )
    (part / SOURCES).write_text(text, encoding="utf-8")


def available_fluxes() -> dict[tuple[str, str], FluxSet]:
    """All sets found, by (place, label); a user's set hides a shipped one of the same name."""
    found: dict[tuple[str, str], FluxSet] = {}
    for root in search_path():
        for note in sorted(root.glob(f"*/*/{SOURCES}")):
            place, label = note.parts[-3:-1]
            if not label.endswith(WORKING):
                found.setdefault((place, label), read_flux_set(note.parent))
    return found


def find_flux(place: str, label: str = DEFAULT_SET) -> FluxSet:
    """Find the flux of a place.

    Parameters
    ----------
    place : str
        One of the product, or one of the user's that has a flux.
    label : str
        ``default`` is what the place names, or of a user's place its only flux.

    Raises
    ------
    FluxError
        If there is none; the message lists those there are.
    """
    wanted = label
    if label == DEFAULT_SET:
        wanted = _default_of(place)
    for root in search_path():
        folder = root / place / wanted
        # A user's set without its sources must not fall back to a shipped one in silence.
        if is_plain(place, wanted) and folder.is_dir():
            return read_flux_set(folder)
    if place in imports() and label == DEFAULT_SET:
        raise FluxError(
            f"the neutrino flux of {place} does not come with dipolescan; import it from DarkNews (the extra "
            f"darknews): '{imports()[place]}'"
        )
    sets = sorted(available_fluxes(), key=lambda found: (found[0] != place, found))
    names = [f"{a}/{b}" for a, b in sets]
    hint = did_you_mean(f"{place}/{wanted}", names)
    raise FluxError(
        f"no neutrino flux {quoted(f'{place}/{wanted}')}; {hint}there are: {one_of(names) or 'none'}; make one with "
        "'dipolescan flux import' or 'build'"
    )


def _default_of(place: str) -> str:
    """Label of the flux that a place names, or has alone."""
    if place in flux_places():
        return flux_places()[place].default
    labels = [label for found, label in available_fluxes() if found == place]
    if len(labels) > 1:
        raise FluxError(f"{quoted(place)} has several fluxes, name one of them: {one_of(labels)}")
    return labels[0] if labels else DEFAULT_SET


def read_flux_set(folder: Path) -> FluxSet:
    """Read the list of sources of a set; its table is verified when it is loaded.

    Raises
    ------
    FluxError
        If it is missing or damaged.
    """
    description, source = read_source(folder, "flux", FORMAT, FluxError)
    place, label = folder.resolve().parts[-2:]
    return FluxSet(place, label, folder, description, source)
