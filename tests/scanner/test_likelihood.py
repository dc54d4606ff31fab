"""The product of Poisson likelihoods, against pyhf and closed forms."""

import math

import numpy as np
import pytest
from approx import approx
from scipy.stats import norm, poisson

from physics.errors import InputError
from scanner.limits.calculation import Calculation, joint_limits
from scanner.limits.likelihood import Searches
from scanner.limits.methods.base import Observation, critical_signal

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:pyhf", "ignore:jsonschema.RefResolver"
)


def searches(background, observed, uncertainty=None, correlated=False):
    arrays = [
        np.array(x, dtype=float)
        for x in (background, observed, uncertainty or [0] * len(background))
    ]
    return Searches(tuple("ABCD"[: len(background)]), *arrays, correlated)


def limits(*given, kind="automatic"):
    return joint_limits(*given, Calculation(kind)).limits


CASES = {
    "known": (([50.0, 20.0], [53, 17]), [0.7, 0.3]),
    "apart": (([50.0, 20.0], [45, 26], [5.0, 4.0]), [0.4, 0.6]),
    "linked": (([50.0, 20.0], [60, 17], [6.0, 3.0], True), [0.5, 0.5]),
    "one": (([30.0], [25], [3.0]), [1.0]),
}


@pytest.mark.parametrize("case", CASES)
def test_limits_are_those_of_pyhf(case):
    import pyhf

    given, fractions = CASES[case]
    counted = searches(*given)
    found = limits(counted, np.array([fractions]), 0.95)
    model, data = model_of(counted, fractions, pyhf)
    for key, mu in found.items():
        cls, bands = pyhf.infer.hypotest(
            float(mu[0]), data, model, test_stat="qtilde", return_expected_set=True
        )
        at = cls if key == "observed" else bands[int(key) + 2]
        assert float(at) == approx(0.05, rel=1e-3)


def model_of(counted, fractions, pyhf):
    channels = []
    for i, name in enumerate(counted.names):
        b, u = counted.background[i], counted.uncertainty[i]
        shared = "pull" if counted.correlated else f"pull_{name}"
        change = {
            "name": shared,
            "type": "histosys",
            "data": {"hi_data": [b + u], "lo_data": [b - u]},
        }
        free = {"name": "mu", "type": "normfactor", "data": None}
        channels.append(
            {
                "name": name,
                "samples": [
                    {"name": "signal", "data": [fractions[i]], "modifiers": [free]},
                    {"name": "background", "data": [b], "modifiers": [change] * bool(u)},
                ],
            }
        )
    spec = {
        "channels": channels,
        "parameters": [{"name": "mu", "bounds": [[0, 500]], "inits": [1.0]}],
    }
    model = pyhf.Model(spec, poi_name="mu")
    return model, list(counted.observed) + model.config.auxdata


def test_without_background_the_limit_is_exact():
    found = limits(searches([0, 0], [0, 0]), np.array([[0.5, 0.5], [1.0, 0.0]]), 0.95)
    for values in found.values():
        assert values == approx([-math.log(0.05)] * 2, rel=1e-12)


def test_with_many_events_it_is_the_method_cls():
    """Of one search; asymptotics are good to a part in the root of the counts."""
    found = limits(searches([10000.0], [10050]), np.array([[1.0]]), 0.95)["observed"][0]
    exact = critical_signal("cls", Observation(10000.0, 10050.0), {})
    assert found == approx(exact, rel=0.01)


def test_only_the_sum_matters_where_searches_are_alike():
    """Two halves of one search with a known background are that search."""
    halves = limits(searches([20.0, 20.0], [22, 22]), np.array([[0.5, 0.5]]), 0.9)
    whole = limits(searches([40.0], [44]), np.array([[1.0]]), 0.9)
    for key, values in whole.items():
        assert halves[key] == approx(values, rel=1e-9)


def test_uncertain_backgrounds_weaken_a_limit_and_linked_ones_more():
    at = np.array([[0.5, 0.5]])
    known, apart, linked = (
        limits(searches([50.0, 50.0], [50, 50], u, c), at, 0.95)["0"][0]
        for u, c in ((None, False), ([10.0, 10.0], False), ([10.0, 10.0], True))
    )
    assert known < apart < linked


def test_few_counts_are_refused():
    for b, n in (([2.0, 50.0], [10, 50]), ([10.0, 50.0], [3, 50])):
        with pytest.raises(
            InputError, match=r"A expects .* below 5 the asymptotic likelihood does not hold"
        ):
            limits(searches(b, n), np.array([[0.5, 0.5]]), 0.95, kind="asymptotic")
    with pytest.raises(InputError, match="confidence_level must lie between 0 and 1"):
        limits(searches([0], [0]), np.array([[1.0]]), 1.5)


@pytest.mark.parametrize(("b", "n", "u"), [(3.0, 2, 0.0), (3.0, 1, 1.0), (0.0, 0, 0.0)])
def test_one_search_with_few_counts_is_the_method_cls(b, n, u):
    found = limits(searches([b], [n], [u]), np.array([[1.0]]), 0.95)
    given = {"background_uncertainty": u}
    assert found["observed"][0] == approx(
        critical_signal("cls", Observation(b, n), given), rel=1e-12
    )
    if not u:  # the quantiles of a Poisson distribution
        counts = poisson.ppf(norm.cdf([-2, -1, 0, 1, 2]), b)
        wanted = [critical_signal("cls", Observation(b, max(k, 0)), given) for k in counts]
        assert [found[str(s)][0] for s in (-2, -1, 0, 1, 2)] == approx(wanted, rel=1e-12)
