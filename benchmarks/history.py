"""What a release costs over a baseline, measured in one run and kept: ``python benchmarks/history.py BASELINE``.

Each measure runs in processes of its own with the code of the baseline and with that of now, in pairs whose order
alternates, so that what else the machine does cancels in the ratio. Ratios of CPU times with their spread go to
``benchmarks/history/VERSION.json``, one file for each release; the table of all of them goes into
``benchmarks/README.md``. Ends with 1 if something became slower than noise explains.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from against import ROOT, checkout, cpu_seconds
from measures import MEASURES

HISTORY, PAGE = ROOT / "benchmarks" / "history", ROOT / "benchmarks" / "README.md"
TOLERANCE = 0.1  # more CPU time that is no regression
ONE_MASS = ["--set", "axes.m_N=[0.1]"]
COMMANDS = {
    "--version": ["--version"],
    "plan, quickstart": ["plan", "quickstart"],
    "run, one mass": ["run", "quickstart", *ONE_MASS],
}
CURVE = ["--experiment", "FACET", "--flavor", "e"]
QUESTIONS = {
    "query": ["query", "{store}", "m_N=0.1", "d_gamma=1e-6", "experiment=FACET", "flavor=e"],
    "reach": ["reach", "{store}", *CURVE],
    "contour": ["contour", "{store}", *CURVE, "-o", "c.csv"],
    "compare, channels": ["compare", "{store}", "--by", "channel", *CURVE, "-o", "c.csv"],
    "plot": ["plot", "{store}", "--flavor", "e", "-o", "c.pdf"],
    "verify": ["verify", "{store}"],
}
Measure = Callable[[Path], float]


def measure_of(name: str, stores: dict[Path, Path]) -> Measure:
    """CPU seconds of a measure, as a function of the folder with the packages."""
    if name in MEASURES:
        return lambda source: inside(source, name)
    if name in COMMANDS:
        return lambda source: cpu_seconds(source, COMMANDS[name])
    words = QUESTIONS[name]
    return lambda source: cpu_seconds(source, [w.format(store=stores[source]) for w in words])


def inside(source: Path, name: str) -> float:
    """CPU seconds that a process says of itself: start and imports are left out."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, Path(__file__).with_name("measures.py"), name, folder],
            env=os.environ | {"PYTHONPATH": str(source)},
            check=True,
            capture_output=True,
            text=True,
        )
    return float(done.stdout)


def paired(measure: Measure, now: Path, then: Path, pairs: int) -> list[tuple[float, float]]:
    """CPU seconds of now and of the baseline, measured in turn; which comes first alternates."""
    for source in (now, then):  # compile, fill caches
        measure(source)
    found = []
    for i in range(pairs):
        order = (now, then) if i % 2 == 0 else (then, now)
        spent = {source: measure(source) for source in order}
        found.append((spent[now], spent[then]))
    return found


def summary(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Median of the ratios and their quartiles, and median seconds."""
    ratios = sorted(now / then for now, then in pairs)
    low, middle, high = (
        statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else 3 * ratios
    )
    return {
        "ratio": middle,
        "low": low,
        "high": high,
        "seconds": statistics.median(now for now, _ in pairs),
        "seconds_then": statistics.median(then for _, then in pairs),
    }


def is_regression(found: dict[str, float], tolerance: float = TOLERANCE) -> bool:
    """Whether three of four pairs at least say that it became slower than is tolerated."""
    return found["low"] > 1 + tolerance


def revision(words: str, where: Path = ROOT) -> str:
    """Short name of a commit."""
    git = ["git", "-C", str(where), "rev-parse", "--short=10", words]
    return subprocess.run(git, check=True, capture_output=True, text=True).stdout.strip()


def all_measured(names: Sequence[str], baseline: str, pairs: int) -> dict[str, dict]:
    """Each measure; one that the baseline cannot do has no ratio."""
    found: dict[str, dict] = {}
    with checkout(baseline) as older, tempfile.TemporaryDirectory() as folder:
        stores = {source: Path(folder) / f"{i}.zarr" for i, source in enumerate((ROOT, older))}
        if set(names) & set(QUESTIONS):
            for source, store in stores.items():
                cpu_seconds(source, ["run", "quickstart", "--store", str(store)])
        for name in names:
            try:
                found[name] = summary(paired(measure_of(name, stores), ROOT, older, pairs))
            except subprocess.CalledProcessError as error:
                words = str(error.stderr or "").strip().splitlines()
                found[name] = {"failed": words[-1] if words else f"ended with {error.returncode}"}
            print(f"{name:<18} {said(found[name])}", flush=True)
    return found


def said(found: dict) -> str:
    """A measure in words."""
    if "failed" in found:
        return f"not measured: {found['failed']}"
    mark = "  SLOWER" if is_regression(found) else ""
    return (
        f"{found['ratio']:.3f} ({found['low']:.3f} to {found['high']:.3f}), "
        f"{found['seconds']:.3g} s of CPU, before {found['seconds_then']:.3g} s{mark}"
    )


def kept(version: str, baseline: str, pairs: int, measured: dict[str, dict]) -> Path:
    """Write what was measured into the file of the release, beside what is there against other baselines."""
    path = HISTORY / f"{version}.json"
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    content |= {"version": version}
    older = content.setdefault("against", {}).get(baseline, {}).get("measures", {})
    content["against"][baseline] = {
        "revision": revision("HEAD"),
        "pairs": pairs,
        "load": round(os.getloadavg()[0] / (os.cpu_count() or 1), 1),
        "python": platform.python_version(),
        "measures": older | measured,
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


def table() -> str:
    """All that is kept, newest release first."""
    lines = [
        "| release (commit) over | measure | ratio of CPU (quartiles) | CPU now | pairs; load per core |",
        "|---|---|---|---|---|",
    ]
    for path in sorted(HISTORY.glob("*.json"), reverse=True):
        content = json.loads(path.read_text(encoding="utf-8"))
        for baseline, run in content["against"].items():
            for name, one in run["measures"].items():
                ratio, now = "not measured", ""
                if "failed" not in one:
                    ratio = f"{one['ratio']:.2f} ({one['low']:.2f}–{one['high']:.2f})"
                    now = f"{one['seconds']:.2g} s"
                lines.append(
                    f"| {content['version']} ({run['revision']}) over {baseline} | {name} | {ratio} | {now} "
                    f"| {run['pairs']}; {run['load']} |"
                )
    return "\n".join(lines)


def write_table(page: Path, name: str, text: str) -> None:
    """Put a table between its markers in a page."""
    marked = re.compile(f"(<!-- {name} -->)\n?.*?(<!-- /{name} -->)", re.DOTALL)
    before = page.read_text(encoding="utf-8")
    assert marked.search(before), f"{page} has no markers of {name}"
    page.write_text(marked.sub(lambda m: f"{m[1]}\n{text}\n{m[2]}", before), encoding="utf-8")


def main() -> None:
    """Measure, keep, and tell what became slower."""
    names = [*MEASURES, *COMMANDS, *QUESTIONS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("baseline", help="A commit, for instance the tag of the last release.")
    parser.add_argument("names", nargs="*", choices=[[], *names], metavar="NAME", help=str(names))
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--dry", action="store_true", help="Print only.")
    given = parser.parse_args()
    baseline = revision(given.baseline)
    measured = all_measured(given.names or names, baseline, given.pairs)
    if not given.dry:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        kept(project["version"], baseline, given.pairs, measured)
        write_table(PAGE, "history", table())
    slower = [n for n, one in measured.items() if "failed" not in one and is_regression(one)]
    if slower:
        sys.exit(f"slower than {given.baseline}: {', '.join(slower)}")


if __name__ == "__main__":
    main()
