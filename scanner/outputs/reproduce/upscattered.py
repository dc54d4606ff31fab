"""Lines of N that neutrinos make at FASERnu2, which figures on mesons show beside theirs: computed, not copied."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scanner.outputs.reproduce.cube import CompleteCube
from scanner.queries.query import Curve

SPEC = "2011.04751"
VESSEL, EMULSION = "FASERnu2-photon", "FASERnu2-emulsion-1TeV"
FLAVORS = ("e", "mu", "tau")
Runner = Callable[..., Path]


def upscattered(run: Runner, tag: str, names: Sequence[str]) -> CompleteCube:
    """The scan of some searches of arXiv:2011.04751 for each flavor, in the convention ``exact``.

    Parameters
    ----------
    run : callable
    tag : str
        Of the figure.
    names : sequence of str
        Experiments.
    """
    overrides = (
        f"experiments=[{', '.join(names)}]",
        f"axes.flavor=[{', '.join(FLAVORS)}]",
        "axes.generator=[pythia8-forward]",
        "axes.convention=[exact]",
    )
    return CompleteCube(run(SPEC, overrides, f"each flavor {len(names)}"), tag)


def of_flavor(query: CompleteCube, name: str, flavor: str) -> Curve:
    """The contour of three events."""
    return query.curve({"experiment": name, "flavor": flavor})


def rows_of(curve: Curve, before: Mapping[str, Any]) -> list[list[Any]]:
    """Label columns, number of the branch and points."""
    return [
        [*before.values(), i, *point]
        for i, branch in enumerate(curve.contour.branches)
        for point in branch.tolist()
    ]
