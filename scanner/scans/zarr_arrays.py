"""The arrays of a store as Zarr sees them: selections of a changed cube, and stores of an older format."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scanner.scans import objects
from scanner.scans.files import CheckedFiles, DamagedError, Place
from scanner.scans.opening import DamagedStoreError, check_there, damage_words

if TYPE_CHECKING:
    import zarr

_OPENING = threading.Lock()  # Zarr takes a setting from a global of the process


class ZarrArrays:
    """Arrays that Zarr reads or writes; most questions need no Zarr, whose import takes longer than they do.

    Parameters
    ----------
    place : Place
        Where the files of the store lie.
    files : CheckedFiles
        What they are read or written through.
    has_digests : bool
        Whether the store has digests of its chunks.
    """

    def __init__(self, place: Place, files: CheckedFiles, has_digests: bool):
        self._place, self._files, self._has_digests = place, files, has_digests
        self._known: dict[str, zarr.Array[Any]] = {}

    @cached_property
    def _group(self) -> zarr.Group:
        from scanner.scans.zarr_files import group_of

        return group_of(self._files)

    def array(self, path: str) -> zarr.Array[Any]:
        """An array, by its place in the store.

        Raises
        ------
        DamagedStoreError
            If its description is missing or altered.
        InputError
            If the whole store is gone.
        """
        if path in self._known:
            return self._known[path]
        import zarr

        damage = damage_words(self._place.path, [f"{path}/zarr.json"])
        try:
            # all-NaN chunks are written too: a missing one is then always a damage
            with _OPENING, zarr.config.set({"array.write_empty_chunks": True}):
                found = self._group[path]
        except objects.ObjectsError:
            raise
        except (KeyError, ValueError, TypeError, DamagedError) as error:
            check_there(self._place)
            raise DamagedStoreError(f"{damage} ({type(error).__name__})") from None
        if not isinstance(found, zarr.Array):
            raise DamagedStoreError(damage)
        self._known[path] = found
        return found

    def read(self, path: str, region: tuple[slice, ...]) -> NDArray[Any]:
        """A part of finished blocks; see :meth:`scanner.scans.store.Store.read`."""
        array = self.array(path)
        if not self._has_digests:
            self._check_chunks(array, region)
        try:
            return np.asarray(array[region])
        except objects.ObjectsError:
            raise
        except (DamagedError, ValueError, RuntimeError, OSError) as error:
            check_there(self._place)
            known = isinstance(error, DamagedError)
            raise DamagedError(
                str(error) if known else f"a chunk of {path} is unreadable ({error})"
            ) from None

    def _check_chunks(self, array: zarr.Array[Any], region: tuple[slice, ...]) -> None:
        """In a store without digests a chunk must at least be there."""
        ranges = [
            range(part.start // n, -(-part.stop // n))
            for part, n in zip(bounds_of(region, array.shape), array.chunks, strict=True)
        ]
        for offset in np.ndindex(*(len(r) for r in ranges)):
            index = tuple(r[i] for r, i in zip(ranges, offset, strict=True))
            key = f"{array.path}/{array.metadata.encode_chunk_key(index)}"
            try:
                self._place.read(key)
            except OSError:
                check_there(self._place)
                raise DamagedError(f"{self._place.path / key} is missing") from None


def bounds_of(region: tuple[slice, ...], shape: tuple[int, ...]) -> list[slice]:
    """The same region with a start and a stop along each axis."""
    return [slice(*part.indices(n)[:2]) for part, n in zip(region, shape, strict=True)]
