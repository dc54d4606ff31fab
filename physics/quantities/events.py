"""Expected events at one point."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from physics.models.base import models
from physics.quantities.base import COUPLING, MASS, Result, quantity
from physics.quasirandom import Sampling


@quantity(
    "events",
    "expected events of a forward search",
    "arXiv:2308.16608 eq. (3.3)",
    m_N=MASS,
    d_gamma=COUPLING,
)
def events(
    experiment: str,
    m_N: float,
    d_gamma: float,
    flavor: str = "e",
    generator: str = "pythia8-forward",
    normalisation: str = "paper",
    count_antiparticle: bool = True,
    nature: str = "dirac",
    constants: str = "measured",
    form_factor: str = "pointlike",
) -> list[Result]:
    """Events by production channel, their sum and its relative integration error."""
    model = models["dipole"]
    options = model.check_options(
        {
            "nature": nature,
            "count_antiparticle": count_antiparticle,
            "constants": constants,
            "form_factor": form_factor,
            "normalisation": normalisation,
        }
    )
    axes = {"generator": (generator,), "flavor": (flavor,), "m_N": (m_N,), "d_gamma": (d_gamma,)}
    search = model.experiment(experiment)
    (task,) = model.tasks([search], axes, options, asdict(Sampling()), model.check_channels(()))
    found = model.kernel(task).evaluate({"generator": slice(0, 1), "m_N": slice(0, 1)})[search.tag]
    counts = found["counts"][0, 0, 0, :, 0]
    return [
        Result("events", float(counts.sum()), "events"),
        Result("relative_error", float(np.nan_to_num(found["relative_error"][0, 0, 0, 0])), "1"),
        *(Result(tag, float(n), "events") for tag, n in zip(task.channels, counts, strict=True)),
    ]
