"""Progress of a scan on a terminal."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from scanner.cli._table import ASKED
from scanner.scans.foreground import RunProgress
from schedulers.words import how_many, rate

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

WORD_SECONDS = 30.0  # between two lines, where a tenth takes longer


class Shown:
    """Progress on a terminal as a bar, elsewhere as a line now and then."""

    def __init__(self, name: str, quiet: bool):
        self.quiet = quiet
        self.said, self.when = (-1, -1), 0.0
        self.begin: tuple[float, int] | None = None
        self.bar = _bar(quiet) if _may_be_shown() else None
        self.live = self.bar is not None and not self.bar.disable
        if self.bar is not None:
            self.task = self.bar.add_task(name, total=None, rate="", workers="")
        self.dashboard = ""

    def __enter__(self) -> Shown:
        if self.bar is not None:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def update(self, progress: RunProgress) -> None:
        """Show where the run stands."""
        if progress.dashboard and progress.dashboard != self.dashboard and not self.quiet:
            self.dashboard = progress.dashboard
            (self.bar or _bar(self.quiet)).console.print(
                f"{how_many(progress.workers, 'worker')}, dashboard at {self.dashboard}"
            )
        self.set(progress.blocks_done, progress.blocks, progress.points_now, progress.workers)

    def set(self, done: int, blocks: int, points: int, workers: int | None = None) -> None:
        """Show how many blocks are done, from the points how fast, and how many workers there are."""
        if self.bar is not None and self.live:
            if self.begin is None:
                self.begin = (time.monotonic(), points)
            seconds, before = time.monotonic() - self.begin[0], self.begin[1]
            speed = f"{rate((points - before) / seconds)} points/s" if seconds > 1 else ""
            crew = "" if workers is None else how_many(workers, "worker")
            self.bar.update(self.task, total=blocks, completed=done, rate=speed, workers=crew)
        elif not self.quiet:
            tenth, now = 10 * done // blocks, time.monotonic()
            if tenth != self.said[0] or (now - self.when > WORD_SECONDS and done != self.said[1]):
                self.said, self.when = (tenth, done), now
                print(f"{done:,}/{how_many(blocks, 'block')}", file=sys.stderr, flush=True)


def _may_be_shown() -> bool:
    """Whether rich may take standard error for a terminal, that is whether it has to be asked: it is slow to import."""
    return sys.stderr.isatty() or any(os.environ.get(name) for name in ASKED)


def _bar(quiet: bool) -> Bar:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    return Progress(
        TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("blocks"),
        TextColumn("{task.fields[rate]}"), TextColumn("{task.fields[workers]}"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        console=console, disable=quiet or not console.is_terminal,
    )  # fmt: skip
