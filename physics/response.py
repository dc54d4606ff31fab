"""Responses: what an experiment sees of a production channel at one mass, before any coupling is chosen.

The kinematics of production do not depend on the experiment: :class:`Production` draws it once and every experiment
with the same momentum cut uses it. What an experiment adds is exact as far as it can be: the azimuth is drawn only
where N points at the volume, the direction in the parent's frame only where N is fast enough, and the photon's energy
cut is an efficiency computed from the polarisation of N.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from physics.beams import Beam
from physics.beams import beam as known_beam
from physics.decay_law import TauGrid
from physics.decays.nu_gamma import photon_efficiency, polarisation
from physics.experiments.base import Experiment, Selection
from physics.geometry import Rays
from physics.options import DipoleOptions
from physics.parents import Parents, ParentSpectrum
from physics.production.base import ProductionChannel, RestFrame
from physics.quasirandom import Sampling

FORWARD_POWER = 1.5  # directions are drawn more densely where N is fast: short lifetimes live there


@dataclass(frozen=True)
class Response:
    """Weights on the nodes of a :class:`TauGrid`, in replicas.

    Attributes
    ----------
    weights : (replicas, nodes) array
        Their sum over replicas is the response [events m/GeV per unit d^2].
    table_variance : float
        Relative variance in the long-lifetime limit from the finite statistics of the spectrum's table.
    """

    weights: np.ndarray
    table_variance: float


@dataclass(frozen=True)
class Production:
    """N of one channel, mass and flavor, faster than a given momentum.

    Attributes
    ----------
    m_N : float
        [GeV]
    options : DipoleOptions
    parents : Parents
    rest : RestFrame
        Decays in the frame of the parent.
    cos : (n,) array
        Direction of N in that frame, relative to the boost.
    momentum : (n,) array
        Of N in the laboratory [GeV].
    sin_theta, cos_theta : (n,) arrays
        Of the parent's polar angle.
    sin_opening, cos_opening : (n,) arrays
        Of the angle between N and its parent.
    vertex_radius, vertex_z : (n,) arrays, or zero
        Where the parent decayed [m].
    weight : (n,) array
        Cross-section [pb], or mesons per interaction, times branching ratio over d^2 [GeV^2]; the sum over points is
        the total.
    photon_share : float
        Largest share of N's energy that the photon of its decay takes.
    """

    m_N: float
    options: DipoleOptions
    parents: Parents
    rest: RestFrame
    cos: np.ndarray
    momentum: np.ndarray
    sin_theta: np.ndarray
    cos_theta: np.ndarray
    sin_opening: np.ndarray
    cos_opening: np.ndarray
    vertex_radius: np.ndarray | float
    vertex_z: np.ndarray | float
    weight: np.ndarray
    photon_share: float = 1.0

    @cached_property
    def energy(self) -> np.ndarray:
        """Of N in the laboratory [GeV], (n,)."""
        return np.hypot(self.momentum, self.m_N)

    @cached_property
    def polarisation(self) -> np.ndarray:
        """Of N along its flight, (n,); zero if Majorana."""
        if self.options.nature == "majorana":
            return np.zeros_like(self.momentum)
        parents = self.parents
        return polarisation(
            self.rest, parents.gamma, parents.beta, self.cos, self.energy, self.momentum, self.m_N
        )

    @cached_property
    def azimuth(self) -> tuple[np.ndarray, np.ndarray]:
        """(base, span) of hav(theta_N) = base + span sin^2(psi/2), psi in [0, pi] the azimuth around the parent.

        base = hav(theta - opening), span = sin(theta) sin(opening); hav x = sin^2 x/(2 (1 + cos x)) does not cancel.
        """
        span = self.sin_theta * self.sin_opening
        sine = self.sin_theta * self.cos_opening - self.cos_theta * self.sin_opening
        cosine = self.cos_theta * self.cos_opening + span
        return sine**2 / (2 * np.maximum(1 + cosine, 1e-15)), span


def produce(
    channel: ProductionChannel,
    spectrum: ParentSpectrum,
    beam: Beam,
    m_N: float,
    flavor: str,
    momentum_min: float,
    options: DipoleOptions,
    sampling: Sampling,
) -> Production | None:
    """Draw N from decays of one meson.

    Parameters
    ----------
    channel : ProductionChannel
    spectrum : ParentSpectrum
    beam : Beam
    m_N : float
        [GeV]
    flavor : str
        A single flavor.
    momentum_min : float
        [GeV]
    options : DipoleOptions
    sampling : Sampling

    Returns
    -------
    Production or None
        None if the channel is closed or no parent is fast enough.
    """
    if m_N >= channel.threshold(flavor):
        return None
    u = sampling.uniforms()
    energy_min = np.hypot(momentum_min, m_N)
    parents = spectrum.draw(u[:, :2], energy_min)
    if parents is None:
        return None
    rest = channel.rest_frame(m_N, flavor, u[:, 4 : 4 + channel.uniforms], options)
    boost = parents.beta * rest.momentum
    lowest = np.clip((energy_min / parents.gamma - rest.energy) / boost, -1.0, 1.0)
    cos = 1 - (1 - lowest) * u[:, 2] ** FORWARD_POWER
    along = parents.gamma * (rest.momentum * cos + parents.beta * rest.energy)
    across = rest.momentum * np.sqrt((1 - cos) * (1 + cos))
    momentum = np.sqrt(along**2 + across**2)
    survive, vertex = _vertex(channel, spectrum, parents, beam, u[:, 6])
    branching = channel.modes(options) * channel.mode_branching_ratio(m_N, flavor, options)
    density = FORWARD_POWER * u[:, 2] ** (FORWARD_POWER - 1) * (1 - lowest) / 2
    sin_theta, cos_theta = np.sin(parents.theta), np.cos(parents.theta)
    return Production(
        m_N=m_N,
        options=options,
        parents=parents,
        rest=rest,
        cos=cos,
        momentum=np.maximum(momentum, momentum_min),
        sin_theta=sin_theta,
        cos_theta=cos_theta,
        sin_opening=across / momentum,
        cos_opening=along / momentum,
        vertex_radius=vertex * sin_theta,
        vertex_z=vertex * cos_theta,
        weight=parents.weight * rest.weight * density * survive * (branching / sampling.points),
        photon_share=channel.photon_share(m_N),
    )


def _vertex(
    channel: ProductionChannel,
    spectrum: ParentSpectrum,
    parents: Parents,
    beam: Beam,
    u: np.ndarray,
) -> tuple[np.ndarray | float, np.ndarray | float]:
    """Probability to decay before the absorber, and the path flown until then [m]."""
    if not channel.meson.flies or spectrum.decaying:
        return 1.0, 0.0
    length = channel.meson.c_tau * parents.momentum / channel.meson.mass
    return beam.flight(length, parents.theta, u)


@dataclass(frozen=True)
class Aimed:
    """N of a :class:`Production` that cross the volume of an experiment, before cuts on the photon.

    Attributes
    ----------
    made : Production
    where : (n,) int array
        Which of its points.
    enter, leave : (n,) arrays
        Path lengths at which they enter and leave [m].
    weight : (n,) array
        Events per unit d^2, without the decay.
    """

    made: Production
    where: np.ndarray
    enter: np.ndarray
    leave: np.ndarray
    weight: np.ndarray

    def seen(self, selection: Selection) -> np.ndarray:
        """Probability to see the photon, (n,)."""
        made, where = self.made, self.where
        if not selection.cuts_photon:
            return np.full(where.size, selection.efficiency)
        share = made.photon_share
        flight = made.energy[where], made.momentum[where], made.polarisation[where]
        seen = photon_efficiency(*flight, selection.E_gamma_min / share)
        if selection.E_gamma_max is not None:
            seen = seen - photon_efficiency(*flight, selection.E_gamma_max / share)
        return selection.efficiency * np.maximum(seen, 0.0)


def aim(made: Production | None, experiment: Experiment, sampling: Sampling) -> Aimed | None:
    """Those N of a channel that cross the volume; None if there are none.

    Parameters
    ----------
    made : Production or None
    experiment : Experiment
    sampling : Sampling
    """
    if made is None:
        return None
    volume = experiment.volume
    base, span = made.azimuth
    low, high = (
        np.sin(np.minimum(x, np.pi) / 2) ** 2
        for x in volume.angles(made.vertex_radius, made.vertex_z)
    )
    hit = np.flatnonzero((base < high) & (base + span > low) & (made.weight > 0))
    if not hit.size:
        return None
    base, span = base[hit], np.maximum(span[hit], 1e-300)
    psi_low, psi_high = (_azimuth((_at(x, hit) - base) / span) for x in (low, high))
    psi = psi_low + sampling.uniforms()[hit, 3] * (psi_high - psi_low)
    mesons = experiment.exposure * known_beam(experiment.beam).mesons_per_exposure
    weight = made.weight[hit] * (psi_high - psi_low) * (mesons / np.pi)
    enter, leave = volume.window(_rays(made, hit, psi))
    inside = np.flatnonzero((leave > enter) & (weight > 0))
    if not inside.size:
        return None
    return Aimed(made, hit[inside], enter[inside], leave[inside], weight[inside])


def respond_each(
    aimed: Aimed | None,
    selections: Sequence[Selection],
    spectrum: ParentSpectrum,
    grid: TauGrid,
    sampling: Sampling,
) -> list[Response]:
    """Responses to what crosses the volume, for several selections at once.

    Parameters
    ----------
    aimed : Aimed or None
        None gives responses of zero.
    selections : sequence of Selection
        That all accept no N slower than those drawn.
    spectrum : ParentSpectrum
    grid : TauGrid
        Of the experiment (:func:`grid_for`).
    sampling : Sampling

    Returns
    -------
    list of Response
        One for each selection, the same as if it were alone.
    """
    if aimed is None:
        empty = np.zeros((sampling.replicas, grid.nodes.size))
        return [Response(empty, 0.0) for _ in selections]
    where = aimed.where
    weights = [aimed.weight * aimed.seen(selection) for selection in selections]
    momentum = aimed.made.momentum[where]
    enter, leave = aimed.enter / momentum, aimed.leave / momentum
    row = sampling.replica()[where]
    deposits = grid.deposits(enter, leave, weights, row, sampling.replicas)
    cell, cells = aimed.made.parents.cell[where], spectrum.cross_section.size
    by_cell = (np.bincount(cell, w * (leave - enter), minlength=cells) for w in weights)
    return [
        Response(found, spectrum.relative_variance(part))
        for found, part in zip(deposits, by_cell, strict=True)
    ]


def respond(
    made: Production | None,
    experiment: Experiment,
    spectrum: ParentSpectrum,
    grid: TauGrid,
    sampling: Sampling,
) -> Response:
    """Response of one experiment, with its own selection, to what a channel made; see :func:`respond_each`."""
    aimed = aim(made, experiment, sampling)
    return respond_each(aimed, [experiment.selection], spectrum, grid, sampling)[0]


def _at(values: np.ndarray | float, index: np.ndarray) -> np.ndarray | float:
    return values[index] if isinstance(values, np.ndarray) and values.ndim else values


def _azimuth(ratio: np.ndarray) -> np.ndarray:
    return 2 * np.arcsin(np.sqrt(np.clip(ratio, 0.0, 1.0)))


def _rays(made: Production, hit: np.ndarray, psi: np.ndarray) -> Rays:
    sin_t, cos_t = made.sin_theta[hit], made.cos_theta[hit]
    sin_o, cos_o = made.sin_opening[hit], made.cos_opening[hit]
    turned = sin_o * np.cos(psi)
    n_x = sin_t * cos_o - cos_t * turned
    n_y = sin_o * np.sin(psi)
    return Rays(
        radius=_at(made.vertex_radius, hit),
        z=_at(made.vertex_z, hit),
        n_x=n_x,
        n_t=np.sqrt(n_x**2 + n_y**2),
        n_z=cos_t * cos_o + sin_t * turned,
    )


def grid_for(
    experiment: Experiment, beam: Beam, m_N: float, slowest: float | None = None
) -> TauGrid:
    """The stretch of tau that windows of this experiment can fill (bins of spectra may end 1.2% above the beam).

    Of N with the momentum ``slowest`` [GeV] or more; by default what the experiment's selection needs.
    """
    volume = experiment.volume
    nearest = volume.z_min - beam.absorber_distance
    farthest = np.hypot(volume.z_max, volume.r_max + beam.pipe_radius)
    if slowest is None:
        slowest = experiment.selection.momentum_min(m_N)
    return TauGrid(0.98 * nearest / beam.momentum, 1.01 * farthest / slowest)
