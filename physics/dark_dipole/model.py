"""Two dark Majorana states with a dipole, d chibar_2 sigma^{mu nu} chi_1 F_{mu nu} (arXiv:2406.17599 eq. 2.1).

chi_2, heavier than chi_1 by M_2 - M_1 = delta M_1, decays to chi_1 and a photon.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from physics.dipole.conventions import DipoleOptions
from physics.models.model import (
    ENERGY,
    GENERATOR,
    INVERSE,
    THRESHOLD,
    TRIAL_COUPLINGS,
    TRIAL_MASSES,
    Axis,
    Model,
    models,
)
from physics.spectra.normalisation import taken_normalisation

TAG = "dark_dipole"
OPTIONS = ("constants", "form_factor")  # those of the neutrino dipole that mean something here


def complete_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """``constants`` and ``form_factor`` as in the neutrino dipole, and ``normalisation`` of the spectra."""
    given, normalisation = taken_normalisation(options, OPTIONS, TAG)
    chosen = DipoleOptions(**given)
    own = {name: getattr(chosen, name) for name in OPTIONS}
    return own | {"normalisation": normalisation}


models.add(
    Model(
        tag=TAG,
        title="dark dipole: inelastic pair of Majorana states",
        source="arXiv:2406.17599 eqs. (2.1), (2.2)",
        complete_options=complete_options,
        axes=(
            GENERATOR,
            # at 1e-9 or less no photon is seen anywhere; large ones are the limit of a massless chi_1
            Axis(
                "delta", r"$\delta$", "", "parameter", lowest=1e-9, highest=1e12, trial=(0.01, 0.2)
            ),
            *(
                Axis(
                    name, title, "GeV", "mass",
                    accepted_units=ENERGY, lowest=1e-9, highest=1e5, group="mass",
                    trial=TRIAL_MASSES,
                )
                for name, title in (("M_1", "$M_1$"), ("M_2", "$M_2$"))
            ),
            THRESHOLD,
            Axis(
                "d", "$d$", "1/GeV", "coupling",
                accepted_units=INVERSE, highest=1e3, trial=TRIAL_COUPLINGS,
            ),
        ),
    )
)  # fmt: skip
