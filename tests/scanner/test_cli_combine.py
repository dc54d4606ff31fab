"""``dipolescan combine``: what its options do."""

import json

import pytest
from approx import approx

BOTH = ("--experiment", "FASER2", "--experiment", "FACET", "--flavor", "e")
SUM = (*BOTH, "--how", "sum")
CLS = (*SUM, "--method", "cls", "--observed", "FACET=50", "--background", "FACET=50")


@pytest.fixture
def asked(cli, small):
    """What a combination prints as JSON."""

    def ask(*words):
        status, out, err = cli("combine", small, *words, "--json")
        assert status == 0, err
        return json.loads(out)

    return ask


def test_each_option_of_a_combination(asked, cli, small, tmp_path):
    best, total = asked(*BOTH), json.loads(cli("combine", small, *SUM, "--json")[1])
    assert (best["how"], best["experiments"], best["level"]) == ("envelope", ["FASER2", "FACET"], 1)
    assert asked("--experiment", "FACET", "--flavor", "e")["maximum"] <= best["maximum"]
    assert {row["by"] for row in best["reach"]} <= {"FASER2", "FACET", ""}
    assert (total["how"], total["level"], total["counts_units"]) == ("sum", 3.0, "events")
    assert asked(*SUM, "--events", "30")["level"] == 30
    assert asked(*SUM, "--parameter", "events=7")["level"] == 7
    poisson = (*SUM, "--method", "poisson")
    assert asked(*poisson)["level"] == approx(2.9957, rel=1e-4)
    assert asked(*poisson, "--confidence-level", "0.9")["level"] == approx(2.3026, rel=1e-4)
    seen = asked(*poisson, "--observed", "FACET=3", "--background", "FASER2=2")["level"]
    assert seen == approx(5.7537, rel=1e-4)
    both = ("--background-uncertainty", "FACET=4", "--background-uncertainty", "FASER2=3")
    known, apart, linked = asked(*CLS), asked(*CLS, *both), asked(*CLS, *both, "--correlated")
    assert known["level"] < apart["level"] < linked["level"]
    more = asked(*SUM, "--exposure", "FACET=6000", "--exposure", "FASER2=6000")
    assert more["maximum"] == approx(2 * total["maximum"], rel=1e-12)
    assert asked(*SUM, "--channel", "eta")["maximum"] < total["maximum"]
    path = tmp_path / "workspace.json"
    pair = ("--background", "FACET=50", "--background", "FASER2=50")
    pair += ("--observed", "FACET=50", "--observed", "FASER2=50", "--how", "likelihood")
    here = ("--workspace", path, "--at", "m_N=0.1", "--at", "d_gamma=1e-5")
    joint = asked(*BOTH, *pair, *here)
    assert joint["provenance"]["combination"]["how"] == "likelihood"
    assert [c["name"] for c in json.loads(path.read_text())["channels"]] == ["FASER2", "FACET"]
    few = ("--background", "FACET=3", "--how", "likelihood", "--calculation", "toys")
    drawn = asked("--experiment", "FACET", "--flavor", "e", *few, "--toys", "600", "--seed", "3")[
        "provenance"
    ]["combination"]["limit"]
    assert [drawn[key] for key in ("calculation", "toys", "seed")] == ["toys", 600, 3]
    path = tmp_path / "sum.csv"
    assert cli("combine", small, *SUM, "--output", path)[0] == 0
    assert "how: sum" in path.read_text()


def test_a_table_for_a_terminal(cli, small):
    status, out, _ = cli("combine", small, *BOTH)
    assert status == 0
    assert out.splitlines()[0] == "# envelope of FASER2, FACET"
    assert "envelope of FASER2, FACET: down to d_gamma" in out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--flavor", "e"), 2, "--experiment"),
        ((*BOTH, "--how", "product"), 2, "product"),
        ((*BOTH, "--background", "3"), 2, "write EXPERIMENT=NUMBER"),
        ((*BOTH, "--background", "FACET=few"), 2, "--background FACET"),
        ((*BOTH, "--background", "FACET=1", "--background", "FACET=2"), 2, "given twice"),
        ((*BOTH, "--background", "BEBC=1"), 1, "not combined"),
        ((*BOTH, "-o", "a.txt"), 1, "ending must be one of"),
        ((*BOTH, "--workspace", "a.json"), 2, "belong together"),
        ((*BOTH, "--workspace", "a.txt", "--at", "m_N=1"), 1, "ending must be one of"),
        (("--experiment", "FACET"), 1, "choose the flavor"),
    ],
)
def test_what_is_refused(cli, small, words, status, said):
    code, out, err = cli("combine", small, *words)
    assert (code, out) == (status, "")
    assert said in err
    assert "Traceback" not in err
