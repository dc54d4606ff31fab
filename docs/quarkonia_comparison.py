"""What excited quarkonia and the continuum of virtual photons add to N from J/psi and Upsilon(1S) at the LHC.

``python docs/quarkonia_comparison.py`` (extra ``generators``; some minutes) prints what docs/physics.md says.
Pythia 8 at 14 TeV makes the quarkonia, with what they get from chi_c, psi(2S) and the like, and lepton pairs of gamma*
alone (leading order, mass above 4 GeV). A vector V makes N as often as pairs of electrons times m_V^2 d^2/(4 pi alpha)
(1 - x)^2 (1 + 2 x), x = (m_N/m_V)^2, and so does a virtual photon of the mass of the pair. N flies isotropically from V
and counts where it would decay in the volume if it lived long, 1/p each, above 100 GeV.
"""

from __future__ import annotations

import numpy as np
import pythia8mc

# mass [GeV], BR(e+e-) of PDG 2022
VECTORS = {
    443: ("J/psi", 3.0969, 0.05971), 100443: ("psi(2S)", 3.6861, 0.00793),
    553: ("Upsilon(1S)", 9.4603, 0.0238), 100553: ("Upsilon(2S)", 10.02326, 0.0191),
    200553: ("Upsilon(3S)", 10.3552, 0.0218),
}  # fmt: skip
RINGS = {"FASER2": (0.0, 1.0 / 480), "FACET": (0.18 / 119, 0.5 / 101), "everywhere": (0.0, np.pi)}
ALPHA = 1 / 137.036
QUIET = [
    "Print:quiet = on",
    "Beams:idA = 2212",
    "Beams:idB = 2212",
    "Beams:eCM = 14000.",
    "PartonLevel:MPI = off",
]


def events(
    settings: list[str], number: int, wanted: set[int], seed: int
) -> tuple[float, np.ndarray]:
    """Cross-section [nb] per event, and (pdg, px, py, pz, m) of what is wanted, each once."""
    pythia = pythia8mc.Pythia("", False)
    for line in [*QUIET, "Random:setSeed = on", f"Random:seed = {seed}", *settings]:
        if not pythia.readString(line):
            raise ValueError(line)
    pythia.init()
    found = []
    for _ in range(number):
        if not pythia.next():
            continue
        event = pythia.event
        for i in range(event.size()):
            p = event[i]
            if p.id() in wanted and (p.daughter1() == 0 or event[p.daughter1()].id() != p.id()):
                found.append((p.id(), p.px(), p.py(), p.pz(), p.m()))
    return pythia.infoPython().sigmaGen() * 1e6 / number, np.array(found)


def seen(
    rows: np.ndarray, weight: np.ndarray, m_N: float, rng: np.random.Generator
) -> dict[str, float]:
    """Sum of weight over momentum of N in each ring, on both sides, over d^2."""
    mass, p = rows[:, 4], rows[:, 1:4]
    open_ = mass > m_N
    mass, p, weight = mass[open_], p[open_], weight[open_]
    x = (m_N / mass) ** 2
    weight = weight * mass**2 / (4 * np.pi * ALPHA) * (1 - x) ** 2 * (1 + 2 * x) * 2
    n = rng.normal(size=(20, *p.shape))
    n *= (mass * (1 - x) / 2)[:, None] / np.linalg.norm(n, axis=-1, keepdims=True)
    energy, parent = mass * (1 + x) / 2, np.sqrt(mass**2 + np.sum(p**2, axis=1))
    along = np.sum(n * p, axis=-1)
    flight = n + p * ((along / (parent + mass) + energy) / mass)[..., None]
    size = np.linalg.norm(flight, axis=-1)
    theta = np.arctan2(np.hypot(flight[..., 0], flight[..., 1]), abs(flight[..., 2]))
    counted = {}
    for name, (low, high) in RINGS.items():
        kept = (theta > low) & (theta < high) & ((size > 100) | (name == "everywhere"))
        counted[name] = float(np.sum(kept / size * weight) / len(n))
    return counted


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(1)
    made = {}
    for process, number, family in (
        ("Charmonium", 20_000, "psi"),
        ("Bottomonium", 20_000, "Upsilon"),
    ):
        per_event, rows = events([f"{process}:all = on"], number, set(VECTORS), 11)
        for pdg, (name, _, ratio) in VECTORS.items():
            mine = rows[rows[:, 0] == pdg]
            if family in name and len(mine):
                made[name] = (mine, np.full(len(mine), per_event * ratio))
    drell_yan = [
        "WeakSingleBoson:ffbar2gmZ = on",
        "WeakZ0:gmZmode = 1",
        "HadronLevel:all = off",
        "23:mMin = 2.",
        "23:onMode = off",
        "23:onIfAny = 11",
    ]
    for low, high in ((4.0, 8.5), (8.5, 11.0), (11.0, 200.0)):
        cuts = [f"PhaseSpace:mHatMin = {low}", f"PhaseSpace:mHatMax = {high}"]
        per_event, rows = events([*drell_yan, *cuts], 15_000, {23}, 12)
        made[f"gamma*, {low:g} to {high:g} GeV"] = (rows, np.full(len(rows), per_event))
    for name, (_, weight) in made.items():
        print(f"{name:26} sigma x BR(ee) {weight.sum():9.3g} nb")
    for m_N, base in ((0.3, "J/psi"), (2.0, "J/psi"), (4.0, "Upsilon(1S)")):
        reference = seen(*made[base], m_N, rng)
        print(f"m_N = {m_N} GeV, over {base}")
        for name, (rows, weight) in made.items():
            found = seen(rows, weight, m_N, rng)
            print(
                f"  {name:26}", *(f"{ring} {found[ring] / reference[ring]:.4f}" for ring in RINGS)
            )


if __name__ == "__main__":
    main()
