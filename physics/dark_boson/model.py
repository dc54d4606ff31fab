"""A dark gauge boson Z_D between charges and N, which mixes with one light neutrino (arXiv:2011.04751 eq. 3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from physics.dark_boson.options import CHOICES, DarkBosonOptions
from physics.models.model import (
    ENERGY,
    GENERATOR,
    PAIR_THRESHOLD,
    TRIAL_MASSES,
    Axis,
    Model,
    models,
)
from physics.nature.flavors import FLAVORS
from physics.spectra.normalisation import taken_normalisation

TAG = "dark_boson"
TRIAL_MIXINGS = (1e-20, 2e-20, 1e-9, 1e-7, 1e-5, 1e-3)  # the first two for small ones


def complete_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of :class:`physics.dark_boson.options.DarkBosonOptions`, and ``normalisation`` of the spectra."""
    given, normalisation = taken_normalisation(options, CHOICES, TAG)
    return asdict(DarkBosonOptions(**given)) | {"normalisation": normalisation}


models.add(
    Model(
        tag=TAG,
        title="dark gauge boson, and N that mixes with a neutrino",
        source="arXiv:2011.04751 eq. (3.3)",
        complete_options=complete_options,
        axes=(
            GENERATOR,
            Axis("flavor", "flavor", "", "label", allowed=FLAVORS),
            Axis(
                "m_N", r"$m_N$", "GeV", "mass",
                accepted_units=ENERGY, lowest=1e-9, highest=1e5, trial=TRIAL_MASSES,
            ),
            PAIR_THRESHOLD,
            Axis(
                "m_ZD", r"$m_{Z_D}$", "GeV", "parameter",
                accepted_units=ENERGY, lowest=1e-9, highest=1e3, group="m_ZD", trial=(0.03, 0.4),
            ),
            Axis(
                "m_ZD_over_m_N", r"$m_{Z_D}/m_N$", "", "parameter",
                lowest=1e-6, highest=1e6, group="m_ZD", trial=(0.1, 8.0),
            ),
            Axis(
                "alpha_D", r"$\alpha_D$", "", "parameter", lowest=0.0, highest=10.0, trial=(0.25,)
            ),
            Axis(
                "epsilon", r"$\epsilon$", "", "parameter", lowest=0.0, highest=1.0, trial=(1e-3,)
            ),
            Axis(
                "U2", r"$|U|^2$", "", "coupling", lowest=0.0, highest=1.0, trial=TRIAL_MIXINGS
            ),
        ),
    )
)  # fmt: skip
