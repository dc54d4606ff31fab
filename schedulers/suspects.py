"""Blocks whose worker died while it computed them: which is to blame, and when to believe it.

A worker that dies may have been killed for anything, or by its block: one that needs more memory than there is. So
blocks that it computed are tried again, each alone; one whose worker dies a second time is set aside until all others
of its job are done, and then tried a last few times. Where other workers die of blocks that are then computed without
trouble, somebody kills workers, and a block is given as many more trials. A block whose worker was ended for the
memory that it used, with nothing else there, is given none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from enum import Enum
from typing import TypeAlias

Named: TypeAlias = tuple[str, Hashable]  # a job's key and a block of it

DEATHS = 2  # of a block's workers, until it is set aside
LAST = 3  # trials when all else is done
MANY = 10  # blocks set aside; if none was done before, none will be
ADVICE = (
    "give workers more memory (fewer --workers on a machine, a larger memory limit of a job), "
    "or use a new store with smaller blocks (execution.block_size)"
)
PATIENCE = 20  # further trials, at most, where workers die without their blocks' fault


class Verdict(Enum):
    """What to do with a block whose worker died."""

    ALONE = "alone"
    LAST = "last"
    GUILTY = "guilty"


class Suspects:
    """Blocks of all jobs."""

    def __init__(self) -> None:
        self._deaths: Counter[Named] = Counter()
        self._unexplained: list[set[Named]] = []  # what each worker had that may have died of it
        self.innocent = 0  # workers that died though all that they had was done later

    def deaths(self, block: Named) -> int:
        """How many workers died while they computed a block."""
        return self._deaths[block]

    def died(self, suspects: Iterable[Named], present: Iterable[Named]) -> None:
        """A worker died while it most likely computed one of the suspects; all these were on it."""
        self._deaths.update(set(suspects))
        self._unexplained.append(set(present))

    def done(self, block: Named) -> None:
        """A block is computed: no worker died of it."""
        if not self._unexplained:
            return
        self._deaths.pop(block, None)
        for blocks in self._unexplained:
            blocks.discard(block)
        left = [blocks for blocks in self._unexplained if blocks]
        self.innocent += len(self._unexplained) - len(left)
        self._unexplained = left

    def verdict(self, block: Named, certain: bool) -> Verdict:
        """What to do with a block after another death.

        Parameters
        ----------
        block
        certain : bool
            Whether the worker was ended for the memory that it used, and had nothing but this block.
        """
        deaths = self._deaths[block]
        if deaths < DEATHS:
            return Verdict.ALONE
        more = LAST + min(self.innocent + self._elsewhere(block), PATIENCE)
        return Verdict.GUILTY if certain or deaths >= DEATHS + more else Verdict.LAST

    def _elsewhere(self, block: Named) -> int:
        """How many workers died of neither this block nor another that is known to be deadly."""
        return sum(
            block not in blocks and all(self._deaths[other] < DEATHS for other in blocks)
            for blocks in self._unexplained
        )

    def forget(self, key: str) -> None:
        """Forget the blocks of a job: they may come again with it."""
        for block in [block for block in self._deaths if block[0] == key]:
            del self._deaths[block]
        left = [{block for block in blocks if block[0] != key} for blocks in self._unexplained]
        self._unexplained = [blocks for blocks in left if blocks]
