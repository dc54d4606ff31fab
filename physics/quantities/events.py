"""Expected events at one point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from physics.errors import InputError, unknown
from physics.models.model import models
from physics.models.tasks import chosen_channels, make_kernel, make_tasks, search_in
from physics.nature.flavors import single_flavors
from physics.neutrino_dipole.annihilation.quadratic import convention as convention_named
from physics.numerics.sampling import Sampling
from physics.quantities.base import COUPLING, MASS, Result, quantity
from physics.quantities.dark_dipole import DELTA


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
    generator: str = "",
    normalisation: str = "paper",
    count_antiparticle: bool = True,
    nature: str = "dirac",
    constants: str = "measured",
    form_factor: str = "pointlike",
    a: float = 0.0,
    convention: str = "exact",
    initial_state: str = "radiator",
) -> list[Result]:
    """Events (or what else a search counts) by production channel, their sum and its relative integration error."""
    single_flavors(flavor)
    convention_named(convention)
    options = {
        "nature": nature,
        "count_antiparticle": count_antiparticle,
        "constants": constants,
        "form_factor": form_factor,
        "initial_state": initial_state,
        "normalisation": normalisation,
    }
    point = {
        "generator": generator,
        "convention": convention,
        "flavor": flavor,
        "m_N": m_N,
        "a": a,
        "d_gamma": d_gamma,
    }
    return counted("dipole", experiment, point, options)


@quantity(
    "dark-events",
    "expected events of a search for dark states at one point",
    "arXiv:2406.17599 eq. (4.1)",
    M_1=MASS,
    delta=DELTA,
    d=COUPLING,
)
def dark_events(
    experiment: str,
    M_1: float,
    delta: float,
    d: float,
    E_gamma_min: float = 0.0,
    generator: str = "",
    normalisation: str = "paper",
    constants: str = "measured",
    form_factor: str = "pointlike",
) -> list[Result]:
    """Events by production channel, their sum and its relative integration error.

    A threshold of the photon's energy [GeV] above zero takes the place of the search's own.
    """
    options = {
        "constants": constants,
        "form_factor": form_factor,
        "normalisation": normalisation,
    }
    if not 0 <= E_gamma_min <= 1e5:
        raise InputError(f"E_gamma_min must lie between 0 and 1e5 GeV, not {E_gamma_min:g}")
    threshold = E_gamma_min if E_gamma_min > 0 else ""
    point = {"generator": generator, "delta": delta, "M_1": M_1, "d": d, "E_gamma_min": threshold}
    return counted("dark_dipole", experiment, point, options)


@quantity(
    "boson-events",
    "expected events of a search for a dark gauge boson and N at one point",
    "arXiv:2011.04751 eq. (3.3)",
    m_N=MASS,
    m_ZD=MASS,
    alpha_D=(0.0, 10.0, ""),
    epsilon=(0.0, 1.0, ""),
    U2=(0.0, 1.0, ""),
)
def boson_events(
    experiment: str,
    m_N: float,
    m_ZD: float,
    alpha_D: float,
    epsilon: float,
    U2: float,
    flavor: str = "mu",
    generator: str = "",
    nature: str = "dirac",
    spin: str = "correlated",
    z_interference: str = "none",
    normalisation: str = "paper",
) -> list[Result]:
    """Events by channel, their sum and its relative integration error."""
    options = {
        "nature": nature,
        "spin": spin,
        "z_interference": z_interference,
        "normalisation": normalisation,
    }
    point = {
        "generator": generator,
        "flavor": flavor,
        "m_N": m_N,
        "m_ZD": m_ZD,
        "alpha_D": alpha_D,
        "epsilon": epsilon,
        "U2": U2,
    }
    return counted("dark_boson", experiment, point, options)


def counted(
    tag: str, experiment: str, point: Mapping[str, Any], options: Mapping[str, Any]
) -> list[Result]:
    """Counts of a model's experiment at a point, as a scan has them.

    Parameters
    ----------
    tag : str
        The model's.
    experiment : str
        Label or path.
    point : mapping
        Axis to value; an empty text for the default.
    options : mapping
    """
    model = models[tag]
    chosen = model.complete_options(options)
    axes = {name: (value,) for name, value in point.items() if value != ""}
    for name, (value,) in axes.items():
        allowed = model.axis(name).allowed
        if allowed and value not in allowed:
            raise InputError(unknown(name, value, allowed))
    search = search_in(model, experiment)
    channels = chosen_channels(model, (), [search])
    (task,) = make_tasks(model, [search], axes, chosen, asdict(Sampling()), channels)
    kernel = make_kernel(task)
    found = kernel.evaluate({name: slice(0, 1) for name in kernel.block_dims})[search.tag]
    counts = found["counts"].ravel()  # every axis but the channel's has one value
    error = np.nan_to_num(found["relative_error"]).ravel()[0] if "relative_error" in found else 0.0
    units = search.counts_units
    used = ", ".join(f"{name} {value[0]}" for name, value in task.axes.items() if name not in axes)
    said = f"{search.tag}: {search.describe()}" + (f"; {used}" if used else "")
    return [
        Result(
            "events" if units == "events" else "counts",
            float(counts.sum()),
            units,
            said,
            search.source,
        ),
        Result("relative_error", float(error), "1"),
        *(Result(tag, float(n), units) for tag, n in zip(task.channels, counts, strict=True)),
    ]
