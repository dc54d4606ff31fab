"""The first second: CPU of whole commands, client and workers together.

``python benchmarks/start.py`` on an idle machine prints the least of some runs of each command; ``--against PYTHON``
pairs each run with one of another checkout's interpreter and gives the ratio; ``--smoke`` runs each
once and times none. As after an installation the byte code of all modules is there: a first run, which
is not counted, writes it into a folder of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ONE_MASS = ("axes.m_N.num=1", "axes.m_N.start=0.1", "axes.m_N.stop=0.1")
SETTINGS = [word for override in ONE_MASS for word in ("--set", override)]
CURVE = ["--experiment", "FACET", "--flavor", "e"]
SMALL = ["--set", "axes.m_N.num=12", "--set", "sampling.points=256", "--set", "sampling.replicas=2"]
COMMANDS = {
    "--help": ["--help"],
    "list specs": ["list", "specs"],
    "submit": ["submit", "quickstart", "--queue", "queue"],
    "status": ["status", "--queue", "queue"],
    "plan": ["plan", "quickstart"],
    "query": ["query", "cube.zarr", "m_N=0.1", "d_gamma=1e-6", "experiment=FACET", "flavor=e"],
    "reach": ["reach", "cube.zarr", *CURVE],
    "contour": ["contour", "cube.zarr", *CURVE, "-o", "contour.csv"],
    "plot": ["plot", "cube.zarr", "--flavor", "e", "-o", "plot.pdf"],
    "run, one mass, no summary": ["run", "quickstart", *SETTINGS, "--no-summary", "--store", "NEW"],
    "run, one mass": ["run", "quickstart", *SETTINGS, "--store", "NEW"],
}
SCRIPT = "from scanner.cli import run_main; run_main()"
# what the commands above cannot do without
IMPORTS = {
    "imports for specs": "import click, numpy, yaml",
    "imports for PDF": "import matplotlib.figure, matplotlib.backends.backend_pdf",
}


def cpu_seconds(python: str, words: list[str], folder: Path, script: str = SCRIPT) -> float:
    """CPU of one command, of its children, too [s]."""
    new = tempfile.mkdtemp(dir=folder) + "/new.zarr"
    words = [new if word == "NEW" else word for word in words]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [python, "-c", script, *words], cwd=folder, env=environment, check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure, and print a row for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commands", nargs="*", choices=[[], *COMMANDS, *IMPORTS])
    parser.add_argument("--against", metavar="PYTHON", help="interpreter of another checkout")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--smoke", action="store_true", help="run each once, time none")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cpu_seconds(
            sys.executable,
            ["run", "quickstart", *SMALL, "--no-summary", "--store", "cube.zarr"],
            folder,
        )
        for command in asked.commands or (*COMMANDS, *IMPORTS):
            words, script = COMMANDS.get(command, []), IMPORTS.get(command, SCRIPT)
            if asked.smoke:
                cpu_seconds(sys.executable, words, folder, script)
                print(f"{command:27s} runs")
                continue
            ours, theirs = [], []
            for python in filter(None, (sys.executable, asked.against)):
                cpu_seconds(python, words, folder, script)  # writes byte code
            for _ in range(asked.runs):
                ours.append(cpu_seconds(sys.executable, words, folder, script))
                if asked.against:
                    theirs.append(cpu_seconds(asked.against, words, folder, script))
            row = {"least": min(ours), "median": statistics.median(ours), "most": max(ours)}
            text = f"{command:27s} {min(ours):6.2f} s of CPU (to {max(ours):.2f})"
            if theirs:
                ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
                row |= {"other_least": min(theirs), "ratio": statistics.median(ratios)}
                text += f"; other {min(theirs):6.2f}, ratio {row['ratio']:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            found[command] = row
            print(text, flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
