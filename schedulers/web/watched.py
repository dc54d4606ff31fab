"""What the page may see of a service: its folder, through a ledger that cannot write, and its tally."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from schedulers import inbox, report
from schedulers.ledger import Ledger
from schedulers.tally import Tally


@dataclass(frozen=True)
class Watched:
    """A service that is watched.

    Attributes
    ----------
    home : Path
        Folder of the queue.
    tally : Tally
    beat_age : callable
        Seconds since the service last showed that it lives.
    describe : callable
        Spec of a scan, as the ledger has it, to pairs of words.
    picture : callable, optional
        Path of a store to a picture of it in SVG; none are shown without.
    """

    home: Path
    tally: Tally
    beat_age: Callable[[], float]
    describe: Callable[[str], Sequence[tuple[str, str]]] = lambda _: ()
    picture: Callable[[str], bytes] | None = None

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger, to read; raises QueueError."""
        ledger = Ledger(self.home / "ledger.sqlite")
        try:
            yield ledger
        finally:
            ledger.close()

    def requests(self) -> tuple[int, int]:
        """How many requests wait, and how many were refused."""
        return len(inbox.waiting(self.home)), len(list((self.home / "refused").glob("*.txt")))

    def queue(self) -> dict[str, Any]:
        """What ``status --json`` tells, and what only the service knows."""
        with self.ledger() as ledger:
            found: dict[str, Any] = plain(report.of_queue(self.home, ledger))
        return found | {"cluster": self._cluster()}

    def scan(self, id: str) -> dict[str, Any]:
        """What ``status ID --json`` tells, and the time left."""
        with self.ledger() as ledger:
            found: dict[str, Any] = plain(report.of_scan(ledger, id))
            spec = ledger.scan(found["id"]).spec
        return found | {
            "seconds_left": self.seconds_left(found),
            "points_per_second": self.points_per_second(found),
            "spec": [{"key": key, "words": plain(words)} for key, words in self.describe(spec)],
            "workers": self.tally.cluster.workers,
        }

    def seconds_left(self, scan: dict[str, Any]) -> float | None:
        """How long a scan will still run at its pace so far; None if it does not run or that is not known."""
        if scan["state"] != "running" or not scan["points"]:
            return None
        return self.tally.seconds_left(scan["id"], scan["points"] - scan["points_done"])

    def points_per_second(self, scan: dict[str, Any]) -> float | None:
        """The pace of a running scan; None if it does not run or that is not known."""
        return self.tally.points_per_second(scan["id"]) if scan["state"] == "running" else None

    def _cluster(self) -> dict[str, Any]:
        return asdict(self.tally.cluster) | {"host": socket.gethostname()}


def plain(data: Any) -> Any:
    """The same data with text that can be written as UTF-8; names of files need not be.

    >>> plain({"file": "a\\udcff"})
    {'file': 'a?'}
    """
    if isinstance(data, str):
        return data.encode("utf-8", "replace").decode()
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [plain(value) for value in data]
    return data
