"""Mesons of Pythia 8, one by one, and the events that they give in NA62 and SHiP: nothing is binned.

Mesons keep the three-momentum that they have in the event; each is decayed several times with the amplitudes of
``monte_carlo.py`` and ``dark_traces.py``, N or chi_2 is followed along its ray, decays at a thrown place into a thrown
photon. The package gives only the settings of the generator that a shipped set was made with. Errors are those between
generated events: decays of one meson, and mesons of one event, are not taken for independent.
"""

from dataclasses import dataclass, field

import dark_traces
import dirac
import monte_carlo
import numpy as np
import rates
from dump_detectors import Detector

from physics.nature.beams import beam
from physics.spectra.grid import edges_for
from physics.spectra.library import SHIPPED, read_set

MESONS = {
    "rho": (113,),
    "phi": (333,),
    "pi0": (111,),
    "eta": (221,),
    "J_psi": (443,),
    "D": (411, -411),
}
PHOTON_MIN = 1.0  # GeV
BATCH = 5000
# Codes of the record: 62 leaves the hard process with its primordial kT, 81 to 99 are hadrons and products of decays.
# Every particle has exactly one entry with such a code, its last.
LAST = (62, *range(81, 100))


# ---- mesons


@dataclass(frozen=True)
class Mesons:
    """Of one species in a number of generated events.

    Attributes
    ----------
    momentum : (n, 3) array
        In the laboratory [GeV].
    mass : (n,) array
        That of the record [GeV]; broad ones have a distribution.
    event : (n,) int array
    events : int
    """

    momentum: np.ndarray
    mass: np.ndarray
    event: np.ndarray
    events: int


@dataclass(frozen=True)
class Sample:
    """Generated events: mesons by PDG number, the cross-section and its error [mb]."""

    mesons: dict[int, Mesons]
    events: int
    sigma: float
    sigma_error: float


def settings_of(pdg: int) -> dict:
    """How the table of a species was made, from the list of sources of sps-400gev/pythia8."""
    return read_set(SHIPPED / "sps-400gev" / "pythia8").sources[pdg]


def generate(settings: tuple[str, ...], species: tuple[int, ...], events: int, seed: int) -> Sample:
    """Protons of 400 GeV on protons at rest."""
    import awkward as ak
    import pythia8mc

    pythia = pythia8mc.Pythia("", False)
    beams = ("Beams:idA = 2212", "Beams:idB = 2212", "Beams:frameType = 3")
    momenta = ("Beams:pxA = 0", "Beams:pyA = 0", "Beams:pzA = 400", "Beams:pzB = 0")
    seeds = ("Random:setSeed = on", f"Random:seed = {seed}")
    for line in ("Print:quiet = on", *beams, *momenta, *seeds, *settings):
        assert pythia.readString(line), line
    assert pythia.init()
    done, found = 0, {pdg: [] for pdg in species}
    while done < events:
        batch = pythia.nextBatch(min(BATCH, events - done))
        _collect(batch.prt, done, found, ak)
        done += len(batch)
    mesons = {
        pdg: Mesons(*(np.concatenate(column) for column in zip(*parts, strict=True)), done)
        for pdg, parts in found.items()
    }
    info = pythia.infoPython()
    return Sample(mesons, done, info.sigmaGen(), info.sigmaErr())


def _collect(record, first_event: int, found: dict[int, list], ak) -> None:
    """Append (momentum, mass, event) of wanted species."""
    pdg = ak.to_numpy(ak.flatten(record.id))
    status = abs(ak.to_numpy(ak.flatten(record.status)))
    sizes = ak.to_numpy(ak.num(record.id))
    event = first_event + np.repeat(np.arange(len(sizes)), sizes)
    offset = np.repeat(np.cumsum(sizes) - sizes, sizes)
    mother = pdg[offset + ak.to_numpy(ak.flatten(record.mother1))]
    columns = [ak.to_numpy(ak.flatten(record.p[c])) for c in ("px", "py", "pz")]
    mass = ak.to_numpy(ak.flatten(record.m))
    for species, parts in found.items():
        mine = (pdg == species) & np.isin(status, LAST)
        originals = np.sum((pdg == species) & (mother != species))
        assert mine.sum() == originals, "a particle is counted twice, or not at all"
        parts.append((np.stack([c[mine] for c in columns], axis=1), mass[mine], event[mine]))


# ---- decays


@dataclass(frozen=True)
class Neutrino:
    """P, V -> N: the model ``dipole``."""

    tag: str
    flavor: str
    m_N: float

    @property
    def heavy_mass(self) -> float:
        return self.m_N

    @property
    def width(self) -> float:
        return dirac.photon_width(self.m_N)

    @property
    def branching_ratio(self) -> float:
        """N and Nbar; charged mesons make one of them."""
        modes = 1 if rates.TABLE_2[self.tag][0] == rates.CHARGED else 2
        return modes * rates.branching_ratio(self.tag, self.flavor, self.m_N)

    def at_rest(self, count, rng):
        """Momenta in the rest frame of the meson, and the weight of mean one of some of them."""
        return monte_carlo.decay_at_rest(self.tag, self.flavor, self.m_N, count, rng), _unweighted

    def photon(self, momenta, rng):
        """Four-momenta of photons in the laboratory, and weights of mean one from the spin of N."""
        heavy = momenta["N"]
        neutrino = _massless(len(heavy), self.m_N / 2, heavy, rng)
        kind = rates.TABLE_2[self.tag][0]
        form = [monte_carlo.spin_form(kind, momenta, k) for k in (neutrino, heavy)]
        return heavy - neutrino, 2 * form[0] / form[1]


@dataclass(frozen=True)
class Dark:
    """P, V -> chi_1 chi_2: the model ``dark_dipole``."""

    tag: str
    delta: float
    M_2: float

    @property
    def heavy_mass(self) -> float:
        return self.M_2

    @property
    def M_1(self) -> float:
        return self.M_2 / (1 + self.delta)

    @property
    def width(self) -> float:
        return dark_traces.decay_width(self.M_1, self.M_2)

    @property
    def branching_ratio(self) -> float:
        return dark_traces.branching_ratio(self.tag, self.M_1, self.M_2)

    def at_rest(self, count, rng):
        """Momenta in the rest frame of the meson, and the weight of mean one of some of them."""
        kind, mass = rates.TABLE_2[self.tag][:2]
        if kind == rates.VECTOR:
            momentum = np.full(count, dirac.two_body(mass, self.M_1, self.M_2)[1])
            energy, weight = np.hypot(momentum, self.M_2), _unweighted
        else:
            energy, weight = self._three_body(mass, count, rng)
            momentum = np.sqrt(np.maximum(energy**2 - self.M_2**2, 0))
        directions = monte_carlo.random_directions(count, rng)
        return {"N": np.hstack([energy[:, None], momentum[:, None] * directions])}, weight

    def _three_body(self, mass, count, rng):
        """Even in log q^2 and the cosine between chi_2 and the photon where the pair is at rest."""
        span = 2 * np.log(mass / (self.M_1 + self.M_2))
        q2, cos = mass**2 * np.exp(-span * rng.random(count)), rng.uniform(-1, 1, count)
        exact = dark_traces.PhotonAndPair.nodes(mass, self.M_1, self.M_2).weight.sum()

        def weight(some):
            s = q2[some]
            made = dark_traces.PhotonAndPair(
                mass, self.M_1, self.M_2, s, cos[some], 2 * span * s / exact
            )
            return made.weight

        # scalar product of chi_2 with the meson, where the pair is at rest
        root = np.sqrt(q2)
        momentum = np.sqrt(np.maximum(dirac.kallen(q2, self.M_1**2, self.M_2**2), 0)) / (2 * root)
        parent, photon = (mass**2 + q2) / (2 * root), (mass**2 - q2) / (2 * root)
        energy = (parent * np.hypot(momentum, self.M_2) - photon * momentum * cos) / mass
        return energy, weight

    def photon(self, momenta, rng):
        """Four-momenta of photons in the laboratory: isotropic where chi_2 is at rest."""
        heavy = momenta["N"]
        energy = dirac.two_body(self.M_2, self.M_1, 0.0)[1]
        return _massless(len(heavy), energy, heavy, rng), np.ones(len(heavy))


def _unweighted(some):
    return np.ones(len(some))


def _massless(count, energy, parent, rng):
    """Isotropic in the rest frame of a parent; four-momenta in the laboratory."""
    light = np.hstack([np.ones((count, 1)), monte_carlo.random_directions(count, rng)])
    return dirac.apply(dirac.boost_matrix(parent), energy * light)


@dataclass(frozen=True)
class Thrown:
    """Fast and forward N or chi_2 with their photons.

    Attributes
    ----------
    heavy, photon : (n, 4) arrays
    weight : (n,) array
        Decays of mesons that each stands for: spin and amplitude, over the decays of one meson.
    event : (n,) int array
    """

    heavy: np.ndarray
    photon: np.ndarray
    weight: np.ndarray
    event: np.ndarray


STEEPEST = 0.05  # tangent of the polar angle; all detectors are within


def throw(
    mesons: Mesons, decay: Neutrino | Dark, times: int, rng, own_mass=False, binned=False
) -> Thrown:
    """Decay every meson several times.

    Parameters
    ----------
    mesons : Mesons
    decay : Neutrino or Dark
    times : int
        Decays of each meson.
    rng : Generator
    own_mass : bool
        Boost with the velocity that the meson has in the record; otherwise with that of its three-momentum and the
        pole mass, for which the decay is computed anyway.
    binned : bool
        Put every meson anywhere in its bin of the package's tables.
    """
    pole = rates.TABLE_2[decay.tag][1]
    mass = mesons.mass if own_mass else np.full(len(mesons.event), pole)
    energy = np.sqrt(np.sum(mesons.momentum**2, axis=1) + mass**2)
    # 0.8: a bin is 12% wide
    fast = np.flatnonzero(energy * np.maximum(pole / mass, 1) > 0.8 * PHOTON_MIN)
    which = np.repeat(fast, times)
    momentum, mass = mesons.momentum[which], mass[which]
    if binned:
        momentum = _anywhere_in_bin(momentum, rng)
    four = np.hstack([np.sqrt(np.sum(momentum**2, axis=1) + mass**2)[:, None], momentum])
    made, weight = decay.at_rest(len(which), rng)
    boost = dirac.boost_matrix(four)
    heavy = dirac.apply(boost, made["N"])
    useful = (heavy[:, 0] > PHOTON_MIN) & (np.hypot(*heavy.T[1:3]) < STEEPEST * heavy[:, 3])
    kept = np.flatnonzero(useful)
    momenta = {name: dirac.apply(boost[kept], vector[kept]) for name, vector in made.items()}
    photon, spin = decay.photon(momenta, rng)
    hard = photon[:, 0] > PHOTON_MIN
    return Thrown(
        momenta["N"][hard],
        photon[hard],
        weight(kept[hard]) * spin[hard] / times,
        mesons.event[which][kept][hard],
    )


def _anywhere_in_bin(momentum: np.ndarray, rng) -> np.ndarray:
    """Evenly in log p and log theta between the edges of the tables at 400 GeV."""
    p = np.linalg.norm(momentum, axis=1)
    across = np.hypot(*momentum.T[:2])
    moved = []
    for value, edges in zip(
        (p, np.arctan2(across, momentum[:, 2])), edges_for(beam("sps-400gev")), strict=True
    ):
        low = np.clip(np.searchsorted(edges, np.log10(value)) - 1, 0, len(edges) - 2)
        moved.append(10 ** rng.uniform(edges[low], edges[low + 1]))
    p, theta = moved
    around = p * np.sin(theta) / across
    return np.stack([momentum[:, 0] * around, momentum[:, 1] * around, p * np.cos(theta)], axis=1)


# ---- sums over generated events

HARD = ("J_psi", "D")
# arXiv:2406.17599 table 1, mesons per interaction; for D both charges together
PUBLISHED = {"rho": 0.58, "phi": 0.021, "pi0": 4.3, "eta": 0.49, "J_psi": 4.7e-6, "D": 4.3e-4}


@dataclass
class Tally:
    """Sums over generated events of what they give, w, and of the mesons in them, n."""

    events: int = 0
    sums: np.ndarray = field(default_factory=lambda: np.zeros(5))  # w, w^2, n, n^2, w n

    def add(self, weight, event, mesons: list[Mesons]) -> None:
        """Of one sample."""
        events = mesons[0].events
        w = np.bincount(event, weight, minlength=events)
        n = np.bincount(np.concatenate([m.event for m in mesons]), minlength=events)
        self.merge(events, [w.sum(), (w**2).sum(), n.sum(), (n**2).sum(), (w * n).sum()])

    def merge(self, events: int, sums) -> None:
        """Add those of other events."""
        self.events += events
        self.sums = self.sums + sums

    def per_event(self) -> tuple[float, float]:
        """Mean of w and its standard error."""
        w, ww = self.sums[:2] / self.events
        return w, np.sqrt(max(ww - w**2, 0.0) / self.events)

    def per_meson(self) -> tuple[float, float]:
        """Sum of w over that of n, and its standard error."""
        w, ww, n, nn, wn = self.sums / self.events
        ratio = w / n
        return ratio, np.sqrt(max(ww - 2 * ratio * wn + ratio**2 * nn, 0.0) / self.events) / n


def expected_events(
    tally: Tally, tag: str, detector: Detector, sigma: tuple[float, float, float], normalisation
) -> tuple[float, float]:
    """Events on tape and the standard error.

    ``sigma``: that of the process, its error and the inelastic one [mb].
    """
    scale = detector.protons * (detector.target**0.29 if tag in HARD else 1.0)
    if normalisation == "paper":
        value, error = tally.per_meson()
        return value * PUBLISHED[tag] * scale, error * PUBLISHED[tag] * scale
    value, error = tally.per_event()
    process, process_error, inelastic = sigma
    error = np.hypot(error, value * process_error / process)
    return value * scale * process / inelastic, error * scale * process / inelastic
