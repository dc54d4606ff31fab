"""The pieces in a file of a store, unpacked without Zarr's machinery, which costs more than the unpacking itself.

Only what this version writes is understood (format 3: shards with an index at their end, blosc, CRC-32C), as the
description of the array says; of anything else :func:`packing_of` is None, and Zarr reads it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numcodecs.blosc import decompress
from numpy.typing import NDArray

_CRC = 4  # bytes of a checksum, behind what it is of


class PieceError(Exception):
    """A file that does not hold the pieces that it should."""


@dataclass(frozen=True)
class Packing:
    """How the values in one file are packed.

    Attributes
    ----------
    file, piece : tuple of int
        Shapes of what a file and a piece hold; the last ones of an array are padded to them.
    dtype : numpy.dtype
    sharded : bool
        Whether a file has an index of several pieces.
    """

    file: tuple[int, ...]
    piece: tuple[int, ...]
    dtype: np.dtype[Any]
    sharded: bool

    def unpack(self, content: memoryview, place: tuple[int, ...], values: NDArray[Any]) -> None:
        """Unpack one piece.

        Parameters
        ----------
        content : memoryview
            The whole file, as it was checked.
        place : tuple of int
            Number of the piece along each axis of the file.
        values : array
            Contiguous, of the piece's size and type; it is filled.

        Raises
        ------
        PieceError
            If there is no such piece.
        """
        start, length = 0, len(content)
        if self.sharded:
            grid = tuple(n // m for n, m in zip(self.file, self.piece, strict=True))
            size = 16 * math.prod(grid)
            index = np.frombuffer(content[len(content) - _CRC - size :], "<u8", size // 8)
            number = int(np.ravel_multi_index(place, grid))
            start, length = index[2 * number : 2 * number + 2].tolist()
        packed = content[start : start + length - _CRC]
        if len(packed) != length - _CRC or _unpacked_size(packed) != values.nbytes:
            raise PieceError("a piece of a file is not there, or has another size")
        try:
            decompress(packed, values)
        except (RuntimeError, ValueError) as error:
            raise PieceError(str(error)) from None


def _unpacked_size(packed: memoryview) -> int:
    """Bytes that blosc's header tells of."""
    return int.from_bytes(packed[4:8], "little")


def packing_of(metadata: dict[str, Any]) -> Packing | None:
    """How the files of an array are packed; None if not in the way of this version.

    Parameters
    ----------
    metadata : dict
        Of the array, as Zarr writes it.
    """
    file = tuple(metadata["chunk_grid"]["configuration"]["chunk_shape"])
    codecs, piece, sharded = metadata["codecs"], file, False
    if [c["name"] for c in codecs] == ["sharding_indexed"]:
        sharding, sharded = codecs[0]["configuration"], True
        index = [c["name"] for c in sharding["index_codecs"]]
        if index != ["bytes", "crc32c"] or sharding.get("index_location", "end") != "end":
            return None
        codecs, piece = sharding["codecs"], tuple(sharding["chunk_shape"])
    if [c["name"] for c in codecs] != ["bytes", "blosc", "crc32c"]:
        return None
    if codecs[0].get("configuration", {}).get("endian") != "little":
        return None
    dtype = {"float64": "<f8", "float32": "<f4"}.get(metadata["data_type"])
    return Packing(file, piece, np.dtype(dtype), sharded) if dtype else None
