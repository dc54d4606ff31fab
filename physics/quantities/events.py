"""Expected events at one point."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from physics.colliders.quadratic import convention as convention_named
from physics.models.base import models
from physics.production.base import single_flavors
from physics.quantities.base import COUPLING, MASS, Result, quantity
from physics.quasirandom import Sampling


@quantity(
    "events",
    "expected events of a search at one point",
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
    a: float = 0.0,
    convention: str = "exact",
) -> list[Result]:
    """Events (or what else a search counts) by production channel, their sum and its relative integration error."""
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
    axes = {
        "generator": (generator,),
        "convention": (convention,),
        "flavor": (flavor,),
        "m_N": (m_N,),
        "a": (a,),
        "d_gamma": (d_gamma,),
    }
    single_flavors(flavor)
    convention_named(convention)
    search = model.experiment(experiment)
    channels = model.check_channels((), [search])
    (task,) = model.tasks([search], axes, options, asdict(Sampling()), channels)
    kernel = model.kernel(task)
    found = kernel.evaluate({name: slice(0, 1) for name in kernel.block_dims})[search.tag]
    counts = found["counts"].ravel()  # every axis but the channel's has one value
    error = np.nan_to_num(found["relative_error"]).ravel()[0] if "relative_error" in found else 0.0
    units = search.counts_units
    return [
        Result("events" if units == "events" else "counts", float(counts.sum()), units),
        Result("relative_error", float(error), "1"),
        *(Result(tag, float(n), units) for tag, n in zip(task.channels, counts, strict=True)),
    ]
