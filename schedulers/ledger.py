"""The ledger of the queue: every scan, what became of it, and who may write. The only module that touches SQLite.

One process writes, the runner that holds the lease; each of its transactions checks that it still does. Anybody may
read. Blocks are not recorded here but in the stores.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from schedulers.errors import (
    BusyLedgerError,
    DamagedLedgerError,
    FencedError,
    LedgerError,
    QueueError,
)
from schedulers.naming import chosen
from schedulers.records import FINISHED, NOTICES, SCHEMA, STATES, VERSION, Due, Lease, Scan
from schedulers.whole import synced, whole_file

PATIENCE = 5.0  # s, while another process holds the file
_KINDS: dict[int, type[LedgerError]] = {
    sqlite3.SQLITE_CORRUPT: DamagedLedgerError,
    sqlite3.SQLITE_NOTADB: DamagedLedgerError,
    sqlite3.SQLITE_BUSY: BusyLedgerError,
    sqlite3.SQLITE_LOCKED: BusyLedgerError,
}

_COLUMNS = tuple(f.name for f in fields(Scan))
_BRIEF = ", ".join("'' AS spec" if c == "spec" else c for c in _COLUMNS)


def _holds_something(path: Path) -> bool:
    """Whether a file is there and has got its first content: that takes SQLite a moment."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


class Ledger:
    """The ledger file.

    Parameters
    ----------
    path : Path
    writable : bool
    create : bool
        Make it if it is not there.

    Raises
    ------
    QueueError
        If it is not there or has another format.
    LedgerError
        If it cannot be read; :class:`~schedulers.errors.DamagedLedgerError` if it never will be.
    """

    def __init__(self, path: Path, writable: bool = False, create: bool = False):
        self.path = path
        self.token: int | None = None
        if not create and not _holds_something(path):
            raise QueueError(f"there is no queue at {path.parent}; 'dipolescan serve' makes one")
        with self._understood("read"), ExitStack() as failing:
            self._db = self._connect(writable, create)
            failing.callback(self.close)
            self._prepare(create)
            failing.pop_all()
        self._file = self._found()

    def _connect(self, writable: bool, create: bool) -> sqlite3.Connection:
        # a reader that may write can finish what a writer that died has begun
        mode = "rwc" if create else "rw" if os.access(self.path, os.W_OK) else "ro"
        db = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False,
        )  # fmt: skip
        if not writable:
            db.execute("PRAGMA query_only = ON")
        return db

    def _prepare(self, create: bool) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found == 0 and create:
            self.path.chmod(0o600)  # the service of a shared queue opens it
            with self._transaction():
                if not self._db.execute("SELECT name FROM sqlite_master").fetchone():
                    for statement in SCHEMA.split(";\n"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {VERSION}")
            found = VERSION
        if found != VERSION:
            raise QueueError(
                f"{self.path} has the format {found}, this version reads {VERSION}"
                if found
                else f"{self.path} is empty or no ledger; set it aside"
            )
        if create:
            self._db.execute(NOTICES)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # ---- reading -----------------------------------------------------------------------------

    def scans(self, *states: str, brief: bool = True) -> list[Scan]:
        """Scans in these states (all if none are given), in the order of acceptance.

        With ``brief`` the text of the spec is left out.
        """
        where = f" WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        columns = _BRIEF if brief else ", ".join(_COLUMNS)
        return [
            Scan(*r)
            for r in self._rows(f"SELECT {columns} FROM scans{where} ORDER BY number", *states)
        ]

    def finished(self, most: int) -> list[Scan]:
        """The last scans that ended, the latest last; without their specs."""
        where = f"WHERE state IN ({', '.join('?' * len(FINISHED))})"
        rows = self._rows(
            f"SELECT {_BRIEF} FROM scans {where} ORDER BY finished DESC, number DESC LIMIT ?",
            *FINISHED,
            most,
        )
        return [Scan(*row) for row in reversed(rows)]

    def scan(self, id: str, whole: bool = False) -> Scan:
        """One scan, by its ID or, unless ``whole``, by its name or a unique beginning.

        Raises
        ------
        QueueError
            If there is none, or several.
        """
        query = f"SELECT {', '.join(_COLUMNS)} FROM scans WHERE id = ?"
        rows = self._rows(query, id)
        if not rows:
            rows = self._rows(query, chosen(id, [] if whole else self.beginning(id)))
        return Scan(*rows[0])

    def beginning(self, text: str) -> list[str]:
        """IDs of scans that begin so."""
        rows = self._rows("SELECT id FROM scans WHERE substr(id, 1, ?) = ?", len(text), text)
        return [id for (id,) in rows]

    def counts(self) -> dict[str, int]:
        """Number of scans by state."""
        found = dict(self._rows("SELECT state, count(*) FROM scans GROUP BY state"))
        return {state: found.get(state, 0) for state in STATES}

    def events(self, id: str) -> list[dict[str, Any]]:
        """What happened to a scan, in order."""
        rows = self._rows(
            "SELECT time, what, who, detail FROM events WHERE scan = ? ORDER BY number", id
        )
        return [dict(zip(("time", "what", "who", "detail"), row, strict=True)) for row in rows]

    def failures(self, id: str) -> list[dict[str, str]]:
        """Blocks of a scan that failed."""
        rows = self._rows("SELECT place, error, traceback FROM failures WHERE scan = ?", id)
        return [dict(zip(("place", "error", "traceback"), row, strict=True)) for row in rows]

    def has(self, id: str) -> bool:
        """Whether there is a scan of this ID."""
        return bool(self._rows("SELECT 1 FROM scans WHERE id = ?", id))

    def due(self) -> list[Due]:
        """Notices of scans that have ended, and of whose end nobody was told."""
        rows = self._rows(
            "SELECT n.number, n.scan, n.target, s.finished FROM notices n JOIN scans s ON s.id = n.scan "
            f"WHERE s.state IN ({', '.join('?' * len(FINISHED))}) AND s.finished IS NOT NULL "
            "AND n.told IS NOT s.finished ORDER BY n.number",
            *FINISHED,
        )
        return [Due(*row) for row in rows]

    def lease(self) -> Lease:
        """Who may write."""
        return Lease(*self._rows("SELECT token, holder, beat FROM lease")[0])

    def sound(self) -> bool:
        """Whether the file is undamaged."""
        try:
            return bool(self._rows("PRAGMA quick_check")[0][0] == "ok")
        except DamagedLedgerError:
            return False

    def _rows(self, query: str, *words: Any) -> list[tuple[Any, ...]]:
        with self._understood("read"):
            return self._db.execute(query, words).fetchall()

    @contextmanager
    def _understood(self, what: str, path: Path | None = None) -> Iterator[None]:
        """Errors of SQLite in words."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            kind = _KINDS.get(code, LedgerError)
            raise kind(f"{path or self.path} cannot be {what} ({error})") from None

    def _found(self) -> tuple[int, int] | None:
        try:
            about = self.path.stat()
        except OSError:
            return None
        return about.st_dev, about.st_ino

    # ---- writing -----------------------------------------------------------------------------

    def take(self, seen: Lease, holder: str) -> bool:
        """Become the writer, unless another one was faster or beats again; whether that worked."""
        with self._transaction():
            if self.lease() != seen:
                return False
            self._db.execute(
                "UPDATE lease SET token = ?, holder = ?, beat = 0", (seen.token + 1, holder)
            )
        self.token = seen.token + 1
        return True

    @contextmanager
    def guard(self) -> Iterator[None]:
        """A transaction in which nobody else can become the writer.

        Raises
        ------
        FencedError
            If somebody else is, or the file is no longer in its place.
        LedgerError
            If the file cannot be written.
        """
        self._in_place()
        with self._transaction():
            self._in_place()
            if self.lease().token != self.token:
                raise FencedError("another runner has taken over this queue")
            yield

    def _in_place(self) -> None:
        if self._found() != self._file:
            raise FencedError(f"{self.path} was removed or replaced; this runner ends")

    def beat(self) -> None:
        """Show that the writer lives."""
        with self.guard():
            self._db.execute("UPDATE lease SET beat = beat + 1")

    def release(self) -> None:
        """Show that the writer is gone."""
        with self.guard():
            self._db.execute("UPDATE lease SET holder = ''")
        self.token = None

    def add(self, who: str, notify: Sequence[str] = (), **columns: Any) -> bool:
        """Accept a scan; whether its ID is new: that of a removed scan is not.

        Of its end the targets in ``notify`` are told.
        """
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        with self.guard():
            if self._rows("SELECT 1 FROM events WHERE scan = ? LIMIT 1", columns["id"]):
                return False
            made = self._db.execute(
                f"INSERT OR IGNORE INTO scans ({names}) VALUES ({marks})", tuple(columns.values())
            )
            if made.rowcount:
                self._event(columns["id"], "submitted", who)
                self._db.executemany(
                    "INSERT INTO notices (scan, target) VALUES (?, ?)",
                    [(columns["id"], target) for target in notify],
                )
            return bool(made.rowcount)

    def update(
        self, id: str, what: str = "", who: str = "", detail: str = "", **columns: Any
    ) -> None:
        """Change columns of a scan, and record an event if ``what`` is given."""
        with self.guard():
            if columns:
                names = ", ".join(f"{name} = ?" for name in columns)
                self._db.execute(f"UPDATE scans SET {names} WHERE id = ?", (*columns.values(), id))
            if what:
                self._event(id, what, who, detail)

    def told(self, due: Due) -> None:
        """Note that a notice was sent, or cannot be."""
        with self.guard():
            self._db.execute(
                "UPDATE notices SET told = ? WHERE number = ?", (due.finished, due.number)
            )

    def set_failures(self, id: str, failures: list[tuple[str, str, str]]) -> None:
        """Replace the failures of a scan: place, error, traceback of each block."""
        with self.guard():
            self._db.execute("DELETE FROM failures WHERE scan = ?", (id,))
            self._db.executemany(
                "INSERT INTO failures VALUES (?, ?, ?, ?)", [(id, *failure) for failure in failures]
            )

    def remove(self, id: str) -> None:
        """Forget a scan, but for its history."""
        with self.guard():
            self._db.execute("DELETE FROM scans WHERE id = ?", (id,))
            self._db.execute("DELETE FROM failures WHERE scan = ?", (id,))
            self._db.execute("DELETE FROM notices WHERE scan = ?", (id,))

    def backup(self, path: Path) -> None:
        """Write a copy of the file, whole or not at all; it is on the disk when this returns."""
        with self.guard(), self._understood("written", path):
            try:
                with (
                    whole_file(path) as part,
                    # the connection that is in a transaction cannot be copied
                    closing(Ledger(self.path)) as source,
                    closing(sqlite3.connect(part)) as copy,
                ):
                    source._db.backup(copy)
                    copy.close()
                    part.chmod(self.path.stat().st_mode & 0o777)
                    synced(part)
                synced(path.parent)
            except OSError as error:
                raise LedgerError(f"{path} cannot be written ({error.strerror})") from None

    def _event(self, id: str, what: str, who: str, detail: str = "") -> None:
        self._db.execute(
            "INSERT INTO events (scan, time, what, who, detail) VALUES (?, ?, ?, ?, ?)",
            (id, time.time(), what, who, detail),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._db.in_transaction:  # within guard()
            yield
            return
        with self._understood("written"):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:  # SQLite itself ends one when the disk is full
                    self._db.execute("ROLLBACK")
