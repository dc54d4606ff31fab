"""Who fills a store in a bucket: a lease in place of a lock, and a record that only its holder can write.

The lease is the object ``status/0/lock``. Its holder writes it anew every few seconds, always on the condition that it
is what it wrote last (``If-Match``). Whoever finds one that does not change for :data:`SECONDS` takes it over, by the
same condition: clocks of different machines are not compared. The new holder then puts its own token behind each
record of finished blocks, so that these have other ETags, and a holder that was superseded can record nothing more.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from physics.errors import InputError
from scanner.scans import objects
from scanner.scans.addresses import Address

LOCK = "status/0/lock"  # among the chunks of an array, where other programs that read a store do not look
SECONDS = 30.0  # without a change, after which a lease is void
LOOKING = 0.5  # s, between two looks at a lease that may be void
ENDING = 5.0  # s, for the last renewal of a lease that is given back
MARKINGS = (
    20  # of a record that its last holder still writes; it can do so once after each look at most
)
_RECORD = re.compile(r"\d+/c(\.\d+)*")
_TOKEN_BEGINS, _TOKEN_ENDS = b"\x1f\x8b\x08\x10\0\0\0\0\0\xfflease ", b"\0\x03\0" + bytes(8)
_TOKEN_LENGTH = len(_TOKEN_BEGINS) + 32 + len(_TOKEN_ENDS)
_held: dict[Address, Lease] = {}
_seen: dict[
    Address, tuple[str, float]
] = {}  # leases of others, and since when they are as they are
_waits = ContextVar("waits", default=True)
log = logging.getLogger("dipolescan")


class BusyError(InputError):
    """A store that another run fills."""


class Lease:
    """The right to fill a store.

    Parameters
    ----------
    store : Address
    holder : str
        Written into the lease.
    """

    def __init__(self, store: Address, holder: str):
        self._store, self._holder = store, holder
        self.token, self._turn, self._etag = uuid4().hex, 0, ""
        self._records: dict[str, str] = {}
        self._over = threading.Event()

    def take(self, supersedes: Callable[[str], bool]) -> None:
        """Take it, if nobody has it, or who has it seems to be gone.

        Raises
        ------
        BusyError
            If another run has it.
        """
        place = self._store / LOCK
        try:
            self._etag = objects.put_once(place, self._content(), objects.NEW)
        except objects.ConditionError:
            self._take_over(place, supersedes)
        try:
            self._mark_records()
            objects.sweep_probes(self._store)
        except BaseException:
            self.give_back()
            raise

    def _take_over(self, place: Address, supersedes: Callable[[str], bool]) -> None:
        busy = BusyError(
            f"{self._store} is being filled by another run; wait for it or stop it first"
        )
        try:
            raw, etag = objects.get(place)
            found = _parsed(bytes(raw))
            if not (found.get("free") or supersedes(str(found.get("holder", "")))):
                self._watch(place, etag, busy)
            self._etag = objects.put_once(place, self._content(), etag)
        except (objects.ConditionError, FileNotFoundError):
            raise busy from None

    def _watch(self, place: Address, etag: str, busy: BusyError) -> None:
        """Return when a lease has not changed for long enough to be void.

        Two looks tell that, as each writing gives it another ETag; who may not wait comes again for the second.
        """
        known, since = _seen.get(place, ("", 0.0))
        if known != etag:
            since = time.monotonic()
            _seen[place] = etag, since
        if time.monotonic() >= since + SECONDS:
            return
        if not _waits.get():
            raise busy
        log.warning(
            "%s: another run fills it or was killed; this one begins if the other says nothing for %.0f s",
            self._store, SECONDS,
        )  # fmt: skip
        while time.monotonic() < since + SECONDS:
            time.sleep(min(LOOKING, SECONDS))
            found = objects.head(place)
            if found is None or found[0] != etag:
                raise busy

    def _mark_records(self) -> None:
        """Put the token behind each record, so that nobody else can write it any more."""
        for name in [name for name, _ in objects.below(self._store / "status")]:
            if _RECORD.fullmatch(name):
                self._mark(f"status/{name}")

    def _mark(self, key: str) -> None:
        """Put the token behind a record as it is now; who had the lease may have written since it was read."""
        for turn in range(MARKINGS):
            content, self._records[key] = objects.get(self._store / key)
            try:
                return self._write(key, without_token(bytes(content)))
            except objects.ConditionError:
                time.sleep(min(LOOKING, 0.01 * turn))
        raise BusyError(
            f"{self._store} is being written by another run or program all the time; stop it first"
        )

    def record(self, key: str, content: bytes) -> None:
        """Write a record of finished blocks.

        Raises
        ------
        BusyError
            If another run has taken over.
        """
        try:
            self._write(key, content)
        except objects.ConditionError:
            raise BusyError(
                f"{self._store} was taken over by another run, or changed by another program; this run records "
                "nothing more there"
            ) from None

    def _write(self, key: str, content: bytes) -> None:
        signed = content + _TOKEN_BEGINS + self.token.encode() + _TOKEN_ENDS
        etag = self._records.get(key, objects.NEW)
        self._records[key] = objects.put_once(self._store / key, signed, etag)

    def check(self) -> None:
        """Ask the server whose it is.

        Raises
        ------
        BusyError
            If another run has taken over.
        """
        with suppress(FileNotFoundError):
            if _parsed(bytes(objects.get(self._store / LOCK)[0])).get("token") == self.token:
                return
        raise BusyError(f"{self._store} was taken over by another run")

    def renew(self) -> None:
        """Write the lease anew every few seconds, until it is given back or lost."""
        while not self._over.wait(SECONDS / 3):
            with suppress(
                objects.ObjectsError
            ):  # it is tried again; the record is safe in any case
                try:
                    self._turn += 1
                    self._etag = objects.put_once(self._store / LOCK, self._content(), self._etag)
                except objects.ConditionError:
                    return

    def give_back(self) -> None:
        """Let others take it at once."""
        with suppress(objects.ObjectsError, objects.ConditionError):
            objects.put_once(self._store / LOCK, self._content(free=True), self._etag)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew it in another thread for a while."""
        thread = threading.Thread(target=self.renew, name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join(ENDING)  # what it writes later meets a lease with another ETag

    def _content(self, **more: Any) -> bytes:
        said = {"holder": self._holder, "token": self.token, "turn": self._turn, **more}
        return json.dumps(said).encode()


def _parsed(content: bytes) -> dict[str, Any]:
    """What a lease says; nothing if it is none."""
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def without_token(content: bytes) -> bytes:
    """A record without the empty gzip member at its end that has the token of a lease."""
    end = content[-_TOKEN_LENGTH:]
    signed = end.startswith(_TOKEN_BEGINS) and end.endswith(_TOKEN_ENDS)
    return content[:-_TOKEN_LENGTH] if signed and len(end) == _TOKEN_LENGTH else content


@contextmanager
def without_waiting() -> Iterator[None]:
    """Refuse a lease that may be void at once: who serves others looks again later, and takes it then."""
    before = _waits.set(False)
    try:
        yield
    finally:
        _waits.reset(before)


@contextmanager
def leased(store: Address, holder: str, supersedes: Callable[[str], bool]) -> Iterator[None]:
    """Keep a second runner out; see :func:`scanner.scans.lock.locked`.

    Raises
    ------
    BusyError
        If another runner has the store.
    ObjectsError
        If the server cannot keep it out, or the store cannot be written.
    """
    if store in _held:
        raise BusyError(f"{store} is being filled by this process already; wait for it")
    objects.check_conditions(store)
    lease = Lease(store, holder)
    lease.take(supersedes)
    _held[store] = lease
    try:
        with lease.kept():
            yield
    finally:
        _held.pop(store, None)
        lease.give_back()


def record(store: Address, key: str, content: bytes) -> None:
    """Write a record of finished blocks of a store whose lease this process has.

    Raises
    ------
    BusyError
        If it has not, or another run has taken over.
    """
    _lease_of(store).record(key, content)


def check(store: Address) -> None:
    """Ask the server whether this process still has the lease of a store.

    Raises
    ------
    BusyError
        If it has not, or another run has taken over.
    ObjectsError
        If that cannot be known.
    """
    _lease_of(store).check()


def _lease_of(store: Address) -> Lease:
    lease = _held.get(store)
    if lease is None:
        raise BusyError(f"{store} is not being filled by this process; nothing is recorded there")
    return lease
