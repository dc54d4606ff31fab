"""Joint limits of few counts: exact ones against closed forms and a sum of its own, toys against both and pyhf."""

import itertools
import math

import numpy as np
import pytest
from approx import approx
from scipy.optimize import minimize_scalar
from scipy.stats import norm, poisson

from physics.errors import InputError
from scanner.limits import calculation
from scanner.limits.calculation import Calculation, joint_limits
from scanner.limits.exact import exact_limits
from scanner.limits.likelihood import Searches
from scanner.limits.methods.base import Observation, critical_signal
from scanner.limits.mixtures import corners_of, over_mixtures
from scanner.limits.toys import drawn, toy_limits

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:pyhf", "ignore:jsonschema.RefResolver"
)
EVEN = np.array([0.5, 0.5])


def searches(background, observed, uncertainty=None, correlated=False):
    arrays = (background, observed, uncertainty or [0] * len(background))
    given = [np.array(x, dtype=float) for x in arrays]
    return Searches(tuple("ABCD"[: len(background)]), *given, correlated)


def cls(b, n, u=0.0):
    return critical_signal("cls", Observation(b, n), {"background_uncertainty": u})


# ---- exact -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("b", "n", "u"), [(3.0, 2, 0.0), (3.0, 1, 1.0), (0.5, 3, 0.0)])
def test_one_search_is_the_method_cls(b, n, u):
    found = exact_limits(searches([b], [n], [u]), np.ones(1), 0.95)
    assert found["observed"] == approx(cls(b, n, u), rel=1e-6)
    if not u:
        counts = poisson.ppf(norm.cdf([-2, -1, 0, 1, 2]), b)
        wanted = [cls(b, max(k, 0)) for k in counts]
        assert [found[str(s)] for s in (-2, -1, 0, 1, 2)] == approx(wanted, rel=1e-6)


def test_without_background_only_the_sum_matters():
    """Of three events in all 7.7537, whatever the mixture (PDG, Statistics, table 40.3)."""
    for row in (EVEN, np.array([0.1, 0.9])):
        found = exact_limits(searches([0, 0], [1, 2]), row, 0.95)
        assert found["observed"] == approx(7.7537, rel=1e-5)
        assert found["0"] == approx(-math.log(0.05), rel=1e-6)


def test_with_equal_purity_only_the_sum_matters():
    found = exact_limits(searches([0.5, 2.0], [1, 2]), np.array([0.2, 0.8]), 0.95)
    assert found["observed"] == approx(cls(2.5, 3), rel=1e-6)
    medians = poisson.ppf(norm.cdf([-1, 0, 1, 2]), 2.5)
    assert [found[str(s)] for s in (-1, 0, 1, 2)] == approx(
        [cls(2.5, k) for k in medians], rel=1e-6
    )


def by_hand(b, n, f, signal):
    """CL_s by a plain sum over outcomes."""

    def deviance(counts, s):
        terms = [
            2 * (s * x + y) - 2 * k * math.log(s * x + y)
            for x, y, k in zip(f, b, counts, strict=True)
        ]
        return sum(terms)

    def statistic(counts):
        best = minimize_scalar(
            lambda s: deviance(counts, s), bounds=(0, 60), method="bounded", options={"xatol": 1e-9}
        )
        lowest = min(best.fun, deviance(counts, 0.0))
        return max(deviance(counts, signal) - lowest, 0.0) if best.x < signal else 0.0

    seen, above, below = statistic(n), 0.0, 0.0
    for counts in itertools.product(range(18), repeat=2):
        if statistic(counts) >= seen - 1e-7:
            above += math.prod(poisson.pmf(counts, signal * np.array(f) + b))
            below += math.prod(poisson.pmf(counts, b))
    return above / below


def test_cl_s_is_that_of_a_plain_sum_over_outcomes():
    b, n, f = [0.5, 2.0], [1, 2], [0.3, 0.7]
    limit = exact_limits(searches(b, n), np.array(f), 0.95)["observed"]
    assert by_hand(b, n, f, limit * (1 - 1e-6)) >= 0.05
    assert by_hand(b, n, f, limit * (1 + 1e-6)) <= 0.05 * (1 + 1e-4)


def test_an_uncertain_background_weakens_a_limit():
    known, apart, linked = (
        exact_limits(searches([1.0, 2.0], [1, 2], u, c), EVEN, 0.95)["observed"]
        for u, c in ((None, False), ([0.5, 1.0], False), ([0.5, 1.0], True))
    )
    assert known < apart < linked


def test_counts_must_be_whole():
    with pytest.raises(InputError, match=r"A: observed must be a whole number of events, not 1\.5"):
        exact_limits(searches([1.0, 2.0], [1.5, 2]), EVEN, 0.95)


# ---- which is chosen -------------------------------------------------------------------------


def test_the_default_is_stated(monkeypatch):
    def kind(given, asked="automatic"):
        return joint_limits(given, np.ones((1, 2)) / 2, 0.95, Calculation(asked, 200)).how

    assert kind(searches([50.0, 20.0], [53, 17]))["calculation"] == "asymptotic"
    assert kind(searches([0, 0], [0, 0]))["calculation"] == "exact"
    many = searches([300.0, 2.0], [300, 2])
    monkeypatch.setattr(calculation, "MOST", 1000)
    said = kind(many)
    assert (said["calculation"], said["asked_for"], said["toys"]) == ("toys", "automatic", 200)
    with pytest.raises(
        InputError, match=r"outcomes, and an exact calculation goes to 1,000; use toys"
    ):
        kind(many, "exact")


# ---- mixtures --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [2, 3, 4])
def test_corners_surround_a_point(number):
    rows = np.random.default_rng(1).dirichlet(np.ones(number), 100)
    rows = np.vstack([rows, np.eye(number), np.full((1, number), 1 / number)])
    corners, weights = corners_of(rows, 12)
    assert np.abs((corners * weights[..., None]).sum(axis=1) / 12 - rows).max() < 1e-12
    assert weights.min() > -1e-12
    assert (corners[weights > 1e-12] >= 0).all()
    assert (corners.sum(axis=2) == 12).all()


def test_a_mixture_does_not_depend_on_others():
    def limit(row):
        return {"0": 1 / math.hypot(*(row / [1, 2, 5])), "observed": 2.0}

    rows = np.random.default_rng(1).dirichlet(np.ones(3), 40)
    rows[0] = [1e-9, 0.4, 0.6]  # takes no part
    whole = over_mixtures(rows, limit)["0"]
    assert whole == approx([limit(row)["0"] for row in rows], rel=0.01)
    assert whole[7] == over_mixtures(rows[7:8], limit)["0"][0]
    assert over_mixtures(np.eye(3), limit)["0"] == approx([1.0, 2.0, 5.0], rel=1e-12)


def test_a_plane_of_exact_limits():
    """Of the method itself, where it does not jump."""
    given = searches([0, 3], [0, 2])
    rows = np.array([[0.3, 0.7], [0.45, 0.55]])
    found = joint_limits(given, rows, 0.95).limits["observed"]
    assert found == approx([exact_limits(given, row, 0.95)["observed"] for row in rows], rel=1e-3)


# ---- toys ------------------------------------------------------------------------------------


def test_toys_agree_within_their_error():
    given, row = searches([3.0], [2]), np.ones(1)
    found, error = toy_limits(given, row, 0.95, drawn(1500, 1, given))
    wanted = exact_limits(given, row, 0.95)
    assert abs(found["observed"] / wanted["observed"] - 1) < 4 * error["observed"] < 0.3
    assert abs(found["1"] / wanted["1"] - 1) < 4 * error["1"] < 0.3
    other = toy_limits(given, row, 0.95, drawn(1500, 2, given))[0]
    assert found["observed"] != other["observed"]


@pytest.mark.parametrize(("background", "seen"), [([20.0, 20.0], [4, 20]), ([30.0, 3.0], [12, 0])])
def test_toys_say_nothing_of_what_lies_beyond_them(background, seen):
    """Nothing beyond is no exclusion: the first signal of the grid was the limit, with an error of zero."""
    given = searches(background, seen)
    with pytest.raises(InputError, match="lies beyond all but 0 of 2,000 toys without signal"):
        toy_limits(given, np.array([0.9, 0.1]), 0.95, drawn(2000, 1, given))


def test_a_search_without_signal_says_nothing():
    """Though it has events and no background, whose deviance is infinite."""
    given, alone = searches([0.0, 3.0], [2, 3]), searches([3.0], [3])
    found, error = toy_limits(given, np.array([0.0, 1.0]), 0.95, drawn(1500, 1, given))
    wanted = exact_limits(alone, np.ones(1), 0.95)
    assert abs(found["observed"] / wanted["observed"] - 1) < 4 * error["observed"] < 0.3


@pytest.mark.parametrize("correlated", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_toys_of_many_counts_are_asymptotic(correlated):
    given = searches([50.0, 20.0], [55, 22], [5.0, 3.0], correlated)
    found, error = toy_limits(given, EVEN, 0.95, drawn(400, 1, given))
    wanted = joint_limits(given, EVEN[None], 0.95).limits
    for key in ("observed", "0", "1"):
        assert abs(found[key] / wanted[key][0] - 1) < 4 * error[key] + 0.03


@pytest.mark.long
@pytest.mark.parametrize(
    "given",
    [
        ([0.5, 2.0], [1, 2]),
        ([2.0, 3.0], [1, 4], [1.0, 1.0]),
        ([2.0, 3.0], [1, 4], [1.0, 1.0], True),
    ],
    ids=["known", "apart", "linked"],
)
def test_limits_are_those_of_toys_of_pyhf(given):
    """CL_s of pyhf at our limit, by its toys: exact where backgrounds are known, else by our toys."""
    import pyhf
    from test_likelihood import model_of

    counted = searches(*given)
    pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer(maxiter=100000))
    np.random.seed(1)  # noqa: NPY002  pyhf draws with it
    model, data = model_of(counted, EVEN, pyhf)
    if counted.uncertainty.any():
        limit = toy_limits(counted, EVEN, 0.95, drawn(10000, 1, counted))[0]["observed"]
    else:
        limit = exact_limits(counted, EVEN, 0.95)["observed"]
    toys = pyhf.infer.calculators.ToyCalculator(
        data, model, test_stat="qtilde", ntoys=3000, track_progress=False
    )
    found = toys.pvalues(toys.teststatistic(limit), *toys.distributions(limit))[2]
    assert float(found) == approx(0.05, rel=0.25)  # 1/sqrt(3000 * 0.03) is a tenth
