"""Axes of a model of efficiencies, which every model of N has in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from physics.trileptons.lifetime import TIMES

LENGTH = {"m": 1.0, "km": 1e3, "cm": 1e-2, "mm": 1e-3, "um": 1e-6}
ENERGY = {"GeV": 1.0, "MeV": 1e-3, "keV": 1e-6, "TeV": 1e3}


def axes_of_efficiencies(pairs: tuple[str, ...]) -> tuple[Mapping[str, Any], ...]:
    """Keys of :class:`physics.models.model.Axis` for each axis: rooms of one floor do not import each other.

    Parameters
    ----------
    pairs : tuple of str
        Pairs of leptons that N of the model decays to.
    """
    return (
        {
            "name": "flavor", "title": "flavor", "units": "", "role": "label",
            "allowed": ("e", "mu", "tau"), "default": ("e", "mu"),
        },
        {
            "name": "pair", "title": "pair of leptons", "units": "", "role": "label",
            "allowed": pairs, "default": pairs,
        },
        {
            "name": "m_N", "title": r"$m_N$", "units": "GeV", "role": "mass",
            "accepted_units": ENERGY, "highest": 1e5,
        },
        {
            "name": "proper_time", "title": r"$c t$", "units": "m", "role": "parameter",
            "accepted_units": LENGTH, "default": tuple(TIMES.tolist()),
        },
        {
            "name": "proper_decay_length", "title": r"$c\tau_N$", "units": "m", "role": "coupling",
            "accepted_units": LENGTH, "highest": 1e12,
        },
    )  # fmt: skip
