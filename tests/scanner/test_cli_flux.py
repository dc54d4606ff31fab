"""The command ``dipolescan flux``: what it prints, writes and refuses."""

import json
import shlex

import pytest
import toys
from approx import approx
from click.testing import CliRunner

from physics.errors import InputError
from physics.fluxes import building, library
from physics.fluxes.hadrons import neutrino_parents
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
BUILD = ["build", "--place", "faser-nu", "--generator", "toy", "--points", "64"]
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


@pytest.fixture
def pions(tmp_path, monkeypatch):
    root = toys.write_spectra(tmp_path / "spectra", generators=("toy",), species=(211, -211))
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(root))


def test_build(pions):
    text = run(*BUILD, "--hadron", "pi")
    assert "faser-nu/toy-pi: nue, numu, nuebar, numubar in " in text
    assert "neutrinos of π± ..." in text
    first = library.find_flux("faser-nu", "toy-pi")
    assert first.description == "decays of π± of lhc-14tev/toy, charged hadrons to 30 m"
    run(*shlex.split(first.source["command"])[2:])
    assert library.find_flux("faser-nu", "toy-pi").source == first.source
    run(*BUILD, "--hadron", "pi", "--decay-length", "60", "--seed", "3", "--name", "long")
    short, long = (library.find_flux("faser-nu", label).load() for label in ("toy-pi", "long"))
    assert long.numbers[14].sum() > 1.2 * short.numbers[14].sum()
    data = json.loads(run("show", "faser-nu/toy-pi", "--json"))
    assert data["averaged_over_m2"] == 0.0625
    assert "arXiv:2105.06335" in data["provenance"]["citations"]


def test_a_build_of_a_set_without_hyperons_says_so(pions, monkeypatch):
    """The sum over hadrons: tests/physics/fluxes."""
    pi, others = neutrino_parents()["pi"], [neutrino_parents()[tag] for tag in ("Lambda", "Sigma")]
    known = {parent.tag: parent for parent in (pi, *others)}
    monkeypatch.setattr(building, "neutrino_parents", lambda: known)
    text = run(*BUILD)
    assert "lhc-14tev/toy has no spectra of Λ and Σ⁻, whose neutrinos are not in this flux" in text
    assert json.loads(run(*BUILD, "--json"))["source"]["lacking"] == ["Λ", "Σ⁻"]
    assert "has no spectra" not in run(*BUILD, "--hadron", "pi")


def test_a_build_without_a_spectrum_or_a_place(pions, user):
    with pytest.raises(InputError, match="spectrum of 321 in lhc-14tev/toy is missing"):
        run(*BUILD)
    assert not list(user.iterdir())
    text = run("build", "--place", "faser", "--generator", "toy", status=2)
    assert "there are: faser-nu, faser-nu2" in " ".join(text.split())


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


def test_each_option_of_an_import(tmp_path):
    """What the set has is what the options say of the same two columns."""
    path, edges, out = tmp_path / "t.txt", tmp_path / "edges.txt", tmp_path / "out"
    path.write_text("15 3\n30 6\n")
    edges.write_text("10\n20\n50\n")

    def made(*words):
        given = [
            "import", path, "--place", "here", "--name", "a", "--layout", "two-columns", "--species", "numubar",
            "--energy-units", "GeV", "--exposure", "10", "--exposure-units", "1/fb", "--edges", edges,
            "--source", "arXiv:1234.56789", "--out", out, *words,
        ]  # fmt: skip
        said = json.loads(run(*given, "--json"))
        assert said["place"] == "here"
        found = library.read_flux_set(out / "here" / "a")
        assert found.source["source"] == "arXiv:1234.56789"
        return found.load()

    per_bin = made("--content", "per-bin", "--per", "m^-2", "--centre", "0.5,1")
    assert list(per_bin.numbers) == [-14]
    assert per_bin.numbers[-14] == approx([0.3, 0.6])
    assert per_bin.edges == approx([10, 20, 50])
    assert per_bin.exposure_units == "1/fb"
    assert per_bin.centre == (0.5, 1.0)
    assert made("--content", "per-gev", "--per", "m^-2").numbers[-14] == approx([3, 18])
    assert made("--content", "per-bin", "--per", "cm^-2").numbers[-14] == approx([3e3, 6e3])
    assert made("--content", "per-bin", "--through", "2x0.5").numbers[-14] == approx([0.3, 0.6])


def test_each_option_of_a_build(pions, tmp_path):
    """All differ from the default but the number of points and the seed, which differ within errors."""
    out = tmp_path / "out"

    def made(*words):
        given = [
            "build",
            "--place",
            "faser-nu2",
            "--generator",
            "toy",
            "--hadron",
            "pi",
            "--name",
            "b",
        ]
        said = json.loads(run(*given, "--out", out, *words, "--json"))
        assert said["place"] == "faser-nu2"
        return library.read_flux_set(out / "faser-nu2" / "b").load().numbers[14].sum()

    default = made("--points", "64")
    assert made("--points", "128") == approx(default, rel=0.2)
    assert made("--points", "64", "--seed", "9") != default
    assert made("--points", "64", "--decay-length", "15") < 0.7 * default
    assert made("--points", "64", "--normalisation", "generator") == approx(default, rel=1e-9)
