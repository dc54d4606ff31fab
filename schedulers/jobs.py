"""What the runner is given: blocks, a function for workers, and where to tell what came of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

B = TypeVar("B", bound=Hashable)


@dataclass(frozen=True)
class Death(Generic[B]):
    """A worker that died with blocks of a job.

    Attributes
    ----------
    worker : str
        Its address.
    blocks : int
        Those that were on it.
    suspects : tuple
        Those that it was computing, one after another, and may have died of.
    memory : bool
        Whether it was ended for the memory that it used.
    aside : bool
        Whether the suspect, one alone, is set aside until all others are done, as it has lost a worker before.
    """

    worker: str
    blocks: int
    suspects: tuple[B, ...]
    memory: bool = False
    aside: bool = False


class Job(ABC, Generic[B]):
    """Blocks that one user wants computed.

    All methods but ``function`` are called in the runner's process. An error that one of them raises ends this job
    (:meth:`gave_up`) and no other; only :class:`~schedulers.errors.FencedError` ends the runner.

    Attributes
    ----------
    key : str
        Names the job.
    owner : str
        Owners are served in turn.
    priority : int
        Among the jobs of one owner the highest comes first, then the oldest.
    function : callable
        Run on workers; takes a block. Picklable. A block may be computed twice, and must then give the same. If it
        returns something that can be called, that is the rest of the block, which needs no processor: it is called in
        a thread beside the next block, and the block is done when it has ended.
    """

    key: str
    owner: str = ""
    priority: int = 0
    function: Callable[[B], object]

    @abstractmethod
    def waiting(self) -> Iterable[B]:
        """Blocks to compute; asked again, from what is recorded, after a cluster was lost."""

    @abstractmethod
    def done(self, block: B) -> None:
        """A block is computed."""

    @abstractmethod
    def failed(self, block: B, error: BaseException, traceback: str) -> None:
        """A block has failed for good; the others go on."""

    @abstractmethod
    def hopeless(self, error: BaseException) -> bool:
        """Whether no other block of this job can succeed either (a full disk)."""

    @abstractmethod
    def gave_up(self, error: BaseException) -> None:
        """The job is ended by an error that concerns all its blocks."""

    def lost_worker(self, death: Death[B]) -> None:
        """Blocks are sent again because their worker died."""

    def tick(self) -> None:
        """Called several times a second."""


@dataclass(frozen=True)
class Standing:
    """How far a job is.

    Attributes
    ----------
    blocks, blocks_done, blocks_failed : int
        All, those finished (earlier runs included), and those set aside by this run.
    points, points_done, points_now : int
        The same in cells of counts; ``points_now`` were filled by this run.
    lost_workers : int
        Blocks sent again because their worker died.
    """

    blocks: int
    blocks_done: int
    blocks_failed: int
    points: int
    points_done: int
    points_now: int
    lost_workers: int


class RecordedJob(Job[B]):
    """A job that a queue can keep a record of."""

    @abstractmethod
    def standing(self) -> Standing:
        """How far it is."""

    @abstractmethod
    def explanation(self) -> str:
        """Why it gave up, in one sentence; empty if it did not."""

    def may_pass(self) -> bool:
        """Whether why it gave up may pass by itself, so that it is to be tried again."""
        return False

    @abstractmethod
    def failures(self) -> list[tuple[str, str, str]]:
        """Place, error and traceback of blocks that failed; of very many the first ones."""

    @abstractmethod
    def settle(self) -> None:
        """Record what has finished; never raises for lack of space."""

    @abstractmethod
    def close(self) -> None:
        """Let go of what is held."""
