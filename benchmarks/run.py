"""Measure what docs and design promise, as ratios where a ratio exists: ``python benchmarks/run.py [NAME]...``.

Run it on an idle machine. Nothing here is a test; results go to stdout as a table and, with ``--json FILE``, to a file.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

import scanner
from physics.detectors.radiated_background import radiated_background
from physics.models.tasks import make_kernel
from physics.neutrino_dipole.annihilation.acceptance import acceptance
from physics.neutrino_dipole.annihilation.radiated import radiated_acceptance
from physics.searches.catalogue import experiment
from scanner.scans.foreground import run
from scanner.scans.plan import make_plan
from scanner.scans.spec import ScanSpec, load_spec
from scanner.scans.store import TODO, Store

# A forward-detector cube with a long coupling axis, all 13 channels, sampling error about 1%
WIDE = ["axes.d_gamma.num=8000", "sampling.points=4096"]


def spec(*overrides: str) -> ScanSpec:
    """The quickstart with changes."""
    return load_spec("quickstart", overrides)


def cpu() -> float:
    """CPU time of this process and its finished children [s]."""
    use = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in use)


def kernel_seconds(scan: ScanSpec, blocks: int = 4) -> float:
    """CPU time of the bare kernel per block, the first (which fills caches) left out."""
    plan = make_plan(scan)
    task = plan.tasks[0]
    kernel = make_kernel(task.task)
    chosen = plan.blocks[:: max(1, len(plan.blocks) // blocks)][: blocks + 1]
    kernel.evaluate(task.selection(chosen[0].index))
    begin = time.process_time()
    for block in chosen[1:]:
        kernel.evaluate(task.selection(block.index))
    return (time.process_time() - begin) / max(1, len(chosen) - 1)


def throughput(folder: Path) -> dict:
    """Points stored per CPU second of everything: workers, scheduler, client, store."""
    scan = spec(*WIDE, "axes.m_N.num=64", "execution.block_size=4")
    begin = cpu()
    result = run(scan, folder / "wide.zarr", workers=1)
    spent = cpu() - begin
    bare = kernel_seconds(scan, 6) * len(make_plan(scan).blocks)
    return {
        "points": result.points,
        "million points per CPU second, everything": result.points / spent / 1e6,
        "million points per CPU second, bare kernel": result.points / bare / 1e6,
        "CPU of store, Dask and start-up over bare kernel": spent / bare - 1,
    }


def axes(folder: Path) -> dict:
    """Cost against the lengths of the coupling axis and of a."""
    base = ["axes.m_N.num=12", "execution.block_size=2"]
    times = {
        n: kernel_seconds(spec(*base, f"axes.d_gamma.num={n}"), 5) for n in (181, 362, 2000, 4000)
    }
    a = [make_plan(spec(*base, f"axes.a={list(map(float, range(n)))}")).bytes for n in (1, 100)]
    return {
        "cost of 362 couplings over 181": times[362] / times[181],
        "cost of 4000 couplings over 2000": times[4000] / times[2000],
        "cost of 4000 couplings over 181": times[4000] / times[181],
        "stored bytes with 100 values of a over one": a[1] / a[0],
    }


def colliders(folder: Path) -> dict:
    """Single photons at CEPC: cost of the acceptance, and of counts against the lengths of d and a."""
    base = ["experiments=[CEPC-Z]", "axes.m_N.num=24", "execution.block_size=2"]

    def seconds(ratios: int, couplings: int, initial_state: str = "none") -> float:
        """Per mass and flavor; masses of its own each time, because widths are remembered."""
        a = list(map(float, range(ratios)))
        start = f"axes.m_N.start={0.001 + 1e-7 * ratios + 1e-9 * couplings}"
        option = f"options.initial_state={initial_state}"
        scan = spec(*base, start, f"axes.a={a}", f"axes.d_gamma.num={couplings}", option)
        return kernel_seconds(scan, 11) / 2 / len(scan.axes["flavor"])

    search = experiment("CEPC-Z")
    acceptance(search.sqrt_s, 1.0, search.cuts)  # makes its points
    begin = time.process_time()
    for m_N in (0.5, 5.0, 50.0):
        acceptance(search.sqrt_s, m_N, search.cuts)
    once = (time.process_time() - begin) / 3
    begin = time.process_time()
    for m_N in (0.5, 5.0, 50.0):
        radiated_acceptance(search.sqrt_s, m_N, search.cuts, search.photon_veto)
    radiated = (time.process_time() - begin) / 3
    begin = time.process_time()
    radiated_background.__wrapped__(search.sqrt_s, search.cuts, search.photon_veto)
    background = time.process_time() - begin
    short, double, tenfold = (seconds(1, n) for n in (181, 362, 1810))
    wide, wide_tenfold = (seconds(100, n) / 100 for n in (181, 1810))
    radiating, radiating_wide = (seconds(n, 181, "radiator") for n in (1, 100))
    return {
        "acceptance of one mass, all a, flavors and couplings [ms]": once * 1e3,
        "counts for one mass, flavor and a, 181 couplings, one a [ms]": short * 1e3,
        "counts for one mass, flavor and a, 181 couplings, 100 a [ms]": wide * 1e3,
        "acceptance of one mass with the radiator [ms]": radiated * 1e3,
        "background with the radiator [ms]": background * 1e3,
        "cost of counts with the radiator over Born, one a": radiating / short,
        "cost of counts with the radiator over Born, 100 a": radiating_wide / 100 / wide,
        "cost of 362 couplings over 181, one a": double / short,
        "cost of 1810 couplings over 181, one a": tenfold / short,
        "cost of 1810 couplings over 181, 100 a": wide_tenfold / wide,
    }


def upscattering(folder: Path) -> dict:
    """Neutrinos that scatter: one mass of one search with four flavors, and what more couplings cost."""

    def seconds(name: str, couplings: int) -> float:
        """Per mass, kernel only."""
        scan = spec(
            f"experiments=[{name}]", "axes.m_N.num=24", "axes.m_N.start=0.02", "axes.m_N.stop=8",
            f"axes.d_gamma.num={couplings}", "execution.block_size=2",
        )  # fmt: skip
        return kernel_seconds(scan, 11) / 2

    names = ("FASERnu2-photon", "FASERnu2-pair", "FASERnu2-emulsion-1TeV", "FASERnu2-recoil")
    found = {f"{name}, one mass, 100 couplings [ms]": seconds(name, 100) * 1e3 for name in names}
    longer = seconds(names[0], 1000) * 1e3
    return found | {
        "cost of 1000 couplings over 100": longer
        / found[f"{names[0]}, one mass, 100 couplings [ms]"]
    }


def ratios(folder: Path) -> dict:
    """Whole runs of the quickstart with 100 values of a over one, without and with a search at a collider."""
    found = {}
    forward = "experiments=[FASER, FASER2, FASER2-FPF, FACET"
    searches = {"forward searches": f"{forward}]", "with CEPC-Z": f"{forward}, CEPC-Z]"}
    for label, experiments in searches.items():
        spent = []
        for n in (1, 100):
            scan = spec(experiments, f"axes.a={list(map(float, range(n)))}")
            begin = cpu()
            run(scan, folder / f"{label}-{n}.zarr", workers=1)
            spent.append(cpu() - begin)
        found[f"CPU of 100 values of a over one, {label}"] = spent[1] / spent[0]
        found[f"CPU with one a, {label} [s]"] = spent[0]
    return found


def speedup(folder: Path) -> dict:
    """Wall time of one worker over that of two, cluster start-up left out."""
    scan = spec("axes.m_N.num=96", "execution.block_size=3")
    seconds = {}
    for workers in (1, 2):
        first: list[float] = []
        run(scan, folder / f"{workers}.zarr", workers=workers,
            progress=lambda p, first=first: first.append(time.monotonic()))  # fmt: skip
        seconds[workers] = first[-1] - first[0]
    return {"speed-up on two workers": seconds[1] / seconds[2], "seconds on one worker": seconds[1]}


def memory(folder: Path) -> dict:
    """Memory of a worker above its imports, for two sizes of cube."""
    found = {}
    for label, masses in (("small", 8), ("large", 192)):
        scan = spec(*WIDE, f"axes.m_N.num={masses}", "execution.block_size=4")
        peak, client_peak = _watched(
            lambda scan=scan, label=label: run(scan, folder / f"{label}.zarr", workers=1)
        )
        found[f"worker above imports, {label} cube [MB]"] = peak / 1e6
        found[f"client, {label} cube [MB]"] = client_peak / 1e6
    return found


def _watched(action: Callable[[], object]) -> tuple[float, float]:
    """Largest memory of any child above its level when it was ready, and of this process."""
    import threading

    me, base, peak = psutil.Process(), {}, {}
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(0.05):
            for child in [*me.children(recursive=True), me]:
                try:
                    rss = child.memory_info().rss
                    if rss > 150e6:  # imports done
                        base.setdefault(child.pid, rss)
                    peak[child.pid] = max(peak.get(child.pid, 0), rss)
                except psutil.Error:
                    continue

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        action()
    finally:
        stop.set()
        watcher.join()
    above = [peak[pid] - rss for pid, rss in base.items() if pid != me.pid]
    return max(above, default=0.0), peak.get(me.pid, 0.0)


def queries(folder: Path) -> dict:
    """Opening a cube of 1e8 points and contours of its planes."""
    scan = spec(*WIDE, "axes.m_N.num=64", "execution.block_size=4")
    path = folder / "wide.zarr"
    run(scan, path)
    scanner.open_cube(path)
    begin = time.perf_counter()
    ds = scanner.open_cube(path)
    opened = time.perf_counter() - begin
    times = []
    for flavor in ("e", "mu", "tau", "universal"):
        begin = time.perf_counter()
        ds.scan.contour({"experiment": "FACET", "flavor": flavor})
        times.append(time.perf_counter() - begin)
    size = sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    return {
        "points": Store(path).plan.points,
        "open [s]": opened,
        "contour of a plane of 64 x 8000 x 13 channels [s]": sorted(times)[1],
        "bytes on disk over bytes of arrays": size / Store(path).plan.bytes,
    }


def billion(folder: Path) -> dict:
    """Queries on a cube of 1e9 points (2 GB, some minutes to make), finished and with every second block to do.

    The first of each question is left out: it imports what it needs.
    """
    path = folder / "billion.zarr"
    result = run(spec(*WIDE, "axes.m_N.num=602"), path)
    found = {"points": result.points, "files": sum(p.is_file() for p in path.rglob("*"))}
    chosen = {"experiment": "FACET", "flavor": "tau"}
    scanner.open_cube(path).scan.contour({"experiment": "FASER", "flavor": "e"})
    before = psutil.Process().memory_info().rss
    for state in ("finished", "half filled"):
        found[f"open, {state} [s]"] = _least(lambda: scanner.open_cube(path))
        ds = scanner.open_cube(path)
        found[f"contour of a plane, {state} [s]"] = _least(lambda ds=ds: ds.scan.contour(chosen))
        found[f"compare by channel, {state} [s]"] = _least(
            lambda ds=ds: ds.scan.compare("channel", chosen)
        )
        part = ds.isel(m_N=slice(1, None))
        found[f"contour of a selection, by Dask, {state} [s]"] = _least(
            lambda part=part: part.scan.contour(chosen), 2
        )
        store = Store(path, writable=True)
        store.mark(store.plan.blocks[::2], TODO)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return found | {"memory above imports [MB]": (peak - before) / 1e6}


def _least(action: Callable[[], object], repeats: int = 5) -> float:
    """Least wall time of some repeats."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return min(times)


def big(folder: Path) -> dict:
    """A cube of 1e8 points on all cores."""
    scan = spec(*WIDE, "axes.m_N.num=64")
    begin = time.monotonic()
    result = run(scan, folder / "big.zarr")
    return {"points": result.points, "wall seconds": time.monotonic() - begin}


def thresholds(folder: Path) -> dict:
    """Cost against the number of thresholds of the photon's energy, in both models, kernel only."""
    found = {}
    models = {
        "dark_dipole": ["axes.M_1={start: 0.02, stop: 1.0, num: 12}", "axes.delta=[0.01]"],
        "dipole": ["axes.m_N={start: 0.02, stop: 1.0, num: 12}", "axes.flavor=[e]"],
    }
    sets = {1: [1.0], 3: [0.5, 1.0, 2.0], 12: [float(x) for x in np.geomspace(0.5, 3.9, 12)],
            7: [0.5, 1.0, 2.0, 10.0, 50.0, 100.0, 200.0]}  # fmt: skip
    for model, own in models.items():
        name = {"dark_dipole": "2406.17599-thresholds", "dipole": "2406.17599-neutrino"}[model]
        changes = [*own, "experiments=[NA62, SHiP, FASER2-FPF-20m]", "execution.block_size=2"]
        times = {}
        for n, values in sets.items():
            scan = load_spec(name, [*changes, f"axes.E_gamma_min={values}"])
            times[n] = min(kernel_seconds(scan, 5) for _ in range(3))
        found[f"{model}: CPU of 3 thresholds (0.5, 1, 2 GeV) over one"] = times[3] / times[1]
        found[f"{model}: of 12 that share samples over one"] = times[12] / times[1]
        found[f"{model}: of 7 from 0.5 to 200 GeV over one"] = times[7] / times[1]
    return found


BENCHMARKS = {
    f.__name__: f
    for f in (
        throughput,
        axes,
        thresholds,
        colliders,
        upscattering,
        ratios,
        speedup,
        memory,
        queries,
        billion,
        big,
    )
}


def main() -> None:
    """Run the benchmarks named on the command line, or all but the cube of 1e9 points."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[[], *BENCHMARKS], metavar="NAME", help=", ".join(BENCHMARKS)
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = {}
    for name in options.names or [name for name in BENCHMARKS if name != "billion"]:
        with tempfile.TemporaryDirectory() as folder:
            found[name] = BENCHMARKS[name](Path(folder))
        print(f"## {name}")
        for what, value in found[name].items():
            print(
                f"  {what:<60} {value:,.3g}"
                if isinstance(value, float)
                else f"  {what:<60} {value:,}"
            )
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
