"""Volumes beside the beam axis: as parts of one around it, turned, and from far away."""

from dataclasses import asdict

import numpy as np
import pytest
from approx import approx

from physics.detectors.volumes import Box, Offset, Rays, volume_from
from physics.errors import InputError


def flights(n=200_000, spread=0.4, seed=7):
    rng = np.random.default_rng(seed)
    theta, azimuth, start = spread * np.sqrt(rng.random(n)), *(2 * np.pi * rng.random((2, n)))
    n_t = np.sin(theta)
    return Rays(
        radius=0.3 * np.sqrt(rng.random(n)),
        z=np.zeros(n),
        n_x=n_t * np.cos(azimuth),
        n_t=n_t,
        n_z=np.cos(theta),
        n_y=n_t * np.sin(azimuth),
        cos_azimuth=np.cos(start),
        sin_azimuth=np.sin(start),
    )


def lengths(volume, rays):
    enter, leave = volume.window(rays)
    assert (leave >= enter).all()
    return leave - enter


RAYS = flights()


def test_four_quarters_are_one_box():
    whole = lengths(Box(10, 15, 2.0, 3.0), RAYS)
    quarters = [
        volume_from({"z_min": 10, "z_max": 15, "width": 1, "height": 1.5, "centre": [x, y]})
        for x in (-0.5, 0.5)
        for y in (-0.75, 0.75)
    ]
    assert all(isinstance(quarter, Offset) for quarter in quarters)
    assert sum(lengths(quarter, RAYS) for quarter in quarters) == approx(whole, abs=1e-9)


def test_a_cylinder_around_the_axis_is_itself():
    keys = {"z_min": 10, "z_max": 15, "r_max": 1.5}
    there = volume_from(keys)
    assert lengths(volume_from(keys | {"centre": [0, 0]}), RAYS) == approx(
        lengths(there, RAYS), abs=1e-9
    )


def test_a_cylinder_by_points_along_each_flight():
    volume = volume_from({"z_min": 10, "z_max": 15, "r_max": 0.7, "centre": [1.5, -1.0]})
    rays = flights(4000, 0.3)
    (x, y, z), (n_x, n_y, n_z) = rays.laboratory()
    s = np.linspace(0, 20, 8001)[:, None]
    inside = np.hypot(x + s * n_x - 1.5, y + s * n_y + 1.0) < 0.7
    inside &= (z + s * n_z > 10) & (z + s * n_z < 15)
    found = lengths(volume, rays)
    assert found - inside.sum(axis=0) * 20 / 8000 == approx(0, abs=6e-3, or_zero=True)
    assert 0.01 < (found > 0).mean() < 0.5


@pytest.mark.parametrize("shape", [{"r_max": 0.5}, {"width": 1, "height": 0.4}])
def test_angles_bound_all_flights_that_meet_it(shape):
    volume = volume_from({"z_min": 10, "z_max": 12, "centre": [2.0, 1.0]} | shape)
    theta = np.arctan2(RAYS.n_t, RAYS.n_z)
    met = lengths(volume, RAYS) > 0
    low, high = volume.angles(RAYS.radius, RAYS.z)
    assert met.any()
    assert (theta[met] >= low[met]).all()
    assert (theta[met] <= high[met]).all()


def test_it_is_restored_as_it_was():
    volume = volume_from(
        {"z_min": 10, "z_max": 12, "front": [1, 1], "back": [2, 2], "centre": [1, 0]}
    )
    assert volume_from(asdict(volume)) == volume
    assert "around (1, 0) m" in volume.describe()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"theta_max": 0.1, "centre": [1, 0]}, "only a cylinder"),
        ({"r_max": 1, "r_min": 0.2, "centre": [1, 0]}, "only a cylinder"),
        ({"r_max": 1, "centre": [1]}, r"centre must be \[x, y\]"),
        ({"r_max": 1, "centre": [1, "a"]}, "volume: centre"),
        ({"r_max": 1, "centre": [1, 1e12]}, "centre must lie within"),
    ],
)
def test_what_cannot_stand_beside_the_axis(keys, said):
    with pytest.raises(InputError, match=said):
        volume_from({"z_min": 10, "z_max": 12} | keys)
