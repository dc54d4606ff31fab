"""The neutrino dipole portal, d nubar_L sigma^{mu nu} N_R F_{mu nu} + h.c. (arXiv:2308.16608 eq. 2.1).

A heavy neutral lepton N with a magnetic dipole coupling to an active neutrino.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from physics.dipole.conventions import BEFORE, CHOICES, DipoleOptions
from physics.models.model import (
    ENERGY,
    GENERATOR,
    INVERSE,
    PAIR_THRESHOLD,
    THRESHOLD,
    TRIAL_COUPLINGS,
    TRIAL_MASSES,
    Axis,
    Model,
    models,
)
from physics.nature.constants import D_PER_BOHR_MAGNETON
from physics.nature.flavors import FLAVORS, UNIVERSAL
from physics.spectra.normalisation import taken_normalisation

TAG = "dipole"


def complete_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of :class:`physics.dipole.conventions.DipoleOptions`, and ``normalisation`` of the spectra."""
    given, normalisation = taken_normalisation(options, CHOICES, TAG)
    return asdict(DipoleOptions(**given)) | {"normalisation": normalisation}


models.add(
    Model(
        tag=TAG,
        title="neutrino dipole portal",
        source="arXiv:2308.16608 eqs. (2.1)-(2.7)",
        complete_options=complete_options,
        before=BEFORE,
        axes=(
            GENERATOR,
            Axis(
                "convention", "convention", "", "label",
                allowed=("exact", "paper"), default=("exact",),
            ),
            Axis("flavor", "flavor", "", "label", allowed=(*FLAVORS, UNIVERSAL)),
            Axis(
                "m_N", r"$m_N$", "GeV", "mass",
                accepted_units=ENERGY, lowest=1e-12, highest=1e5, trial=TRIAL_MASSES,
            ),
            THRESHOLD,
            PAIR_THRESHOLD,
            Axis("a", "$a$", "", "parameter", lowest=-np.inf, closed=True, trial=(0.0, 1.0)),
            Axis(
                "d_gamma", r"$d_\gamma$", "1/GeV", "coupling",
                accepted_units={**INVERSE, "mu_B": D_PER_BOHR_MAGNETON}, highest=1e3, trial=TRIAL_COUPLINGS,
            ),
        ),
    )
)  # fmt: skip
