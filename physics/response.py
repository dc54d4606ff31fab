"""Responses: what an experiment sees of a production channel at one mass, before any coupling is chosen.

The kinematics of production do not depend on the experiment: :class:`Production` draws it once and every experiment
with the same momentum cut uses it. What an experiment adds is exact as far as it can be: the azimuth is drawn only
where N points at the volume, the direction in the parent's frame only where N is fast enough, and the photon's energy
cut is an efficiency computed from the polarisation of N.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physics.beams import Beam
from physics.constants import FB_PER_PB
from physics.decay_law import TauGrid
from physics.decays.nu_gamma import photon_efficiency, polarisation
from physics.experiments.base import Experiment
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
    parents : Parents
    energy, momentum : (n,) arrays
        Of N in the laboratory [GeV].
    opening : (n,) array
        Angle between N and its parent [rad].
    polarisation : (n,) array
        Of N along its flight; zero if Majorana.
    vertex_radius, vertex_z : (n,) arrays
        Where the parent decayed [m].
    weight : (n,) array
        Cross-section times branching ratio over d^2 [pb GeV^2]; the sum over points is the total.
    """

    parents: Parents
    energy: np.ndarray
    momentum: np.ndarray
    opening: np.ndarray
    polarisation: np.ndarray
    vertex_radius: np.ndarray
    vertex_z: np.ndarray
    weight: np.ndarray


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
    density = FORWARD_POWER * u[:, 2] ** (FORWARD_POWER - 1)
    along = parents.gamma * (rest.momentum * cos + parents.beta * rest.energy)
    across = rest.momentum * np.sqrt((1 - cos) * (1 + cos))
    energy = parents.gamma * (rest.energy + boost * cos)
    momentum = np.hypot(along, across)
    survive, vertex = _vertex(channel, parents, beam, u[:, 6])
    branching = channel.modes(options) * channel.mode_branching_ratio(m_N, flavor, options)
    weight = (
        parents.weight
        * rest.weight
        * survive
        * density
        * (1 - lowest)
        / 2
        * branching
        / sampling.points
    )
    spin = _spin(rest, parents, cos, energy, momentum, m_N, options)
    return Production(
        parents=parents,
        energy=energy,
        momentum=np.maximum(momentum, momentum_min),
        opening=np.arctan2(across, along),
        polarisation=spin,
        vertex_radius=vertex * np.sin(parents.theta),
        vertex_z=vertex * np.cos(parents.theta),
        weight=weight,
    )


def _spin(
    rest: RestFrame,
    parents: Parents,
    cos: np.ndarray,
    energy: np.ndarray,
    momentum: np.ndarray,
    m_N: float,
    options: DipoleOptions,
) -> np.ndarray:
    if options.nature == "majorana":
        return np.zeros_like(energy)
    return polarisation(rest, parents.gamma, parents.beta, cos, energy, momentum, m_N)


def _vertex(
    channel: ProductionChannel, parents: Parents, beam: Beam, u: np.ndarray
) -> tuple[np.ndarray | float, np.ndarray]:
    """Probability to decay before the absorber, and the path flown until then [m]."""
    if not channel.meson.flies:
        return 1.0, np.zeros_like(u)
    length = channel.meson.c_tau * parents.momentum / channel.meson.mass
    free = np.minimum(
        beam.absorber_distance / np.maximum(np.cos(parents.theta), 1e-9),
        beam.pipe_radius / np.sin(parents.theta),
    )
    survive = -np.expm1(-free / length)
    return survive, -length * np.log1p(-u * survive)


def respond(
    made: Production | None,
    experiment: Experiment,
    spectrum: ParentSpectrum,
    grid: TauGrid,
    sampling: Sampling,
) -> Response:
    """Response of one experiment to what a channel made.

    Parameters
    ----------
    made : Production or None
        None gives a response of zero.
    experiment : Experiment
    spectrum : ParentSpectrum
    grid : TauGrid
        Of the experiment (:func:`grid_for`).
    sampling : Sampling

    Returns
    -------
    Response
    """
    empty = np.zeros((sampling.replicas, grid.nodes.size))
    if made is None:
        return Response(empty, 0.0)
    volume = experiment.volume
    low, high = volume.angles(made.vertex_radius, made.vertex_z)
    theta = made.parents.theta
    # hav(theta_N) = hav(theta - opening) + sin(theta) sin(opening) sin^2(psi/2), psi in [0, pi]
    base = np.sin((theta - made.opening) / 2) ** 2
    span = np.sin(theta) * np.sin(made.opening)
    psi_low = _azimuth(np.sin(low / 2) ** 2 - base, span)
    psi_high = _azimuth(np.sin(np.minimum(high, np.pi) / 2) ** 2 - base, span)
    hit = np.flatnonzero((psi_high > psi_low) & (made.weight > 0))
    if not hit.size:
        return Response(empty, 0.0)
    u = sampling.uniforms()[hit, 3]
    psi = psi_low[hit] + u * (psi_high[hit] - psi_low[hit])
    weight = made.weight[hit] * (psi_high[hit] - psi_low[hit]) / np.pi
    rays = _rays(made, hit, psi)
    enter, leave = volume.window(rays)
    cut = experiment.selection.E_gamma_min
    if cut > 0:
        weight = weight * photon_efficiency(
            made.energy[hit], made.momentum[hit], made.polarisation[hit], cut
        )
    inside = (leave > enter) & (weight > 0)
    momentum = made.momentum[hit][inside]
    enter, leave, weight = enter[inside] / momentum, leave[inside] / momentum, weight[inside]
    weight = weight * (experiment.exposure * FB_PER_PB)
    where = hit[inside]
    weights = grid.deposit(enter, leave, weight, sampling.replica()[where], sampling.replicas)
    by_cell = np.bincount(
        made.parents.cell[where], weight * (leave - enter), minlength=spectrum.cross_section.size
    )
    return Response(weights, spectrum.relative_variance(by_cell))


def _azimuth(gap: np.ndarray, span: np.ndarray) -> np.ndarray:
    ratio = np.clip(gap / np.maximum(span, 1e-300), 0.0, 1.0)
    return 2 * np.arcsin(np.sqrt(ratio))


def _rays(made: Production, hit: np.ndarray, psi: np.ndarray) -> Rays:
    theta, opening = made.parents.theta[hit], made.opening[hit]
    sin_o, cos_o = np.sin(opening), np.cos(opening)
    n_x = np.sin(theta) * cos_o - np.cos(theta) * sin_o * np.cos(psi)
    n_y = sin_o * np.sin(psi)
    return Rays(
        radius=made.vertex_radius[hit],
        z=made.vertex_z[hit],
        n_x=n_x,
        n_t=np.hypot(n_x, n_y),
        n_z=np.cos(theta) * cos_o + np.sin(theta) * sin_o * np.cos(psi),
    )


def grid_for(experiment: Experiment, beam: Beam, m_N: float) -> TauGrid:
    """The stretch of tau that windows of this experiment can fill."""
    volume = experiment.volume
    nearest = volume.z_min - beam.absorber_distance
    farthest = np.hypot(volume.z_max, volume.r_max + beam.pipe_radius)
    slowest = experiment.selection.momentum_min(m_N)
    return TauGrid(0.99 * nearest / beam.momentum, 1.01 * farthest / slowest)
