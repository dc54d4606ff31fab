"""Forward and collider searches in one cube: axes and channels that a search does not have."""

import json

import numpy as np
import pytest
import toys
from approx import approx

import scanner
from physics.errors import InputError
from scanner.outputs.plots import contour_figure
from scanner.queries.query import Limit, Query
from scanner.scans.store import Store

MIXED = toys.changed(
    toys.SPEC,
    name="mixed",
    experiments=["FACET", "LEP2-DELPHI"],
    axes__generator=["toy", "toy2"],
    axes__convention=["exact", "paper"],
    axes__flavor=["e", "mu"],
    axes__m_N={"start": 0.05, "stop": 150.0, "num": 5, "spacing": "log"},
    axes__a=[-2.0, 0.0, float("inf")],
)


@pytest.fixture(scope="module")
def mixed(spectra_root, tmp_path_factory):
    path = tmp_path_factory.mktemp("mixed") / "mixed.zarr"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        toys.fill(MIXED, path)
    return path


def test_only_what_matters_is_stored(mixed):
    store = Store(mixed)
    assert store.array("FACET", "counts").shape == (2, 2, 5, 13, 41)  # no convention, no a
    assert store.array("LEP2-DELPHI", "counts").shape == (2, 2, 5, 3, 1, 41)  # no generator


def test_missing_axes_are_broadcast_and_missing_channels_are_zero(mixed):
    ds = scanner.open_cube(mixed)
    assert ds.counts.dims == (
        *("experiment", "generator", "convention", "flavor", "m_N", "a", "channel", "d_gamma"),
    )
    forward, lep = (ds.counts.sel(experiment=name) for name in ("FACET", "LEP2-DELPHI"))
    assert (forward.sel(a=0.0) == forward.sel(a=np.inf)).all()
    assert (forward.sel(convention="exact") == forward.sel(convention="paper")).all()
    assert (forward.sel(channel="annihilation") == 0).all()
    assert (lep.sel(generator="toy") == lep.sel(generator="toy2")).all()
    assert (lep.drop_sel(channel="annihilation") == 0).all()
    assert float(lep.sel(channel="annihilation").max()) > 0
    stored = Store(mixed).array("LEP2-DELPHI", "counts")[...]
    ours = lep.sel(generator="toy", channel="annihilation").transpose(
        "convention", "flavor", "m_N", "a", "d_gamma"
    )
    assert np.array_equal(ours.values, stored[..., 0, :])
    one = lep.sel(channel=["rho", "annihilation"], a=-2.0).isel(m_N=[3, 1])
    assert one.sum().compute() == approx(float(ours.sel(a=-2.0).isel(m_N=[3, 1]).sum()) * 2)


def test_variables_that_only_some_searches_have(mixed):
    ds = scanner.open_cube(mixed)
    assert np.isnan(ds.table_error.sel(experiment="LEP2-DELPHI")).all()
    assert (
        ds.table_error.sel(experiment="FACET", generator="toy").isel(m_N=0, d_gamma=0) > 0
    ).all()
    assert (ds.relative_error.sel(experiment="LEP2-DELPHI", a=0.0).isel(m_N=0) < 0.01).all()


def test_each_search_has_its_own_criterion(mixed):
    query = Query(scanner.open_cube(mixed))
    rest = {"generator": "toy", "convention": "exact", "flavor": "e", "a": 0.0}
    forward, lep = query.compare("experiment", rest)
    assert forward.contour.level == 3.0
    assert lep.contour.level == approx(1.50 - 1.61 + np.sqrt(3.84) * 0.11)
    methods = [c.label for c in query.compare("method", {**rest, "experiment": "FACET"})]
    assert methods == ["background-free", "cls", "feldman-cousins", "fixed-count", "poisson"]
    for axis, values in (("convention", 2), ("a", 3)):
        others = {name: value for name, value in rest.items() if name != axis}
        assert len(query.compare(axis, {**others, "experiment": "LEP2-DELPHI"})) == values
        assert len(query.compare(axis, {**rest, "experiment": "LEP2-DELPHI"})) == 1


def test_counts_that_are_no_events(mixed, cli):
    """DELPHI states pb (arXiv:2301.06050 eq. 17): the cube, planes, notes, tables, JSON say so; FACET has events."""
    ds = scanner.open_cube(mixed)
    assert ds["counts_units"].values.tolist() == ["events", "pb"]
    assert ds["counts"].attrs["units"] == ds["background"].attrs["units"] == "events, pb"
    rest = {"generator": "toy", "convention": "exact", "flavor": "e", "a": 0.0}
    chosen = {**rest, "experiment": "LEP2-DELPHI"}
    assert ds.scan.counts(chosen).attrs["units"] == "pb"
    assert ds.scan.counts(chosen, exposure=0.2).attrs["units"] == "events"
    assert ds.scan.counts({**chosen, "experiment": "FACET"}).attrs["units"] == "events"
    never = ds.scan.contour(chosen, method="fixed-count", events=1e30).notes()
    assert any("the level of 1e+30 pb is never reached" in text for text in never)
    words = [w for name, v in rest.items() for w in (f"--{name}", v)]
    _, table, _ = cli("compare", mixed, "--by", "experiment", *words)
    assert "largest counts" in table
    assert "0.1056 pb" in table
    assert "3 events" in table
    _, text, _ = cli("reach", mixed, "--experiment", "LEP2-DELPHI", *words, "--json")
    assert json.loads(text)["counts_units"] == "pb"


@pytest.mark.parametrize("method", ["poisson", "s2-over-b", "scaled-cross-section"])
def test_methods_that_need_events(mixed, cli, method):
    words = ("--generator", "toy", "--convention", "exact", "--flavor", "e", "--a", 0)
    status, _, err = cli("reach", mixed, "--experiment", "LEP2-DELPHI", *words, "--method", method)
    assert status == 1
    assert toys.one_sentence(err.strip())
    assert f"counts of LEP2-DELPHI are in pb and not events, which the method {method} needs" in err
    assert "use chi2 or fixed-count" in err
    query = Query(scanner.open_cube(mixed))
    chosen = {"generator": "toy", "convention": "exact", "flavor": "e", "a": 0.0}
    labels = {c.label for c in query.compare("method", {**chosen, "experiment": "LEP2-DELPHI"})}
    assert labels == {"chi2", "fixed-count"}


def test_another_exposure_has_events_and_needs_a_method(mixed):
    """0.2 1/fb at LEP2: 322 events of background (1.61 pb), and no limit in pb any more."""
    query = Query(scanner.open_cube(mixed))
    chosen = query.complete(
        {
            "generator": "toy",
            "convention": "exact",
            "flavor": "e",
            "a": 0.0,
            "experiment": "LEP2-DELPHI",
        }
    )
    with pytest.raises(
        InputError, match=r"states its limit in pb for its own .* name a method"
    ) as error:
        query.level(chosen, Limit(exposure=0.2, observed=322))
    assert toys.one_sentence(str(error.value))
    found = query.level(chosen, Limit(method="s2-over-b", exposure=0.2, observed=322))
    assert found == approx(np.sqrt(2.71 * 322))
    other = query.curve(chosen, Limit(method="s2-over-b", exposure=0.2, observed=322))
    assert (other.contour.units, query.curve(chosen).contour.units) == ("events", "pb")
    own = query.level(chosen, Limit(exposure=0.001))
    assert own == approx(1.50 - 1.61 + np.sqrt(3.84) * 0.11)


def test_titles_leave_out_what_matters_to_none_of_the_drawn_searches(mixed):
    """Meson spectra do not matter to LEP, nor ``a`` and the convention to FACET; with both all are told."""
    query = Query(scanner.open_cube(mixed))
    rest = {"generator": "toy", "convention": "exact", "flavor": "e", "a": 0.0}

    def title(labels):
        curves = query.compare("experiment", rest, labels=labels)
        return " ".join(contour_figure(query, curves).axes[0].get_title().split())

    assert title(["LEP2-DELPHI"]) == "LEP2-DELPHI, convention exact, $e$ flavor, $a$ = 0"
    assert title(["FACET"]) == "FACET, generator toy, $e$ flavor"
    assert title(None) == "generator toy, convention exact, $e$ flavor, $a$ = 0"


def test_unfinished_blocks_are_nan_in_every_channel(mixed, spectra, tmp_path):
    path = tmp_path / "part.zarr"
    toys.fill(MIXED, path, blocks=[0])
    ds = scanner.open_cube(path)
    assert np.isnan(ds.counts.sel(experiment="LEP2-DELPHI")).all()


def test_a_must_be_given_when_it_matters():
    from scanner.scans.spec import ScanSpec

    content = toys.changed(MIXED, axes__a=None)
    with pytest.raises(InputError, match=r"axes\.a: missing"):
        ScanSpec(content)
    forward = ScanSpec(toys.changed(content, experiments=["FACET"], axes__convention=None))
    assert "convention" not in forward.axes
    assert "annihilation" not in forward.channels
