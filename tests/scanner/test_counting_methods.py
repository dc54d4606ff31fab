"""CL_s, the uncertain background of Cousins and Highland, and the Gaussian limit: closed forms and direct integrals."""

import math
from itertools import pairwise

import numpy as np
import pytest
from approx import approx
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import erfcx, gammaln, log_ndtr, logsumexp
from scipy.stats import chi2, gamma, norm, poisson

from physics.errors import InputError
from scanner.limits.methods.base import Observation, critical_signal, methods
from scanner.limits.methods.counting import log_averaged, log_probability

LEVELS = st.floats(0.5, 0.999)
COUNTS = st.integers(0, 200)


def limit(tag, observed=0, background=0.0, confidence_level=0.95, uncertainty=0.0):
    given = {"confidence_level": confidence_level}
    if uncertainty:
        given["background_uncertainty"] = uncertainty
    return critical_signal(tag, Observation(background, observed), given)


# ---- probabilities -----------------------------------------------------------------------------


@given(observed=st.integers(0, 300), mean=st.floats(0, 5000))
def test_probability_as_a_sum(observed, mean):
    """P(n <= observed) = sum mu^k e^-mu/k!, also where it underflows."""
    k = np.arange(observed + 1)
    powers = k * math.log(mean) if mean > 0 else np.where(k == 0, 0.0, -np.inf)
    direct = logsumexp(powers - mean - gammaln(k + 1))
    found = log_probability(observed, [mean, mean])
    assert found.shape == (2,)
    assert found == approx(min(direct, 0.0), rel=1e-11, abs=1e-11, or_zero=True)


def averaged(observed, signal, background, uncertainty):
    """The same average by the other order of integration, over the gamma variate that P(n <= observed) stands for."""

    def integrand(y):
        inside = norm.cdf((y - signal - background) / uncertainty) - norm.cdf(
            -background / uncertainty
        )
        return gamma.pdf(y, observed + 1) * inside

    width = math.hypot(uncertainty, math.sqrt(observed + 1))
    end = max(signal + background, observed) + 40 * width + 40
    points = np.linspace(signal, end, 41)
    parts = [
        quad(integrand, a, b, epsabs=0, epsrel=1e-11, limit=200)[0] for a, b in pairwise(points)
    ]
    return sum(parts) / norm.cdf(background / uncertainty)


@pytest.mark.parametrize(
    "numbers",
    [
        (1, 4.2, 0.5, 0.1),  # BEBC of arXiv:2406.17599
        (5, 7.0, 3.5, 1.0),
        (5, 0.0, 3.5, 0.5),
        (0, 2.0, 0.0, 2.0),
        (3, 2.0, 0.001, 5.0),
        (20, 30.0, 1.0, 8.0),
        (100, 20.0, 90.0, 10.0),
        (400, 100.0, 380.0, 3.0),
    ],
)
def test_average_over_the_background(numbers):
    assert math.exp(log_averaged(*numbers)) == approx(averaged(*numbers), rel=1e-9)


@given(signal=st.floats(0, 50), background=st.floats(0, 500), uncertainty=st.floats(1e-3, 1e6))
def test_average_without_events_is_closed(signal, background, uncertainty):
    """n = 0: exp(-s - b + sigma^2/2) Phi(-z)/Phi(b/sigma), z = sigma - b/sigma; Phi(-z) = erfcx e^(-z^2/2)/2."""
    pull = background / uncertainty
    z = uncertainty - pull
    if z > 0:
        closed = -(pull**2) / 2 + math.log(erfcx(z / math.sqrt(2)) / 2)
    else:
        closed = uncertainty**2 / 2 - background + log_ndtr(-z)
    assert log_averaged(0, signal, background, uncertainty) == approx(
        closed - signal - log_ndtr(pull), rel=1e-11, abs=1e-10
    )


# ---- CL_s --------------------------------------------------------------------------------------


@given(confidence_level=LEVELS, background=st.floats(0, 5000), uncertainty=st.floats(0, 50))
def test_cls_without_events_does_not_know_the_background(confidence_level, background, uncertainty):
    """CL_s = e^-s, exactly, and so for every average over the background."""
    found = limit("cls", 0, background, confidence_level, uncertainty)
    assert found == approx(-math.log(1 - confidence_level), rel=1e-9)


@given(observed=COUNTS, background=st.floats(0, 300), confidence_level=LEVELS)
def test_cls_is_a_quantile(observed, background, confidence_level):
    """s + b = chi^2 quantile/2 at 1 - (1 - CL) P(n <= observed | b), with 2 (n + 1) degrees of freedom."""
    tail = (1 - confidence_level) * poisson.cdf(observed, background)
    found = limit("cls", observed, background, confidence_level)
    assert math.isfinite(found)
    if tail > 1e-200:
        expected = chi2.isf(tail, 2 * (observed + 1)) / 2 - background
        assert found == approx(expected, rel=1e-6)
    ratio = log_probability(observed, found + background) - log_probability(observed, background)
    assert ratio == approx(math.log(1 - confidence_level), rel=1e-9, abs=1e-9)


def test_cls_does_not_break_where_probabilities_underflow():
    """Just where the closed form ends (1e-250), and far beyond: s -> -ln(1 - CL)/(1 - n/b)."""
    found = [limit("cls", 2, b) for b in np.linspace(560, 620, 61)]
    assert np.all(np.diff(found) < 0)
    assert np.diff(found) == approx(np.mean(np.diff(found)), rel=0.2)
    assert limit("cls", 100, 9000.0) == approx(-math.log(0.05) / (1 - 100 / 9000), rel=1e-3)


@pytest.mark.parametrize(("observed", "background"), [(0, 0.5), (1, 0.5), (5, 3.5), (12, 15.0)])
def test_cls_is_bayesian_with_a_flat_prior(observed, background):
    """int_0^s L(s')/int_0^inf L(s') = CL (PDG review of statistics, eq. (40.67) and after)."""
    found = limit("cls", observed, background, 0.9)

    def likelihood(s):
        return poisson.pmf(observed, s + background)

    below = quad(likelihood, 0, found, epsabs=0, epsrel=1e-10)[0]
    above = quad(likelihood, found, found + 100, epsabs=0, epsrel=1e-10, limit=200)[0]
    assert below / (below + above) == approx(0.9, rel=1e-6)


# ---- uncertain background ----------------------------------------------------------------------


def numbers_at(tag, observed, background, uncertainty, confidence_level=0.95):
    """Left and right side of the definition at the limit, by direct integration."""
    signal = limit(tag, observed, background, confidence_level, uncertainty)
    norm_b = averaged(observed, 0.0, background, uncertainty) if tag == "cls" else 1.0
    return averaged(observed, signal, background, uncertainty) / norm_b, 1 - confidence_level


@pytest.mark.parametrize("tag", ["poisson", "cls"])
@pytest.mark.parametrize(
    ("observed", "background", "uncertainty"),
    [(1, 0.5, 0.1), (5, 3.5, 1.0), (10, 8.0, 4.0), (0, 0.2, 0.3), (60, 50.0, 12.0)],
)
def test_limits_with_an_uncertain_background(tag, observed, background, uncertainty):
    found, wanted = numbers_at(tag, observed, background, uncertainty)
    assert found == approx(wanted, rel=1e-8)


@pytest.mark.parametrize("tag", ["poisson", "cls"])
@given(observed=st.integers(0, 50), background=st.floats(0, 5))
def test_a_small_uncertainty_changes_little(tag, observed, background):
    try:
        without = limit(tag, observed, background)
    except InputError:
        return
    assert limit(tag, observed, background, uncertainty=1e-5) == approx(
        without, rel=1e-4, abs=1e-4, or_zero=True
    )


def test_no_uncertainty_changes_nothing():
    for tag in ("poisson", "cls", "gaussian"):
        observation = Observation(3.5, 5)
        assert critical_signal(tag, observation, {}) == critical_signal(
            tag, observation, {"background_uncertainty": 0.0}
        )


def test_searches_of_2406_17599():
    """BEBC has 1 event on 0.5 +- 0.1, NuCal 5 on 3.5 (sec. 4.2); PDG table 40.3: 4.74 and 10.51 without background."""
    assert limit("poisson", 1, 0.5) == approx(4.744 - 0.5, abs=5e-4)
    assert limit("poisson", 1, 0.5, uncertainty=0.1) == approx(4.2478, abs=1e-4)
    assert limit("cls", 1, 0.5, uncertainty=0.1) == approx(4.3641, abs=1e-4)
    assert limit("poisson", 5, 3.5) == approx(10.513 - 3.5, abs=5e-4)
    assert limit("cls", 5, 3.5) == approx(7.2751, abs=1e-4)


# ---- Gaussian ----------------------------------------------------------------------------------


def test_gaussian():
    """1.645 sqrt(b + sigma^2), z = 1.6449 for 95% and 1.2816 for 90%, one-sided."""
    assert limit("gaussian", 5429, 5429.0) == approx(1.644854 * math.sqrt(5429), rel=1e-6)
    assert limit("gaussian", 100, 100.0, 0.90) == approx(12.81552, rel=1e-6)
    assert limit("gaussian", 103, 100.0, 0.90) == approx(15.81552, rel=1e-6)
    both = math.sqrt(5429 + 82**2 + 88**2)
    errors = math.hypot(82, 88)
    assert limit("gaussian", 5429, 5429.0, uncertainty=errors) == approx(1.644854 * both, rel=1e-6)


def test_gaussian_with_a_stated_error_is_chi_square():
    """Errors that contain the fluctuation: chi2 = z^2, as in CHARM-II's 2677 +- 82 and 2752 +- 88."""
    errors = math.hypot(82, 88)
    given = {"chi2": norm.isf(0.05) ** 2, "uncertainty": errors}
    found = critical_signal("chi2", Observation(5429.0, 5429.0), given)
    assert found == approx(1.644854 * errors, rel=1e-6)


def test_numbers_for_charm_in_the_docs():
    """The table of docs/specs.md: 5429 events, 95% CL, with the errors of both samples or without."""
    errors = 120.28
    found = [
        limit("gaussian", 5429, 5429.0),
        limit("poisson", 5429, 5429.0),
        limit("cls", 5429, 5429.0),
        limit("feldman-cousins", 5429, 5429.0),
        limit("gaussian", 5429, 5429.0, uncertainty=errors),
        limit("poisson", 5429, 5429.0, uncertainty=errors),
        limit("cls", 5429, 5429.0, uncertainty=errors),
    ]
    assert found == approx([121.2, 122.8, 146.1, 145.9, 232.0, 233.2, 277.4], abs=0.051)


@pytest.mark.parametrize("uncertainty", [0.0, 300.0])
def test_gaussian_is_the_limit_of_large_counts(uncertainty):
    exact = limit("poisson", 10**6, 1e6, uncertainty=uncertainty)
    assert limit("gaussian", 10**6, 1e6, uncertainty=uncertainty) == approx(exact, rel=2e-3)


# ---- all of them -------------------------------------------------------------------------------

WITH_LEVEL = [tag for tag in methods if "confidence_level" in methods[tag].defaults]


def or_nothing(*numbers, **more):
    """A limit, or zero where every signal is excluded."""
    try:
        return limit(*numbers, **more)
    except InputError:
        return 0.0


@pytest.mark.parametrize("tag", WITH_LEVEL)
@given(observed=st.integers(0, 60), background=st.floats(0.1, 60), level=LEVELS)
def test_limits_grow_with_what_is_observed_and_with_the_level(tag, observed, background, level):
    found = or_nothing(tag, observed, background, level)
    assert or_nothing(tag, observed + 1, background, level) >= found * (1 - 1e-12)
    assert or_nothing(tag, observed, background, (1 + level) / 2) >= found * (1 - 1e-12)


@pytest.mark.parametrize("tag", ["poisson", "cls", "feldman-cousins"])
@given(observed=st.integers(0, 60), background=st.floats(0, 60), more=st.floats(0.01, 30))
def test_limits_fall_with_the_background(tag, observed, background, more):
    found = or_nothing(tag, observed, background)
    assert or_nothing(tag, observed, background + more) <= found * (1 + 1e-12)


@given(observed=st.integers(0, 60), background=st.floats(0, 60), level=LEVELS)
def test_cls_is_the_weaker_limit(observed, background, level):
    found = limit("cls", observed, background, level)
    assert found >= or_nothing("poisson", observed, background, level) * (1 - 1e-12)
    assert found >= -math.log(1 - level) * (1 - 1e-12)


@pytest.mark.parametrize("tag", ["poisson", "cls", "feldman-cousins"])
@pytest.mark.parametrize("background", [0.0, 0.5, 3.5, 12.0])
def test_coverage(tag, background):
    """A true signal lies below the limit with a probability of CL or more; CL_s over-covers on purpose."""
    level = 0.9
    limits = np.array([or_nothing(tag, n, background, level) for n in range(60)])
    for signal in np.linspace(0.01, 20.0, 400):
        covered = poisson.pmf(np.arange(60), signal + background)[limits >= signal].sum()
        assert covered >= level - 1e-9
