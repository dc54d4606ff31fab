"""A job on a cluster: which of its blocks are sent next, and how many travel together."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic

from schedulers.jobs import B, Job

MAX_BATCH = 256


@dataclass
class Active(Generic[B]):
    """A job on the cluster.

    Attributes
    ----------
    again : deque
        Batches that are sent again.
    held : deque
        Blocks of which workers died; tried when all others are done.
    fruitful : bool
        Whether a block was ever done.
    """

    job: Job[B]
    number: int
    waiting: Iterator[B]
    again: deque[list[B]] = field(default_factory=deque)
    held: deque[B] = field(default_factory=deque)
    attempts: dict[B, int] = field(default_factory=dict)
    flying: int = 0
    exhausted: bool = False
    paused: bool = False
    batch: int = 1
    fruitful: bool = False
    ended: int = 0
    since: float = field(default_factory=time.monotonic)

    @property
    def owner(self) -> str:
        """Of the job."""
        return self.job.owner

    @property
    def priority(self) -> int:
        """Of the job."""
        return self.job.priority

    @property
    def unsent(self) -> bool:
        """Whether blocks are left to be sent."""
        return bool(self.again or self.held) or not self.exhausted

    @property
    def ready(self) -> bool:
        """Whether blocks can be sent now."""
        return not self.paused and (
            bool(self.again) or not self.exhausted or (bool(self.held) and not self.flying)
        )

    def take(self) -> list[B]:
        """The next blocks to send."""
        if self.again:
            return self.again.popleft()
        if self.exhausted and self.held:
            return [self.held.popleft()]
        found = list(itertools.islice(self.waiting, self.batch))
        self.exhausted = len(found) < self.batch
        return found

    def learn(self, blocks: int, threads: int, seconds: float) -> None:
        """Choose how many blocks travel together so that a batch takes about ``seconds``."""
        self.ended += blocks
        now = time.monotonic()
        passed = now - self.since
        if self.ended >= 2 * threads and passed > seconds / 2:
            fits = int(seconds * self.ended / (passed * threads))
            self.batch = max(1, min(fits, 8 * self.batch, MAX_BATCH))
            self.ended, self.since = 0, now
