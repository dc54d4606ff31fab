"""Paths through fiducial volumes against brute force: points along each ray, tested one by one."""

import numpy as np
import pytest
from approx import approx
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.detectors.volumes import Annulus, Rays
from physics.errors import InputError

CYLINDER = Annulus(z_min=475.0, z_max=480.0, r_max=1.0)  # FASER2, arXiv:2308.16608 eq. (3.1)
RING = Annulus(z_min=101.0, z_max=119.0, r_min=0.18, r_max=0.5)  # FACET, eq. (3.2)
STUBBY = Annulus(z_min=3.0, z_max=4.0, r_min=1.0, r_max=3.0)
WIDE = Annulus(z_min=2.0, z_max=30.0, r_max=5.0)
VOLUMES = {"FASER2": CYLINDER, "FACET": RING, "stubby": STUBBY, "wide": WIDE}


def aimed_rays(volume, count, seed, inside=None):
    """Starts (x, y, z) before the volume and unit directions towards points in and around it."""
    rng = np.random.default_rng(seed)
    start_radius = inside if inside is not None else 0.8 * (volume.r_min or volume.r_max)
    radius = start_radius * rng.random(count) * rng.integers(0, 2, count)  # half start on the axis
    start = np.stack([radius, 0 * radius, 0.9 * volume.z_min * rng.random(count)], axis=1)
    azimuth = 2 * np.pi * rng.random(count)
    reach = 1.5 * volume.r_max * np.sqrt(rng.random(count))
    depth = volume.z_min + (volume.z_max - volume.z_min) * rng.uniform(-0.1, 1.1, count)
    target = np.stack([reach * np.cos(azimuth), reach * np.sin(azimuth), depth], axis=1)
    target[:, 2] = np.maximum(target[:, 2], start[:, 2] + 0.05 * volume.z_min)
    direction = target - start
    return start, direction / np.linalg.norm(direction, axis=1, keepdims=True)


def as_rays(start, direction):
    return Rays(
        radius=start[:, 0],
        z=start[:, 2],
        n_x=direction[:, 0],
        n_t=np.hypot(direction[:, 0], direction[:, 1]),
        n_z=direction[:, 2],
    )


def stepped(volume, start, direction, steps=20_000):
    """First and last of many points of a ray that lie in the volume (nan if none), and the step."""
    first, last, step = [], [], []
    for x, n in zip(start, direction, strict=True):
        length = np.linspace(0, 1.02 * (volume.z_max - x[2]) / n[2], steps)
        point = x + length[:, None] * n
        r = np.hypot(point[:, 0], point[:, 1])
        within = (volume.z_min < point[:, 2]) & (point[:, 2] < volume.z_max)
        found = length[within & (volume.r_min < r) & (r < volume.r_max)]
        first.append(found[0] if found.size else np.nan)
        last.append(found[-1] if found.size else np.nan)
        step.append(length[1])
    return np.array(first), np.array(last), np.array(step)


@pytest.mark.parametrize("name", VOLUMES)
def test_windows_against_steps(name):
    """Both ends of the path, and which rays miss, to the size of the step (1/20000 of the flight)."""
    volume = VOLUMES[name]
    start, direction = aimed_rays(volume, 300, seed=1)
    enter, leave = volume.window(as_rays(start, direction))
    first, last, step = stepped(volume, start, direction)
    hit = np.isfinite(first)
    assert 60 < hit.sum() < 290
    assert (abs(enter - first)[hit] <= 1.5 * step[hit]).all()
    assert (abs(leave - last)[hit] <= 1.5 * step[hit]).all()
    assert ((leave - enter)[~hit] <= step[~hit]).all()
    assert (leave >= enter).all()


def test_every_kind_of_passage_is_covered():
    """In the ring, rays enter through the front or the inner wall and leave through the back or the outer wall."""
    start, direction = aimed_rays(RING, 300, seed=1)
    enter, leave = RING.window(as_rays(start, direction))
    hit = leave > enter
    front = np.isclose(start[:, 2] + enter * direction[:, 2], RING.z_min, rtol=1e-9, atol=0)[hit]
    back = np.isclose(start[:, 2] + leave * direction[:, 2], RING.z_max, rtol=1e-9, atol=0)[hit]
    for kind in (front & back, front & ~back, ~front & back):
        assert kind.sum() > 5
    steep = as_rays(np.zeros((1, 3)), np.array([[0.6, 0.0, 0.8]]))
    enter, leave = STUBBY.window(
        steep
    )  # z = 3 at s = 3.75, where r = 2.25; r = 3 at s = 5 and z = 4
    assert (enter[0], leave[0]) == approx((3.75, 5.0))
    through = Annulus(z_min=1.0, z_max=10.0, r_min=1.2, r_max=3.0)
    enter, leave = through.window(steep)  # in through the inner wall, out through the outer one
    assert (enter[0], leave[0]) == approx((2.0, 5.0))


def test_parallel_to_the_axis():
    """A flight along the beam crosses the whole cylinder, or none of the ring, without warnings."""
    along = as_rays(np.array([[0.0, 0, 0], [0.05, 0, 20.0]]), np.array([[0.0, 0, 1]] * 2))
    enter, leave = CYLINDER.window(along)
    np.testing.assert_allclose(enter, [475, 455])
    np.testing.assert_allclose(leave, [480, 460])
    enter, leave = RING.window(along)
    assert (leave == enter).all()


@pytest.mark.parametrize("name", VOLUMES)
def test_angles_contain_every_ray_that_hits(name):
    """No ray with a path in the volume has a polar angle outside the bounds."""
    volume = VOLUMES[name]
    start, direction = aimed_rays(volume, 50_000, seed=2)
    enter, leave = volume.window(as_rays(start, direction))
    polar = np.arctan2(np.hypot(direction[:, 0], direction[:, 1]), direction[:, 2])
    low, high, _ = np.broadcast_arrays(*volume.angles(start[:, 0], start[:, 2]), polar)
    hit = leave > enter
    assert (polar[hit] >= low[hit] * (1 - 1e-12)).all()
    assert (polar[hit] <= high[hit] * (1 + 1e-12)).all()
    axis = hit & (start[:, 0] == 0)  # from the axis the bounds are tight
    assert polar[axis].min() < low[axis].min() + 0.05 * (high - low)[axis].min()
    assert polar[axis].max() > 0.95 * np.max(high[axis])


# ---- properties

unit = st.floats(0, 1)
aims = st.tuples(unit, unit, unit, unit, unit)


def one_ray(aim, r_start, z_start, r_target, z_near, z_far):
    """A ray from a displaced start to a point at or beyond the volume."""
    a, b, c, d, e = aim
    start = np.array([a * r_start, 0.0, b * z_start])
    target = np.array(
        [
            c * r_target * np.cos(2 * np.pi * d),
            c * r_target * np.sin(2 * np.pi * d),
            z_near + e * (z_far - z_near),
        ]
    )
    direction = target - start
    return as_rays(start[None], (direction / np.linalg.norm(direction))[None])


def path(volume, rays):
    enter, leave = volume.window(rays)
    return float((leave - enter)[0])


@given(aims, st.floats(0.05, 0.95))
@settings(deadline=None)
def test_slices_along_the_beam_add_up(aim, share):
    """A volume cut in two at any z gives the same path, to 1e-9 m."""
    rays = one_ray(aim, 0.15, 20.0, 0.8, 101.0, 119.0)
    cut = RING.z_min + share * (RING.z_max - RING.z_min)
    first = Annulus(RING.z_min, cut, RING.r_max, RING.r_min)
    second = Annulus(cut, RING.z_max, RING.r_max, RING.r_min)
    assert path(first, rays) + path(second, rays) == approx(path(RING, rays), abs=1e-9)


@given(aims)
@settings(deadline=None)
def test_shells_add_up(aim):
    """A cylinder is its core and the ring around it, for flights that start in the core, to 1e-9 m."""
    rays = one_ray(aim, 0.17, 20.0, 0.8, 101.0, 119.0)
    core, whole = Annulus(101.0, 119.0, 0.18), Annulus(101.0, 119.0, 0.5)
    assert path(core, rays) + path(RING, rays) == approx(path(whole, rays), abs=1e-9)


@given(aims, st.floats(1e-3, 1e3))
@settings(deadline=None)
def test_lengths_scale(aim, factor):
    """All lengths times a factor: so is the path, to 1e-9."""
    rays = one_ray(aim, 0.8, 3.0, 6.0, 4.0, 30.0)
    scaled = Rays(rays.radius * factor, rays.z * factor, rays.n_x, rays.n_t, rays.n_z)
    volume = Annulus(WIDE.z_min * 2 * factor, WIDE.z_max * factor, WIDE.r_max * factor)
    once = Annulus(WIDE.z_min * 2, WIDE.z_max, WIDE.r_max)
    assert path(volume, scaled) == approx(factor * path(once, rays), rel=1e-9, abs=1e-9 * factor)


@given(aims)
@settings(deadline=None)
def test_windows_stay_inside(aim):
    """Both ends of a path are in the closed volume, to 1e-9 m."""
    rays = one_ray(aim, 0.15, 20.0, 0.8, 101.0, 119.0)
    for s in RING.window(rays) if path(RING, rays) > 0 else ():
        z = rays.z + s * rays.n_z
        r = np.sqrt(rays.radius**2 + 2 * rays.radius * s * rays.n_x + (s * rays.n_t) ** 2)
        assert RING.z_min - 1e-9 <= z[0] <= RING.z_max + 1e-9
        assert RING.r_min - 1e-9 <= r[0] <= RING.r_max + 1e-9


# ---- the shortcut that windows replace


def ring_overcount(power):
    """Sum of path lengths in FACET by the front-face shortcut over the sum of windows, for dN/dOmega ~ theta^-power."""
    angle = np.geomspace(0.18 / 119 / 1.05, 0.5 / 101 * 1.05, 200_001)
    flux = angle ** (2 - power)  # per d log(theta)
    zero = np.zeros_like(angle)
    rays = Rays(zero, zero, np.sin(angle), np.sin(angle), np.cos(angle))
    enter, leave = RING.window(rays)
    front = (101 * np.tan(angle) > 0.18) & (101 * np.tan(angle) < 0.5)
    return np.sum(flux * front * 18) / np.sum(flux * (leave - enter) * np.cos(angle))


@pytest.mark.parametrize("power", [1.5, 1.75])
def test_front_face_shortcut_overcounts(power):
    """Judging FACET by its front face overcounts; windows do not.

    For a flux per solid angle ~ theta^-a the excess is 18 m x 101^(a-2) / integral of z^(a-2) dz, exact for small
    angles: 4.2% and 2.1% here. test_counts_monte_carlo.py does the same for N from mesons.
    """
    z = 101 + (np.arange(20_000) + 0.5) * 18 / 20_000
    expected = 101 ** (power - 2) / np.mean(z ** (power - 2))
    assert ring_overcount(power) == approx(expected, rel=2e-4)
    assert 1.02 < ring_overcount(power) < 1.045


def test_shortcut_is_right_only_for_one_flux():
    """dN/dOmega ~ theta^-2 has no excess, a flat one 119/101, to 1e-3."""
    assert ring_overcount(2.0) == approx(1.0, abs=1e-3)
    assert ring_overcount(0.0) == approx(119 / 101, abs=1e-3)


# ---- bad volumes


@pytest.mark.parametrize(
    "bad",
    [
        {"z_min": 0.0, "z_max": 1.0, "r_max": 1.0},
        {"z_min": -1.0, "z_max": 1.0, "r_max": 1.0},
        {"z_min": 2.0, "z_max": 2.0, "r_max": 1.0},
        {"z_min": 2.0, "z_max": 1.0, "r_max": 1.0},
        {"z_min": 1.0, "z_max": 2.0, "r_max": 0.0},
        {"z_min": 1.0, "z_max": 2.0, "r_max": -1.0},
        {"z_min": 1.0, "z_max": 2.0, "r_max": 1.0, "r_min": 1.0},
        {"z_min": 1.0, "z_max": 2.0, "r_max": 1.0, "r_min": -0.1},
        {"z_min": float("nan"), "z_max": 2.0, "r_max": 1.0},
        {"z_min": 1.0, "z_max": float("nan"), "r_max": 1.0},
        {"z_min": 1.0, "z_max": 2.0, "r_max": float("nan")},
        {"z_min": 1.0, "z_max": 2.0, "r_max": 1.0, "r_min": float("nan")},
        {"z_min": 1.0, "z_max": float("inf"), "r_max": 1.0},
        {"z_min": 1.0, "z_max": 2.0, "r_max": float("inf")},
    ],
)
def test_bad_volumes_are_refused(bad):
    with pytest.raises(InputError, match="a volume needs"):
        Annulus(**bad)
