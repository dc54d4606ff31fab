"""A whole store in one zip archive, to be deposited."""

from __future__ import annotations

import errno
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

from physics.errors import InputError, one_of
from physics.places import local_path
from scanner.outputs.export import write_file
from scanner.queries.contours import FINISHED_BY
from scanner.queries.cube import open_cube
from scanner.scans import objects
from scanner.scans.addresses import Address, store_path
from scanner.scans.leases import without_token
from scanner.scans.lock import NAME as LOCK
from scanner.scans.verify import verify
from schedulers.words import how_many

OWN = re.compile(r"(.+/)?(zarr\.json|c([./]\d+)*)|status/\d+/(lock|copy)")
DATE = (1980, 1, 1, 0, 0, 0)  # the same store is the same archive


def archive(store: str | Path, file: str | Path) -> dict[str, Any]:
    """Put a complete store into a zip archive, which :func:`dipolescan.open_cube` reads as it is.

    Parameters
    ----------
    store : str or Path
        A folder, or an address ``s3://bucket/folder/name``.
    file : str or Path
        Of the archive, ending in ``.zip``.

    Returns
    -------
    dict
        ``file``, ``files`` (how many), ``bytes``, ``sha256`` of the archive and ``fingerprint`` of the cube.

    Raises
    ------
    InputError
        If the store is no folder, not complete or has files of others, or the archive cannot be written or does not
        read back as the store; an older one is then untouched.
    """
    folder, place = store_path(store), local_path(file)
    if place.suffix.lower() != ".zip":
        raise InputError(f"{place}: the file's ending must be .zip")
    if place.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{place} lies in the store itself; give another place")
    said = open_cube(folder).attrs
    if not folder.is_dir():
        raise InputError(f"{folder} is an archive already")
    if said["blocks_done"] != said["blocks"]:
        raise InputError(
            f"{folder}: {said['blocks_done']} of {how_many(said['blocks'], 'block')} computed; "
            f"{FINISHED_BY}, before it can be deposited"
        )

    names = _names_in(folder)

    def content(stream: IO[bytes]) -> None:
        sums = _write(stream, folder, names)
        stream.flush()
        _check(Path(stream.name), sums)
        if not verify(stream.name, mark=False).sound:
            raise InputError(
                f"{folder} is damaged; 'dipolescan verify' says where, and 'dipolescan run' mends it"
            )

    write_file(place, content)
    return {
        "file": str(place),
        "files": len(names),
        "bytes": place.stat().st_size,
        "sha256": _digest(place),
        "fingerprint": str(said["fingerprint"]),
    }


def _names_in(folder: Path) -> list[str]:
    """Files of a store, without its lock and what was tried on the server of a bucket.

    Raises
    ------
    InputError
        If there are others, which nobody would expect in what is published.
    """
    if isinstance(folder, Address):
        names = sorted(name for name, _ in objects.below(folder))
        names = [name for name in names if not name.startswith(objects.PROBE)]
        foreign = [name for name in names if not OWN.fullmatch(name)]
    else:
        paths = sorted(p for p in folder.rglob("*") if p.is_file() or p.is_symlink())
        names = [p.relative_to(folder).as_posix() for p in paths]
        foreign = [
            name
            for p, name in zip(paths, names, strict=True)
            if p.is_symlink() or not OWN.fullmatch(name)
        ]
    if foreign:
        raise InputError(
            f"{folder} has files that are no part of a store ({one_of(foreign, 120)}); move them away first"
        )
    return [name for name in names if name != LOCK]


def _write(stream: IO[bytes], folder: Path, names: Sequence[str]) -> dict[str, int]:
    """Write the archive; name of each file in it to the CRC-32 of what was read."""
    sums = {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as whole:
        for name, raw in zip(names, _contents(folder, names), strict=True):
            inside = f"{folder.name}/{name}"
            sums[inside] = zlib.crc32(raw)
            whole.writestr(zipfile.ZipInfo(inside, DATE), raw)
    return sums


def _contents(folder: Path, names: Sequence[str]) -> Iterator[bytes]:
    """What the files hold, some of a bucket at once; without whose run has filled it last, as on a disk."""
    if not isinstance(folder, Address):
        yield from (_read(folder / name) for name in names)
        return
    with ThreadPoolExecutor(objects.AT_ONCE) as pool:
        for i in range(0, len(names), objects.AT_ONCE):
            portion = names[i : i + objects.AT_ONCE]
            for raw in pool.map(lambda name: _read(folder / name), portion):
                yield without_token(raw)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            f"{path} was removed while the store was read; wait until nobody changes it, and archive it again"
        ) from None


def _check(path: Path, sums: Mapping[str, int]) -> None:
    """Read what was written; raise OSError if it is something else."""
    with zipfile.ZipFile(path) as whole:
        same = whole.namelist() == list(sums)
        if not same or any(zlib.crc32(whole.read(name)) != crc for name, crc in sums.items()):
            raise OSError(errno.EIO, "it does not read back as it was written")


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
