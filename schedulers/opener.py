"""What the service does not know itself: what a scan is."""

from __future__ import annotations

from typing import Any, Protocol

from schedulers.inbox import Request
from schedulers.jobs import RecordedJob
from schedulers.ledger import Ledger
from schedulers.records import Scan


class Opener(Protocol):
    """Checks what is submitted, makes jobs of scans, and removes their stores."""

    def check(self, request: Request) -> dict[str, Any]:
        """Columns name, spec, store and priority of a submitted scan; raises QueueError."""

    def open(self, scan: Scan, ledger: Ledger) -> RecordedJob[Any]:
        """A job; raises QueueError, or NotYetError if it should be tried again."""

    def remove(self, scan: Scan, ledger: Ledger) -> None:
        """Remove a scan's store; raises QueueError."""
