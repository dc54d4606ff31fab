"""The files of a store: in a folder or in a zip archive of one, each bound to its place by a digest."""

from __future__ import annotations

import os
import threading
import zipfile
import zlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from physics.errors import InputError, one_of
from scanner.scans.addresses import Address
from scanner.scans.bucket import Bucket
from scanner.scans.buffers import FileBuffer
from scanner.scans.digests import NONE, UNFINISHED, digest
from scanner.scans.writing import write_whole

if TYPE_CHECKING:
    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

RECORDS = ("status/", "digests/")
Content = TypeVar("Content", bytes, memoryview)


class DamagedError(Exception):
    """A file of a store that is missing, or does not hold what was written there."""


class Place(Protocol):
    """Where the files of a store lie."""

    path: Path

    def read(self, key: str) -> bytes:
        """A file; raises FileNotFoundError if it is not there, OSError if it cannot be read."""

    def read_into(
        self, key: str, buffer: FileBuffer, start: int = 0, stop: int | None = None
    ) -> memoryview:
        """A file or a part of it, which may lie in some memory that is there for it; raises as :meth:`read`."""

    def exists(self, key: str) -> bool:
        """Whether a file is there."""

    def stamp(self, key: str) -> Any:
        """Something that changes when a file is replaced; None if it is not there, or nothing tells."""

    def part(self, key: str, start: int, stop: int) -> bytes:
        """Bytes of a file; a negative start counts from its end."""


class Folder:
    """Files in a folder."""

    def __init__(self, path: Path):
        self.path = path
        self._root = f"{path}{os.sep}"  # a path is joined to a key for each file; with words that is ten times faster

    def read(self, key: str) -> bytes:
        """See :class:`Place`."""
        with open(self._root + key, "rb", buffering=0) as stream:
            return stream.read()

    def read_into(
        self, key: str, buffer: FileBuffer, start: int = 0, stop: int | None = None
    ) -> memoryview:
        """See :class:`Place`."""
        with open(self._root + key, "rb", buffering=0) as stream:
            size, there = os.fstat(stream.fileno()).st_size, stream.seek(start) - start
            size = max(0, (size if stop is None else min(stop, size)) - start)
            content = buffer.of(size)
            while found := stream.readinto(content[there:]):
                there += found
            return content[:there]

    def exists(self, key: str) -> bool:
        """See :class:`Place`."""
        return os.path.exists(self._root + key)

    def stamp(self, key: str) -> Any:
        """See :class:`Place`."""
        try:
            found = os.stat(self._root + key)
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size

    def part(self, key: str, start: int, stop: int) -> bytes:
        """See :class:`Place`."""
        with open(self._root + key, "rb", buffering=0) as stream:
            size = os.fstat(stream.fileno()).st_size
            start = max(0, size + start) if start < 0 else start
            return os.pread(stream.fileno(), min(stop, size) - start, start)


class Archive:
    """Files in a zip archive, at its top or in one folder."""

    def __init__(self, path: Path):
        self.path = path
        self._archive = zipfile.ZipFile(path)
        roots = [n for n in self._archive.namelist() if n.split("/")[-1] == "zarr.json"]
        highest = min((n.count("/") for n in roots), default=0)
        tops = sorted({n[: -len("zarr.json")] for n in roots if n.count("/") == highest}) or [""]
        if len(tops) > 1:
            raise InputError(
                f"{path} is an archive of {len(tops)} stores ({one_of(n.rstrip('/') for n in tops)}); make one of each"
            )
        self._prefix = tops[0]
        self._process, self._lock = os.getpid(), threading.Lock()

    def read(self, key: str) -> bytes:
        """See :class:`Place`."""
        with self._lock:
            if os.getpid() != self._process:  # a forked process shares no position in the file
                self._archive, self._process = zipfile.ZipFile(self.path), os.getpid()
            try:
                return self._archive.read(self._prefix + key)
            except KeyError:
                raise FileNotFoundError(key) from None
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                raise OSError(f"{self.path}: {error}") from None

    def read_into(
        self, key: str, buffer: FileBuffer, start: int = 0, stop: int | None = None
    ) -> memoryview:
        """See :class:`Place`."""
        return memoryview(self.read(key))[start:stop]

    def exists(self, key: str) -> bool:
        """See :class:`Place`."""
        return self._prefix + key in self._archive.NameToInfo

    def stamp(self, key: str) -> Any:
        """Of the whole archive: nothing is replaced in it."""
        return None

    def part(self, key: str, start: int, stop: int) -> bytes:
        """See :class:`Place`."""
        return self.read(key)[start:stop]


def place_of(path: Path) -> Place:
    """The files at a path.

    Raises
    ------
    InputError
        If there is neither a folder nor a zip archive.
    """
    if isinstance(path, Address):
        return Bucket(path)
    if path.is_file():
        try:
            return Archive(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise InputError(
                f"{path} is not a store of dipolescan: neither a folder nor a readable zip archive of one ({error})"
            ) from None
    return Folder(path)


class CheckedFiles:
    """What a store is read through: no byte comes out of a file that does not hold what is recorded.

    A file is read whole and checked when it is first asked for, and again when it was replaced.

    Parameters
    ----------
    place : Place
    expected : callable
        Digest that is recorded for a key; ``NONE`` if none is wanted, ``UNFINISHED`` if it is as good as not there.
    refresh : callable
        Reads the record again: a file may have been replaced since.
    scan : str
        Fingerprint of the scan, which the digests of data are of, too.
    fixed : collection of str
        Keys of files that never change; other chunks are data.
    """

    def __init__(
        self,
        place: Place,
        expected: Callable[[str], int] = lambda _: NONE,
        refresh: Callable[[], None] = lambda: None,
        scan: str = "",
        fixed: Collection[str] = (),
    ):
        self._scan, self._fixed = scan, fixed
        self._place, self._expected, self._refresh = place, expected, refresh
        self._sound: dict[str, tuple[Any, int]] = {}

    def __str__(self) -> str:
        return str(self._place.path)

    def bound(self, key: str) -> str:
        """What a digest is of, besides the bytes: the place, and for data the scan."""
        return f"{self._scan} {key}" if self._is_data(key) else key

    def _is_data(self, key: str) -> bool:
        """Whether a file is a chunk of what is computed."""
        is_chunk = key.split("/")[-1].startswith("c.") and not key.startswith(RECORDS)
        return is_chunk and key not in self._fixed

    def content(self, key: str, start: int = 0, stop: int | None = None) -> bytes | None:
        """A file or a part of it; None if it is not there and none is recorded, or its block is not finished.

        Raises
        ------
        DamagedError
            If it is not what is recorded.
        OSError
            If it cannot be read.
        """
        if self.is_known(key):
            try:
                return self._place.part(key, start, 1 << 62 if stop is None else stop)
            except (FileNotFoundError, NotADirectoryError):
                raise self._missing(key) from None
        found = self.whole(key, self._place.read)
        return None if found is None else found[start:stop]

    def is_known(self, key: str) -> bool:
        """Whether a file was found sound before, and is that file still."""
        wanted, stamp = self._expected(key), self._place.stamp(key)
        return wanted != NONE and stamp is not None and self._sound.get(key) == (stamp, wanted)

    def whole(self, key: str, read: Callable[[str], Content]) -> Content | None:
        """A file, checked again whenever it is asked for; None as of :meth:`content`.

        Parameters
        ----------
        key : str
        read : callable
            Reads it, as :meth:`Place.read` does.

        Raises
        ------
        DamagedError
            If it is not what is recorded.
        OSError
            If it cannot be read.
        """
        wanted = self._expected(key)
        if wanted == UNFINISHED:
            return None
        stamp = self._place.stamp(key)
        try:
            found = read(key)
        except (FileNotFoundError, NotADirectoryError):
            if wanted != NONE:
                raise self._missing(key) from None
            return None
        if wanted != NONE:
            there = digest(self.bound(key), found)
            if there != wanted:
                self._refresh()
                wanted = self._expected(key)
            if wanted == UNFINISHED:
                return None
            if there != wanted:
                raise DamagedError(f"{self._place.path / key} does not hold what was written there")
            self._sound[key] = stamp, wanted
        return found

    def _missing(self, key: str) -> DamagedError:
        return DamagedError(f"{self._place.path / key} is missing")

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Of Zarr's interface."""
        import asyncio  # slow to import

        start, stop = _bounds(byte_range)
        if key.endswith("zarr.json") or key.startswith(RECORDS):
            # at once: a thread that checks a file asks for the record of it, and all threads may be doing that
            found = self.content(key, start, stop)
        else:
            found = await asyncio.to_thread(self.content, key, start, stop)
        return None if found is None else prototype.buffer.from_bytes(found)


class WrittenFiles(CheckedFiles):
    """What Zarr writes a record through: whole files by rename."""

    def __init__(self, place: Place, scan: str, fixed: Collection[str]):
        super().__init__(place, scan=scan, fixed=fixed)

    async def set(self, key: str, value: Buffer) -> None:
        """Of Zarr's interface."""
        import asyncio

        await asyncio.to_thread(self._set, key, value)

    def _set(self, key: str, value: Buffer) -> None:
        write_whole(self._place.path / key, cast(Any, value.as_numpy_array()))


def _bounds(request: ByteRequest | None) -> tuple[int, int | None]:
    from zarr.abc.store import OffsetByteRequest, RangeByteRequest, SuffixByteRequest

    if isinstance(request, RangeByteRequest):
        return request.start, request.end
    if isinstance(request, OffsetByteRequest):
        return request.offset, None
    if isinstance(request, SuffixByteRequest):
        return -request.suffix, None
    return 0, None
