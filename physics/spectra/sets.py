"""Folders of sets of tables, whatever the tables hold: where they lie, their names, and how they are written whole."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from physics.errors import InputError, quoted
from physics.places import local_path

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
