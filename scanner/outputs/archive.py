"""A whole store in one zip archive, to be deposited."""

from __future__ import annotations

import zipfile
from pathlib import Path

from physics.errors import InputError
from physics.places import local_path
from scanner.outputs.export import write_file
from scanner.queries.cube import open_cube

DATE = (1980, 1, 1, 0, 0, 0)  # the same store is the same archive


def archive(store: str | Path, file: str | Path) -> None:
    """Put a complete store into a zip archive, which :func:`dipolescan.open_cube` reads as it is.

    Parameters
    ----------
    store : str or Path
        A folder.
    file : str or Path
        Of the archive, ending in ``.zip``.

    Raises
    ------
    InputError
        If the store is no folder or not complete, or the archive cannot be written; an older one is then untouched.
    """
    folder, place = local_path(store), local_path(file)
    if place.suffix.lower() != ".zip":
        raise InputError(f"{place}: the file's ending must be .zip")
    if place.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{place} lies in the store itself; give another place")
    said = open_cube(folder).attrs
    if not folder.is_dir():
        raise InputError(f"{folder} is an archive already")
    if said["blocks_done"] != said["blocks"]:
        raise InputError(
            f"{folder}: {said['blocks_done']} of {said['blocks']} blocks are computed; "
            "finish it with 'dipolescan run' before it is deposited"
        )

    def content(stream: object) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as whole:  # type: ignore[call-overload]
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
                whole.writestr(zipfile.ZipInfo(name, DATE), path.read_bytes())

    write_file(place, content)
