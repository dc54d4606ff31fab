"""Folders of sets of tables, whatever the tables hold: where they lie, their names, and how they are written whole."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from physics.errors import InputError, quoted
from physics.places import local_path
from physics.reading import read_yaml

SOURCES = "SOURCES.yaml"
DEFAULT_SET = "default"  # of whatever the sets of a folder have in common
WORKING = (".part", ".old")  # endings of the folders that a write or a replacement is in
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def user_folder(environment: str, kind: str) -> Path:
    """Folder of the user's sets, which need not be there.

    Parameters
    ----------
    environment : str
        Variable that names it.
    kind : str
        Else it is ``dipolescan/<kind>`` under ``$XDG_DATA_HOME`` or ``~/.local/share``.

    Raises
    ------
    InputError
        If the variable holds no path of this machine.
    """
    user = os.environ.get(environment)
    if user:
        try:
            return local_path(user)
        except InputError as error:
            raise InputError(f"${environment}: {error}") from None
    return local_path(os.environ.get("XDG_DATA_HOME") or "~/.local/share") / "dipolescan" / kind


def check_user_folder(user: Path, environment: str, command: str) -> None:
    """Refuse a variable that names something else than a folder: shipped sets would be taken in silence.

    Raises
    ------
    InputError
        Naming the command that makes the folder.
    """
    if os.environ.get(environment) and not user.is_dir():
        raise InputError(
            f"${environment} names {quoted(str(user), 200)}, which is no folder; make it with '{command} "
            "import' or 'build', or unset the variable"
        )


def check_label(kind: str, label: str) -> None:
    """Refuse what cannot be a part of the name of a set.

    Raises
    ------
    InputError
        If it is not a plain name, has a meaning already, or ends like the working folders of :func:`write_whole`.
    """
    if not _LABEL.fullmatch(label) or label.endswith(WORKING) or label == DEFAULT_SET:
        raise InputError(
            f"{label!r} cannot be the {kind} of a set; "
            f"use letters, digits, '.', '-', '_' and '+', and not {DEFAULT_SET!r}"
        )


def is_plain(*labels: str) -> bool:
    """Whether these can be parts of the name of a set."""
    try:
        for label in labels:
            check_label("label", label)
    except InputError:
        return False
    return True


def check_intact(
    path: Path,
    source: Mapping[str, Any],
    said: str,
    refused: type[InputError],
    again: str = "make the set again",
) -> None:
    """Refuse a file of a set that is not what was recorded of it.

    Parameters
    ----------
    path : Path
    source : mapping
        With ``sha256`` and ``command``.
    said : str
        What it is, in words.
    refused : type
        Of the error.
    again : str
        What to do if it is missing.

    Raises
    ------
    InputError
        Of that type, if it is missing, cannot be read, or is altered.
    """
    try:
        intact = sha256(path) == source["sha256"]
    except FileNotFoundError:
        raise refused(f"{said} is missing: {path} does not exist; {again}") from None
    except OSError as error:
        raise refused(f"{said} cannot be read: {path} ({error.strerror})") from None
    if not intact:
        raise refused(
            f"{said} is altered or truncated: {path} does not match its checksum; "
            f"make it again with '{source['command']}' or reinstall dipolescan"
        )


def read_source(
    folder: Path, kind: str, form: int, refused: type[InputError]
) -> tuple[str, dict[str, Any]]:
    """Description and source of a set that has one file.

    Parameters
    ----------
    folder : Path
    kind : str
        Key of the source in the list.
    form : int
        Format that the list must have.
    refused : type
        Of the error.

    Raises
    ------
    InputError
        Of that type, if the list is missing or damaged.
    """
    note = folder / SOURCES
    try:
        content = read_yaml(note, "list of sources")
        if content["format"] != form:
            raise ValueError(f"its format is {content['format']}, not {form}")
        source = dict(content[kind])
        if not all(isinstance(source[key], str) for key in ("file", "sha256", "command")):
            raise ValueError("file, sha256 and command must be texts")
        if Path(source["file"]).name != source["file"]:
            raise ValueError("file must be a name within the folder")
        return str(content.get("description", "")), source
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise refused(
            f"{note} is not a readable list of sources ({reason}); make the set again"
        ) from None


def sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_whole(folder: Path, fill: Callable[[Path], None]) -> None:
    """Write a new folder, whole or not at all; an older one is replaced at the end.

    Parameters
    ----------
    folder : Path
        Its place.
    fill : callable
        Writes the content into the folder that it is given.

    Raises
    ------
    OSError
        If it cannot be written; what was there is there still.
    """
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        fill(part)
        _swap(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _swap(part: Path, folder: Path) -> None:
    """Put a complete set in its place; the older one comes back if that fails."""
    old = folder.with_name(f"{folder.name}.{os.getpid()}.old")
    replaced = folder.exists()
    if replaced:
        folder.rename(old)
    try:
        part.rename(folder)
    except BaseException:
        if replaced:
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
