"""A scan as a job of the runner: blocks of a store, what is done and failed, and where it stands."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from functools import partial
from pathlib import Path

from physics.errors import InputError
from scanner.scans import filling
from scanner.scans.creation import open_or_create
from scanner.scans.objects import ServerFaultError, doubt_server
from scanner.scans.plan import Block, Blocks, make_plan
from scanner.scans.record import DONE, FAILED, TODO
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DamagedStoreError, Store
from scanner.scans.tables import all_resources
from scanner.scans.verify import check, mend_descriptions, restore_record
from scanner.scans.work import begin_block
from schedulers.errors import DeadlyBlockError, LedgerError
from schedulers.jobs import Death, RecordedJob, Standing
from schedulers.suspects import ADVICE

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_ACCESS = (errno.EROFS, errno.EACCES, errno.EPERM)
KEPT_FAILURES = 1000  # blocks whose traceback is kept; the others are counted
TOLD_DEATHS = 100  # of workers; later ones are counted only
MARK_SECONDS = 0.5  # finished blocks are recorded together, at most this late


class ScanJob(RecordedJob[Block]):
    """A scan that fills its store.

    Parameters
    ----------
    spec : ScanSpec
    path : Path
        Of the store; made if it is not there, continued if it holds the same scan.
    key, owner, priority
        See :class:`schedulers.jobs.Job`.
    guard : callable
        Context manager around everything that is recorded: it raises
        :class:`~schedulers.errors.FencedError` once another runner has taken over.
    holder : str
        Written into the store's lock.
    supersedes : callable
        Whether the lock of another holder may be broken.
    say : callable
        Told a sentence when a worker dies with blocks of the scan.

    Raises
    ------
    InputError
        If a resource of the scan is missing or altered, or the scan cannot be cut into blocks.
    """

    def __init__(
        self,
        spec: ScanSpec,
        path: Path,
        *,
        key: str = "run",
        owner: str = "",
        priority: int = 0,
        guard: Callable[[], AbstractContextManager[object]] = nullcontext,
        holder: str = "",
        supersedes: Callable[[str], bool] = lambda _: False,
        say: Callable[[str], None] = lambda _: None,
    ):
        self._say, self._deaths = say, 0
        self.key, self.owner, self.priority = key, owner, priority
        self.path, self.plan, self.checksums = path, make_plan(spec), all_resources(spec)
        self.error: BaseException | None = None
        self._failures: list[tuple[str, str, str]] = []
        self.computed = 0
        self._guard = guard
        self._lock = partial(Store.locked, holder=holder, supersedes=supersedes)
        self._held = ExitStack()
        self._store: Store | None = None
        self._ended: dict[int, list[Block]] = {DONE: [], FAILED: []}
        self.damaged: dict[Block, str] | None = None  # finished blocks, when the store was opened
        self.mended: list[str] = []
        self._marked = time.monotonic()
        self._points_now = self._lost = self._done = self._failed = self._points_before = 0
        self._points: int | None = None

    # ---- what the runner asks ----------------------------------------------------------------

    def waiting(self) -> Blocks:
        """Blocks that are not done."""
        store = self.open()
        missing = store.blocks(TODO, FAILED)
        self._points = self._points or self.plan.points
        self._points_before = self._points - self.plan.points_of_all(missing) - self._points_now
        self._done = len(self.plan.blocks) - len(missing)
        self._failures, self._failed = [], 0
        self.function = partial(begin_block, str(self.path.resolve()), store.identity)
        return missing

    def done(self, block: Block) -> None:
        """Remember a finished block; it is recorded a moment later, with others."""
        self._ended[DONE].append(block)
        self._done += 1
        self.computed += 1
        self._points_now += self.plan.points_of(block)
        self.tick()

    def failed(self, block: Block, error: BaseException, traceback: str) -> None:
        """Set a block aside."""
        self._failed += 1
        if len(self._failures) < KEPT_FAILURES:
            words = " ".join(str(error).split())
            if not isinstance(error, DeadlyBlockError):
                words = f"{type(error).__name__}: {words}"
            self._failures.append((self.where(block), words, traceback))
        self._ended[FAILED].append(block)
        self.tick()

    def hopeless(self, error: BaseException) -> bool:
        """A full or read-only disk, or a store that is not the one to be filled; a server that is away comes again."""
        if isinstance(error, OSError):
            return error.errno in (*_NO_SPACE, *_NO_ACCESS)
        return isinstance(error, InputError) and not isinstance(error, ServerFaultError)

    def gave_up(self, error: BaseException) -> None:
        """Keep the error; what is finished is recorded as far as that is possible."""
        self._note(error)
        with suppress(LedgerError):  # of the queue: it is tried again when the scan is concluded
            self.settle()

    def lost_worker(self, death: Death[Block]) -> None:
        """Count its blocks, and tell of it."""
        self._lost += death.blocks
        self._deaths += 1
        if self._deaths > TOLD_DEATHS:
            return
        place = death.worker.rpartition("://")[2]
        how = "was ended for the memory that it used" if death.memory else "died"
        sent = "the block is" if death.blocks == 1 else f"{death.blocks} blocks are"
        then = f"{sent} sent again"
        doing = ""
        if death.suspects:
            others = len(death.suspects) - 1
            doing = f" while it computed or wrote {self.where(death.suspects[0])}" + (
                f" or {'another' if others == 1 else f'one of {others} others'} that travelled with it"
                if others
                else ""
            )
        if death.aside:
            then = (
                "not the first one, most likely for want of memory; the block is set aside until all others are done, "
                f"and tried again then; if it fails, {ADVICE}"
            )
        self._say(f"a worker ({place}) {how}{doing}; {then}")

    def tick(self) -> None:
        """Record what has finished, now and then."""
        if any(self._ended.values()) and time.monotonic() - self._marked > MARK_SECONDS:
            self._marked = time.monotonic()
            with suppress(LedgerError):  # of the queue, not of this scan: kept, and tried again
                self.flush()

    # ---- what its user asks ------------------------------------------------------------------

    def complete(self) -> bool:
        """Whether the store is there, every file of it is sound, and nothing is left to do.

        Raises
        ------
        InputError
            If the place holds something else.
        """
        if not self.path.exists():
            return False
        store = open_or_create(self.path, self.plan, self.checksums)
        self.plan = store.plan
        if store.damaged_descriptions():
            with self._lock(store):
                self.mended += mend_descriptions(self.path)
        try:
            self.damaged = check(store)
            return not store.blocks(TODO, FAILED) and not self.damaged
        except DamagedStoreError:  # of the record: it is made again once the store is locked
            return False

    def flush(self) -> None:
        """Record all blocks that have ended.

        Raises
        ------
        FencedError
            If another runner has taken over.
        LedgerError
            If that cannot be known now; the blocks are kept.
        """
        if not any(self._ended.values()):
            return
        with self._guard():
            ended, self._ended = self._ended, {DONE: [], FAILED: []}
            for state, blocks in ended.items():
                self._opened.mark(blocks, state)
        self._marked = time.monotonic()

    def settle(self) -> None:
        """:meth:`flush`; blocks that cannot be recorded are computed again, and the error is kept."""
        try:
            self.flush()
        except (OSError, InputError) as error:
            self._note(error)

    def _note(self, error: BaseException) -> None:
        self.error = self.error or error
        if isinstance(error, ServerFaultError):
            doubt_server()  # others wait while this scan is closed

    def close(self) -> None:
        """Unlock the store."""
        self._held.close()
        self._store = self.damaged = None

    def standing(self) -> Standing:
        """Where it stands."""
        return Standing(
            blocks=len(self.plan.blocks),
            blocks_done=self._done,
            blocks_failed=self._failed,
            points=self._points or self.plan.points,
            points_done=self._points_before + self._points_now,
            points_now=self._points_now,
            lost_workers=self._lost,
        )

    def failures(self) -> list[tuple[str, str, str]]:
        """Place, error and traceback of the first blocks that failed, at most :data:`KEPT_FAILURES`."""
        return self._failures

    def explanation(self) -> str:
        """Why it gave up, in one sentence; empty if it did not."""
        error = self.error
        if error is None:
            return ""
        if isinstance(error, OSError) and error.errno in _NO_SPACE:
            return (
                f"no space left for {self.path}; free some and run again: finished blocks are kept"
            )
        if isinstance(error, OSError):
            reason = error.strerror or " ".join(str(error).split())
            return f"{self.path} cannot be written ({reason}); finished blocks are kept"
        if isinstance(error, InputError | DeadlyBlockError):
            return str(error)
        return f"{type(error).__name__}: {' '.join(str(error).split())}"

    def may_pass(self) -> bool:
        """Whether the server of a bucket was away."""
        return isinstance(self.error, ServerFaultError)

    def where(self, block: Block) -> str:
        """A block in words: the range of each of its axes."""
        task = self.plan.tasks[block.task]
        words = []
        for dim, part in task.selection(block.index).items():
            values = task.task.axes[dim][part]
            words.append(f"{dim} {values[0]}" + (f" to {values[-1]}" if len(values) > 1 else ""))
        return ", ".join(words)

    # ---- details -----------------------------------------------------------------------------

    @property
    def _opened(self) -> Store:
        assert self._store is not None, "waiting() opens the store"
        return self._store

    def open(self) -> Store:
        """Make or open the store, and lock it.

        Raises
        ------
        InputError
            If the place holds something else, or another run fills it (:class:`scanner.scans.lock.BusyError`).
        """
        if self._store is None:
            with self._guard():
                store = open_or_create(self.path, self.plan, self.checksums)
            self._held.enter_context(self._lock(store))
            filling.begin()
            self._store, self.plan = store, store.plan  # cut as it was when it was made
            store.sweep()
            with self._guard():
                self.mended += mend_descriptions(self.path) + restore_record(store)
            if self.damaged is None:
                self.damaged = check(store)
            if self.damaged:
                with self._guard():
                    store.mark(list(self.damaged), TODO)
        return self._store
