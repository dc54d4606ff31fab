"""The pieces in a file of a store, packed and unpacked without Zarr's machinery, which costs more than that itself.

Only what this version writes is understood (format 3: shards with an index at their end, blosc, CRC-32C), as the
description of the array says; of anything else :func:`packing_of` is None, and Zarr reads it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import google_crc32c
import numpy as np
from numcodecs.blosc import compress, decompress
from numpy.typing import NDArray

Bounds = NDArray[np.int64]
_CRC = 4  # bytes of a checksum, behind what it is of
_SHUFFLES = {"noshuffle": 0, "shuffle": 1, "bitshuffle": 2}  # as blosc numbers them
_NOTHING = 2**64 - 1  # in the index of a file, where it has no piece


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
    blosc : tuple
        Compressor, level, shuffle and size of blocks, as blosc takes them.
    """

    file: tuple[int, ...]
    piece: tuple[int, ...]
    dtype: np.dtype[Any]
    sharded: bool
    blosc: tuple[bytes, int, int, int]

    @property
    def grid(self) -> tuple[int, ...]:
        """Number of pieces of a file along each axis."""
        return tuple(n // m for n, m in zip(self.file, self.piece, strict=True))

    def pack(self, values: NDArray[Any], prepare: Callable[[NDArray[Any]], object]) -> list[bytes]:
        """Pack a file, one piece after another, so that each stays in the cache until it is packed.

        Parameters
        ----------
        values : array
            What the file holds; less than that at the end of an axis, where NaN stand for the rest.
        prepare : callable
            Called with a copy of each piece before it is packed, which it may change.

        Returns
        -------
        list of bytes
            Its content in parts.
        """
        piece = np.empty(self.piece, self.dtype)
        parts: list[bytes] = []
        index, end = [], 0
        for place in np.ndindex(*self.grid):
            cut = tuple(slice(i * n, (i + 1) * n) for i, n in zip(place, self.piece, strict=True))
            part = values[cut]
            if not part.size:
                index += [_NOTHING, _NOTHING]
                continue
            if part.shape != self.piece:
                piece.fill(np.nan)
            inside = piece[tuple(map(slice, part.shape))]
            np.copyto(inside, part, casting="same_kind")
            prepare(inside)
            packed = compress(piece, *self.blosc)
            parts += [packed, _crc(packed)]
            index += [end, len(packed) + _CRC]
            end += len(packed) + _CRC
        if self.sharded:
            table = np.array(index, "<u8").tobytes()
            parts += [table, _crc(table)]
        return parts

    def number(self, place: Sequence[int]) -> int:
        """Number of a piece in its file, from that along each axis."""
        found = 0
        for at, file, piece in zip(place, self.file, self.piece, strict=True):
            found = found * (file // piece) + at
        return found

    def bounds(self, content: memoryview) -> Bounds:
        """Where the pieces of a file lie: the first byte of each, and the one behind its checksum; one row each."""
        if not self.sharded:
            return np.array([[0, len(content)]])
        size = 16 * math.prod(self.grid)
        index = np.frombuffer(content[max(0, len(content) - _CRC - size) :], "<u8", size // 8)
        found = index.astype(np.int64).reshape(-1, 2)  # of what is not there it is negative
        found[:, 1] += found[:, 0]
        return found

    def whole(self, content: memoryview) -> Read:
        """A file that was read whole."""
        return Read(content, self.bounds(content))

    def unpack(self, read: Read, place: Sequence[int], values: NDArray[Any]) -> None:
        """Unpack one piece.

        Parameters
        ----------
        read : Read
            The file, or a part of it in which the piece lies, as it was checked.
        place : sequence of int
            Number of the piece along each axis of the file.
        values : array
            Contiguous, of the piece's size and type; it is filled.

        Raises
        ------
        PieceError
            If there is no such piece.
        """
        packed = read.piece(self.number(place))[:-_CRC]
        if _unpacked_size(packed) != values.nbytes:
            raise PieceError("a piece of a file is not there, or has another size")
        try:
            decompress(packed, values)
        except (RuntimeError, ValueError) as error:
            raise PieceError(str(error)) from None


class Read(NamedTuple):
    """What was read of a file.

    Attributes
    ----------
    content : memoryview
        The file from ``start`` on, as far as it was read.
    bounds : array
        Of all its pieces; see :meth:`Packing.bounds`.
    start : int
    """

    content: memoryview
    bounds: Bounds
    start: int = 0

    def piece(self, number: int) -> memoryview:
        """One piece with its checksum; empty if it is not there."""
        first, behind = (self.bounds[number] - self.start).tolist()
        return (
            self.content[first:behind]
            if 0 <= first <= behind <= len(self.content)
            else memoryview(b"")
        )

    def is_sound(self, numbers: Iterable[int]) -> bool:
        """Whether pieces are those that their checksums are of."""
        pieces = map(self.piece, numbers)
        return all(piece[-_CRC:] == _crc(bytes(piece[:-_CRC])) for piece in pieces)


def _unpacked_size(packed: memoryview) -> int:
    """Bytes that blosc's header tells of."""
    return int.from_bytes(packed[4:8], "little")


def _crc(content: bytes) -> bytes:
    return int(google_crc32c.value(content)).to_bytes(_CRC, "little")


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
    if metadata["data_type"] not in ("float32", "float64"):
        return None
    blosc = codecs[1]["configuration"]
    settings = (
        blosc["cname"].encode(), blosc["clevel"], _SHUFFLES[blosc["shuffle"]], blosc["blocksize"],
    )  # fmt: skip
    dtype = np.dtype(metadata["data_type"]).newbyteorder("<")
    return Packing(file, piece, dtype, sharded, settings)
