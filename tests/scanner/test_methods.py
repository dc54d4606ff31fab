"""Limit methods against closed forms, published tables and the definition."""

import math
from pathlib import Path

import pytest
from approx import approx
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson
from toys import one_sentence

from physics.errors import InputError
from scanner.limits.limit import Limit, Stated
from scanner.limits.methods.base import Observation, critical_signal, methods

# PDG 2022 review of statistics (sec. 40), table 40.3: upper limits at 90% and 95% without background
PDG = {
    0: (2.30, 3.00), 1: (3.89, 4.74), 2: (5.32, 6.30), 3: (6.68, 7.75), 4: (7.99, 9.15), 5: (9.27, 10.51),
    6: (10.53, 11.84), 7: (11.77, 13.15), 8: (12.99, 14.43), 9: (14.21, 15.71), 10: (15.41, 16.96),
}  # fmt: skip


def poisson_limit(observed=0, background=0.0, confidence_level=0.95):
    observation = Observation(background=background, observed=observed)
    return critical_signal("poisson", observation, {"confidence_level": confidence_level})


def test_poisson_without_events_is_a_logarithm():
    assert poisson_limit() == approx(-math.log(0.05), rel=1e-12)
    assert round(poisson_limit(), 4) == 2.9957
    assert round(poisson_limit(confidence_level=0.9), 4) == 2.3026


@pytest.mark.parametrize("observed", PDG)
def test_poisson_table_of_the_pdg(observed):
    at_90, at_95 = PDG[observed]
    assert round(poisson_limit(observed, confidence_level=0.90), 2) == at_90
    assert round(poisson_limit(observed), 2) == at_95


@given(
    observed=st.integers(0, 1000),
    confidence_level=st.floats(0.5, 0.999),
    fraction=st.floats(0, 0.99),
)
def test_poisson_is_what_its_definition_says(observed, confidence_level, fraction):
    """P(n <= observed | s + b) = 1 - CL."""
    total = poisson_limit(observed, 0.0, confidence_level)
    background = fraction * total
    signal = poisson_limit(observed, background, confidence_level)
    assert signal > 0
    assert poisson.cdf(observed, signal + background) == approx(1 - confidence_level, rel=1e-8)


def test_poisson_background_is_subtracted():
    assert poisson_limit(3, 2.0) == approx(poisson_limit(3) - 2.0, rel=1e-12)


def test_fixed_count():
    assert critical_signal("fixed-count", Observation(), {}) == 3.0
    assert critical_signal("fixed-count", Observation(100.0, 7), {"events": 2.3}) == 2.3


def test_scaled_cross_section():
    """sigma(L) = sigma_limit sqrt(L_0/L): the same cross-section at L_0, and L^(-1/2) beyond."""
    given = {"sigma_limit": 0.1, "reference_luminosity": 0.2}

    def sigma(luminosity):
        observation = Observation(luminosity=luminosity)
        return critical_signal("scaled-cross-section", observation, given) / (luminosity * 1e3)

    assert sigma(0.2) == approx(0.1, rel=1e-12)
    assert sigma(150e3) == approx(0.1 * math.sqrt(0.2 / 150e3), rel=1e-12)


@pytest.mark.parametrize(
    ("luminosity", "given", "pattern"),
    [
        (1.0, {}, "sigma_limit must be a positive number, not 0"),
        (1.0, {"sigma_limit": math.nan}, "sigma_limit must be a positive"),
        (1.0, {"sigma_limit": 0.1, "reference_luminosity": -1.0}, "reference_luminosity must be"),
        (1.0, {"sigma_limit": 0.1, "reference_luminosity": math.inf}, "reference_luminosity must"),
        (None, {"sigma_limit": 0.1, "reference_luminosity": 1.0}, "exposure is a luminosity"),
    ],
)
def test_scaled_cross_section_needs_its_numbers(luminosity, given, pattern):
    with pytest.raises(InputError, match=pattern) as error:
        critical_signal("scaled-cross-section", Observation(luminosity=luminosity), given)
    assert one_sentence(str(error.value))


REFUSED = {
    "unknown method": ("feldman", (0, 0), {}, "unknown limit method 'feldman'; .*are: .*feldman-cousins.*poisson"),
    "parameter of another": ("poisson", (0, 0), {"events": 3.0}, "'poisson' has no parameter 'events'"),
    "unknown parameter": ("fixed-count", (0, 0), {"x": 3.0}, "'fixed-count' has no parameter 'x'; it has: events"),
    "no events": ("fixed-count", (0, 0), {"events": 0.0}, "events must be a positive number, not 0"),
    "negative events": ("fixed-count", (0, 0), {"events": -3.0}, "events must be a positive"),
    "NaN events": ("fixed-count", (0, 0), {"events": math.nan}, "events must be a positive"),
    "infinite events": ("fixed-count", (0, 0), {"events": math.inf}, "events must be a positive"),
    "level one": ("poisson", (0, 0), {"confidence_level": 1.0}, "confidence_level must lie between 0 and 1"),
    "level in percent": ("poisson", (0, 0), {"confidence_level": 95.0}, "confidence_level must lie"),
    "level NaN": ("poisson", (0, 0), {"confidence_level": math.nan}, "confidence_level must lie"),
    "half an event": ("poisson", (0, 0.5), {}, "observed must be a whole number"),
    "few on many": ("poisson", (10, 0), {}, "0 observed events on a background of 10 are so few"),
    "negative background": ("poisson", (-1, 0), {}, "background must be zero or more"),
    "background NaN": ("poisson", (math.nan, 0), {}, "background must be zero or more"),
    "infinite background": ("fixed-count", (math.inf, 0), {}, "background must be zero or more"),
    "negative observed": ("poisson", (0, -1), {}, "observed must be zero or more"),
    "cls level": ("cls", (0, 0), {"confidence_level": 0.0}, "confidence_level must lie between 0 and 1"),
    "cls half": ("cls", (0, 1.5), {}, "observed must be a whole number"),
    "negative uncertainty": ("cls", (1, 1), {"background_uncertainty": -0.1}, "background_uncertainty must be zero or"),
    "uncertainty NaN": ("poisson", (1, 1), {"background_uncertainty": math.nan}, "background_uncertainty must be zero"),
    "infinite uncertainty": ("gaussian", (1, 1), {"background_uncertainty": math.inf}, "background_uncertainty must"),
    "few on uncertain": ("poisson", (50, 0), {"background_uncertainty": 5.0}, "are so few .* use the method cls"),
    "nothing fluctuates": ("gaussian", (0, 3), {}, "needs a background above zero, or its uncertainty"),
    "gaussian few": ("gaussian", (100, 50), {}, "50 observed events on a background of 100 are so few"),
    "gaussian level": ("gaussian", (100, 100), {"confidence_level": 1.5}, "confidence_level must lie"),
    "many observed": ("feldman-cousins", (1, 10001), {}, "is for up to 10000 events.*use cls, poisson or gaussian"),
    "much background": ("feldman-cousins", (2e4, 1), {}, "is for up to 10000 events"),
    "unified level": ("feldman-cousins", (1, 1), {"confidence_level": -0.1}, "confidence_level must lie"),
    "unified low": ("feldman-cousins", (1e4, 0), {"confidence_level": 0.375}, "are in no interval of 38%"),
    "unified half": ("feldman-cousins", (1, 0.5), {}, "observed must be a whole number"),
    "unified uncertainty": ("feldman-cousins", (1, 1), {"background_uncertainty": 0.1}, "has no parameter 'backgr"),
}  # fmt: skip


@pytest.mark.parametrize(("tag", "numbers", "parameters", "pattern"), REFUSED.values(), ids=REFUSED)
def test_refused(tag, numbers, parameters, pattern):
    with pytest.raises(InputError, match=pattern) as error:
        critical_signal(tag, Observation(*numbers), parameters)
    assert one_sentence(str(error.value))


# ---- of every method, also those to come ------------------------------------------------------


@pytest.mark.parametrize("tag", list(methods))
def test_every_method_is_documented(tag):
    method = methods[tag]
    assert method.tag == tag
    assert method.title
    assert any(word in method.source for word in ("arXiv", "PDG", "doi"))
    assert method.critical_signal.__doc__
    assert method.of_observation <= set(method.defaults)
    assert all(isinstance(value, float) for value in method.defaults.values())


@pytest.mark.parametrize("tag", list(methods))
def test_every_method_is_in_the_table_of_the_docs(tag):
    text = (Path(__file__).parents[2] / "docs" / "specs.md").read_text(encoding="utf-8")
    _, _, table = text.partition("## Limit methods")
    row = next(line for line in table.splitlines() if line.startswith(f"| `{tag}` | "))
    for name, value in methods[tag].defaults.items():
        assert f"`{name}` {value:g}" in row or (value == 0 and f"`{name}`" in row)


@pytest.mark.parametrize("tag", list(methods))
@given(observed=st.integers(0, 30), background=st.floats(0, 30))
def test_every_method_gives_a_positive_number_or_a_sentence(tag, observed, background):
    try:
        signal = critical_signal(tag, Observation(background, observed), {})
    except InputError as error:
        signal, problem = None, str(error)
    assert one_sentence(problem) if signal is None else 0 < signal < math.inf


def test_a_scaled_cross_section_moves_with_the_exposure_that_is_asked_for():
    """0.1 pb at 0.2 1/fb: 0.1 pb sqrt(0.2 x 20 1/fb^2) = 200 events with its own 20 1/fb, 400 with 80 1/fb."""
    own = {"method": "scaled-cross-section", "sigma_limit": 0.1, "reference_luminosity": 0.2}
    stated = Stated("X", 20.0, "1/fb", "events", 5.0, 5.0, own)
    assert stated.level(Limit()) == approx(200, rel=1e-12)
    assert stated.level(Limit(exposure=80.0)) == approx(400, rel=1e-12)
    protons = Stated("X", 20.0, "protons on target", "events", 5.0, 5.0, own)
    with pytest.raises(InputError, match="needs a search whose exposure is a luminosity"):
        protons.level(Limit())
