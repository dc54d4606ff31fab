"""Pythia 8 (package ``pythia8mc``) as a source of particles, read as arrays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from physics.spectra.generators.base import Particles

BATCH = 2000


def version() -> str:
    """Version of the installed package."""
    from importlib.metadata import version as installed

    return f"pythia8mc {installed('pythia8mc')}"


def generate(
    settings: list[str], sqrt_s: float, events: int, seed: int, momentum: float | None = None
) -> Iterator[tuple[Particles, float]]:
    """Yield batches of particles of pp collisions and the cross-section known so far.

    Each particle counts once: of the copies that showers and recoils leave in the record, only the
    last.

    Parameters
    ----------
    settings : list of str
        Lines for ``Pythia.readString``.
    sqrt_s : float
        Centre-of-mass energy [GeV].
    events : int
        Number of events.
    seed : int
        Seed; the same seed gives the same events.
    momentum : float, optional
        Of the beam on a proton at rest [GeV], in place of ``sqrt_s``; the frame is the laboratory.

    Yields
    ------
    Particles
        Of up to 2000 events.
    float
        Generated cross-section [mb].
    """
    import awkward as ak
    import pythia8mc

    pythia = pythia8mc.Pythia("", False)
    for line in [
        "Print:quiet = on",
        "Beams:idA = 2212",
        "Beams:idB = 2212",
        *_frame(sqrt_s, momentum),
        "Random:setSeed = on",
        f"Random:seed = {seed}",
        *settings,
    ]:
        if not pythia.readString(line):
            raise ValueError(f"Pythia 8 does not accept the setting {line!r}")
    if not pythia.init():
        raise RuntimeError("Pythia 8 could not be initialised with " + "; ".join(settings))
    done = 0
    while done < events:
        batch = pythia.nextBatch(min(BATCH, events - done))
        done += len(batch)
        record = batch.prt
        offsets = np.concatenate([[0], np.cumsum(ak.to_numpy(ak.num(record.id)))])
        pdg = ak.to_numpy(ak.flatten(record.id))
        first = ak.to_numpy(ak.flatten(record.daughter1))
        start = np.repeat(offsets[:-1], np.diff(offsets))
        copied = (first > 0) & (pdg[start + first] == pdg)
        keep = ~copied
        px, py, pz = (ak.to_numpy(ak.flatten(record.p[c]))[keep] for c in ("px", "py", "pz"))
        particles = Particles(pdg[keep], px, py, pz, events=len(batch))
        yield particles, pythia.infoPython().sigmaGen()


def _frame(sqrt_s: float, momentum: float | None) -> list[str]:
    if momentum is None:
        return [f"Beams:eCM = {sqrt_s:.1f}"]
    return ["Beams:frameType = 3", f"Beams:pzA = {momentum!r}", "Beams:pzB = 0"]
