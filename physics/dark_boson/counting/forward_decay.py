"""Z_D made in the collisions themselves, which decays to charged particles in a volume far away.

arXiv:2011.04751 secs. 2.3 and 4.2: p p -> p p Z_D by bremsstrahlung, and pi0, eta, eta' -> gamma Z_D. With eps^2 Y_i
what a sample makes, p_i its momentum, and s_i, e_i where its flight enters and leaves,

    N = eps^2 BR(Z_D -> charged) sum_i Y_i [exp(-s_i k/p_i) - exp(-e_i k/p_i)],    k = m_ZD Gamma(Z_D)/(hbar c).

Nothing of it depends on U2 but the invisible width. Searches for photons are refused: Z_D makes pairs.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, ClassVar

import numpy as np

from physics.dark_boson import bremsstrahlung, meson_decays
from physics.dark_boson.boson_widths import boson_width, to_charged
from physics.dark_boson.counting.upscattering import CELL
from physics.dark_boson.options import DarkBosonOptions, boson_at
from physics.errors import InputError
from physics.forward.aimed import Aimed, aim
from physics.forward.decays import BoundDecay, RestFrame
from physics.forward.parents import Parents, ParentSpectrum
from physics.forward.produced import Production, produce
from physics.forward.signal import GENERATOR
from physics.kernel import Counting, Filled, Kernel, KernelTask, Variable, counts_variables
from physics.models.countings import countings
from physics.nature.beams import Beam
from physics.nature.constants import HBAR_C
from physics.nature.mesons import Meson
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.forward_decay import ForwardDecay
from physics.spectra.library import find
from physics.spectra.normalisation import load_species

BREMSSTRAHLUNG = "bremsstrahlung"
SECONDS_PER_POINT = 1e-7
_SMALLEST_ANGLE = 1e-8  # rad, below which nothing is made that matters


@countings.instance
class PrimaryBosons(Counting[ForwardDecay]):
    """Z_D from the interaction point."""

    model = "dark_boson"
    kind = "forward-decay"
    axes = frozenset((GENERATOR, *CELL, "U2"))
    neglects: ClassVar = {"flavor": "Z_D decays to neutrinos of any flavor with the same width"}
    checked = False  # what is made does not depend on m_N, and hardly on U2

    @property
    def channels(self) -> tuple[str, ...]:
        """Bremsstrahlung, and the mesons."""
        return (BREMSSTRAHLUNG, *meson_decays.parents())

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
        outer = tuple(name for name in (GENERATOR, *CELL) if name in task.axes)
        return counts_variables(outer, "U2"), outer

    def kernel(self, task: KernelTask[ForwardDecay]) -> Kernel[ForwardDecay]:
        """Make its kernel."""
        return PrimaryBosonKernel(task, *self.layout(task))

    def checksums(self, task: KernelTask[ForwardDecay]) -> dict[str, str]:
        """Verify every spectrum that the task reads."""
        place, found = task.experiments[0].place, {}
        parents = meson_decays.parents()
        for generator in task.axes[GENERATOR]:
            for tag in task.channels:
                if tag in parents:
                    spectra, pdg = find(place, generator), parents[tag].pdg
                    spectra.load(pdg)
                    name = f"{spectra.beam}/{spectra.generator}/{pdg}"
                    found[name] = spectra.sources[pdg]["sha256"]
        return found

    def seconds_per_cell(self, task: KernelTask[ForwardDecay]) -> float:
        """Guess of the time of one cell [s]."""
        points = task.sampling["points"] * len(task.channels) * len(task.experiments)
        seconds: float = points * (3 + len(task.axes["U2"]) / 5) * SECONDS_PER_POINT
        return seconds


class PrimaryBosonKernel(Kernel[ForwardDecay]):
    """Counts cell by cell.

    Parameters
    ----------
    task : KernelTask
        With the axes generator, m_N [GeV], one of m_ZD [GeV] and m_ZD_over_m_N, alpha_D, epsilon and U2.
    variables, block_dims
        See :class:`physics.kernel.Kernel`.
    """

    def __init__(
        self,
        task: KernelTask[ForwardDecay],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.options = DarkBosonOptions(**task.options)
        self.sampling = Sampling(**task.sampling)
        self.U2 = np.asarray(task.axes["U2"], dtype=float)
        self.beam = self.experiments[0].place
        self._spectra: dict[tuple[str, str], ParentSpectrum] = {}

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one cell; see :class:`physics.kernel.Kernel`."""
        boson = boson_at(point, self.options)
        width = boson_width(boson, float(point["m_N"]), self.U2)
        visible = sum(to_charged(boson).values()) / width * boson.epsilon**2
        made: dict[tuple[str, float], Production | None] = {}
        result = {}
        for search in self.experiments:
            slowest = max(search.selection.p_N_min, 0.1)
            rows = np.zeros((len(self.channels), self.sampling.replicas, self.U2.size))
            for c, channel in enumerate(self.channels):
                key = channel, slowest
                if key not in made:
                    made[key] = self.make(channel, boson.m_ZD, str(point[GENERATOR]), slowest)
                aimed = aim(made[key], search, self.sampling)
                rows[c] = self._decaying(aimed, boson.m_ZD, width) * search.selection.efficiency
            rows = rows * visible
            total = rows.sum(axis=(0, 1))
            spread = rows.sum(axis=0).std(axis=0, ddof=1) * np.sqrt(self.sampling.replicas)
            error = np.divide(spread, total, out=np.zeros_like(total), where=total > 0)
            result[search.tag] = {
                "counts": rows.sum(axis=1),
                "relative_error": np.minimum(error, 1.0),
            }
        return result

    def make(self, channel: str, m_ZD: float, generator: str, slowest: float) -> Production | None:
        """Z_D of a channel above a momentum [GeV], over eps^2."""
        if channel == BREMSSTRAHLUNG:
            return from_protons(self.beam, m_ZD, slowest, self.sampling)
        parent = meson_decays.parents()[channel]
        if m_ZD >= parent.mass or parent.pdg in self.beam.closed:
            return None
        key = generator, channel
        if key not in self._spectra:
            tables = load_species(self.beam, generator, parent.pdg, self.options.normalisation)
            self._spectra[key] = ParentSpectrum(parent, tuple(tables), self.beam.forward_angle)
        decay = from_meson(parent, m_ZD)
        return produce(decay, self._spectra[key], self.beam, m_ZD, False, slowest, self.sampling)

    def _decaying(self, aimed: Aimed | None, m_ZD: float, width: Array) -> Array:
        """Decays in the volume over eps^2 by replica, (replicas, n_U2)."""
        found = np.zeros((self.sampling.replicas, self.U2.size))
        if aimed is None:
            return found
        different, where = np.unique(width, return_inverse=True)
        momentum = aimed.made.momentum[aimed.where]
        replica = self.sampling.replica()[aimed.where]
        per_path = m_ZD / (HBAR_C * momentum)
        inside = aimed.leave - aimed.enter
        of_width = np.zeros((self.sampling.replicas, different.size))
        for i, one in enumerate(different):
            chance = np.exp(-aimed.enter * per_path * one) * -np.expm1(-inside * per_path * one)
            np.add.at(of_width[:, i], replica, aimed.weight * chance)
        return of_width[:, where.ravel()]


def from_meson(parent: Meson, m_ZD: float) -> BoundDecay:
    """P -> gamma Z_D over eps^2, as the forward searches take it."""
    energy, momentum = meson_decays.at_rest(parent, m_ZD)

    def kinematics(u: Array) -> RestFrame:
        ones = np.ones(len(u))
        return RestFrame(energy * ones, momentum * ones, energy * ones, momentum * ones, ones)

    return BoundDecay(
        meson=parent,
        charges=(parent.pdg,),
        open=m_ZD < parent.mass,
        rate=lambda: meson_decays.branching_ratio(parent, m_ZD),
        kinematics=kinematics,
        photon_share=1.0,
    )


def from_protons(beam: Beam, m_ZD: float, slowest: float, sampling: Sampling) -> Production | None:
    """Z_D of bremsstrahlung over eps^2, drawn evenly in log p and in log theta.

    Parameters
    ----------
    beam : Beam
    m_ZD : float
        [GeV]
    slowest : float
        Momentum from which on they are drawn [GeV].
    sampling : Sampling
    """
    if slowest >= beam.momentum:
        return None
    u = sampling.uniforms()
    log_p = np.log(slowest) + u[:, 0] * np.log(beam.momentum / slowest)
    momentum = np.exp(log_p)
    largest = np.minimum(bremsstrahlung.P_T_MAX / momentum, 1.0)
    theta = _SMALLEST_ANGLE * (largest / _SMALLEST_ANGLE) ** u[:, 1]
    measure = np.log(beam.momentum / slowest) * np.log(largest / _SMALLEST_ANGLE)
    weight = bremsstrahlung.yield_density(momentum, theta, m_ZD, beam) * measure / sampling.points
    if not weight.any():
        return None
    zero, one = np.zeros_like(momentum), np.ones_like(momentum)
    return Production(
        mass=m_ZD,
        polarised=False,
        parents=Parents(momentum, theta, one, zero, weight, np.zeros(len(u), dtype=int)),
        rest=RestFrame(one * m_ZD, zero, one, zero, one),
        cos=one,
        momentum=momentum,
        sin_theta=np.sin(theta),
        cos_theta=np.cos(theta),
        sin_opening=zero,
        cos_opening=one,
        vertex_radius=0.0,
        vertex_z=0.0,
        weight=weight,
    )
