"""Couplings to Z and W for every a: table I of arXiv:2301.06050, zeros, infinity and the singular point."""

import numpy as np
import pytest
from approx import approx
from hypothesis import given, settings
from hypothesis import strategies as st

from physics.errors import InputError
from physics.nature.electroweak import ELECTROWEAK as EW
from physics.nature.electroweak import Electroweak
from physics.neutrino_dipole.couplings import (
    SIN2_THETA_W,
    SINGULAR_FLOOR,
    bilinears,
    coupling_direction,
    coupling_ratio_arrays,
    coupling_ratios,
)

SIN, COS, TAN = EW.sin, EW.cos, EW.sin / EW.cos
SINGULAR = -2 / TAN
ANY_A = st.floats(allow_nan=False)


@pytest.mark.parametrize(
    ("a", "d_Z", "d_W"),
    [
        (0.0, -TAN, 0.0),
        (np.inf, 1 / TAN, np.sqrt(2) / SIN),
        (-np.inf, 1 / TAN, np.sqrt(2) / SIN),
        (2 * TAN, 0.0, np.sqrt(2) * SIN),
        (-2 * TAN, -np.tan(2 * np.arctan(TAN)), -np.sqrt(2) * SIN / (COS**2 - SIN**2)),
    ],
)
def test_scenarios_of_table_1(a, d_Z, d_W):
    """arXiv:2301.06050 table I, scenarios I to IV, to 1e-14, alone and in an array."""
    assert coupling_ratios(a) == approx((d_Z, d_W), abs=1e-14)
    many = coupling_ratio_arrays(np.array([[1.0, a]]))
    assert many[0].shape == (1, 2)
    assert (many[0][0, 1], many[1][0, 1]) == approx((d_Z, d_W), abs=1e-14)


def test_one_mixing_angle():
    """sin^2 is the one of the electroweak inputs; the singular point and the zero of d_Z."""
    assert SIN2_THETA_W == EW.sin2 == 0.2312
    assert approx(-3.647, abs=5e-4) == SINGULAR
    assert approx(1.0968, abs=1e-4) == 2 * TAN
    assert (EW.g * EW.sin, EW.cos**2 + EW.sin**2) == approx((EW.e, 1.0))
    assert Electroweak(alpha_photon=1 / 137).e == EW.e


def test_rotation_of_the_neutral_fields():
    """d_Z and d_gamma are the rotation of (d_calW/2, d_B), d_W = d_calW/sqrt(2): any a, to 1e-12."""
    for a in (-50.0, -3.0, 0.3, 7.0, 1e6):
        d_gamma, d_Z, d_W = COS + a / 2 * SIN, a / 2 * COS - SIN, a / np.sqrt(2)
        assert coupling_ratios(a) == approx((d_Z / d_gamma, d_W / d_gamma), rel=1e-12)


def test_singular_point():
    """A single number is refused; an array passes through finite values of either sign."""
    for a in (SINGULAR, np.nextafter(SINGULAR, 0), np.nextafter(SINGULAR, -9)):
        with pytest.raises(InputError, match="singular"):
            coupling_ratios(a)
        d_Z, d_W = coupling_ratio_arrays(a)
        assert 1e6 < abs(d_Z) < 1e7
        assert 1e6 < abs(d_W) < 1e7
    near = SINGULAR + np.array([-2, 2]) * SINGULAR_FLOOR / SIN
    d_Z, d_W = coupling_ratio_arrays(near)
    assert d_Z[0] > 0 > d_Z[1]
    strict = np.array([coupling_ratios(a) for a in near])
    np.testing.assert_allclose(np.stack([d_Z, d_W], axis=-1), strict)
    direction = coupling_direction(SINGULAR)
    assert abs(direction[0]) < 1e-15
    expected = np.sqrt(2) * SINGULAR / (SINGULAR * COS - 2 * SIN)
    assert direction[2] / direction[1] == approx(expected, rel=1e-14)


@settings(derandomize=True, deadline=None)
@given(ANY_A)
def test_ratios_and_direction_agree(a):
    """Everywhere finite; unit length; proportional to each other but at the floor, to 1e-9."""
    d_Z, d_W = coupling_ratio_arrays(a)
    direction = coupling_direction(a)
    assert np.isfinite([d_Z, d_W, *direction]).all()
    assert np.linalg.norm(direction) == approx(1, abs=1e-14)
    if abs(direction[0]) > 1e-5:
        assert direction[1:] / direction[0] == approx([d_Z, d_W], rel=1e-9, abs=1e-9)
        # d_gamma^2 + d_Z^2 + d_W^2 = d_gamma^2 (4 + 3 a^2)/(2 cos + a sin)^2
        if abs(a) < 1e100:
            expected = (4 + 3 * a**2) / (2 * COS + a * SIN) ** 2
            assert 1 + d_Z**2 + d_W**2 == approx(expected, rel=1e-9)


def test_direction_crosses_the_singular_point_smoothly():
    """Steps of 1e-4 in a: no component moves by more than 1e-4."""
    direction = coupling_direction(SINGULAR + np.linspace(-0.1, 0.1, 2001))
    assert abs(np.diff(direction, axis=1)).max() < 1e-4
    assert (np.diff(direction[0]) > 0).all()


def test_bilinears_broadcast():
    """Six products of the shape that the couplings have together."""
    found = bilinears(np.ones((2, 1)), np.arange(3.0), 2.0)
    assert found.shape == (6, 2, 3)
    assert found[:, 0, 2].tolist() == [1, 2, 4, 4, 2, 4]
