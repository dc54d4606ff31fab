"""Descriptions of groups and arrays as Zarr 3 writes them, and files of coordinates, without Zarr.

Its import and its machinery take longer than a short scan. Documents are compared with those that Zarr itself writes
in ``tests/scanner/test_descriptions.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numcodecs.vlen import VLenUTF8
from numcodecs.zstd import Zstd

Description = dict[str, Any]
KEYS = {"name": "default", "configuration": {"separator": "."}}  # of chunks: few folders

_LITTLE = {"name": "bytes", "configuration": {"endian": "little"}}
_CRC = {"name": "crc32c"}


def group(attributes: Mapping[str, Any] | None = None) -> Description:
    """A group."""
    return {"attributes": dict(attributes or {}), "zarr_format": 3, "node_type": "group"}


def consolidated(own: Description, inside: Mapping[str, Description]) -> Description:
    """A group with the descriptions of all that is in it, as xarray wants them: one file is read to open it, or all.

    Parameters
    ----------
    own : dict
        The group.
    inside : mapping
        Path within the group to description, of groups and arrays.
    """
    order = sorted(inside, key=lambda path: (path.count("/"), path.casefold()))
    within = {path: _flat(inside[path]) for path in order}
    about = {"kind": "inline", "must_understand": False, "metadata": within}
    return {
        "attributes": own["attributes"],
        "zarr_format": 3,
        "consolidated_metadata": about,
        "node_type": "group",
    }


def _flat(own: Description) -> Description:
    return consolidated(own, {}) if own["node_type"] == "group" else own


def array(
    shape: Sequence[int],
    file: Sequence[int],
    dims: Sequence[str],
    kind: str,
    fill: Any,
    codecs: Sequence[Mapping[str, Any]],
    attributes: Mapping[str, Any] | None = None,
) -> Description:
    """An array.

    Parameters
    ----------
    shape, file : sequence of int
        Of all of it, and of what one file holds.
    dims : sequence of str
    kind : str
        Type of its values, in Zarr's words.
    fill
        What is where no file is, as JSON has it.
    codecs : sequence of mapping
    attributes : mapping, optional
    """
    return {
        "shape": list(shape),
        "data_type": kind,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(file)}},
        "chunk_key_encoding": KEYS,
        "fill_value": fill,
        "codecs": [dict(codec) for codec in codecs],
        "attributes": dict(attributes or {}),
        "dimension_names": list(dims),
        "zarr_format": 3,
        "node_type": "array",
        "storage_transformers": [],
    }


def states(shape: Sequence[int], dims: Sequence[str]) -> Description:
    """The states of all blocks of a task, in one file."""
    codecs = ({"name": "bytes"}, {"name": "gzip", "configuration": {"level": 1}})
    about = {"long_name": "0 to do, 1 done, 2 failed"}
    return array(shape, shape, dims, "int8", 0, codecs, about)


def digests(shape: Sequence[int], file: Sequence[int], dims: Sequence[str]) -> Description:
    """The digests of the files of a task's blocks, one file for each block."""
    about = {"long_name": "digest of each file of a block"}
    return array(shape, file, dims, "uint64", 0, (_LITTLE,), about)


def variable(
    shape: Sequence[int],
    file: Sequence[int],
    piece: Sequence[int],
    dims: Sequence[str],
    dtype: np.dtype[Any],
    attributes: Mapping[str, Any],
) -> Description:
    """What a scan fills: floats in files of compressed pieces, with an index where a file has several."""
    blosc = {
        "typesize": dtype.itemsize,
        "cname": "lz4",
        "clevel": 5,
        "shuffle": "shuffle",
        "blocksize": 0,
    }
    codecs: tuple[dict[str, Any], ...] = (_LITTLE, {"name": "blosc", "configuration": blosc}, _CRC)
    if tuple(piece) != tuple(file):
        shard = {
            "chunk_shape": list(piece),
            "codecs": list(codecs),
            "index_codecs": [_LITTLE, _CRC],
            "index_location": "end",
        }
        codecs = ({"name": "sharding_indexed", "configuration": shard},)
    return array(shape, file, dims, dtype.name, "NaN", codecs, attributes)


def coordinate(dim: str, values: Sequence[Any]) -> tuple[Description, bytes]:
    """A coordinate of texts or of numbers, and its one file."""
    text = isinstance(values[0], str)
    zstd = {"name": "zstd", "configuration": {"level": 0, "checksum": False}}
    first = {"name": "vlen-utf8", "configuration": {}} if text else _LITTLE
    raw = VLenUTF8().encode(np.array(values, object)) if text else np.array(values, "<f8")
    shape = (len(values),)
    kind, fill = ("string", "") if text else ("float64", 0.0)
    return array(shape, shape, (dim,), kind, fill, (first, zstd)), bytes(Zstd(0).encode(raw))


def written(description: Description) -> bytes:
    """A description as it lies in a file."""
    return json.dumps(description, indent=2).encode()
