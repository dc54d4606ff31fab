"""What the ledger records: scans, what happened to them, and who may write; and the tables that hold this."""

from __future__ import annotations

from dataclasses import dataclass

FINISHED = ("done", "failed", "cancelled")
ACTIVE = ("queued", "running")
STATES = (*ACTIVE, *FINISHED)

VERSION = 1  # of the tables
SCHEMA = """
CREATE TABLE scans (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, uid INTEGER NOT NULL, owner TEXT NOT NULL,
    priority INTEGER NOT NULL, state TEXT NOT NULL, spec TEXT NOT NULL, store TEXT NOT NULL,
    submitted REAL NOT NULL, started REAL, finished REAL, seconds REAL NOT NULL DEFAULT 0,
    blocks INTEGER, blocks_done INTEGER NOT NULL DEFAULT 0, blocks_failed INTEGER NOT NULL DEFAULT 0,
    points INTEGER, points_done INTEGER NOT NULL DEFAULT 0, lost_workers INTEGER NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT ''
);
CREATE INDEX scans_state ON scans (state);
CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    scan TEXT NOT NULL, time REAL NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX events_scan ON events (scan);
CREATE TABLE failures (scan TEXT NOT NULL, place TEXT NOT NULL, error TEXT NOT NULL, traceback TEXT NOT NULL);
CREATE INDEX failures_scan ON failures (scan);
CREATE TABLE lease (one INTEGER PRIMARY KEY CHECK (one = 1), token INTEGER NOT NULL, holder TEXT NOT NULL,
    beat INTEGER NOT NULL);
INSERT INTO lease VALUES (1, 0, '', 0);
"""
# of a ledger of any age: those who do not know it lose nothing
NOTICES = """
CREATE TABLE IF NOT EXISTS notices (
    number INTEGER PRIMARY KEY AUTOINCREMENT, scan TEXT NOT NULL, target TEXT NOT NULL, told REAL
)
"""


@dataclass(frozen=True)
class Scan:
    """A scan in the queue.

    Attributes
    ----------
    number : int
        Order of acceptance.
    id, name : str
    uid : int
        Of its owner.
    owner : str
        The owner's name.
    priority : int
    state : str
        One of ``queued``, ``running``, ``done``, ``failed``, ``cancelled``.
    spec : str
        JSON.
    store : str
        Path.
    submitted, started, finished : float or None
        Seconds since the epoch.
    seconds : float
        How long it ran, all attempts together.
    blocks, points : int or None
        Of the whole scan, once it was opened.
    blocks_done, blocks_failed, points_done, lost_workers : int
    message : str
        Why it failed or waits.
    """

    number: int
    id: str
    name: str
    uid: int
    owner: str
    priority: int
    state: str
    spec: str
    store: str
    submitted: float
    started: float | None
    finished: float | None
    seconds: float
    blocks: int | None
    blocks_done: int
    blocks_failed: int
    points: int | None
    points_done: int
    lost_workers: int
    message: str


@dataclass(frozen=True)
class Lease:
    """Who may write: each holder has a higher token than the one before, and counts its beats."""

    token: int
    holder: str
    beat: int


@dataclass(frozen=True)
class Due:
    """A notice to be sent: that a scan has ended at a time, and to whom; it is the same notice until it was told."""

    number: int
    scan: str
    target: str
    finished: float
