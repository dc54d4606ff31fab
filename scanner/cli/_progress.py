"""Progress of a scan on a terminal."""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

from scanner.scans.foreground import RunProgress
from schedulers.words import how_many, rate

WORD_SECONDS = 30.0  # between two lines, where a tenth takes longer


class Shown:
    """Progress on a terminal as a bar, elsewhere as a line now and then."""

    def __init__(self, name: str, quiet: bool):
        console = Console(stderr=True)
        self.live = console.is_terminal and not quiet
        self.quiet = quiet
        self.said, self.when = (-1, -1), 0.0
        self.begin: tuple[float, int] | None = None
        self.bar = Bar(
            TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("blocks"),
            TextColumn("{task.fields[rate]}"), TextColumn("{task.fields[workers]}"),
            TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
            console=console, disable=not self.live,
        )  # fmt: skip
        self.task = self.bar.add_task(name, total=None, rate="", workers="")
        self.dashboard = ""

    def __enter__(self) -> Shown:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def update(self, progress: RunProgress) -> None:
        """Show where the run stands."""
        if progress.dashboard and progress.dashboard != self.dashboard and not self.quiet:
            self.dashboard = progress.dashboard
            self.bar.console.print(
                f"{how_many(progress.workers, 'worker')}, dashboard at {self.dashboard}"
            )
        self.set(progress.blocks_done, progress.blocks, progress.points_now, progress.workers)

    def set(self, done: int, blocks: int, points: int, workers: int | None = None) -> None:
        """Show how many blocks are done, from the points how fast, and how many workers there are."""
        if self.live:
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
