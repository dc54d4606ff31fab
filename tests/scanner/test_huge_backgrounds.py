"""Poisson limits end where rounding would decide them, and meet the Gaussian limit before."""

import math

import pytest
from approx import approx

from physics.errors import InputError
from scanner.limits.methods.base import Observation
from scanner.limits.methods.cls import CLs
from scanner.limits.methods.gaussian import Gaussian
from scanner.limits.methods.poisson import Poisson

QUANTILES = {CLs: 1.959964, Poisson: 1.644854}  # of the normal distribution, 0.975 and 0.95


@pytest.mark.parametrize("method", QUANTILES)
def test_large_numbers_have_a_gaussian_limit(method):
    found = method().critical_signal(Observation(1e12, 1e12), confidence_level=0.95)
    assert found / math.sqrt(1e12) == approx(QUANTILES[method], rel=3e-6)


@pytest.mark.parametrize("method", QUANTILES)
@pytest.mark.parametrize(
    ("background", "observed", "uncertainty"),
    [(1e300, 1e300, 0.0), (1.1e12, 3, 0.0), (3, 1e34, 0.0), (1e9, 1e9, 3e8), (3, 3, 1e9)],
)
def test_larger_ones_are_refused(method, background, observed, uncertainty):
    with pytest.raises(InputError, match=r"are more than the 1e.* use the method gaussian"):
        method().critical_signal(
            Observation(background, observed),
            confidence_level=0.95,
            background_uncertainty=uncertainty,
        )


def test_the_gaussian_method_takes_them():
    assert Gaussian().critical_signal(Observation(1e15, 1e15), confidence_level=0.95) > 0
