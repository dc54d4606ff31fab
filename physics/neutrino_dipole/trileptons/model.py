"""Efficiencies of displaced-trilepton searches for the dipole portal, a model of their own (arXiv:2301.08592 fig. 4).

The fraction of W -> l N, N -> nu l+ l- that a search selects, over mass and proper decay length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from physics.dipole.conventions import CHOICES, DipoleOptions
from physics.errors import InputError, unknown
from physics.models.model import Axis, Model, models
from physics.trileptons.axes import axes_of_efficiencies

TAG = "trilepton-efficiency"
PAIRS = ("ee", "mumu")


def complete_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """``nature``: a Dirac N is polarised, a Majorana N decays as if it were not."""
    for name in options:
        if name != "nature":
            raise InputError(unknown(f"option of the model {TAG}", name, ["nature"]))
    chosen = options.get("nature", CHOICES["nature"][0])
    return {"nature": DipoleOptions(nature=chosen).nature}


models.add(
    Model(
        tag=TAG,
        title="selection efficiency of a prompt and two displaced leptons",
        source="arXiv:2301.08592 sec. 3 and fig. 4",
        complete_options=complete_options,
        axes=tuple(Axis(**keys) for keys in axes_of_efficiencies(PAIRS)),
    )
)
