"""What trust costs a store: digests, syncing, rounding. ``python benchmarks/store.py [FOLDER]`` on an idle machine."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from scanner.scans.digests import digest
from scanner.scans.rounding import round_mantissa
from scanner.scans.writing import _sync, sync, write_whole

FILES, SIZE = 16, 60_000


def seconds(action: Callable[[], object], repeats: int = 5) -> float:
    """Least time of some repeats."""
    found = []
    for _ in range(repeats):
        begin = time.perf_counter()
        action()
        found.append(time.perf_counter() - begin)
    return min(found)


def syncing(folder: Path) -> tuple[float, float, float]:
    """Seconds to write the files of a block: not synced, synced together, synced one by one."""
    content = np.random.default_rng(1).bytes(SIZE)
    paths = [folder / str(i) / "c.0" for i in range(FILES)]

    def write() -> None:
        for path in paths:
            write_whole(path, content)

    def together() -> None:
        write()
        sync(paths)

    def one_by_one() -> None:
        write()
        for path in paths:
            _sync(path)
            _sync(path.parent)

    return seconds(write), seconds(together), seconds(one_by_one)


def main() -> None:
    """Print a table."""
    raw = np.random.default_rng(1).bytes(50_000_000)
    values = np.random.default_rng(2).random(4_000_000)
    rate = len(raw) / seconds(lambda: digest("FASER2/counts/c.0", raw)) / 1e9
    rounding = seconds(lambda: round_mantissa(values, 20)) / values.size
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        plain, together, alone = syncing(Path(folder))
    print(f"digests: {rate:.2g} GB/s")
    print(f"rounding: {rounding * 1e9:.2g} ns per count")
    print(
        f"{FILES} files of {SIZE} bytes: {plain * 1e3:.2g} ms; synced together {together * 1e3:.2g} ms; ",
        end="",
    )
    print(f"one by one {alone * 1e3:.2g} ms")


if __name__ == "__main__":
    main()
