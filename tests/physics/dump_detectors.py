"""Detectors of beam dumps for tests: rays from the target, photons on straight lines (arXiv:2406.17599 section 3)."""

from collections.abc import Callable
from dataclasses import dataclass

import monte_carlo
import numpy as np


def cone(theta_max: float, z_min: float, z_max: float) -> Callable:
    """Path lengths [m] between which rays from the target are in a cone around the beam."""

    def stretch(direction):
        x, y, z = direction.T
        inside = np.arctan2(np.hypot(x, y), z) < theta_max
        return np.where(inside, z_min / z, 0.0), np.where(inside, z_max / z, 0.0)

    return stretch


def vessel(r_max: float, z_min: float, z_max: float) -> Callable:
    """The same for a cylinder."""

    def stretch(direction):
        x, y, z = direction.T
        enter = z_min / z
        leave = np.minimum(z_max / z, r_max / np.maximum(np.hypot(x, y), 1e-30))
        return enter, np.maximum(leave, enter)

    return stretch


def pyramid(z_min: float, z_max: float, front, back) -> Callable:
    """The same between four planes |x| = w(z)/2, |y| = h(z)/2 with w and h linear from front to back."""

    def stretch(direction):
        first, last = np.full(len(direction), z_min), np.full(len(direction), z_max)
        for axis in (0, 1):
            slope = (back[axis] - front[axis]) / 2 / (z_max - z_min)
            at_target = front[axis] / 2 - slope * z_min
            # |x| = t z < at_target + slope z
            excess = abs(direction[:, axis] / direction[:, 2]) - slope
            wall = at_target / np.where(excess == 0, 1e-300, excess)
            last = np.where(excess > 0, np.minimum(last, wall), last)
            if at_target < 0:
                first = np.where(excess < 0, np.maximum(first, wall), np.inf)
        reached = last > first
        along = 1 / direction[:, 2]
        return np.where(reached, first * along, 0.0), np.where(reached, last * along, 0.0)

    return stretch


@dataclass(frozen=True)
class Detector:
    """Where decays count.

    Attributes
    ----------
    protons : float
    target : float
        Atomic weight: charm grows as A^0.29 per interaction.
    stretch : callable
        Directions to path lengths of entrance and exit [m].
    plane : (float, float), optional
        z and radius of the calorimeter that the photon must hit [m].
    """

    protons: float
    target: float
    stretch: Callable
    plane: tuple[float, float] | None = None


COPPER, MOLYBDENUM = 63.546, 95.95
DETECTORS = {
    "NA62": Detector(1e18, COPPER, cone(np.arctan(1.2 / 217), 79, 217)),
    "NA62-calorimeter": Detector(1e18, COPPER, vessel(1.0, 79, 217), (217, 1.2)),
    "SHiP": Detector(6e20, MOLYBDENUM, cone(28e-3, 33, 85)),
    "SHiP-pyramid": Detector(6e20, MOLYBDENUM, pyramid(33, 83, (1.0, 2.7), (4.0, 6.0))),
}


def seen(thrown, decay, detector: Detector, d: float, rng) -> np.ndarray:
    """Probability that each decays in the detector and its photon is caught, times its weight and branching ratio.

    ``thrown`` and ``decay`` are those of ``generator_events.py``.
    """
    momentum = np.linalg.norm(thrown.heavy[:, 1:], axis=1)
    direction = thrown.heavy[:, 1:] / momentum[:, None]
    enter, leave = detector.stretch(direction)
    rate = decay.heavy_mass / momentum * decay.width * d**2 / monte_carlo.HBAR_C
    inside = -np.expm1(-rate * (leave - enter))
    chance = np.exp(-rate * enter) * inside
    if detector.plane is not None:
        # the place of the decay is thrown with the exponential law between entrance and exit
        path = enter - np.log1p(-rng.random(len(enter)) * inside) / rate
        z, radius = detector.plane
        ahead = z - path * direction[:, 2]
        k = thrown.photon[:, 1:]
        with np.errstate(divide="ignore"):
            lever = ahead / k[:, 2]
        x, y = (path * direction[:, i] + lever * k[:, i] for i in (0, 1))
        chance = np.where((k[:, 2] > 0) & (np.hypot(x, y) < radius), chance, 0.0)
    return thrown.weight * chance * decay.branching_ratio * d**2
