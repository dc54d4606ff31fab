"""Whether a stored scan has the sampling error that its spec asks for: in every sum over channels, or where not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from scanner.scans.plan import Block
from scanner.scans.store import DONE, Store

NAME = "largest_error"
MOST_BLOCKS = 20_000  # each has a file of its own for each search


@dataclass(frozen=True)
class AskedError:
    """What was asked for, and what is stated.

    Attributes
    ----------
    error : float
        Asked for, of the sum over channels.
    sums : int
        Counts along the coupling that are computed, one for each search, mass and label, if something is expected.
    met : int
        How many of them state no larger error wherever one is asked for.
    largest : float
        Error of all that are stated where one is asked for; zero if there is none.
    where : mapping
        Search and values of the axes of the largest.
    points : int
        The most that one decay may have.
    """

    error: float
    sums: int
    met: int
    largest: float
    where: dict[str, Any]
    points: int

    def as_data(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    def __str__(self) -> str:
        met = f"{self.met:,} of {self.sums:,} sums over channels state an error of at most {self.error:g}"
        if self.met == self.sums:
            return met
        where = ", ".join(
            f"{k} {v if isinstance(v, str) else f'{v:g}'}" for k, v in self.where.items()
        )
        return (
            f"{met}; the largest is {self.largest:.2g} ({where}): raise sampling.points, "
            f"now {self.points:,}, for less"
        )


def asked_error(store: Store) -> AskedError | None:
    """Compare what is stored with what was asked for; None if no error was, or if there are too many blocks.

    Raises
    ------
    DamagedError
        If a file is missing or altered.
    """
    error = store.spec.sampling.get("error")
    if error is None or len(store.plan.blocks) > MOST_BLOCKS:
        return None
    sums = met = 0
    largest, where = 0.0, dict[str, Any]()
    for block in store.blocks(DONE):
        for experiment, dims, values in _stated(store, block):
            known = np.isfinite(values)
            sums += int(known.sum())
            met += int((values[known] <= error).sum())
            if known.any() and np.nanmax(values) > largest:
                largest = float(np.nanmax(values))
                place = np.unravel_index(int(np.nanargmax(values)), values.shape)
                where = {"experiment": experiment} | {
                    dim: of[i] for (dim, of), i in zip(dims.items(), place, strict=True)
                }
    return AskedError(error, sums, met, largest, where, int(store.spec.sampling["points"]))


def _stated(store: Store, block: Block) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Search, values of its axes in the block, and what is stated there."""
    plan = store.plan.tasks[block.task]
    if NAME not in plan.variables:
        return
    region, cut = plan.region(NAME, block.index), plan.selection(block.index)
    dims = {
        dim: plan.task.axes[dim][cut.get(dim, slice(None))] for dim in plan.variables[NAME].dims
    }
    for search in plan.task.experiments:
        yield search.tag, dims, store.read(block.task, search.tag, NAME, region)
