"""What a stated error costs: the quickstart's kernel with fixed numbers of points, and with points where they matter.

``python benchmarks/allocation.py [--rounds N]``. All samplings take turns in one process, so that what else the machine
does cancels in the ratios. Results go to ``benchmarks/allocation.json`` and into ``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from history import write_table

from physics.models.tasks import make_kernel
from scanner.scans.plan import make_plan
from scanner.scans.spec import load_spec

ROOT = Path(__file__).parents[1]
KEPT, PAGE = ROOT / "benchmarks" / "allocation.json", ROOT / "benchmarks" / "README.md"
MASSES = ["axes.m_N={start: 0.001, stop: 2.0, num: 5}", "execution.block_size=1"]
POINTS = [2**n for n in range(10, 17)]  # below a sixteenth to four times the default
ERRORS = [0.02, 0.01, 0.005, 0.003]
SHARE = (
    0.01  # of the largest count, down to which an error is asked for on the side of short lifetimes
)
PARTS = {"median": 0.5, "90%": 0.9, "all": 1.0}


class Sampled:
    """The quickstart's kernel with one sampling."""

    def __init__(self, change: str):
        spec = load_spec("quickstart", [*MASSES, f"sampling.{change}"])
        plan = make_plan(spec)
        self.task, self.blocks = plan.tasks[0], list(plan.blocks)
        self.kernel, self.seconds = make_kernel(self.task.task), []
        self.errors = self._evaluated()  # fills caches, too

    def _evaluated(self) -> np.ndarray:
        found = []
        begin = time.process_time()
        filled = [self.kernel.evaluate(self.task.selection(b.index)) for b in self.blocks]
        self.seconds.append((time.process_time() - begin) / len(self.blocks))
        for arrays in (arrays for block in filled for arrays in block.values()):
            dims = self.task.variables["counts"].dims
            counts = (
                arrays["counts"]
                .sum(axis=dims.index("channel"))
                .reshape(-1, arrays["counts"].shape[-1])
            )
            errors = arrays["relative_error"].reshape(counts.shape)
            found += [largest(*one) for one in zip(counts, errors, strict=True) if one[0].any()]
        return np.array(found)

    def again(self) -> None:
        """Measure once more."""
        self._evaluated()

    def result(self) -> dict[str, float]:
        """CPU seconds for each mass, the first time left out, and errors that parts of all sums state at most."""
        stated = {name: float(np.quantile(self.errors, part)) for name, part in PARTS.items()}
        return {"seconds": float(np.median(self.seconds[1:])), **stated}


def largest(counts: np.ndarray, errors: np.ndarray) -> float:
    """Largest error of one sum, of all couplings where one is asked for."""
    asked = (np.arange(counts.size) <= counts.argmax()) | (counts >= SHARE * counts.max())
    return float(errors[asked].max())


def fixed_over(asked: Mapping[str, float], fixed: Sequence[Mapping[str, float]], part: str) -> str:
    """CPU of a fixed number of points with the same error over that with an error asked for."""
    errors = np.array([one[part] for one in fixed])
    if not errors.min() <= asked[part] <= errors.max():
        beyond = max(one["seconds"] for one in fixed) / asked["seconds"]
        return f"> {beyond:.1f}" if asked[part] < errors.min() else ""
    order = np.argsort(errors)
    logs = [np.log([one[what] for one in fixed])[order] for what in (part, "seconds")]
    return f"{np.exp(np.interp(np.log(asked[part]), *logs)) / asked['seconds']:.2f}"


def table(found: Mapping[str, Mapping[str, float]]) -> str:
    """One row for each sampling."""
    head = [f"{part} of the sums: error" for part in PARTS] + [
        f"fixed over asked for, {part}" for part in PARTS
    ]
    lines = [
        f"| sampling | CPU s a mass | {' | '.join(head)} |",
        "|---|" + "---|" * (1 + len(head)),
    ]
    fixed = [one for name, one in found.items() if name.startswith("points")]
    for name, one in found.items():
        ratios = [
            fixed_over(one, fixed, part) if name.startswith("error") else "" for part in PARTS
        ]
        errors = [f"{one[part]:.2g}" for part in PARTS]
        lines.append(
            f"| {name.replace('=', ': ')} | {one['seconds']:.3f} | {' | '.join(errors + ratios)} |"
        )
    return "\n".join(lines)


def measured(rounds: int) -> dict[str, dict[str, float]]:
    """Every sampling, in turn."""
    names = [f"points={n}" for n in POINTS] + [f"error={error}" for error in ERRORS]
    of = {name: Sampled(name) for name in names}
    for _ in range(rounds):
        for one in of.values():
            one.again()
    return {name: one.result() for name, one in of.items()}


def main() -> None:
    """Measure, keep and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    found = measured(parser.parse_args().rounds)
    KEPT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    write_table(PAGE, "allocation", table(found))
    print(table(found))


if __name__ == "__main__":
    main()
