"""Neutrinos through an area for one hadron of each bin of a spectrum, without sampling the neutrino's direction.

A hadron without spin sends its neutrinos into all directions of its rest frame alike, so that at an angle alpha from
its flight the laboratory has delta^2/4 pi of them per solid angle, with the energy E = delta E*, where delta is
1/(gamma (1 - beta cos alpha)). A point of the area, a point of decay and a momentum thus give a flux and, with the
cumulative distribution of E*, all its energies; what is left is a smooth integral over quasi-random points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from physics.fluxes.hadrons import NeutrinoParent
from physics.fluxes.rest_spectra import RestSpectrum
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling


@dataclass(frozen=True)
class Window:
    """An area across the beam, which neutrinos go through.

    Attributes
    ----------
    distance : float
        From the collision [m].
    width, height : float
        [m]
    centre : (float, float)
        From the axis of the beam [m].
    """

    distance: float
    width: float
    height: float
    centre: tuple[float, float] = (0.0, 0.0)

    @property
    def farthest(self) -> float:
        """Angle of its farthest corner from the collision [rad]."""
        x, y = abs(self.centre[0]) + self.width / 2, abs(self.centre[1]) + self.height / 2
        return float(np.arctan2(np.hypot(x, y), self.distance))


@dataclass(frozen=True)
class Line:
    """How hadrons fly.

    Attributes
    ----------
    pipe_radius, decay_length : float
        See :meth:`physics.fluxes.hadrons.NeutrinoParent.free_path` [m].
    """

    pipe_radius: float
    decay_length: float


def responses(
    parent: NeutrinoParent,
    spectra: tuple[RestSpectrum, ...],
    grid: tuple[Array, Array],
    window: Window,
    line: Line,
    edges: Array,
    sampling: Sampling,
) -> list[Array]:
    """Neutrinos through an area, per hadron of each bin.

    Parameters
    ----------
    parent : NeutrinoParent
    spectra : tuple of RestSpectrum
        Of its decays.
    grid : (n_p + 1,) and (n_theta + 1,) arrays
        Edges in log10(p/GeV) and log10(theta); hadrons are flat in both inside a bin.
    window : Window
    line : Line
    edges : (n + 1,) array
        Energies of neutrinos [GeV].
    sampling : Sampling
        Points and replicas for each bin.

    Returns
    -------
    list of (replicas, n_p, n_theta, n) arrays
        One for each spectrum, for decays with the branching ratio one [1/m^2].
    """
    log_p, log_theta = grid
    shape = (sampling.replicas, log_p.size - 1, log_theta.size - 1, edges.size - 1)
    found = [np.zeros(shape) for _ in spectra]
    u = sampling.uniforms()[:, :6].T
    # every bin has its own points: the errors of neighbours, which send their neutrinos alike, are independent
    shifts = np.random.default_rng([sampling.seed, 1]).random((4, *shape[1:3]))
    highest = max(float(spectrum.energies[-1]) for spectrum in spectra)
    for i in range(log_p.size - 1):
        gamma = 10.0 ** log_p[i + 1] / parent.mass
        if gamma * 2 * highest * (1 + 1e-3) < edges[0]:
            continue
        # beyond this angle from the flight all neutrinos are below the lowest energy
        cone = np.sqrt(2 * highest / (edges[0] * 10.0 ** log_p[i] / parent.mass))
        last = np.searchsorted(10.0**log_theta, 2 * cone + window.farthest)
        for j in range(0, min(int(last), log_theta.size - 1), _ROWS):
            rows = slice(j, min(j + _ROWS, int(last), log_theta.size - 1))
            p = 10.0 ** (log_p[i] + u[0] * (log_p[i + 1] - log_p[i]))[None, :]
            low, high = log_theta[:-1][rows, None], log_theta[1:][rows, None]
            theta = 10.0 ** (low + u[1] * (high - low))
            own = (u[2:, None, :] + shifts[:, i, rows, None]) % 1
            weight, delta = _aimed(parent, p, theta, own, window, line)
            for response, spectrum in zip(found, spectra, strict=True):
                below = spectrum.cumulative(edges / delta[..., None])
                counted = np.diff(below, axis=-1) * weight[..., None]
                split = counted.reshape(*theta.shape[:1], sampling.replicas, -1, edges.size - 1)
                response[:, i, rows] = split.mean(axis=2).swapaxes(0, 1)
    return found


_ROWS = 32  # bins in the angle at once, for memory


def _aimed(
    parent: NeutrinoParent, p: Array, theta: Array, u: Array, window: Window, line: Line
) -> tuple[Array, Array]:
    """Neutrinos per area through a random point of the window, and E/E* there.

    Parameters
    ----------
    parent : NeutrinoParent
    p, theta : (1, n) and (m, n) arrays
        Of the hadrons.
    u : (4, m, n) array
        Azimuth of the hadron, place of its decay, and point of the window.
    window : Window
    line : Line

    Returns
    -------
    weight, delta : (m, n) arrays
        [1/m^2], and without unit.
    """
    free = parent.free_path(theta, line.pipe_radius, line.decay_length)
    mean = parent.c_tau * p / parent.mass
    decays = -np.expm1(-free / mean)
    path = -mean * np.log1p(-u[1] * decays)
    target = np.stack(
        [
            window.centre[0] + (u[2] - 0.5) * window.width,
            window.centre[1] + (u[3] - 0.5) * window.height,
            np.full_like(u[0], window.distance),
        ]
    )
    gamma = np.sqrt((p / parent.mass) ** 2 + 1)
    azimuth, weight = _azimuth(target, theta, gamma, u[0])
    flight = np.stack(
        [np.sin(theta) * np.cos(azimuth), np.sin(theta) * np.sin(azimuth), np.cos(theta)]
    )
    way = target - path * flight
    distance = np.sqrt((way**2).sum(axis=0))
    half = ((way / distance - flight) ** 2).sum(axis=0) / 4  # sin^2(alpha/2)
    beta = p / parent.mass / gamma
    delta = 1 / (1 / (gamma * (1 + beta)) + 2 * gamma * beta * half)
    across = np.maximum(way[2] / distance, 0.0)
    return weight * decays * delta**2 / (4 * np.pi) * across / distance**2, delta


def _azimuth(target: Array, theta: Array, gamma: Array, u: Array) -> tuple[Array, Array]:
    """Azimuth of the hadron, more often towards the point that is aimed at, and the weight that makes it even.

    delta falls like 1/(1/gamma^2 + alpha^2), with alpha^2 near (theta - theta')^2 + 4 theta theta' sin^2(phi/2) where
    theta' is that of the point: a Cauchy distribution around the circle.
    """
    towards = np.arctan2(target[1], target[0])
    seen = np.hypot(target[0], target[1]) / target[2]
    width = np.sqrt((gamma**-2 + (theta - seen) ** 2) / np.maximum(4 * theta * seen, 1e-30))
    width = np.minimum(width, 1.0)
    half = np.arctan(width * np.tan(np.pi * (u - 0.5)))
    weight = (width**2 * np.cos(half) ** 2 + np.sin(half) ** 2) / width
    return towards + 2 * half, weight
