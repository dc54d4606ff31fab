"""A heavy neutral lepton N that mixes with one active neutrino, nu_a = ... + U N (arXiv:2301.08592 sec. 2.2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from physics.errors import InputError, unknown
from physics.mixing.options import CHOICES, MixingOptions
from physics.models.model import ENERGY, Axis, Model, models
from physics.nature.flavors import FLAVORS

TAG = "mixing"
TRIAL_MASSES = (0.3, 2.0, 12.0)  # GeV
TRIAL_MIXINGS = (1e-20, 2e-20, 1e-9, 1e-7, 1e-5, 1e-3)  # the first two for small ones


def complete_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of :class:`physics.mixing.options.MixingOptions`."""
    for name in options:
        if name not in CHOICES:
            raise InputError(unknown(f"option of the model {TAG}", name, CHOICES))
    return asdict(MixingOptions(**options))


models.add(
    Model(
        tag=TAG,
        title="N that mixes with a neutrino",
        source="arXiv:2301.08592 sec. 2.2.2, arXiv:1805.08567",
        complete_options=complete_options,
        axes=(
            Axis("flavor", "flavor", "", "label", allowed=FLAVORS),
            Axis(
                "m_N", r"$m_N$", "GeV", "mass",
                accepted_units=ENERGY, lowest=1e-9, highest=1e5, trial=TRIAL_MASSES,
            ),
            Axis(
                "U2", r"$|U|^2$", "", "coupling", lowest=0.0, highest=1.0, trial=TRIAL_MIXINGS
            ),
        ),
    )
)  # fmt: skip
