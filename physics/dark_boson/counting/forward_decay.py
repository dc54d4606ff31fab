"""What the collisions make and decays to charged particles in a volume far away: Z_D, and N by mixing.

arXiv:2011.04751 secs. 2.3, 3.2, 4.2. With Y_i what a sample makes, p_i its momentum, and s_i, e_i where its flight
enters and leaves, k = m Gamma/(hbar c),

    Z_D:  eps^2 BR(Z_D -> charged) sum_i Y_i [exp(-s_i k/p_i) - exp(-e_i k/p_i)]    (bremsstrahlung, pi0, eta, eta'),
    N:    U2 BR(N -> charged) sum_i Y_i [exp(-s_i k/p_i) - exp(-e_i k/p_i)]         (pi, K, D, D_s, B, tau).

Z_D of the first kind knows U2 by its invisible width only. N -> charged is all that N does through a virtual Z_D, W and
Z but N -> 3 nu and nu pi0; above the mass of Z_D it is N -> nu Z_D, with Z_D -> charged at once. Searches for photons
are refused.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from physics.dark_boson import mixing_mesons, primary
from physics.dark_boson.boson_widths import boson_width, to_charged
from physics.dark_boson.counting.from_beam import FromBeamKernel
from physics.dark_boson.counting.upscattering import CELL
from physics.dark_boson.couplings import DarkBoson, branching_ratio
from physics.dark_boson.neutrino_widths import (
    mixing,
    neutrino_width,
    to_boson,
    to_neutrino_and_hadrons,
    to_neutrino_and_leptons,
)
from physics.dark_boson.options import boson_at
from physics.dark_boson.primary import checksums
from physics.errors import InputError
from physics.forward.aimed import Aimed, aim
from physics.forward.produced import Production
from physics.forward.signal import GENERATOR
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.mixed_neutrino.widths import HEAVIEST, weak_widths
from physics.models.countings import countings
from physics.nature.beams import Beam
from physics.nature.constants import HBAR_C, LEPTON_MASS
from physics.numerics.arrays import Array
from physics.searches.forward_decay import ForwardDecay
from physics.spectra.library import stored_species

CHANNELS = (*primary.CHANNELS, *mixing_mesons.CHANNELS)
INVISIBLE = ("nu nu nu", "nu pi0")  # weak decays without charged particles
SECONDS_PER_POINT = 1e-7


@countings.instance
class FromCollisions(Counting[ForwardDecay]):
    """Z_D and N from the interaction point."""

    model = "dark_boson"
    kind = "forward-decay"
    axes = frozenset((GENERATOR, "flavor", *CELL, "U2"))
    neglects: ClassVar = {"E_pair_min": "no threshold of pairs is asked for"}
    checked = False  # Z_D that is made does not depend on m_N, and hardly on U2

    @property
    def channels(self) -> tuple[str, ...]:
        """Of Z_D: bremsstrahlung, and neutral mesons; of N: charged ones, and tau."""
        return CHANNELS

    def channels_of(self, searches: Sequence[ForwardDecay]) -> tuple[str, ...]:
        """Those whose mesons some set of one of the beams has, or a beam cannot make."""
        return channels_made([search.place for search in searches])

    def group(self, search: ForwardDecay) -> Hashable:
        """Searches at one beam share their samples."""
        return search.beam

    def check_axes(self, search: ForwardDecay, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """Pairs are no photons."""
        if search.selection.cuts_photon or search.calorimeter is not None:
            raise InputError(
                f"{search.tag} looks for photons, and Z_D decays to pairs; give a search without E_gamma_min, "
                "E_gamma_max and calorimeter"
            )

    def layout(self, task: KernelTask[ForwardDecay]) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts by channel and their integration error."""
        outer = tuple(name for name in (GENERATOR, "flavor", *CELL) if name in task.axes)
        return counts_variables(outer, "U2"), tuple(name for name in outer if name != "flavor")

    def kernel(self, task: KernelTask[ForwardDecay]) -> Kernel[ForwardDecay]:
        """Make its kernel."""
        return FromCollisionsKernel(task, *self.layout(task))

    def checksums(self, task: KernelTask[ForwardDecay]) -> dict[str, str]:
        """Verify every spectrum that the task reads."""
        found: dict[str, str] = {}
        for generator in task.axes[GENERATOR]:
            pdgs = [species_of(channel) for channel in task.channels]
            found |= checksums(task.experiments[0].place, generator, pdgs)
        return found

    def seconds_per_cell(self, task: KernelTask[ForwardDecay]) -> float:
        """Guess of the time of one cell [s]."""
        points = task.sampling["points"] * len(task.channels) * len(task.experiments)
        seconds: float = points * (3 + len(task.axes["U2"]) / 5) * SECONDS_PER_POINT
        return seconds


def channels_made(places: Iterable[Beam]) -> tuple[str, ...]:
    """Channels whose mesons some set of one of the beams has, or a beam cannot make; all without a beam."""
    stored = [(place, stored_species(place)) for place in dict.fromkeys(places)]
    known = [there | frozenset(place.closed) for place, there in stored if there]

    def made(channel: str) -> bool:
        pdg = species_of(channel)
        return not pdg or len(known) < max(len(stored), 1) or any(pdg in one for one in known)

    return tuple(channel for channel in CHANNELS if made(channel))


def species_of(channel: str) -> int:
    """PDG number of the meson whose spectrum a channel needs; zero if it needs none."""
    if channel == primary.BREMSSTRAHLUNG:
        return 0
    if channel in mixing_mesons.CHANNELS:
        return mixing_mesons.parent(channel).pdg
    return primary.parent(channel).pdg


class FromCollisionsKernel(FromBeamKernel[ForwardDecay]):
    """Counts cell by cell; see :class:`physics.dark_boson.counting.from_beam.FromBeamKernel`."""

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one cell; see :class:`physics.kernel.Kernel`."""
        boson, m_N = boson_at(point, self.options), float(point["m_N"])
        bosons, neutrinos = self.sources[str(point[GENERATOR])]
        of_boson = boson_width(boson, m_N, self.U2)
        charged = branching_ratio(sum(to_charged(boson).values()), of_boson)
        of_n = {flavor: neutrino_width(boson, m_N, flavor, self.U2) for flavor in self.flavors}
        made: dict[tuple[str, str, float], Production | None] = {}
        result = {}
        for search in self.experiments:
            slowest = max(search.selection.p_N_min, 0.1)
            shape = len(self.flavors), len(self.channels), self.sampling.replicas, self.U2.size
            rows = np.zeros(shape)
            for c, channel in enumerate(self.channels):
                if channel in primary.CHANNELS:
                    key = channel, "", slowest
                    if key not in made:
                        made[key] = bosons.of(channel, boson.m_ZD, slowest)
                    aimed = aim(made[key], search)
                    decaying = self._decaying(aimed, boson.m_ZD, of_boson)
                    rows[:, c] = decaying * charged * boson.epsilon**2
                    continue
                for f, flavor in enumerate(self.flavors):
                    key = channel, flavor, slowest
                    if key not in made:
                        made[key] = neutrinos.of(channel, m_N, flavor, slowest)
                    aimed = aim(made[key], search)
                    seen = self._charged(boson, m_N, flavor, charged)
                    share = branching_ratio(seen, of_n[flavor])
                    rows[f, c] = self._decaying(aimed, m_N, of_n[flavor]) * share * self.U2
            result[search.tag] = self.summed(rows * search.selection.efficiency)
        return result

    def _charged(self, boson: DarkBoson, m_N: float, flavor: str, of_boson: Array) -> Array:
        """Width of N into charged particles [GeV], (n_U2,)."""
        dark = sum(to_neutrino_and_leptons(boson, m_N, lepton) for lepton in LEPTON_MASS)
        dark += to_neutrino_and_hadrons(boson, m_N)
        weak = weak_widths(m_N, flavor, boson.nature) if m_N <= HEAVIEST else {}
        seen = sum(width for channel, width in weak.items() if channel not in INVISIBLE)
        found: Array = mixing(self.U2) * (dark + to_boson(boson, m_N) * of_boson) + seen * self.U2
        return found

    def _decaying(self, aimed: Aimed | None, mass: float, width: Array) -> Array:
        """Decays in the volume over the coupling of the production, by replica, (replicas, n_U2)."""
        found = np.zeros((self.sampling.replicas, self.U2.size))
        if aimed is None:
            return found
        different, where = np.unique(width, return_inverse=True)
        momentum = aimed.made.momentum[aimed.where]
        replica = self.sampling.replica()[aimed.where]
        per_path = mass / (HBAR_C * momentum)
        inside = aimed.leave - aimed.enter
        of_width = np.zeros((self.sampling.replicas, different.size))
        for i, one in enumerate(different):
            chance = np.exp(-aimed.enter * per_path * one) * -np.expm1(-inside * per_path * one)
            np.add.at(of_width[:, i], replica, aimed.weight * chance)
        return of_width[:, where.ravel()]
