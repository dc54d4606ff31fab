"""Pairs e+ e- from Z -> tau tau: how many are left by cuts, and what kinematics forbids."""

from __future__ import annotations

import math

import numpy as np

from physics.errors import InputError
from physics.quantities.base import Result, quantity
from physics.searches.catalogue import experiment as experiment_named
from physics.searches.tau_pair import TauPair
from physics.tau_background.bound import largest_cosine, softest_energy
from physics.tau_background.counts import BRANCHING_RATIO, SEED, count_pairs


@quantity(
    "tau-background",
    "pairs e+ e- from Z -> tau tau that pass cuts on displaced leptons",
    "arXiv:2301.08592 app. A",
    E_lepton_min=(-1e-300, 1e5, "GeV"),
    cos_min=(-1.0 - 1e-12, 1.0, ""),
    batch=(-1e-300, 1e9, ""),
    events=(0.0, 1e9, ""),
)
def tau_background(
    experiment: str = "FCC-ee-tau-pairs",
    E_lepton_min: float = 2.0,
    cos_min: float = -0.5,
    radiation: str = "none",
    events: float = 2.0**20,
    batch: float = 0.0,
) -> list[Result]:
    """Count generated events: both energies above E_lepton_min [GeV], the cosine between them above cos_min.

    ``radiation=collinear`` adds photons of the initial state that are lost in the beam pipe; ``batch`` is the number
    of an independent sample, as on the axis of the model tau-background.
    """
    search = experiment_named(experiment)
    if not isinstance(search, TauPair):
        raise InputError(f"{search.tag} is no search for pairs from taus (kind tau-pair)")
    if events != int(events) or batch != int(batch):
        raise InputError("events and batch must be whole numbers")
    # zero is no cut: an energy of exactly zero would not be above it
    energy = np.array([E_lepton_min if E_lepton_min > 0 else -1.0])
    angle = np.array([math.acos(cos_min) if cos_min > -1 else math.pi])
    sizes = int(events), SEED, int(batch)
    passed = int(count_pairs([search.selection], energy, angle, *sizes, radiation)[0, 0, 0])
    fraction = passed / int(events)
    error = math.sqrt(max(passed, 1)) / int(events)
    expected = search.exposure * BRANCHING_RATIO * search.efficiency
    rest = "of Z -> tau tau -> e e at rest"
    return [
        Result("expected", expected * fraction, search.counts_units, source=search.source),
        Result("passed", float(passed), "generated events", f"of {int(events):,}"),
        Result("fraction", fraction, "1"),
        Result("error", error, "1", "statistical, at least that of one event"),
        Result(
            "largest_cosine",
            float(largest_cosine(max(E_lepton_min, 0.0))),
            "1",
            f"possible above E_lepton_min, {rest}",
        ),
        Result(
            "softest_energy",
            softest_energy(max(cos_min, -1 + 1e-9)),
            "GeV",
            f"above it no pair has cos_min, {rest}",
        ),
    ]
