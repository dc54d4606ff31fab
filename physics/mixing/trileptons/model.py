"""Efficiencies of displaced-trilepton searches for N that mixes, as a model of their own.

The fraction of W -> l N, N -> nu l- l+ that a search selects, over mass and proper decay length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from physics.errors import InputError, unknown
from physics.mixing.options import MixingOptions
from physics.models.model import Axis, Model, models
from physics.trileptons.axes import axes_of_efficiencies

TAG = "mixing-trilepton-efficiency"
PAIRS = ("ee", "mumu", "emu")


def complete_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """``nature``: a Dirac N is polarised, a Majorana N decays as if it were not."""
    for name in options:
        if name != "nature":
            raise InputError(unknown(f"option of the model {TAG}", name, ["nature"]))
    return {"nature": MixingOptions(**options).nature}


models.add(
    Model(
        tag=TAG,
        title="selection efficiency of a prompt and two displaced leptons of N that mixes",
        source="arXiv:2301.08592 sec. 3",
        complete_options=complete_options,
        axes=tuple(Axis(**keys) for keys in axes_of_efficiencies(PAIRS)),
    )
)
