"""Every benchmark once, as small as it can be: ``python benchmarks/smoke.py [NAME]...``. Nothing is timed.

It fails where a benchmark does, so that none is found broken on the day when numbers are wanted.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from scanner.scans import foreground
from scanner.scans.spec import ScanSpec, load_spec
from schedulers.here import this_process

LONGEST = 3  # axis of numbers


def small_spec(name: str, overrides: Sequence[str] = ()) -> ScanSpec:
    """A spec with few numbers on each axis, few samples, and a block for each cell."""
    content = load_spec(name, list(overrides)).canonical()
    axes = {axis: values if isinstance(values[0], str) else values[:: -(-len(values) // LONGEST)]
            for axis, values in content["axes"].items()}  # fmt: skip
    sampling = content["sampling"] | {"points": 256}
    execution = {"block_size": 1}
    return ScanSpec({**content, "axes": axes, "sampling": sampling, "execution": execution})


def run_here(spec: ScanSpec, store: Path, progress: Any = lambda _: None, **_: Any) -> Any:
    """A run without a cluster."""
    return foreground.run(spec, store, progress=progress)


def of_run() -> dict[str, Callable[[Path], object]]:
    """benchmarks/run.py."""
    module = importlib.import_module("run")
    module.load_spec, module.run = small_spec, run_here
    module.WIDE = []
    return module.BENCHMARKS


def of_scan_queue() -> dict[str, Callable[[Path], object]]:
    """benchmarks/scan_queue.py."""
    module = importlib.import_module("scan_queue")
    module.cluster = this_process
    module.SCANS, module.BLOCKS, module.ALONE, module.REPEATS = 5, 20, 20, 1
    return module.BENCHMARKS


def of_store() -> dict[str, Callable[[Path], object]]:
    """benchmarks/store.py."""
    module = importlib.import_module("store")
    module.FILES, module.SIZE = 2, 100
    return {"syncing": module.syncing}


def of_tls() -> dict[str, Callable[[Path], object]]:
    """benchmarks/tls.py."""
    module = importlib.import_module("tls")
    return {"main": lambda _: module.main(5, 1)}


def of_trileptons() -> dict[str, Callable[[Path], object]]:
    """benchmarks/trileptons.py."""
    module = importlib.import_module("trileptons")
    module.BATCHES, module.NAMES = 2, module.NAMES[:1]
    return {
        "throughput": lambda _: module.throughput(module.NAMES[0], 3.0, "mu"),
        "cube": lambda _: module.cube(1),
    }


def of_measures() -> dict[str, Callable[[Path], object]]:
    """benchmarks/measures.py."""
    module = importlib.import_module("measures")
    module.SMALL = True
    return module.MEASURES


def of_history() -> dict[str, Callable[[Path], object]]:
    """benchmarks/history.py and against.py, with this commit as its own baseline and one command."""
    module = importlib.import_module("history")
    stores = {module.ROOT: Path("none.zarr")}

    def history(folder: Path) -> None:
        measure = module.measure_of("--version", stores)
        found = {"--version": module.summary(module.paired(measure, module.ROOT, module.ROOT, 1))}
        module.HISTORY = folder
        module.kept("0", module.revision("HEAD"), 1, found)
        assert "--version" in module.table()

    def questions(folder: Path) -> None:
        """Commands of the history are commands."""
        store = folder / "small.zarr"
        module.cpu_seconds(module.ROOT, ["run", "quickstart", *module.ONE_MASS[:1],
                                         "axes.m_N.num=3", "--store", str(store)])  # fmt: skip
        for name in module.QUESTIONS:
            module.measure_of(name, {module.ROOT: store})(module.ROOT)

    return {"history": history, "questions": questions}


def of_scaling() -> dict[str, Callable[[Path], object]]:
    """benchmarks/scaling.py."""
    module = importlib.import_module("scaling")
    module.SMALL = True
    return module.BENCHMARKS


def of_start() -> dict[str, Callable[[Path], object]]:
    """benchmarks/start.py: commands that need no cube; the history asks the others."""
    module = importlib.import_module("start")
    return {
        name: partial(module.cpu_seconds, sys.executable, module.COMMANDS[name])
        for name in ("--help", "submit", "plan")
    }


def of_explorer() -> dict[str, Callable[[Path], object]]:
    """benchmarks/explorer.py."""
    module = importlib.import_module("explorer")
    module.REPEATS = 1

    def measured(folder: Path) -> None:
        run_here(small_spec("quickstart"), folder / "small.zarr")
        module.measured(folder / "small.zarr")

    return {"measured": measured}


def of_pulls() -> dict[str, Callable[[Path], object]]:
    """benchmarks/pulls.py: one mass of one scene, with few points."""
    module = importlib.import_module("pulls")
    module.SCENES = {
        "quickstart": ["experiments=[FASER2]", "channels=[rho, K]", "axes.m_N={start: 0.1, stop: 0.3, num: 2}",
                       "axes.d_gamma={start: 1.0e-6, stop: 1.0e-4, num: 3}"]
    }  # fmt: skip
    module.POINTS, module.TIMES, module.SAMPLINGS = 256, 4, {"asked": {"error": 0.2}}

    def pulls(folder: Path) -> None:
        known = module.reference(folder / "reference.npz")
        assert module.reference(folder / "reference.npz").keys() == known.keys()
        cells = module.chosen(known, 4)
        assert "rms" in module.table({"asked": module.pulled(known, cells, {"error": 0.2})})

    return {"pulls": pulls}


def of_allocation() -> dict[str, Callable[[Path], object]]:
    """benchmarks/allocation.py: two masses, one search, few points."""
    module = importlib.import_module("allocation")
    module.MASSES = ["experiments=[FASER2]", "channels=[rho, K]", "axes.m_N={start: 0.1, stop: 0.3, num: 2}",
                     "execution.block_size=1"]  # fmt: skip
    module.POINTS, module.ERRORS = [256, 1024], [0.2]
    return {"measured": lambda _: module.table(module.measured(1))}


MODULES = {
    f.__name__.removeprefix("of_"): f
    for f in (of_run, of_scan_queue, of_store, of_tls, of_trileptons, of_measures, of_history,
              of_scaling, of_start, of_explorer, of_pulls, of_allocation)
}  # fmt: skip


def main() -> None:
    """Run all, or those of some files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MODULES], metavar="NAME")
    failed = []
    for name in parser.parse_args().names or MODULES:
        for what, benchmark in MODULES[name]().items():
            with tempfile.TemporaryDirectory() as folder:
                try:
                    partial(benchmark, Path(folder))()
                except Exception as error:
                    failed.append(f"{name}.py {what}: {type(error).__name__}: {error}")
                    print(failed[-1], file=sys.stderr)
                else:
                    print(f"{name}.py {what}", flush=True)
    if failed:
        sys.exit(f"{len(failed)} benchmarks are broken")


if __name__ == "__main__":
    main()
