"""The background of tau pairs as a model of its own: counts over the cuts on two electrons (arXiv:2301.08592 app. A).

Its plane has the lowest energy of each electron and the largest angle between them in place of a mass and a coupling.
``batch`` numbers independent samples, so that billions of events are many small blocks of a scan: the mean over the
axis is the count.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from typing import Any

from physics.errors import InputError
from physics.models.model import ENERGY, Axis, Model, models
from physics.tau_background.production import RADIATION

TAG = "tau-background"
ANGLE = {"rad": 1.0, "deg": pi / 180, "mrad": 1e-3}


def complete_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """There are none."""
    for name in options:
        raise InputError(f"the model {TAG} has no options; remove {name!r:.60}")
    return {}


models.add(
    Model(
        tag=TAG,
        title="background of tau pairs to displaced leptons",
        source="arXiv:2301.08592 app. A",
        complete_options=complete_options,
        axes=(
            Axis("radiation", "radiation", "", "label", allowed=RADIATION, default=("none",)),
            Axis(
                "batch", "batch", "", "parameter", lowest=-1.0, highest=1e9, default=(0.0,),
                trial=(0.0, 1.0),
            ),
            Axis(
                "E_lepton_min", r"$E_\ell$ >", "GeV", "mass",
                accepted_units=ENERGY, highest=1e5, trial=(1e-3, 0.1, 2.0),
            ),
            Axis(
                "angle_max", r"$\theta_{ee}$ <", "rad", "coupling",
                accepted_units=ANGLE, highest=4.0, trial=(1.0, 2.0, 3.0),
            ),
        ),
    )
)  # fmt: skip
