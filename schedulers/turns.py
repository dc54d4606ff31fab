"""Whose turn it is: which scans are begun, which give way, and whose blocks are sent next.

Nothing here knows a cluster or a file: what waits and what is served goes in, the choice comes out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from schedulers.records import Scan


def next_scans(waiting: Iterable[Scan], sending: Iterable[Scan]) -> list[Scan]:
    """The scans to begin: of each user the most urgent one, of equals the oldest.

    Parameters
    ----------
    waiting : iterable of Scan
        Those to be begun.
    sending : iterable of Scan
        Those that still have blocks to send: their users wait with what is not more urgent.

    Returns
    -------
    list of Scan
        In the order in which they were accepted.
    """
    best: dict[int, Scan] = {}
    for scan in waiting:
        if scan.uid not in best or _rank(scan) < _rank(best[scan.uid]):
            best[scan.uid] = scan
    for scan in sending:
        if scan.uid in best and best[scan.uid].priority <= scan.priority:
            del best[scan.uid]
    return sorted(best.values(), key=lambda scan: scan.number)


def giving_way(served: Iterable[Scan], sending: Iterable[Scan]) -> set[str]:
    """IDs of the served scans that pause: their user has a more urgent one with blocks to send."""
    urgent: dict[int, int] = {}
    for scan in sending:
        urgent[scan.uid] = max(scan.priority, urgent.get(scan.uid, scan.priority))
    return {scan.id for scan in served if scan.priority < urgent.get(scan.uid, scan.priority)}


class Ranked(Protocol):
    """What has a place among those of its owner: the highest priority first, then the lowest number."""

    @property
    def priority(self) -> int:
        """The highest comes first."""

    @property
    def number(self) -> int:
        """Of equals the lowest, which is the oldest, comes first."""


class Owned(Ranked, Protocol):
    """What belongs to somebody."""

    @property
    def owner(self) -> str:
        """Owners are served in turn."""


J = TypeVar("J", bound=Owned)


def next_job(owners: Sequence[str], ready: Collection[J]) -> J | None:
    """The job whose blocks are sent next: that of the first owner who has one, by priority and age.

    Parameters
    ----------
    owners : sequence of str
        Who was served longest ago comes first.
    ready : collection
        Jobs that have something to send.
    """
    for owner in owners:
        jobs = [job for job in ready if job.owner == owner]
        if jobs:
            return min(jobs, key=_rank)
    return None


def _rank(one: Ranked) -> tuple[int, int]:
    return -one.priority, one.number
