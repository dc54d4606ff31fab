"""Decays W -> l N -> l nu l l through the full selection, all lifetimes at once, on one core.

``python benchmarks/trileptons.py``: decays per CPU-minute for pairs and colliders, and CPU time of the efficiencies of
30 masses, three flavors and two colliders at 1% for c tau of 1 mm and more.
"""

from __future__ import annotations

import time

import numpy as np

from physics.neutrino_dipole.trileptons.decay import VirtualPhotonPair, pair_decay
from physics.searches.catalogue import experiment
from physics.searches.displaced_trilepton import DisplacedTrilepton, Precision
from physics.trileptons.lifetime import shares
from physics.trileptons.staged import Source
from physics.trileptons.tables import acceptance
from physics.w_bosons.library import find_w_set

NAMES = ("HL-LHC-displaced", "FCC-hh-displaced-50")
BATCHES = 16


def throughput(name: str, m_N: float, lepton: str) -> float:
    """Decays per CPU-minute."""
    search = experiment(name)
    assert isinstance(search, DisplacedTrilepton)
    chosen = find_w_set(search.collider, search.w_bosons)
    source = Source(VirtualPhotonPair(m_N, lepton), chosen.load(), chosen.name)
    for batches in (2, BATCHES):  # the first to warm up
        start = time.process_time()
        found = shares(source, search.selection, search.tracker, Precision(1e-4, 1e-3, batches))
        seconds = time.process_time() - start
    return found["e"].events / seconds * 60


def cube(masses: int = 30) -> tuple[float, float]:
    """CPU seconds of all efficiencies of the dipole portal, and the largest error from 1 mm on."""
    start, worst = time.process_time(), 0.0
    for name in NAMES:
        search = experiment(name)
        for m_N in np.geomspace(0.5, 30, masses):
            for pair in ("ee", "mumu"):
                for flavor in ("e", "mu", "tau"):
                    found = acceptance(search, pair_decay(pair, float(m_N), True), flavor, 2308)
                    worst = max(
                        worst, float(found.efficiency(np.geomspace(1e-3, 100, 21))[1].max())
                    )
    return time.process_time() - start, worst


if __name__ == "__main__":
    for collider in NAMES:
        for mass, flavor in ((1.0, "e"), (3.0, "mu"), (10.0, "mu")):
            rate = throughput(collider, mass, flavor) / 1e6
            print(f"{collider} {mass:g} GeV {flavor}: {rate:.0f} M decays per CPU-minute")
    spent, error = cube()
    print(
        f"30 masses, 2 pairs, 3 flavors, 2 colliders: {spent:.0f} CPU-s, largest error {error:.2%}"
    )
