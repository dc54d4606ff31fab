"""The command ``dipolescan flux``: what it prints, writes and refuses."""

import json
import shlex

import pytest
from approx import approx
from click.testing import CliRunner

from physics.errors import InputError
from physics.fluxes import library
from scanner.cli.flux import command

UNITS = [
    "--content",
    "per-bin",
    "--through",
    "0.5x0.5",
    "--energy-units",
    "GeV",
    "--exposure",
    "10",
]
UNITS += ["--exposure-units", "1/fb", "--edges", "log"]


@pytest.fixture(autouse=True)
def user(tmp_path, monkeypatch):
    (tmp_path / "user").mkdir()
    monkeypatch.setenv("DIPOLESCAN_FLUXES", str(tmp_path / "user"))
    monkeypatch.setattr(library, "SHIPPED", tmp_path / "shipped")
    return tmp_path / "user"


def run(*arguments, status=0):
    """Run the command; an InputError is what the main program turns into exit status 1."""
    result = CliRunner().invoke(command, [str(word) for word in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result.stdout if "--json" in arguments else result.output


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.dat"
    rows = [(10 * 2**i, 1, 2, 0, 4, 5 + i, 6) for i in range(4)]
    path.write_text("\n".join(" ".join(map(str, row)) for row in rows))
    return path


def imported(table, *more):
    return run("import", table, "--place", "mine", "--name", "first", *UNITS, *more)


def test_import_says_what_it_read(table):
    text = imported(table)
    assert "mine/first: nue, numu, nuebar, numubar, nutaubar in " in text
    assert "through 0.5 m x 0.5 m, for 10 1/fb; energies in GeV" in text
    assert "no neutrinos, left out: nutau" in text
    assert "mine is no place of dipolescan" in text


def test_import_says_what_it_overruled(table, tmp_path):
    table.write_text("# exposure: 20\n" + table.read_text())
    said = json.loads(imported(table, "--json"))
    assert said["source"]["overruled"] == {"exposure": "20.0"}
    assert any("the header states exposure: 20.0, which was overruled" in n for n in said["notes"])
    assert said["source"]["header"] == ["exposure: 20"]


def test_the_command_in_the_sources_makes_the_set_again(table, monkeypatch):
    imported(table, "--centre", "0,-0.3", "--source", "of us")
    first = library.find_flux("mine")
    monkeypatch.chdir(table.parent)
    run(*shlex.split(first.source["command"])[2:])
    again = library.find_flux("mine")
    assert again.source == first.source
    assert again.load().centre == (0.0, -0.3)


def test_show_numbers_and_a_figure(table, tmp_path):
    imported(table)
    text = run("show", "mine/first")
    assert "numubar_per_m2_per_inverse_fb              10.4" in text
    data = json.loads(run("show", "mine", "--json"))
    assert data["bins"]["numbers"]["numubar"] == approx([2, 2.4, 2.8, 3.2])
    assert data["provenance"]["source"]["units"].startswith("neutrinos in each bin")
    for ending in ("png", "svg"):
        run("show", "mine", "-o", tmp_path / f"flux.{ending}")
        content = (tmp_path / f"flux.{ending}").read_bytes()
        assert b"dipolescan flux import" in content
    assert "must end in" in run("show", "mine", "-o", tmp_path / "flux.txt", status=2)


def test_list_and_verify(table, user):
    assert "no neutrino fluxes" in run("list")
    imported(table)
    (entry,) = json.loads(run("list", "--json"))
    assert (entry["place"], entry["label"], entry["where"]) == ("mine", "first", "user")
    assert "intact" in run("list", "--verify")
    (user / "mine" / "first" / "flux.npz").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be used"):
        run("list", "--verify")


USAGE = {
    "area": (["--through", "1"], "is no area"),
    "centre": (["--centre", "1"], "is no place; write x,y in m"),
    "centre of words": (["--centre", "nan,1"], "is no place"),
    "exposure": (["--exposure", "0"], "above 0"),
    "species": (["--species", "mu"], "no neutrino; there are"),
    "content": (["--content", "per-gevv"], "did you mean 'per-gev'"),
}


@pytest.mark.parametrize("case", USAGE)
def test_options_that_make_no_sense(table, case):
    words, match = USAGE[case]
    text = run("import", table, "--place", "x", "--name", "y", *words, status=2)
    assert match in " ".join(text.split())
    assert "is not PLACE/LABEL" in run("show", "/x", status=2)


def test_without_units_nothing_is_written(table, user):
    with pytest.raises(InputError, match="does not say what its numbers are"):
        run("import", table, "--place", "x", "--name", "y")
    assert not list(user.iterdir())
