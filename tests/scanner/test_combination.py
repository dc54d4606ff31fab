"""Searches together: the best of them, and the sum of their signals."""

import json
import math

import numpy as np
import pytest
import yaml
from approx import approx

from physics.errors import InputError
from scanner.outputs import accessor
from scanner.queries import joint
from scanner.queries.contours import contour

BOTH = ["FASER2", "FACET"]
AT = {"flavor": "e"}


@pytest.fixture(scope="module")
def ds(small):
    return accessor.open_cube(small).load()


def of(ds, experiment, **given):
    return ds.scan.reach({"experiment": experiment, **AT}, **given)


def lacking(ds, experiment, mass, coupling):
    """The same with cells that are not computed for one search."""
    with_gaps = ds.drop_vars("total", errors="ignore").copy(deep=True)
    place = (with_gaps["experiment"].values.tolist().index(experiment),)
    dims = with_gaps["counts"].dims
    values = with_gaps["counts"].values.copy()
    at = {"experiment": place[0], "m_N": mass, "d_gamma": coupling}
    values[tuple(at.get(d, slice(None)) for d in dims)] = np.nan
    with_gaps["counts"] = (dims, values, ds["counts"].attrs)
    return with_gaps


# ---- envelope --------------------------------------------------------------------------------


def test_an_envelope_is_the_best_of_each_mass(ds):
    found = ds.scan.combine(BOTH, AT)
    singles = {e: of(ds, e) for e in BOTH}
    lows = np.array([singles[e].low for e in BOTH])
    assert np.array_equal(found.low, np.fmin(*lows), equal_nan=True)
    assert np.array_equal(found.high, np.fmax(*[singles[e].high for e in BOTH]), equal_nan=True)
    for i, who in enumerate(found.by):
        assert (singles[who].low[i] == found.low[i]) if who else np.isnan(lows[:, i]).all()
    assert len(set(found.by) - {""}) > 1 or set(found.by) - {""} <= set(BOTH)
    on_line = {(m, d) for b in found.branches for m, d in b.tolist()}
    for m, low in zip(found.mass, found.low, strict=True):
        if np.isfinite(low) and low > ds["d_gamma"].values[0]:
            assert any(
                a == approx(m, rel=1e-12) and d == approx(low, rel=1e-12) for a, d in on_line
            )


def test_each_has_its_own_level(ds):
    """What both count is compared with what each needs, so that a search with a background may lose."""
    own = ds.scan.combine(BOTH, AT, method="poisson", observed={"FACET": 1000})
    assert np.array_equal(
        own.low,
        np.fmin(
            of(ds, "FASER2", method="poisson").low,
            of(ds, "FACET", method="poisson", observed=1000).low,
        ),
        equal_nan=True,
    )


def test_one_search_is_itself(ds):
    for how in ("envelope", "sum"):
        found = ds.scan.combine(["FACET"], AT, how=how, method="cls", observed={"FACET": 2})
        alone = ds.scan.contour({"experiment": "FACET", **AT}, method="cls", observed=2)
        assert len(found.branches) == len(alone.branches)
        for one, other in zip(found.branches, alone.branches, strict=True):
            assert one == approx(other, rel=1e-9)


def test_cells_that_one_search_lacks_are_unknown(ds):
    gaps = lacking(ds, "FASER2", 3, slice(0, 20))
    for how in ("envelope", "sum"):
        found = gaps.scan.combine(BOTH, AT, how=how)
        assert found.incomplete_at.tolist() == [i == 3 for i in range(len(found.mass))]
        assert found.contour.missing.sum() == 20
        assert "20 of" in found.notes()[0]
        assert not found.about.complete


# ---- sum -------------------------------------------------------------------------------------


def test_signals_backgrounds_and_observed_events_are_added(ds):
    given = {"FASER2": 1.5, "FACET": 2.5}, {"FASER2": 1, "FACET": 4}
    found = ds.scan.combine(
        BOTH, AT, how="sum", method="cls", background=given[0], observed=given[1]
    )
    whole = ds.drop_vars("total", errors="ignore").copy()
    both = whole["counts"].sum("experiment", skipna=False)
    whole["counts"] = (both * (whole["experiment"] == "FACET")).transpose(*ds["counts"].dims)
    alone = whole.scan.reach({"experiment": "FACET", **AT}, method="cls", background=4, observed=5)
    assert found.level == approx(alone.level, rel=1e-12)
    assert found.low == approx(alone.low, rel=1e-6, nan_ok=True)
    said = yaml.safe_load(found.about.text)["combination"]
    assert (said["limit"]["background"], said["limit"]["observed"]) == (4, 5)
    assert [s["observed"] for s in said["searches"]] == [1, 4]


def test_two_of_the_same_halve_the_limit(ds):
    """Without a background twice the signal is twice as soon seen."""
    twin = ds.drop_vars("total", errors="ignore").copy()
    values = twin["counts"].values.copy()
    at = twin["counts"].dims.index("experiment")
    values = np.repeat(values.take([1], axis=at), 2, axis=at)
    twin["counts"] = (twin["counts"].dims, values, ds["counts"].attrs)
    found = twin.scan.combine(BOTH, AT, how="sum", method="poisson")
    half = twin.scan.reach(
        {"experiment": "FACET", **AT}, method="fixed-count", events=-math.log(0.05) / 2
    )
    assert found.low == approx(half.low, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize(("correlated", "together"), [(False, 5.0), (True, 7.0)])
def test_uncertainties_of_backgrounds(ds, correlated, together):
    found = ds.scan.combine(
        BOTH, AT, how="sum", method="cls", background={"FACET": 50}, observed={"FACET": 50},
        background_uncertainty={"FASER2": 3, "FACET": 4}, correlated=correlated,
    )  # fmt: skip
    alone = of(
        ds, "FACET", method="cls", background=50, observed=50,
        parameters={"background_uncertainty": together},
    )  # fmt: skip
    assert found.level == approx(alone.level, rel=1e-12)


def test_an_exposure_of_one_search(ds):
    found = ds.scan.combine(BOTH, AT, how="sum", exposure={"FACET": 6000})
    counts = ds.scan.counts({"experiment": "FASER2", **AT})
    counts = counts.drop_vars("experiment") + 2 * ds.scan.counts({"experiment": "FACET", **AT})
    assert found.contour.maximum == approx(float(counts.max()), rel=1e-6)


# ---- leaves and refusals ---------------------------------------------------------------------


@pytest.mark.parametrize("how", ["envelope", "sum"])
def test_what_leaves(ds, how, tmp_path):
    found = ds.scan.combine(BOTH, AT, how=how)
    for ending in ("csv", "json", "yaml", "svg"):
        found.save(tmp_path / f"a.{ending}")
        assert (tmp_path / f"a.{ending}").stat().st_size > 500
    data = json.loads(found.to_json())
    assert data["provenance"]["combination"]["how"] == how
    lows = [
        np.nan if row["d_low_per_GeV"] is None else row["d_low_per_GeV"] for row in data["reach"]
    ]
    assert np.array_equal(lows, found.low, equal_nan=True)
    assert f"{how} of FASER2, FACET" in repr(found)
    assert found.to_xarray()["low"].sizes == {"m_N": len(found.mass)}
    assert found.to_pandas().shape[0] == len(found.mass)


@pytest.mark.parametrize(
    ("experiments", "given", "said"),
    [
        ([], {}, "name the searches"),
        (["FACET", "FACET"], {}, "FACET is among the searches twice"),
        (["FACETS"], {}, "unknown experiment 'FACETS'; did you mean 'FACET'"),
        (
            BOTH,
            {"how": "product"},
            "no combination 'product'; there are: envelope, sum, likelihood",
        ),
        (BOTH, {"background": {"BEBC": 1}}, "background is given of 'BEBC', which is not combined"),
        (BOTH, {"correlated": True}, "an envelope has each search by itself"),
        (BOTH, {"background": 3}, "background must be a mapping of searches to numbers"),
        (BOTH, {"background": {"FACET": "few"}}, "background must be a number"),
        (BOTH, {"how": "sum", "method": "binned"}, "belong to one search"),
        (BOTH, {"how": "sum", "method": "poisson", "observed": {"FACET": 1.5}}, "whole number"),
        (
            BOTH,
            {"how": "sum", "parameters": {"background_uncertainty": 1}, "method": "cls"},
            "is that of one search",
        ),
        (
            BOTH,
            {"how": "sum", "method": "feldman-cousins", "background_uncertainty": {"FACET": 1}},
            "reads no background_uncertainty",
        ),
    ],
)
def test_what_cannot_be_combined(ds, experiments, given, said):
    with pytest.raises(InputError, match=said) as error:
        ds.scan.combine(experiments, AT, **given)
    assert len(str(error.value)) < 400
    assert "\n" not in str(error.value)


def test_the_searches_are_named_once(ds):
    with pytest.raises(InputError, match="named in experiments and not in the selection"):
        ds.scan.combine(BOTH, {**AT, "experiment": "FACET"})


def test_counts_that_are_no_events_are_not_added(ds):
    other = ds.assign_coords(counts_units=("experiment", np.array(["events", "pb"], dtype=object)))
    with pytest.raises(InputError, match="the counts of FACET are in pb and not events"):
        other.scan.combine(BOTH, AT, how="sum")
    assert other.scan.combine(BOTH, AT).by


def test_different_methods_are_not_added_unasked(ds):
    own = np.array(["{}", '{"method": "poisson"}'], dtype=object)
    other = ds.assign_coords(statistic=("experiment", own))
    with pytest.raises(InputError, match="state different limit methods"):
        other.scan.combine(BOTH, AT, how="sum")
    assert other.scan.combine(BOTH, AT, how="sum", method="cls").level == approx(2.9957, rel=1e-4)


# ---- likelihood ------------------------------------------------------------------------------

COUNTED = {
    "background": {"FASER2": 40, "FACET": 60},
    "observed": {"FASER2": 44, "FACET": 55},
    "background_uncertainty": {"FASER2": 5, "FACET": 6},
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pyhf", "ignore:jsonschema.RefResolver")
@pytest.mark.parametrize("correlated", [False, True])
def test_a_workspace_of_pyhf_has_the_same_limit(ds, correlated, monkeypatch):
    import pyhf

    strengths = []  # observed, and the five of the bands

    def watched(mass, coupling, values, *more):
        strengths.append(values)
        return contour(mass, coupling, values, *more)

    monkeypatch.setattr(joint, "contour", watched)

    found = ds.scan.combine(BOTH, AT, how="likelihood", correlated=correlated, **COUNTED)
    i, j = 3, int(np.abs(np.log(np.maximum(strengths[0][3], 1e-99))).argmin())
    place = {"m_N": float(found.mass[i]), "d_gamma": float(ds["d_gamma"][j])}
    model = pyhf.Workspace(json.loads(json.dumps(found.workspace(place))))
    pdf = model.model()
    assert len(strengths) == 6
    for number, values in enumerate(strengths):
        mu = 1 / float(values[i, j])
        observed, bands = pyhf.infer.hypotest(
            mu, model.data(pdf), pdf, test_stat="qtilde", return_expected_set=True
        )
        assert float(bands[number - 1] if number else observed) == approx(0.05, rel=1e-3)


def test_two_of_the_same_without_background_halve_the_limit(ds):
    twin = ds.drop_vars("total", errors="ignore").copy()
    at = twin["counts"].dims.index("experiment")
    values = np.repeat(twin["counts"].values.take([1], axis=at), 2, axis=at)
    twin["counts"] = (twin["counts"].dims, values, ds["counts"].attrs)
    found = twin.scan.combine(BOTH, AT, how="likelihood")
    half = of(twin, "FACET", method="fixed-count", events=-math.log(0.05) / 2)
    assert found.low == approx(half.low, rel=1e-6, nan_ok=True)
    assert found.bands["0"][1].low == approx(half.low, rel=1e-6, nan_ok=True)


def test_bands_lie_in_order_and_leave(ds, tmp_path):
    found = ds.scan.combine(BOTH, AT, how="likelihood", **COUNTED)
    lows = np.array([reach.low for _, reach in found.bands.values()])
    there = np.isfinite(lows).all(axis=0)
    assert there.any()
    assert (np.diff(lows[:, there], axis=0) >= 0).all()
    stored = found.to_xarray()["expected_low"]
    assert stored["sigma"].values.tolist() == [-2, -1, 0, 1, 2]
    assert np.array_equal(stored.values, lows, equal_nan=True)
    assert "d_low_expected_minus_2_sigma_per_GeV" in found.to_pandas()
    for ending in ("csv", "json", "svg"):
        found.save(tmp_path / f"a.{ending}")
    key = [text.get_text() for text in found.as_figure().legends[0].get_texts()]
    assert {"expected", "expected, ±1σ", "expected, ±2σ"} < set(key)
    said = json.loads((tmp_path / "a.json").read_text())["provenance"]
    assert said["combination"]["limit"]["confidence_level"] == 0.95
    assert "critical_signal" not in json.dumps(said)
    assert "CL_s at 0.95 confidence level" in repr(found)


def test_unknown_cells_stay_unknown_in_a_likelihood(ds):
    gaps = lacking(ds, "FASER2", 3, slice(0, 20))
    found = gaps.scan.combine(BOTH, AT, how="likelihood", **COUNTED)
    assert found.contour.missing.sum() == 20
    assert found.bands["0"][0].missing.sum() == 20
    at = {"m_N": float(found.mass[3]), "d_gamma": float(ds["d_gamma"][5])}
    with pytest.raises(InputError, match="not computed for all of the searches"):
        found.workspace(at)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"background": {"FACET": 2}, "calculation": "asymptotic"},
            "below 5 the asymptotic likelihood does not hold; use the calculation exact or toys",
        ),
        ({"calculation": "exactly"}, "no calculation 'exactly'; did you mean 'exact'"),
        ({"calculation": "toys", "toys": 10}, "toys must be a whole number, 100 or more"),
        ({"seed": -1}, "seed must be a whole number, 0 or more"),
        ({"method": "poisson"}, "takes no method poisson"),
        ({"events": 3}, "has no parameter 'events'"),
        ({"confidence_level": 2}, "confidence_level must lie between 0 and 1"),
    ],
)
def test_what_is_no_likelihood(ds, given, said):
    with pytest.raises(InputError, match=said):
        ds.scan.combine(BOTH, AT, how="likelihood", **given)


FEW = {"background": {"FACET": 3}, "observed": {"FACET": 2}}


def test_few_counts_are_calculated_exactly(ds):
    """At each point the strength is the signal over the limit of its mixture; who reads it is told."""
    found = ds.scan.combine(BOTH, AT, how="likelihood", **FEW)
    said = found.about.data["combination"]["limit"]
    assert (said["calculation"], said["asked_for"]) == ("exact", "automatic")
    assert said["steps_of_mixtures"] == 32
    assert "CL_s at 0.95 confidence level, exact" in repr(found)
    low, high = said["excluded_events_in_all_searches"]["observed"]
    assert -math.log(0.05) * (1 - 1e-6) <= low < high
    single = of(ds, "FASER2", method="fixed-count", events=-math.log(0.05)).low
    assert (found.low <= single * (1 + 1e-9))[np.isfinite(single)].all()
    place = {"m_N": 0.1, "d_gamma": 1e-5}
    assert [o["data"] for o in found.workspace(place)["observations"]] == [[0], [2]]


def test_toys_state_their_number_seed_and_error(ds):
    one = ds.isel(m_N=[3], d_gamma=slice(0, 41, 8))
    asked = {"how": "likelihood", "calculation": "toys", "toys": 200, "seed": 5}
    found = one.scan.combine(BOTH, AT, **asked, **FEW)
    said = json.loads(found.to_json())["provenance"]["combination"]["limit"]
    assert (said["toys"], said["seed"], said["random_numbers"]) == (200, 5, "Philox")
    errors = said["largest_relative_error_of_the_limit"]
    assert set(errors) == {"observed", "-2", "-1", "0", "1", "2"}
    assert 0 < errors["observed"] < 0.3
    assert "200 toys (seed 5)" in repr(found)
    assert any("statistical error" in note for note in found.notes())
    with pytest.raises(InputError, match="matter to a likelihood"):
        ds.scan.combine(BOTH, AT, calculation="toys")


def test_a_point_without_background_is_no_workspace(ds):
    found = ds.scan.combine(BOTH, AT, how="likelihood")
    with pytest.raises(InputError, match="asymptotic limits, which do not hold below 5"):
        found.workspace({"m_N": 0.1, "d_gamma": 1e-5})
