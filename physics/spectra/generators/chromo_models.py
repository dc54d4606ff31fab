"""Generators of the package ``chromo`` (Sibyll, EPOS-LHC, Pythia 6) as sources of particles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from physics.numerics.arrays import Array
from physics.spectra.generators.base import Particles

BATCH = 500


def version() -> str:
    """Version of the installed package."""
    from importlib.metadata import version as installed

    return f"chromo {installed('chromo')}"


def generate(
    settings: list[str], sqrt_s: float, events: int, seed: int, momentum: float | None = None
) -> Iterator[tuple[Particles, float]]:
    """Yield batches of particles of pp collisions and the inelastic cross-section.

    Particles with HepMC status 1 or 2 and the model's default decays: declaring mesons stable would
    lose feed-down.

    Parameters
    ----------
    settings : list of str
        One entry, the model's class in ``chromo.models``.
    sqrt_s : float
        Centre-of-mass energy [GeV].
    events : int
        Number of events.
    seed : int
        Seed; the same seed gives the same events. One model instance per process.
    momentum : float, optional
        Of the beam on a proton at rest [GeV], in place of ``sqrt_s``; the frame is the laboratory.

    Yields
    ------
    Particles
    float
        Inelastic cross-section [mb].
    """
    import chromo
    from chromo.kinematics import CenterOfMass, FixedTarget, Momentum

    at_rest = momentum is not None
    kinematics = (
        FixedTarget(Momentum(momentum), "p", "p") if at_rest else CenterOfMass(sqrt_s, "p", "p")
    )
    model = getattr(chromo.models, settings[0])(kinematics, seed=seed)
    sigma = float(model.cross_section().inelastic)
    held: list[Array] = []
    for event in model(events):
        known = (event.status == 1) | (event.status == 2)
        held.append(np.array([event.pid[known], event.px[known], event.py[known], event.pz[known]]))
        if len(held) == BATCH:
            yield _join(held), sigma
            held = []
    if held:
        yield _join(held), sigma


def _join(held: list[Array]) -> Particles:
    pdg, px, py, pz = np.concatenate(held, axis=1)
    return Particles(pdg.astype(int), px, py, pz, events=len(held))
