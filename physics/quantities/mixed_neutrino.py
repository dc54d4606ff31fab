"""Weak decays of N that mixes with one flavor, and decays of mesons and tau into it."""

from __future__ import annotations

from collections.abc import Mapping

from physics.errors import InputError
from physics.mixed_neutrino import production
from physics.mixed_neutrino.widths import SOURCE, weak_widths
from physics.nature.constants import HBAR_C, SPEED_OF_LIGHT
from physics.quantities.base import Result, quantity

MIXING = (1e-60, 1.0, "")
WEAK_MASS = (1e-5, 20.0, "GeV")


@quantity(
    "weak-widths",
    "weak widths of N that mixes with one flavor",
    SOURCE,
    m_N=WEAK_MASS,
    U2=MIXING,
)
def widths(m_N: float, U2: float, flavor: str = "e", nature: str = "dirac") -> list[Result]:
    """Total width [GeV] and c tau [m], then width and branching ratio of each channel, largest first."""
    partial = {tag: w * U2 for tag, w in weak_widths(m_N, flavor, nature).items()}
    return listed(partial)


def listed(partial: Mapping[str, float]) -> list[Result]:
    """Total, lifetime, c tau and each open channel with its branching ratio, largest first."""
    total = sum(partial.values())
    c_tau = HBAR_C / total if total > 0 else float("inf")
    results = [
        Result("total", total, "GeV"),
        Result("lifetime", c_tau / SPEED_OF_LIGHT, "s"),
        Result("c_tau", c_tau, "m"),
    ]
    for tag in sorted(partial, key=lambda name: -partial[name]):
        if partial[tag] > 0:
            name = tag.replace(" ", "_")
            results += [
                Result(name, partial[tag], "GeV"),
                Result(f"{name}_branching_ratio", partial[tag] / total, "1"),
            ]
    return results


@quantity(
    "mixing-branching-ratio",
    "branching ratio of a meson or of tau into N by mixing",
    production.SOURCE,
    m_N=WEAK_MASS,
    U2=MIXING,
)
def branching_ratio(parent: str, m_N: float, U2: float, flavor: str = "e") -> list[Result]:
    """Of P -> l N with the lepton of the flavor, and the polarisation of N; or of each decay of tau into N.

    ``parent`` is ``pi``, ``K``, ``D``, ``D_s``, ``B`` or ``tau``.
    """
    if parent == "tau":
        found = production.tau_branching_ratios(m_N, flavor)
        names = {tag: f"N_{tag.replace(' ', '_')}" for tag in found}
        results = [Result(names[tag], ratio * U2, "1") for tag, ratio in found.items()]
        if not results:
            raise InputError(f"tau decays into no N of flavor {flavor}; give e, mu or tau")
        return [Result("all", sum(found.values()) * U2, "1"), *results]
    # refuses an unknown flavor, like the widths
    weak_widths(m_N, flavor)
    return [
        Result("branching_ratio", production.meson_branching_ratio(parent, flavor, m_N) * U2, "1"),
        Result("polarisation", production.meson_polarisation(parent, flavor, m_N), "1"),
    ]
