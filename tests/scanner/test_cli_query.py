"""``dipolescan query``: a point of a cube, and what it takes to exclude it."""

import json

import pytest
from approx import approx

AT = ("experiment=FACET", "flavor=e", "m_N=0.1", "d_gamma=1e-5")


@pytest.fixture
def asked(cli, small):
    """What a query prints as JSON."""

    def ask(*words):
        status, out, err = cli("query", small, *words, "--json")
        assert status == 0, err
        return json.loads(out)

    return ask


def test_each_option_of_a_query(asked, cli, small, tmp_path):
    """As JSON ("--json"), and as a file."""
    plain = asked(*AT)
    assert (plain["critical_signal"], plain["counts_units"], plain["reached"]) == (
        3.0,
        "events",
        True,
    )
    assert sum(plain["by_channel"].values()) == approx(plain["counts"], rel=1e-5)
    assert asked(*AT, "--events", "30")["critical_signal"] == 30
    poisson = ("--method", "poisson")
    assert asked(*AT, *poisson)["critical_signal"] == approx(2.9957, rel=1e-4)
    assert asked(*AT, *poisson, "--confidence-level", "0.9")["critical_signal"] == approx(
        2.3026, rel=1e-4
    )
    seen = asked(*AT, *poisson, "--observed", "3", "--background", "2")["critical_signal"]
    assert seen == approx(5.7537, rel=1e-4)
    assert asked(*AT, "--parameter", "events=7")["critical_signal"] == 7
    assert asked(*AT, "--exposure", "1500")["counts"] == approx(plain["counts"] / 2, rel=1e-12)
    assert list(asked(*AT, "--channel", "rho")["by_channel"]) == ["rho"]
    low, high = asked(*AT[:3], "--find", "d_gamma")["values"]
    assert low < 1e-5 < high
    path = tmp_path / "point.csv"
    assert cli("query", small, *AT, "-o", path)[0] == 0
    assert "critical_signal: 3.0" in path.read_text()


def test_a_table_for_a_terminal(cli, small):
    status, out, _ = cli("query", small, *AT)
    assert status == 0
    assert "of 3 events: reached" in out
    point, criterion, *_ = out.splitlines()
    assert point == "# at m_N = 0.1 GeV, d_gamma = 1e-05 1/GeV"
    assert criterion.startswith("# fixed-count (events 3)")
    status, out, err = cli("query", small, *AT[:3], "--find", "d_gamma", "--events", "1e30")
    assert (status, "no d_gamma" in out, "Note: never reached" in err) == (0, True, True)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("m_N",), 2, "'m_N': write AXIS=VALUE"),
        ((*AT, "m_N=0.2"), 2, "m_N is given twice"),
        (AT[:3], 1, "choose the d_gamma; this cube has 1e-09 to 0.1 1/GeV"),
        ((*AT, "flavour=e"), 1, "did you mean 'flavor'"),
        ((*AT, "--find", "luck"), 1, "cannot look for 'luck'"),
        ((*AT[:2], "m_N=1000", AT[3]), 1, "m_N = 1000 lies outside of the scan; this cube has 0.01 to 12 GeV"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(cli, small, words, status, said):
    found, out, err = cli("query", small, *words)
    assert (found, out) == (status, "")
    assert said in err
