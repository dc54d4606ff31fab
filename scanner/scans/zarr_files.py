"""The files of a store as Zarr sees them; Zarr itself is imported only where it reads or writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import zarr
from zarr.abc.store import ByteRequest, Store
from zarr.core.buffer import Buffer, BufferPrototype

from scanner.scans.files import CheckedFiles, WrittenFiles


class ZarrFiles(Store):
    """Checked files behind Zarr's interface.

    Parameters
    ----------
    files : CheckedFiles
    """

    supports_deletes = False
    supports_listing = False

    def __init__(self, files: CheckedFiles):
        super().__init__(read_only=not isinstance(files, WrittenFiles))
        self._files = files

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__

    def __str__(self) -> str:
        return str(self._files)

    @property
    def supports_writes(self) -> bool:
        """Whether files can be written."""
        return isinstance(self._files, WrittenFiles)

    async def get(
        self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None
    ) -> Buffer | None:
        """Of Zarr's interface."""
        return await self._files.get(key, prototype, byte_range)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Of Zarr's interface."""
        return [await self.get(key, prototype, part) for key, part in key_ranges]

    async def exists(self, key: str) -> bool:
        """Of Zarr's interface."""
        return self._files.content(key) is not None

    async def set(self, key: str, value: Buffer) -> None:
        """Of Zarr's interface."""
        if not isinstance(self._files, WrittenFiles):
            raise PermissionError(f"{key} is open for reading")
        await self._files.set(key, value)

    async def delete(self, key: str) -> None:
        """Refused: files are replaced, and none is removed."""
        raise PermissionError(f"{key} is not removed")

    async def list(self) -> AsyncIterator[str]:
        """Nothing: whoever opens a store knows what is in it."""
        return
        yield

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Nothing."""
        return
        yield

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Nothing."""
        return
        yield


def group_of(files: CheckedFiles) -> zarr.Group:
    """The root of a store."""
    mode = "r+" if isinstance(files, WrittenFiles) else "r"
    return zarr.open_group(ZarrFiles(files), mode=mode, zarr_format=3)  # type: ignore[arg-type]
