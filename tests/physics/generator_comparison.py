"""What ``generator_events.py`` gives beside the package; as a program, the table of docs/physics.md.

PYTHONPATH=. python tests/physics/generator_comparison.py 1050000 1000000 one.pickle     soft events, seed, file
PYTHONPATH=. python tests/physics/generator_comparison.py 1050000 2000000 two.pickle
PYTHONPATH=. python tests/physics/generator_comparison.py table one.pickle two.pickle
"""

import pickle
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import generator_events as events
import numpy as np
from dump_detectors import DETECTORS, seen
from generator_events import Dark, Neutrino, Tally

from physics.models.model import models
from physics.models.tasks import make_kernel, make_tasks
from physics.searches.catalogue import experiment

CASES = {
    "rho": Neutrino("rho", "e", 0.3),
    "phi": Neutrino("phi", "e", 0.5),
    "pi0": Neutrino("pi0", "e", 0.05),
    "eta": Neutrino("eta", "e", 0.2),
    "J_psi": Neutrino("J_psi", "e", 1.0),
    "D": Neutrino("D", "mu", 0.5),
    "rho, 0.1": Dark("rho", 0.1, 0.3),
    "eta, 0.1": Dark("eta", 0.1, 0.2),
    "J_psi, 0.1": Dark("J_psi", 0.1, 1.0),
    "rho, 0.01": Dark("rho", 0.01, 0.3),
    "eta, 0.01": Dark("eta", 0.01, 0.2),
    "J_psi, 0.01": Dark("J_psi", 0.01, 1.0),
}
COUPLINGS = ("long-lived", "maximum", "short-lived")
# Share of the maximum on the side of short lifetimes, where only parents near the beam's energy count: hardly any phi.
SHORT, SHORT_PHI = 0.03, 0.3
D = np.geomspace(1e-12, 1e3, 361)  # 1/GeV
SAMPLING = {"points": 2**16, "replicas": 16, "seed": 1}
# Process to its events in shares of the soft ones, and what is taken from it.
PROCESSES = {
    "soft": (1.0, ("rho", "phi", "pi0", "eta")),
    "charmonium": (0.5, ("J_psi",)),
    "charm": (0.3, ("D",)),
}
THROWN_PER_EVENT = 5  # decays of each species, at least one of each meson
PART = 50_000  # soft events


@dataclass(frozen=True)
class Ours:
    """Of the package at three couplings, for one case and experiment."""

    d: np.ndarray
    counts: dict[str, np.ndarray]  # by normalisation
    integration: np.ndarray
    table: np.ndarray


@cache
def package(name: str) -> dict[str, Ours]:
    """Experiment to counts at its three couplings: long lifetime, maximum, a share of it for short lifetimes."""
    found = {}
    for tags in (("NA62", "NA62-calorimeter"), ("SHiP", "SHiP-pyramid")):  # one target each
        filled = {n: _evaluate(CASES[name], tags, n) for n in ("generator", "paper")}
        for tag in tags:
            cubes = {n: {k: v.reshape(-1) for k, v in filled[n][tag].items()} for n in filled}
            counts = cubes["generator"]["counts"]
            peak = int(counts.argmax())
            share = SHORT_PHI if name == "phi" else SHORT
            short = peak + np.flatnonzero(counts[peak:] > share * counts[peak])[-1]
            index = np.array([0, peak, short])
            found[tag] = Ours(
                D[index],
                {n: cube["counts"][index] for n, cube in cubes.items()},
                cubes["generator"]["relative_error"][index],
                cubes["generator"]["table_error"][index],
            )
    return found


def _evaluate(decay, tags, normalisation):
    if isinstance(decay, Neutrino):
        model, point = models["dipole"], {"flavor": (decay.flavor,), "m_N": (decay.m_N,)}
        coupling, cut = "d_gamma", {"m_N": slice(0, 1)}
    else:
        model, point = models["dark_dipole"], {"delta": (decay.delta,), "M_2": (decay.M_2,)}
        coupling, cut = "d", {"delta": slice(0, 1), "M_2": slice(0, 1)}
    axes = {"generator": ("pythia8",), **point, coupling: tuple(D)}
    options = model.complete_options({"normalisation": normalisation})
    searches = [experiment(tag) for tag in tags]
    task = make_tasks(model, searches, axes, options, SAMPLING, (decay.tag,))[0]
    return make_kernel(task).evaluate({"generator": slice(0, 1), **cut})


@dataclass
class Run:
    """Sums over all events generated so far.

    Attributes
    ----------
    tallies : dict
        (case, experiment, number of the coupling) to Tally; with the name of a variant behind these, of the difference
        that it makes.
    sigma : dict
        Process to sums over events of the cross-section and its squared error, and the events.
    """

    tallies: dict = field(default_factory=dict)
    sigma: dict = field(default_factory=dict)

    def cross_sections(self, tag: str) -> tuple[float, float, float]:
        """Of the process of a meson, its error, and the inelastic one [mb]."""
        process = process_of(tag)
        (value, error2, n), (soft, _, n_soft) = self.sigma[process], self.sigma["soft"]
        return value / n, np.sqrt(error2) / n, soft / n_soft

    def merge(self, other: "Run") -> None:
        """Add independent events."""
        for key, tally in other.tallies.items():
            self.tallies.setdefault(key, Tally()).merge(tally.events, tally.sums)
        for process, sums in other.sigma.items():
            self.sigma[process] = self.sigma.get(process, 0.0) + sums


def process_of(tag: str) -> str:
    """That makes a meson."""
    return next(process for process, (_, tags) in PROCESSES.items() if tag in tags)


def run(soft_events: int, seed: int, variants: bool = False) -> Run:
    """Generate, decay and follow.

    Parameters
    ----------
    soft_events : int
    seed : int
        Not below 1000: the shipped tables were made with smaller ones.
    variants : bool
        Find out what bins of the tables and the mesons' own masses change.
    """
    made = Run()
    for i, (process, (share, tags)) in enumerate(PROCESSES.items()):
        species = tuple(q for tag in tags for q in events.MESONS[tag])
        settings = tuple(events.settings_of(species[0])["settings"])
        sample = events.generate(settings, species, round(share * soft_events), seed + i)
        n = sample.events
        made.sigma[process] = np.array([sample.sigma * n, (sample.sigma_error * n) ** 2, n])
        for name, decay in CASES.items():
            if decay.tag in tags:
                _follow(made, name, sample, np.random.default_rng([seed, i]), variants)
    return made


def _follow(made: Run, name: str, sample: events.Sample, rng, variants: bool) -> None:
    decay = CASES[name]
    mesons = [sample.mesons[pdg] for pdg in events.MESONS[decay.tag]]
    times = max(1, round(THROWN_PER_EVENT * sample.events / sum(len(m.event) for m in mesons)))
    plain = _thrown(mesons, decay, times, rng)
    others = {}
    if variants:
        others["binned"] = _thrown(mesons, decay, times, rng, binned=True)
        if decay.tag == "rho":
            others["own mass"] = _thrown(mesons, decay, times, rng, own_mass=True)
    for tag, detector in DETECTORS.items():
        for k, d in enumerate(package(name)[tag].d):
            weight = seen(plain, decay, detector, d, rng)
            made.tallies.setdefault((name, tag, k), Tally()).add(weight, plain.event, mesons)
            for variant, thrown in others.items():
                difference = np.append(seen(thrown, decay, detector, d, rng), -weight)
                tally = made.tallies.setdefault((name, tag, k, variant), Tally())
                tally.add(difference, np.append(thrown.event, plain.event), mesons)


def _thrown(mesons, decay, times, rng, **settings) -> events.Thrown:
    """Of all charges."""
    parts = [events.throw(m, decay, times, rng, **settings) for m in mesons]
    fields = ("heavy", "photon", "weight", "event")
    return events.Thrown(*(np.concatenate([getattr(p, f) for p in parts]) for f in fields))


@dataclass(frozen=True)
class Ratio:
    """Package over events, and the relative errors that enter.

    Attributes
    ----------
    value : float
    events, integration, table : float
        Of the events; of the package, as it states them.
    table_here : float
        Of the package's table at this coupling: that of the events, scaled to the number that the table was made from.
    """

    value: float
    events: float
    integration: float
    table: float
    table_here: float

    @property
    def error(self) -> float:
        """Combined, with what the package states."""
        return self._combined(self.table)

    @property
    def error_here(self) -> float:
        """Combined, with the statistics of the table at this coupling if that is larger."""
        return self._combined(max(self.table, self.table_here))

    def _combined(self, table: float) -> float:
        return float(self.value * np.sqrt(self.events**2 + self.integration**2 + table**2))

    @property
    def pull(self) -> float:
        """Distance from one in stated errors."""
        return (self.value - 1) / self.error


def ratio(made: Run, name: str, tag: str, k: int, normalisation: str) -> Ratio:
    """At one coupling."""
    meson = CASES[name].tag
    tally, sigma = made.tallies[name, tag, k], made.cross_sections(meson)
    expected, error = events.expected_events(tally, meson, DETECTORS[tag], sigma, normalisation)
    ours, share = package(name)[tag], error / expected
    behind = events.settings_of(events.MESONS[meson][0])["events"]
    return Ratio(
        ours.counts[normalisation][k] / expected,
        share,
        float(ours.integration[k]),
        float(ours.table[k]),
        share * float(np.sqrt(tally.events / behind)),
    )


def main(arguments: list[str]) -> None:
    """Run in parts that are saved, or print what files hold."""
    if arguments[0] == "table":
        total = Run()
        for file in arguments[1:]:
            total.merge(pickle.loads(Path(file).read_bytes()))
        print_table(total)
        return
    wanted, seed, total = int(arguments[0]), int(arguments[1]), Run()
    for start in range(0, wanted, PART):
        total.merge(run(min(PART, wanted - start), seed + start // PART * 10, variants=True))
        Path(arguments[2]).write_bytes(pickle.dumps(total))


def print_table(made: Run) -> None:
    """Ratios at three couplings, and the shifts by bins and by the mesons' own masses [%]."""
    for process, (_, _, number) in made.sigma.items():
        print(f"{process}: {number:.0f} events")
    print("| parent | " + " | ".join(DETECTORS) + " |")
    for name in CASES:
        cells = [
            ", ".join(_short(ratio(made, name, tag, k, "generator")) for k in range(3))
            for tag in DETECTORS
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")
    for normalisation in ("generator", "paper"):
        found = [
            ratio(made, n, t, k, normalisation) for n in CASES for t in DETECTORS for k in range(2)
        ]
        print(
            normalisation, "long-lived and maximum: largest pull", max(abs(r.pull) for r in found)
        )
    for variant in ("binned", "own mass"):
        for name in CASES:
            if (name, "SHiP", 0, variant) in made.tallies:
                shifts = [_shift(made, name, tag, variant) for tag in DETECTORS]
                print(variant, name, " | ".join(shifts))


def _short(found: Ratio) -> str:
    """0.995(5): the error in units of the last digit."""
    digits = 3 if found.error_here < 0.0995 else 2
    return f"{found.value:.{digits}f}({found.error_here * 10**digits:.0f})"


def _shift(made: Run, name: str, tag: str, variant: str) -> str:
    """In per cent at three couplings."""
    found = []
    for k in range(3):
        value, error = made.tallies[name, tag, k, variant].per_event()
        base = made.tallies[name, tag, k].per_event()[0]
        found.append(f"{100 * value / base:+.1f}({100 * error / base:.1f})")
    return " ".join(found)


if __name__ == "__main__":
    main(sys.argv[1:])
