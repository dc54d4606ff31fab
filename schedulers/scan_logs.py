"""What the log of the service says of each scan: one file of JSON lines for each in the queue's folder ``logs``."""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from schedulers.inbox import ID, file_mode

FOLDER = "logs"
MAX_BYTES = 10_000_000  # of one scan; further lines are in the service's own log only
WHEN = "%Y-%m-%dT%H:%M:%SZ"
_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "scan"}


class ScanLogs(logging.Handler):
    """Writes lines that name a scan (``extra={"scan": ID}``) into its file; what cannot be written is left out.

    Parameters
    ----------
    home : Path
        Folder of the queue.
    """

    def __init__(self, home: Path):
        super().__init__()
        self.home = home
        self._format = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        id = getattr(record, "scan", "")
        if not isinstance(id, str) or not ID.fullmatch(id):
            return
        more = {k: v for k, v in vars(record).items() if k not in _PLAIN and v not in ("", None)}
        if record.exc_info:
            more["traceback"] = self._format.formatException(record.exc_info)
        line = {
            "time": time.strftime(WHEN, time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **more,
        }
        with suppress(OSError, ValueError):  # the service's own log has it
            self._write(id, json.dumps(line, default=str) + "\n")

    def _write(self, id: str, line: str) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(_place(self.home, id), flags, file_mode(self.home))
        try:
            if os.fstat(descriptor).st_size < MAX_BYTES:
                os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)


def lines_of(home: Path, id: str) -> list[dict[str, Any]]:
    """Lines of a scan, the oldest first; none if there is no file.

    Parameters
    ----------
    home : Path
        Folder of the queue.
    id : str
        The whole ID.

    Raises
    ------
    OSError
        If the file is there and cannot be read.
    """
    found = []
    try:
        text = _place(home, id).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    for line in text.splitlines():
        with suppress(ValueError):  # cut off where the disk was full
            content = json.loads(line)
            if isinstance(content, dict):
                found.append(content)
    return found


def begins(home: Path, text: str) -> list[str]:
    """IDs of scans that have a file and begin so; also those that were removed from the queue."""
    return sorted(p.stem for p in (home / FOLDER).glob("*.jsonl") if p.stem.startswith(text))


def _place(home: Path, id: str) -> Path:
    return home / FOLDER / f"{id}.jsonl"
