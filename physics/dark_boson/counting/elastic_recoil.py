"""Electrons hit by N that the collisions of a beam make: N e -> N e (arXiv:2011.04751 sec. 4.3).

Z_D of bremsstrahlung, pi0, eta and eta' that decays to two N (:mod:`physics.dark_boson.elastic`), and N of pi, K, D,
D_s, B and tau by mixing. Of these, with Y_i what a sample makes, s_i and l_i where its flight enters the target and how
long it stays there, n the electrons per m^3,

    N = U2 sum_i Y_i exp(-s_i k/p_i) n l_i sigma_i,    k = m_N Gamma(N)/(hbar c).

N e -> nu e, which needs the mixing once more, is not counted.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from physics.dark_boson import mixing_mesons, primary
from physics.dark_boson.boson_widths import boson_width, to_n_pair
from physics.dark_boson.counting.forward_decay import channels_made, species_of
from physics.dark_boson.counting.from_beam import FromBeamKernel
from physics.dark_boson.counting.upscattered_pair import per_length
from physics.dark_boson.counting.upscattering import CELL
from physics.dark_boson.couplings import DarkBoson, branching_ratio
from physics.dark_boson.elastic import crossing, lowest_energy, recoil_cross_section
from physics.dark_boson.mixing_mesons import HeavyNeutrinos
from physics.dark_boson.neutrino_widths import check_mass, neutrino_width
from physics.dark_boson.options import boson_at
from physics.dark_boson.primary import Bosons
from physics.detectors.volumes import volume_from
from physics.forward.aimed import aim
from physics.forward.signal import GENERATOR
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.models.countings import countings
from physics.numerics.arrays import Array, Integers
from physics.searches.elastic_recoil import ElasticRecoil
from physics.searches.forward_decay import ForwardDecay
from physics.upscattering.cross_sections import M2
from physics.upscattering.scatterers import ELECTRON, scatterers

CHANNELS = (*primary.CHANNELS, *mixing_mesons.CHANNELS)
SLOWEST = 0.1  # GeV, below which nothing is drawn
SECONDS_PER_POINT = 1e-6


@countings.instance
class ElasticRecoils(Counting[ElasticRecoil]):
    """Electrons hit by N from the interaction point."""

    model = "dark_boson"
    kind = "elastic-recoil"
    axes = frozenset((GENERATOR, "flavor", *CELL, "U2"))
    neglects: ClassVar = {"E_pair_min": "no threshold of pairs is asked for"}
    checked = False  # N of Z_D does not need the mixing

    @property
    def channels(self) -> tuple[str, ...]:
        """Of Z_D: bremsstrahlung, and neutral mesons; of N: charged ones, and tau."""
        return CHANNELS

    def channels_of(self, searches: Sequence[ElasticRecoil]) -> tuple[str, ...]:
        """Those whose mesons some set of one of the beams has, or a beam cannot make."""
        return channels_made([search.place for search in searches])

    def group(self, search: ElasticRecoil) -> Hashable:
        """Searches at one beam share their samples."""
        return search.beam

    def check_axes(self, search: ElasticRecoil, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """Points whose width is not known are refused."""
        super().check_axes(search, axes)
        for m_N in axes["m_N"]:
            of_n = [float(r) * float(m_N) for r in axes.get("m_ZD_over_m_N", ())]
            for m_ZD in (*axes.get("m_ZD", ()), *of_n):
                check_mass(float(m_N), float(m_ZD))

    def layout(
        self, task: KernelTask[ElasticRecoil]
    ) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts by channel and their integration error."""
        outer = tuple(name for name in (GENERATOR, "flavor", *CELL) if name in task.axes)
        return counts_variables(outer, "U2"), tuple(name for name in outer if name != "flavor")

    def kernel(self, task: KernelTask[ElasticRecoil]) -> Kernel[ElasticRecoil]:
        """Make its kernel."""
        return ElasticRecoilKernel(task, *self.layout(task))

    def checksums(self, task: KernelTask[ElasticRecoil]) -> dict[str, str]:
        """Verify every spectrum that the task reads."""
        found: dict[str, str] = {}
        for generator in task.axes[GENERATOR]:
            pdgs = [species_of(channel) for channel in task.channels]
            found |= primary.checksums(task.experiments[0].place, generator, pdgs)
        return found

    def seconds_per_cell(self, task: KernelTask[ElasticRecoil]) -> float:
        """Guess of the time of one cell [s]."""
        points = task.sampling["points"] * len(task.channels) * len(task.experiments)
        seconds: float = points * (3 + len(task.axes["U2"]) / 5) * SECONDS_PER_POINT
        return seconds


class ElasticRecoilKernel(FromBeamKernel[ElasticRecoil]):
    """Counts cell by cell; see :class:`physics.dark_boson.counting.from_beam.FromBeamKernel`."""

    def __init__(
        self,
        task: KernelTask[ElasticRecoil],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.volumes = {search.tag: _as_volume(search) for search in self.experiments}

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one cell; see :class:`physics.kernel.Kernel`."""
        boson, m_N = boson_at(point, self.options), float(point["m_N"])
        bosons, neutrinos = self.sources[str(point[GENERATOR])]
        widths = [neutrino_width(boson, m_N, flavor, self.U2) for flavor in self.flavors]
        result = {}
        for search in self.experiments:
            shape = len(self.flavors), len(self.channels), self.sampling.replicas, self.U2.size
            rows = np.zeros(shape)
            for c, channel in enumerate(self.channels):
                if channel in primary.CHANNELS:
                    rows[:, c] = self._of_boson(search, bosons, channel, boson, m_N, widths)
                    continue
                for f, flavor in enumerate(self.flavors):
                    rows[f, c] = self._by_mixing(
                        search, neutrinos, channel, flavor, boson, m_N, widths[f]
                    )
            result[search.tag] = self.summed(rows * self._scale(search, boson))
        return result

    def _scale(self, search: ElasticRecoil, boson: DarkBoson) -> float:
        """Electrons per m^2 along the target times the coupling of the cross-section, and the efficiency."""
        (target,) = scatterers(search.target, (ELECTRON,))
        return float(target.number * boson.scattering * M2 * search.efficiency)

    def _of_boson(
        self,
        search: ElasticRecoil,
        bosons: Bosons,
        channel: str,
        boson: DarkBoson,
        m_N: float,
        widths: Sequence[Array],
    ) -> Array:
        """Electrons hit by N of Z_D, over the scale, (flavor, replica, n_U2)."""
        found = np.zeros((len(widths), self.sampling.replicas, self.U2.size))
        if boson.m_ZD <= 2 * m_N:
            return found
        energy = lowest_energy(m_N, search.E_e_min)
        made = bosons.of(channel, boson.m_ZD, max(energy - boson.m_ZD**2 / (4 * energy), SLOWEST))
        if made is None:
            return found
        n = crossing(made, m_N, search.distance, search.target, self.sampling)
        sigma = self._sigma(search, n.momentum, m_N, boson)
        pairs = branching_ratio(to_n_pair(boson, m_N, self.U2), boson_width(boson, m_N, self.U2))
        exposure = search.exposure * search.place.mesons_per_exposure * boson.epsilon**2
        for f, width in enumerate(widths):
            paths = np.full(n.momentum.shape, search.distance)
            self._add(found[f], n.replica, n.weight * sigma, n.momentum, paths, m_N, width)
        found *= exposure * pairs
        return found

    def _by_mixing(
        self,
        search: ElasticRecoil,
        neutrinos: HeavyNeutrinos,
        channel: str,
        flavor: str,
        boson: DarkBoson,
        m_N: float,
        width: Array,
    ) -> Array:
        """Electrons hit by N of mesons and tau, over the scale, (replica, n_U2)."""
        found = np.zeros((self.sampling.replicas, self.U2.size))
        energy = lowest_energy(m_N, search.E_e_min)
        slowest = max(float(np.sqrt((energy - m_N) * (energy + m_N))), SLOWEST)
        made = neutrinos.of(channel, m_N, flavor, slowest)
        aimed = aim(made, self.volumes[search.tag])
        if aimed is None:
            return found
        momentum = aimed.made.momentum[aimed.where]
        sigma = self._sigma(search, momentum, m_N, boson)
        weight = aimed.weight * sigma * (aimed.leave - aimed.enter) / search.target.length
        replica = self.sampling.replica()[aimed.where]
        self._add(found, replica, weight, momentum, aimed.enter, m_N, width)
        found *= self.U2
        return found

    def _sigma(self, search: ElasticRecoil, momentum: Array, m_N: float, boson: DarkBoson) -> Array:
        window = search.E_e_min, search.E_e_max
        return recoil_cross_section(momentum, m_N, boson.m_ZD, window, search.theta_max)

    def _add(
        self,
        into: Array,
        replica: Integers,
        weight: Array,
        momentum: Array,
        path: Array,
        m_N: float,
        width: Array,
    ) -> None:
        """Sum of weights of N that live up to the target, into (replica, n_U2)."""
        some = np.flatnonzero(weight > 0)
        different, where = np.unique(width, return_inverse=True)
        lengths = per_length(different, m_N, np.hypot(momentum[some], m_N))
        hits = weight[some, None] * np.exp(-lengths * path[some, None])
        of_width = np.zeros((into.shape[0], different.size))
        np.add.at(of_width, replica[some], hits)
        into += of_width[:, where.ravel()]


def _as_volume(search: ElasticRecoil) -> ForwardDecay:
    """The target as a volume that N crosses."""
    target = search.target
    box = {
        "z_min": search.distance,
        "z_max": search.distance + target.length,
        "width": target.width,
        "height": target.height,
    }
    centre = {"centre": target.centre} if any(target.centre) else {}
    return ForwardDecay(
        tag=search.tag,
        title=search.title,
        facility=search.facility,
        signature=search.signature,
        source=search.source,
        exposure=search.exposure,
        beam=search.beam,
        volume=volume_from({**box, **centre}),
    )
