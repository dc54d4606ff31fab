"""Paths through volumes of every shape against brute force: many points of each flight, tested one by one.

Flights are made in the axes of the laboratory, where the tests follow them, and handed over in the frame of Rays.
"""

import json
from dataclasses import asdict

import numpy as np
import pytest
from approx import approx
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.detectors.volumes import (
    Annulus,
    Box,
    Cone,
    FrontFace,
    Frustum,
    PhotonPlane,
    Rays,
    photon_plane_from,
    volume_from,
)
from physics.errors import InputError

SHIP = Frustum(33.0, 83.0, (1.0, 2.7), (4.0, 6.0))  # arXiv:2406.17599 sec. 3
CHARM_II = Box(870.0, 905.67, 3.7, 3.7)
NUCAL = Cone(64.0, 87.0, 0.015)
STEPS = 1500


# ---- what is inside, said independently of the package


def margin(volume, x, y, z):
    """Distance-like number, positive inside: how far the nearest wall is, up to a factor of order one."""
    r = np.hypot(x, y)
    ends = np.minimum(z - volume.z_min, volume.z_max - z)
    if isinstance(volume, Annulus):
        walls = [volume.r_max - r] + ([r - volume.r_min] if volume.r_min else [])
    elif isinstance(volume, Cone):
        walls = [z * np.tan(volume.theta_max) - r]
    elif isinstance(volume, Box):
        walls = [volume.width / 2 - abs(x), volume.height / 2 - abs(y)]
    else:
        at = (z - volume.z_min) / (volume.z_max - volume.z_min)
        width, height = (f + at * (b - f) for f, b in zip(volume.front, volume.back, strict=True))
        walls = [width / 2 - abs(x), height / 2 - abs(y)]
    return np.minimum.reduce([ends, *walls])


def as_rays(start, direction, azimuth=None):
    """In the frame whose x axis points to the start; of starts on the axis at any azimuth."""
    if azimuth is None:
        azimuth = np.arctan2(start[1], start[0])
    cos, sin = np.cos(azimuth), np.sin(azimuth)
    n_x, n_y = (
        direction[0] * cos + direction[1] * sin,
        direction[1] * cos - direction[0] * sin,
    )
    return Rays(
        radius=np.hypot(start[0], start[1]),
        z=start[2],
        n_x=n_x,
        n_t=np.hypot(direction[0], direction[1]),
        n_z=direction[2],
        n_y=n_y,
        cos_azimuth=cos,
        sin_azimuth=sin,
    )


def flights(volume, seed, count=60, start_radius=0.5, within=False):
    """Starts and directions (3, n) in the laboratory: on and off the axis, aimed, parallel to the axis or to a wall."""
    rng = np.random.default_rng(seed)
    azimuth, target = 2 * np.pi * rng.random((2, count))
    radius = start_radius * volume.r_max * rng.random(count) * rng.integers(0, 2, count)
    farthest = volume.z_max if within else volume.z_min
    z = 0.95 * farthest * rng.random(count) * (rng.random(count) < 0.7)
    start = np.stack([radius * np.cos(azimuth), radius * np.sin(azimuth), z])
    reach = 1.3 * volume.r_max * np.sqrt(rng.random(count))
    end = np.maximum(rng.uniform(volume.z_min, volume.z_max, count), z + 0.02 * volume.z_max)
    aim = np.stack([reach * np.cos(target), reach * np.sin(target), end])
    direction = aim - start
    direction[:, :4] = [[0], [0], [1]]
    if isinstance(volume, Cone):
        t = np.tan(volume.theta_max)
        direction[:, 4:12] = [
            t * np.cos(target[4:12]),
            t * np.sin(target[4:12]),
            np.ones(8),
        ]
    return start, direction / np.linalg.norm(direction, axis=0)


def assert_windows_are_right(volume, start, direction):
    """Points in the window are inside and the others are not, but for 1e-9 of the volume's size at its walls."""
    enter, leave = volume.window(as_rays(start, direction))
    assert np.isfinite(enter).all()
    assert (leave >= enter).all()
    last = 1.02 * (volume.z_max - start[2]) / direction[2]
    path = np.linspace(0, last, STEPS)
    path = np.concatenate([path, [(enter + leave) / 2]])  # short windows are looked at, too
    x, y, z = start[:, None] + path * direction[:, None]
    inside = margin(volume, x, y, z)
    tolerance = 1e-9 * volume.z_max
    claimed = (path >= enter) & (path < leave)
    assert inside[claimed].min(initial=np.inf) > -tolerance
    assert inside[~claimed].max(initial=-np.inf) < tolerance
    return leave > enter


lengths = st.floats(0.1, 100)
seeds = st.integers(0, 2**32 - 1)
ends = st.tuples(lengths, lengths).map(lambda ab: (ab[0], ab[0] + ab[1]))
sides = st.tuples(st.floats(0.05, 20), st.floats(0.05, 20))
cones = st.builds(lambda zz, a: Cone(*zz, a), ends, st.floats(1e-3, 1.4))
frustums = st.builds(lambda zz, f, b: Frustum(*zz, f, b), ends, sides, sides)
boxes = st.builds(lambda zz, s: Box(*zz, *s), ends, sides)
cylinders = st.builds(lambda zz, r: Annulus(*zz, r), ends, st.floats(0.05, 20))
convex = st.one_of(cones, frustums, boxes)
limited = settings(deadline=None, max_examples=60)


@given(st.one_of(convex, cylinders), seeds)
@limited
def test_windows_against_steps(volume, seed):
    assert_windows_are_right(volume, *flights(volume, seed))


@given(convex, seeds)
@limited
def test_windows_of_flights_from_inside(volume, seed):
    """Convex volumes need no start before them: the window of a start inside begins at zero."""
    assert_windows_are_right(volume, *flights(volume, seed, start_radius=0.9, within=True))


@given(cones, seeds)
@limited
def test_cones_seen_from_far_outside(volume, seed):
    """Starts up to three radii away, where flights cut off a piece of the cone or miss it."""
    assert_windows_are_right(volume, *flights(volume, seed, start_radius=3.0))


@pytest.mark.parametrize("volume", [SHIP, CHARM_II, NUCAL], ids=lambda v: type(v).__name__)
def test_flights_hit_and_miss(volume):
    """The comparison means something: both kinds are there, for real detectors."""
    hit = assert_windows_are_right(volume, *flights(volume, 1, count=400))
    assert 80 < hit.sum() < 380


@given(st.one_of(convex, cylinders), seeds, st.floats(0, 3))
@limited
def test_angles_never_exclude_a_flight_that_hits(volume, seed, start_radius):
    if isinstance(volume, Annulus):
        start_radius = min(start_radius, 0.99)  # its flights start inside
    start, direction = flights(volume, seed, count=500, start_radius=start_radius)
    rays = as_rays(start, direction)
    enter, leave = volume.window(rays)
    low, high = volume.angles(rays.radius, rays.z)
    polar = np.arctan2(rays.n_t, rays.n_z)
    hit = leave > enter + 1e-9 * volume.z_max
    assert (polar >= low * (1 - 1e-9))[hit].all()
    assert (polar <= high * (1 + 1e-9))[hit].all()


@pytest.mark.parametrize("volume", [SHIP, CHARM_II, NUCAL, Frustum(10, 30, (4, 6), (1, 1))])
def test_angles_are_tight_on_the_axis(volume):
    """Some flight within 2% of the highest angle hits, for a start on the axis."""
    _, high = volume.angles(0.0, 0.0)
    azimuth = np.linspace(0, 2 * np.pi, 3601)
    theta = np.full_like(azimuth, 0.98 * high)
    direction = np.stack(
        [np.sin(theta) * np.cos(azimuth), np.sin(theta) * np.sin(azimuth), np.cos(theta)]
    )
    enter, leave = volume.window(as_rays(np.zeros_like(direction), direction))
    assert (leave > enter).any()


def test_angles_of_scalars_are_scalars():
    for volume in (SHIP, CHARM_II, NUCAL):
        assert np.ndim(volume.angles(0.0, 0.0)[0]) == 0
        assert volume.angles(np.zeros(3), 0.0)[1].shape == (3,)


# ---- limits


@given(cones, seeds)
@limited
def test_cone_from_the_apex_is_the_cut_in_the_angle(volume, seed):
    """theta < theta_max and nothing else, to the last digits of theta; the path is that between the ends."""
    rng = np.random.default_rng(seed)
    theta = volume.theta_max * np.concatenate(
        [1.2 * rng.random(200), 1 + np.array([-1e-13, 1e-13, -1e-9, 1e-9])]
    )
    theta = theta[theta < 1.5]
    sin, cos = np.sin(theta), np.cos(theta)
    azimuth = rng.random(theta.size)
    rays = Rays(0.0, 0.0, sin * np.cos(azimuth), sin, cos)
    enter, leave = volume.window(rays)
    assert ((leave > enter) == (theta < volume.theta_max)).all()
    path = np.where(theta < volume.theta_max, (volume.z_max - volume.z_min) / cos, 0)
    np.testing.assert_allclose(leave - enter, path, rtol=1e-12)


@pytest.mark.parametrize("angle", [1e-6, 1e-8, 1e-10])
@pytest.mark.parametrize("outside", [True, False])
def test_cone_nearly_parallel_to_its_wall(angle, outside):
    """A start 1 um from the wall, at a small angle to it, meets it after 1 um / sin(angle).

    To 1e-15 rad / angle, with which the directions are known; for the start inside the distance is known to 1e-9.
    """
    volume = Cone(1.0, 1e9, 0.3)
    theta = np.array([0.3 - angle if outside else 0.3 + angle])
    z = 0.0 if outside else 10.0
    radius = z * np.tan(0.3) + (1e-6 if outside else -1e-6) / np.cos(0.3)
    rays = Rays(radius, z, np.sin(theta), np.sin(theta), np.cos(theta))
    enter, leave = volume.window(rays)
    first, last = 1 / np.cos(theta[0]), (1e9 - z) / np.cos(theta[0])
    wall = 1e-6 / np.sin(angle)
    expected = (max(wall, first), last) if outside else (0.0, wall)
    tolerance = 1e-15 / angle + (0 if outside else 2e-9)
    assert (enter[0], leave[0]) == approx(expected, rel=tolerance)


@given(ends, sides, seeds)
@limited
def test_frustum_with_equal_ends_is_a_box(zz, size, seed):
    box, frustum = Box(*zz, *size), Frustum(*zz, size, size)
    rays = as_rays(*flights(box, seed))
    for ours, theirs in zip(box.window(rays), frustum.window(rays), strict=True):
        assert np.array_equal(ours, theirs)
    for ours, theirs in zip(box.angles(0.1, 0.0), frustum.angles(0.1, 0.0), strict=True):
        assert ours == theirs
    assert box.r_max == frustum.r_max == approx(np.hypot(*size) / 2)


@given(seeds)
@limited
def test_a_box_too_large_to_miss(seed):
    """All forward flights cross it from end to end."""
    box = Box(10.0, 20.0, 1e9, 1e9)
    start, direction = flights(Box(10.0, 20.0, 3.0, 2.0), seed)
    enter, leave = box.window(as_rays(start, direction))
    np.testing.assert_allclose(leave - enter, 10 / direction[2], rtol=1e-9)


@given(ends, st.floats(0.05, 20), seeds)
@limited
def test_a_square_lies_between_its_circles(zz, half, seed):
    """The path in a box is at least that in the inscribed and at most that in the circumscribed cylinder."""
    box = Box(*zz, 2 * half, 2 * half)
    rays = as_rays(*flights(box, seed))
    within, path, around = (
        np.subtract(*volume.window(rays)[::-1])
        for volume in (Annulus(*zz, half), box, Annulus(*zz, np.sqrt(2) * half))
    )
    assert (within <= path + 1e-9).all()
    assert (path <= around + 1e-9).all()


@given(frustums, seeds)
@limited
def test_a_quarter_turn_swaps_width_and_height(volume, seed):
    start, direction = flights(volume, seed)
    turned = Frustum(volume.z_min, volume.z_max, volume.front[::-1], volume.back[::-1])
    spun = [np.stack([-v[1], v[0], v[2]]) for v in (start, direction)]
    ours, theirs = volume.window(as_rays(start, direction)), turned.window(as_rays(*spun))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9 * volume.z_max)


@given(st.floats(0.1, 5), seeds)
@limited
def test_a_cone_of_small_angle_at_far_ends_is_a_cylinder(radius, seed):
    """theta_max -> 0 at fixed radius: paths agree to the relative change of radius, 1e-6."""
    cone = Cone(1e6, 1e6 + 1, np.arctan(radius / 1e6))
    cylinder = Annulus(1e6, 1e6 + 1, radius)
    rng = np.random.default_rng(seed)
    # aimed well inside or well outside
    reach = radius * np.where(rng.random(50) < 0.5, 0.9 * rng.random(50), 1.1 + rng.random(50))
    direction = np.stack([reach / 1e6, 0 * reach, np.ones(50)])
    rays = as_rays(np.zeros((3, 50)), direction / np.linalg.norm(direction, axis=0))
    ours, theirs = (np.subtract(*v.window(rays)[::-1]) for v in (cone, cylinder))
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


# ---- rays


def test_laboratory_axes():
    """Turning back what as_rays turned gives start and direction, to 1e-14; n_y is found if it is not given."""
    start, direction = flights(SHIP, 7)
    rays = as_rays(start, direction)
    x, n = rays.laboratory()
    np.testing.assert_allclose(np.stack(np.broadcast_arrays(*x)), start, atol=1e-14)
    np.testing.assert_allclose(np.stack(n), direction, atol=1e-14)
    bare = Rays(rays.radius, rays.z, rays.n_x, rays.n_t, rays.n_z)
    np.testing.assert_allclose(bare.n_y, abs(rays.n_y), atol=1e-7)
    assert (bare.cos_azimuth, bare.sin_azimuth) == (1.0, 0.0)


def test_round_volumes_do_not_look_at_the_azimuth():
    start, direction = flights(NUCAL, 8)
    rays = as_rays(start, direction)
    bare = Rays(rays.radius, rays.z, rays.n_x, rays.n_t, rays.n_z, rays.n_y)
    assert (NUCAL.round, Annulus(1.0, 2.0, 1.0).round, SHIP.round, CHARM_II.round) == (
        True,
        True,
        False,
        False,
    )
    for ours, theirs in zip(NUCAL.window(rays), NUCAL.window(bare), strict=True):
        assert np.array_equal(ours, theirs)


# ---- photons


def photons(rays, seed):
    """Directions in the frame of Rays: of the flight itself, near it, isotropic (many backward)."""
    rng = np.random.default_rng(seed)
    flight = np.stack([rays.n_x, rays.n_y, rays.n_z])
    spread = 10.0 ** rng.uniform(-12, 1, flight.shape[1])
    k = flight + spread * rng.normal(size=flight.shape)
    k[:, :5] = flight[:, :5]
    k[:, 5:10] = flight[:, 5:10] + [[0], [0], [1e-17]]
    k[:, 10] = [1, 0, 0]
    k[:, 11] = [0, 0, -1]
    k /= np.linalg.norm(k, axis=0)
    k[:, :5] = flight[:, :5]
    return k


planes = st.one_of(
    st.builds(lambda z, r: PhotonPlane(z, r_max=r), lengths, st.floats(0.05, 20)),
    st.builds(lambda z, s: PhotonPlane(z, width=s[0], height=s[1]), lengths, sides),
)


@given(planes, seeds)
@limited
def test_photons_against_steps(plane, seed):
    """Each decay's photon is followed to the plane; flights begin before it or, some, beyond."""
    start, direction = flights(Annulus(0.9 * plane.z, plane.z, plane.r_max or plane.width), seed)
    start[2, -5:] = 1.1 * plane.z
    rays = as_rays(start, direction)
    k = photons(rays, seed + 1)
    enter, leave = plane.window(rays, tuple(k))
    assert (enter >= 0).all()
    assert (leave >= enter).all()
    k_lab = np.stack([*rays.turned(k[0], k[1]), k[2]])
    path = np.linspace(0, 1.1 * plane.z / direction[2], STEPS)
    path = np.concatenate([path, [(enter + leave) / 2]])
    inside = photon_margin(plane, start[:, None] + path * direction[:, None], k_lab[:, None])
    claimed = (path >= enter) & (path < leave)
    tolerance = 1e-9 * max(plane.z, plane.r_max or 0)
    assert inside[claimed].min(initial=np.inf) > -tolerance
    assert inside[~claimed].max(initial=-np.inf) < tolerance


def photon_margin(plane, x, k):
    """Positive if a photon from x along k hits the plane; times k_z, which keeps flat photons finite."""
    gap = plane.z - x[2]
    hit = x[:2] * k[2] + gap * k[:2]
    if plane.round:
        wall = k[2] * plane.r_max - np.hypot(*hit)
    else:
        wall = np.minimum(
            k[2] * plane.width / 2 - abs(hit[0]), k[2] * plane.height / 2 - abs(hit[1])
        )
    return np.minimum.reduce([wall, gap, np.broadcast_to(k[2], gap.shape)])


@pytest.mark.parametrize(
    "plane", [PhotonPlane(100.0, r_max=1.5), PhotonPlane(100.0, width=3.0, height=2.0)]
)
def test_photons_along_the_flight(plane):
    """Then the condition does not depend on where N decays: all the way to the plane, or nowhere."""
    start, direction = flights(Annulus(90.0, 100.0, 1.5), 3)
    rays = as_rays(start, direction)
    enter, leave = plane.window(rays, (rays.n_x, rays.n_y, rays.n_z))
    to_plane = (100 - start[2]) / direction[2]
    x, y, _ = start + to_plane * direction
    hits = np.hypot(x, y) < 1.5 if plane.round else (abs(x) < 1.5) & (abs(y) < 1)
    assert 10 < hits.sum() < 55
    assert (enter == 0).all()
    np.testing.assert_allclose(leave, np.where(hits, to_plane, 0), rtol=1e-12)


def test_azimuth_around_a_flight():
    """The inverse of ``beside``, to 1e-9."""
    start, direction = flights(Annulus(90.0, 100.0, 20.0), 5)
    rays, rng = as_rays(start, direction), np.random.default_rng(6)
    around = rng.uniform(-np.pi, np.pi, rays.n_z.size)
    found = rays.around(rays.beside(rng.uniform(0.1, 3.0, around.size), around))
    np.testing.assert_allclose(found, around, atol=1e-9)


def test_photons_in_numbers():
    """From the axis at 45 degrees into a disc of 2 m at 10 m: decays after z = 8 m; all backward ones miss."""
    disc, one = PhotonPlane(10.0, r_max=2.0), np.ones(2)
    along = Rays(0.0, 0.0, 0 * one, 0 * one, one)
    enter, leave = disc.window(along, (np.sqrt([0.5, 0.5]), 0 * one, np.sqrt([0.5, 0.5]) * [1, -1]))
    np.testing.assert_allclose([enter, leave], [[8, 0], [10, 0]])


# ---- reading


@pytest.mark.parametrize(
    ("content", "volume", "words"),
    [
        (
            {"z_min": 475, "z_max": 480, "r_max": 1},
            Annulus(475, 480, 1),
            "z 475 to 480 m, r below 1 m",
        ),
        (
            {"z_min": 101, "z_max": 119, "r_max": 0.5, "r_min": 0.18},
            Annulus(101, 119, 0.5, 0.18),
            "z 101 to 119 m, r 0.18 to 0.5 m",
        ),
        (
            {"z_min": 79, "z_max": 217, "theta_max": 0.00553},
            Cone(79, 217, 0.00553),
            "z 79 to 217 m, θ < 5.53 mrad",
        ),
        ({"z_min": 1, "z_max": 2, "theta_max": 0.5}, Cone(1, 2, 0.5), "z 1 to 2 m, θ < 0.5 rad"),
        (
            {"z_min": 870, "z_max": 905.67, "width": 3.7, "height": 3.7},
            CHARM_II,
            "z 870 to 905.67 m, 3.7 x 3.7 m",
        ),
        (
            {"z_min": 101, "z_max": 119, "face_r_max": 0.5, "face_r_min": 0.18},
            FrontFace(101, 119, 0.5, 0.18),
            "z 101 to 119 m, through r 0.18 to 0.5 m at the front",
        ),
        (
            {"z_min": 33, "z_max": 83, "front": [1, 2.7], "back": [4, 6]},
            SHIP,
            "z 33 to 83 m, 1 x 2.7 to 4 x 6 m",
        ),
    ],
)
def test_shapes_show_in_their_keys(content, volume, words):
    assert volume_from(content) == volume
    assert hash(volume_from(content)) == hash(volume)
    assert volume.describe() == words
    assert volume_from(asdict(volume)) == volume
    assert volume_from(json.loads(json.dumps(asdict(volume)))) == volume


@pytest.mark.parametrize(
    "plane", [PhotonPlane(90.0, r_max=1.0), PhotonPlane(90.0, width=2.0, height=3.0)]
)
def test_planes_come_back(plane):
    assert photon_plane_from(asdict(plane)) == plane
    assert plane.describe() == ("z 90 m, r below 1 m" if plane.round else "z 90 m, 2 x 3 m")


@pytest.mark.parametrize("inner", [0.0, 0.18])
def test_front_face(inner):
    """Flights are followed to z_min, step by step in the laboratory; the bounds on angles leave none out."""
    rng = np.random.default_rng(12)
    volume, count = FrontFace(101.0, 119.0, 0.5, inner), 4000
    start = np.stack([*rng.uniform(-0.05, 0.05, (2, count)), rng.uniform(0, 20, count)])
    theta, phi = rng.uniform(0, 0.008, count), rng.uniform(0, 2 * np.pi, count)
    direction = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    enter, leave = volume.window(as_rays(start, direction))
    x, y, z = start + enter * direction
    assert z == approx(np.full(count, 101.0), rel=1e-12)
    expected = (np.hypot(x, y) < 0.5) & (np.hypot(x, y) >= inner)
    assert ((leave > enter) == expected).all()
    assert 100 < expected.sum() < 3900
    assert (leave - enter)[expected] == approx(18 / direction[2][expected], rel=1e-12)
    low, high = volume.angles(np.hypot(start[0], start[1]), start[2])
    assert ((theta > low * (1 - 1e-12)) & (theta < high * (1 + 1e-12)))[expected].all()
    assert volume.r_max > np.hypot(*(start + leave * direction)[:2])[expected].max()


Z = {"z_min": 1, "z_max": 2}
FRUSTUM = Z | {"front": [1, 1], "back": [1, 1]}
BAD = {
    "nothing": ({}, "r_max .* theta_max, face_r_max .* width and height, or front and back"),
    "no cross-section": (Z, "add r_max"),
    "face and cylinder": (Z | {"r_max": 1, "face_r_max": 1}, "r_max, face_r_max are of different"),
    "inner radius of a face": (Z | {"face_r_min": 1}, "face_r_max is missing"),
    "turned face": (Z | {"face_r_min": 1, "face_r_max": 0.5}, "face_r_min < face_r_max"),
    "no face": (Z | {"face_r_max": 0}, "face_r_min < face_r_max"),
    "face that is not a number": (
        Z | {"face_r_max": float("nan")},
        "face_r_max: nan is not a finite",
    ),
    "no mapping": ("cylinder", "must be a mapping"),
    "none": (None, "must be a mapping"),
    "two shapes": (Z | {"r_max": 1, "theta_max": 0.1}, "r_max, theta_max are of different shapes"),
    "inner radius of a cone": (Z | {"r_min": 1, "theta_max": 0.1}, "r_min, theta_max are of"),
    "box and frustum": (FRUSTUM | {"width": 1}, "width, front, back are of"),
    "width only": (Z | {"width": 1}, "height is missing"),
    "height only": (Z | {"height": 1}, "width is missing"),
    "front only": (Z | {"front": [1, 1]}, "back is missing"),
    "inner radius only": (Z | {"r_min": 1}, "r_max is missing"),
    "no z_min": ({"z_max": 2, "r_max": 1}, "z_min is missing"),
    "no z_max": ({"z_min": 1, "theta_max": 0.1}, "z_max is missing"),
    "unknown key": (Z | {"r_max": 1, "length": 3}, "unknown key 'length'"),
    "key that is no text": (Z | {"r_max": 1, 7: 3}, "unknown key 7"),
    "turned around": (Z | {"z_max": 0.5, "r_max": 1}, "z_min < z_max"),
    "no length": (FRUSTUM | {"z_max": 1}, "z_min < z_max"),
    "behind": (Z | {"z_min": -1, "theta_max": 0.1}, "0 < z_min"),
    "box without length": ({"z_min": 1, "z_max": 1, "width": 1, "height": 1}, "z_min < z_max"),
    "infinite": (Z | {"z_max": float("inf"), "r_max": 1}, "volume z_max: inf is not a finite"),
    "nan": (Z | {"theta_max": float("nan")}, "volume theta_max: nan is not a finite"),
    "zero radius": (Z | {"r_max": 0}, "r_min < r_max"),
    "zero width": (Z | {"width": 0, "height": 1}, "width=0"),
    "negative height": (Z | {"width": 1, "height": -1}, "height=-1"),
    "zero in front": (FRUSTUM | {"front": [1, 0]}, "positive finite .* front"),
    "negative back": (FRUSTUM | {"back": [-1, 1]}, "positive finite .* back"),
    "zero angle": (Z | {"theta_max": 0}, "0 < theta_max"),
    "right angle": (Z | {"theta_max": np.pi / 2}, "theta_max < pi/2"),
    "degrees": (Z | {"theta_max": 45}, "theta_max < pi/2"),
    "text": (Z | {"r_max": "1 m"}, "volume r_max: '1 m' is not a number"),
    "true": (Z | {"z_min": True, "r_max": 1}, "volume z_min: True is not a number"),
    "list for a number": (Z | {"width": [1, 1], "height": 1}, "volume width: .* is not a number"),
    "empty key": (Z | {"r_max": None}, "volume r_max: None is not a number"),
    "number for a pair": (FRUSTUM | {"front": 1}, r"front must be \[width, height\]"),
    "three in a pair": (FRUSTUM | {"back": [1, 2, 3]}, r"back must be \[width, height\]"),
    "text for a pair": (FRUSTUM | {"back": "12"}, r"back must be \[width, height\]"),
    "text in a pair": (FRUSTUM | {"back": [1, "x"]}, "volume back: 'x' is not a number"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_volumes_are_refused(name):
    content, words = BAD[name]
    with pytest.raises(InputError, match=words) as error:
        volume_from(content)
    assert "\n" not in str(error.value)


BAD_PLANES = {
    "nothing": ({}, "z is missing"),
    "no mapping": (5, "must be a mapping"),
    "no z": ({"r_max": 1}, "z is missing"),
    "no size": ({"z": 1}, "needs r_max, or width and height, not neither"),
    "both": ({"z": 1, "r_max": 1, "width": 1, "height": 1}, "r_max and width and height"),
    "width only": ({"z": 1, "width": 1}, "needs r_max, or width and height, not width"),
    "zero": ({"z": 1, "r_max": 0}, "r_max=0"),
    "negative": ({"z": -1, "r_max": 1}, "z=-1"),
    "text": ({"z": "far", "r_max": 1}, "photon plane z: 'far' is not a number"),
    "unknown": ({"z": 1, "radius": 1}, "unknown key 'radius'"),
}


@pytest.mark.parametrize("name", BAD_PLANES)
def test_bad_planes_are_refused(name):
    content, words = BAD_PLANES[name]
    with pytest.raises(InputError, match=words):
        photon_plane_from(content)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 0.0, -1.0])
def test_bad_sizes_are_refused_without_a_file(value):
    """Volumes made in Python are checked, too."""
    for make in (
        lambda: Box(1.0, 2.0, value, 1.0),
        lambda: Frustum(1.0, 2.0, (1.0, value), (1.0, 1.0)),
        lambda: Cone(1.0, 2.0, value),
        lambda: Cone(1.0, value, 0.1),
        lambda: PhotonPlane(value, r_max=1.0),
        lambda: PhotonPlane(1.0, width=1.0, height=value),
    ):
        with pytest.raises(InputError, match="needs"):
            make()
