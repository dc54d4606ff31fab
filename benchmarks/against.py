"""What a command costs now over what it cost at an older revision, in one run: pairs of CPU times of whole processes.

``python benchmarks/against.py [--pairs N] REVISION [-- COMMAND...]``; the command is one of dipolescan's, by default
``run quickstart``. Both revisions run in this environment, in turn, so that the machine's mood cancels in the ratio.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


def cpu_seconds(source: Path, command: list[str]) -> float:
    """User and system time of a command and its children [s], in a folder of its own."""
    environment = os.environ | {"PYTHONPATH": str(source)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "scanner", *command],
            cwd=folder,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """The files of a revision, in a folder of their own for a while."""
    with tempfile.TemporaryDirectory() as folder:
        older = Path(folder) / "older"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "-q", "--detach", str(older), revision], check=True)
        try:
            yield older
        finally:
            subprocess.run([*git, "remove", "--force", str(older)], check=True)


def main() -> None:
    """Print each pair and the median of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("command", nargs="*", default=["run", "quickstart"])
    given = parser.parse_args()
    with checkout(given.revision) as older:
        for source in (ROOT, older):  # compile, fill caches
            cpu_seconds(source, given.command)
        ratios = []
        for _ in range(given.pairs):
            now, then = (cpu_seconds(source, given.command) for source in (ROOT, older))
            ratios.append(now / then)
            print(
                f"now {now:6.2f} s, {given.revision} {then:6.2f} s, ratio {ratios[-1]:.3f}",
                flush=True,
            )
    print(
        f"{' '.join(given.command)}: {statistics.median(ratios):.3f} of {given.revision} (median)"
    )


if __name__ == "__main__":
    main()
