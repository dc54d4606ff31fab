"""Results in other units: a Bohr magneton is the unit of mu = 2 d, and everything that leaves says so."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml
from approx import approx

from physics.errors import InputError
from scanner.outputs import accessor
from scanner.outputs.plots import axis_label
from scanner.queries.published import PublishedLimit
from scanner.queries.units import limits_in_units

CHOSEN = {"experiment": "FACET", "flavor": "e"}
MU_B = 0.5 * 5.7883818060e-14 / 195.35e-18  # d of a Bohr magneton [1/GeV], CODATA 2018


@pytest.fixture(scope="module")
def ds(small):
    return accessor.open_cube(small)


@pytest.fixture(scope="module")
def both(ds):
    return ds.scan.contour(CHOSEN), ds.scan.contour(CHOSEN, units=["mu_B", "MeV"])


def test_a_contour(both, tmp_path):
    plain, found = both
    for one, other in zip(plain.branches, found.branches, strict=True):
        assert other[:, 0] == approx(one[:, 0] * 1e3, rel=1e-14)
        assert other[:, 1] == approx(one[:, 1] / MU_B, rel=1e-4)  # digits of the Bohr magneton
    assert found.table()[0] == ["branch", "m_N_MeV", "d_gamma_mu_B"]
    assert "[mu_B]" not in repr(plain)
    assert "mu_B at m_N" in found.headline()
    found.to_csv(tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text()
    said = yaml.safe_load("".join(x[2:] for x in text.splitlines(True) if x.startswith("# ")))
    assert said["units"]["d_gamma"].startswith("mu_B; 1 is 148.15")
    assert said["units"]["d_gamma"].endswith("the moment is mu = 2 d_gamma")
    assert said["grid"]["m_N"]["from"] == approx(
        plain.about.data["grid"]["m_N"]["from"] * 1e3, rel=1e-14
    )
    assert "units" not in plain.about.data
    table = pd.read_csv(tmp_path / "a.csv", comment="#", dtype=str)
    read = [float(number) for number in table["d_gamma_mu_B"]]
    assert np.array_equal(read, np.concatenate([b[:, 1] for b in found.branches]))
    assert found.to_xarray()["d_gamma"].attrs["units"] == "mu_B"


def test_a_figure(both):
    plain, found = (one.as_figure().axes[0] for one in both)
    assert found.get_ylabel() == r"$\mu = 2\,$$d_\gamma$ [$\mu_B$]"
    assert found.get_xlabel() == r"$m_N$ [MeV]"
    for ends, other, factor in (
        (plain.get_ylim(), found.get_ylim(), MU_B),
        (plain.get_xlim(), found.get_xlim(), 1e-3),
    ):
        assert np.array(other) * factor == approx(np.array(ends), rel=1e-4)
    for one, other in zip(plain.patches, found.patches, strict=True):  # published limits
        assert other.get_xy()[:, 0] == approx(one.get_xy()[:, 0] * 1e3, rel=1e-12)
        low = one.get_xy()[:, 1] < plain.get_ylim()[1]
        assert other.get_xy()[low, 1] == approx(one.get_xy()[low, 1] / MU_B, rel=1e-4)


def test_published_limits_move_with_the_curves(both):
    limit = PublishedLimit(
        "X",
        "dipole",
        {},
        np.array([0.1, 0.2]),
        np.array([1e-6, 2e-6]),
        True,
        0.9,
        "",
        "",
        ((0.2, 1.0),),
    )
    (moved,) = limits_in_units(both[1]._query, [limit])
    assert moved.mass == approx([100, 200], rel=1e-14)
    assert moved.coupling == approx(np.array([1e-6, 2e-6]) / MU_B, rel=1e-4)
    assert moved.frame[0] == approx((200.0, 1 / MU_B), rel=1e-4)
    (same,) = limits_in_units(both[0]._query, [limit])
    assert np.array_equal(same.mass, limit.mass)


def test_a_reach_and_a_comparison(ds):
    plain, found = (ds.scan.reach(CHOSEN, units=u) for u in (None, "mu_B"))
    assert found.low == approx(plain.low / MU_B, rel=1e-4, nan_ok=True)
    assert np.array_equal(found.mass, plain.mass)
    compared = ds.scan.compare("experiment", {"flavor": "e"}, units="mu_B")
    assert compared.shown()[0][1] == "lowest d_gamma [mu_B]"
    assert compared["FACET"].reach.best()[0] == approx(plain.best()[0] / MU_B, rel=1e-4)
    assert axis_label(plain._query.coupling) == r"$d_\gamma$ [GeV$^{-1}$]"


def test_a_point_and_its_inverse(ds, cli, small):
    """Numbers of the selection are in these units, too, so that the circle closes."""
    plain = ds.scan.find("d_gamma", {**CHOSEN, "m_N": 0.1}).values
    at, units = {**CHOSEN, "m_N": 100.0}, ["mu_B", "MeV"]
    found = ds.scan.find("d_gamma", at, units=units)
    assert found.values == approx(np.array(plain) / MU_B, rel=1e-4)
    assert (found.units, found.selection["m_N"]) == ("mu_B", approx(100.0, rel=1e-14))
    value = ds.scan.value({**at, "d_gamma": found.values[0]}, units=units)
    assert value.counts == approx(3.0, rel=1e-9)
    assert value.selection["d_gamma"] == approx(found.values[0], rel=1e-14)
    assert "mu_B; 1 is 148.15" in value.about.text
    place = yaml.safe_load(value.about.text)["point"]  # a file has nothing else that says where
    assert place["m_N"] == {"value": 100.0, "units": "MeV"}
    assert place["d_gamma"] == {"value": value.selection["d_gamma"], "units": "mu_B"}
    assert f"at m_N = 100 MeV, d_gamma = {found.values[0]:.6g} mu_B" in repr(value)
    exposure = [
        ds.scan.find("exposure", {**CHOSEN, "m_N": m, "d_gamma": d}, units=u).values
        for m, d, u in ((100.0, found.values[0], units), (0.1, plain[0], None))
    ]
    assert exposure[0] == approx(exposure[1], rel=1e-9)
    words = ("experiment=FACET", "flavor=e", "m_N=100", "--find", "d_gamma", "--units", "MeV")
    status, out, err = cli("query", small, *words, "--units", "mu_B", "--json")
    assert status == 0, err
    assert json.loads(out)["values"] == list(found.values)
    with pytest.raises(InputError, match="unknown unit 'muB'"):
        ds.scan.value({**at, "d_gamma": 1e-9}, units="muB")


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ("muB", "unknown unit 'muB'; did you mean"),
        (["MeV", "keV"], "asked for in MeV and in keV"),
        ("s", "unknown"),
    ],
)
def test_refused(ds, units, words):
    with pytest.raises(InputError, match=words):
        ds.scan.contour(CHOSEN, units=units)


def test_on_the_command_line(cli, small, tmp_path):
    chosen = ("--experiment", "FACET", "--flavor", "e")
    found = {}
    for words in (
        ("contour", *chosen),
        ("reach", *chosen),
        ("compare", "--by", "flavor", *chosen[:2]),
    ):
        command, *rest = words
        for units in ((), ("--units", "mu_B")):
            status, out, err = cli(command, small, *rest, *units, "--json")
            assert status == 0, err
            found[command, units] = json.loads(out)
        one, other = (
            x.get("curves", [x])[0]["best"] for (c, _), x in found.items() if c == command
        )
        assert other["d_low_mu_B"] == approx(next(iter(one.values())) / MU_B, rel=1e-4)
    for rest in ((), chosen[2:]):
        file = tmp_path / f"{len(rest)}.svg"
        assert cli("plot", small, *rest, "--units", "mu_B", "-o", file)[0] == 0
        assert "mu_B; 1 is 148.15" in file.read_text()
