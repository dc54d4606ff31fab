"""How fast the explorer follows, and what it keeps in memory: ``python benchmarks/explorer.py [STORE]``.

Without a store it makes the cube of 1e9 points of ``run.py billion`` (some minutes). Nothing here is a test.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import psutil
from bokeh.document import Document
from run import WIDE, spec

from scanner.explorer.page import Page
from scanner.explorer.planes import Planes
from scanner.explorer.view import View
from scanner.explorer.watched import Watched
from scanner.scans.foreground import run

REPEATS = 5


def measured(path: Path) -> dict[str, object]:
    """Seconds of wall time and of CPU for each kind of change, all searches shown; the first of each left out."""
    before = psutil.Process().memory_info().rss
    planes = Planes(Watched([path]))
    watched = planes.watched
    size = watched.ds["counts"].size
    state = watched.filling or "complete"
    page = Page(Document(), planes, "method=fixed-count&events=3")
    planes._reader.join()
    flavors = watched.axes["flavor"]
    masses, couplings = (watched.range(role) for role in ("mass", "coupling"))
    found: dict[str, object] = {"points": size, "state": state, "searches": len(watched.searches)}

    def show(view: View) -> Callable[[], None]:
        def change() -> None:
            page.view = view
            page.update()

        return change

    here = page.view
    at = [(masses[0] * 1.01 ** (n + 1), couplings[0] * 1e3) for n in range(REPEATS + 1)]
    changes = {
        "critical signal": [replace(here, events=5.0 + n) for n in range(REPEATS + 1)],
        "exposure": [replace(here, exposure=2.0 + n) for n in range(REPEATS + 1)],
        "method": [replace(here, events=None, method=m) for m in ("cls", "poisson") * 3],
        "flavor, read ahead": [here.with_axis("flavor", f) for f in (flavors * 3)[1 : REPEATS + 2]],
        "point, another mass": [replace(here, at=each) for each in at],
        "point, same mass": [replace(here, at=(at[0][0], each[1] * 2)) for each in at],
    }
    for name, views in changes.items():
        found |= timed(name, [show(view) for view in views])
    cold = []
    for flavor in (flavors * 2)[1 : REPEATS + 2]:
        view = here.with_axis("flavor", flavor)

        def forgotten(view: View = view) -> None:
            Planes(watched).lines(view)

        cold.append(forgotten)
    found |= timed("flavor, straight from the files", cold)
    found["planes in memory [MB]"] = planes.nbytes / 1e6
    found["memory above imports [MB]"] = (psutil.Process().memory_info().rss - before) / 1e6
    return found


def timed(name: str, actions: list[Callable[[], None]]) -> dict[str, object]:
    """Least and median wall time, and the CPU time of all threads; the first is left out."""
    actions[0]()
    walls, cpus = [], []
    for action in actions[1:]:
        wall, cpu = time.perf_counter(), time.process_time()
        action()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {
        f"{name} [s]": f"{min(walls):.3f} least, {median(walls):.3f} median, CPU {median(cpus):.3f}"
    }


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder, "billion.zarr")
        if not path.exists():
            run(spec(*WIDE, "axes.m_N.num=602"), path)
        for name, value in measured(path).items():
            print(f"{name:45} {value:,.1f}" if isinstance(value, float) else f"{name:45} {value}")


if __name__ == "__main__":
    main()
