"""Selection efficiencies of displaced pairs of leptons of N that mixes, as a model of their own.

The fraction of N -> nu l- l+ from Z -> N nu that a search selects, over mass and decay length
(arXiv:2301.08592 fig. 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from physics.errors import InputError, unknown
from physics.mixing.options import MixingOptions
from physics.models.model import ENERGY, Axis, Model, models
from physics.nature.flavors import FLAVORS

TAG = "mixing-dilepton-efficiency"
PAIRS = ("ee", "mumu", "emu")
LENGTH = {"m": 1.0, "km": 1e3, "cm": 1e-2, "mm": 1e-3, "um": 1e-6}


def complete_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """``nature``: a Dirac N is polarised, a Majorana N decays as if it were not."""
    for name in options:
        if name != "nature":
            raise InputError(unknown(f"option of the model {TAG}", name, ["nature"]))
    return {"nature": MixingOptions(**options).nature}


models.add(
    Model(
        tag=TAG,
        title="selection efficiency of displaced pairs of leptons of N that mixes",
        source="arXiv:2301.08592 table 3 and fig. 7",
        complete_options=complete_options,
        axes=(
            Axis("flavor", "flavor", "", "label", allowed=FLAVORS),
            Axis("pair", "pair", "", "label", allowed=PAIRS, default=PAIRS),
            Axis(
                "m_N", r"$m_N$", "GeV", "mass",
                accepted_units=ENERGY, lowest=1e-9, highest=1e5,
            ),
            Axis(
                "decay_length", r"$p\hbar c/(m_N\Gamma)$", "m", "coupling",
                accepted_units=LENGTH, highest=1e12,
            ),
        ),
    )
)  # fmt: skip
