"""A block on its way into its store: what a kernel found is checked, rounded and packed, and then written.

Packing takes the processor and the memory of what was found. Writing takes neither, so that it can go on beside the
next block.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from physics.numerics.arrays import Array
from scanner.scans import objects
from scanner.scans.pieces import Packing
from scanner.scans.plan import TOTAL, TaskPlan
from scanner.scans.rounding import ROUNDED, round_mantissa
from scanner.scans.writing import sync, write_whole


@dataclass(frozen=True)
class PackedBlock:
    """The files of a block, in memory.

    Attributes
    ----------
    files : mapping
        Path to the parts of its content, in the order of writing.
    synced : bool
        Whether they are brought to the disk.
    """

    files: Mapping[Path, Sequence[bytes]]
    synced: bool

    def write(self) -> None:
        """Write all files, each whole; when this returns the block is stored.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        if objects.put_all(self.files):
            return
        for path, parts in self.files.items():
            write_whole(path, *parts)
        if self.synced:
            sync(self.files)


def packed_arrays(
    experiment: str,
    found: Mapping[str, Array],
    plan: TaskPlan,
    packings: Mapping[str, Packing],
    bits: int,
) -> dict[str, list[bytes]]:
    """Pack what a kernel found for one experiment, and the sum over channels, which is made before anything is rounded.

    Parameters
    ----------
    experiment : str
    found : mapping
        Variable to array, of the block's shape.
    plan : TaskPlan
    packings : mapping
        Variable to how its files are packed.
    bits : int
        Of mantissa of counts.

    Returns
    -------
    dict
        Variable to the parts of its file.

    Raises
    ------
    ValueError
        If counts are not finite and positive or zero.
    """
    if TOTAL in plan.variables:
        axis = plan.variables["counts"].dims.index("channel")
        found = {**found, TOTAL: found["counts"].sum(axis=axis)}
    parts = {}
    for name, values in found.items():
        checked = f"{experiment}/{name}" if name == "counts" else ""
        prepare = partial(_rounded, bits=bits, checked=checked) if name in ROUNDED else _unchanged
        parts[name] = packings[name].pack(values, prepare)
    return parts


def _unchanged(piece: Array) -> None:
    pass


def _rounded(piece: Array, bits: int, checked: str) -> None:
    if checked and not are_counts(piece):
        raise ValueError(f"{checked} has values that are not finite counts")
    rounded = round_mantissa(piece, bits)
    if rounded is not piece:  # a piece at the end of an axis is not contiguous
        piece[...] = rounded


def are_counts(values: Array) -> bool:
    """Whether values are finite, and positive or zero."""
    return not values.size or bool(0 <= values.min() <= values.max() < math.inf)
