"""The command ``dipolescan w-bosons``: what it prints, writes and refuses."""

import json
import shlex

import numpy as np
import pytest
from approx import approx
from click.testing import CliRunner

from physics.errors import InputError
from physics.w_bosons import building
from physics.w_bosons.library import find_w_set
from scanner.cli.w_bosons import command


def run(*arguments, status=0):
    """Run the command; an InputError is what the main program turns into exit status 1."""
    result = CliRunner().invoke(command, [str(word) for word in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result.stdout if "--json" in arguments else result.output


@pytest.fixture(autouse=True)
def user(tmp_path, monkeypatch):
    (tmp_path / "user").mkdir()
    monkeypatch.setenv("DIPOLESCAN_W_BOSONS", str(tmp_path / "user"))
    return tmp_path / "user"


@pytest.fixture
def generator(monkeypatch):
    """Events that depend on seeds alone; the number of processes asked for."""
    asked = []

    def generated(parts, jobs, progress):
        asked.append(jobs)
        rngs = [np.random.default_rng([part.seed, int(part.sqrt_s)]) for part in parts]
        signs = [
            rng.choice([-1.0, 1.0], (part.events, 2)) for rng, part in zip(rngs, parts, strict=True)
        ]
        sign = np.concatenate(signs)
        p_T = np.concatenate(
            [rng.exponential(20, part.events) for rng, part in zip(rngs, parts, strict=True)]
        )
        n = p_T.size
        progress(n, n)
        return np.stack(
            [sign[:, 0], p_T, np.linspace(-4, 4, n), np.full(n, 80.4), sign[:, 1]], 1
        ), 7.0

    monkeypatch.setattr(building, "_run", generated)
    monkeypatch.setattr(building, "import_module", lambda name: None)
    monkeypatch.setattr(building, "version", lambda name: "8")
    return asked


def test_list_and_verify(user):
    sets = json.loads(run("list", "--json"))
    assert [(s["collider"], s["label"], s["where"]) for s in sets] == [
        (tag, "pythia8", "shipped") for tag in ("fcc-100tev", "lhc-13tev", "lhc-14tev")
    ]
    assert "intact" in run("list", "--verify")
    folder = user / "lhc-14tev" / "pythia8"
    folder.mkdir(parents=True)
    shipped = find_w_set("lhc-13tev").folder
    (folder / "SOURCES.yaml").write_bytes((shipped / "SOURCES.yaml").read_bytes())
    (folder / "events.npz").write_bytes(b"other")
    with pytest.raises(InputError, match=r"1 set\(s\) cannot be used: .* is altered"):
        run("list", "--verify")


def test_show():
    shown = json.loads(run("show", "fcc-100tev", "--json"))
    assert shown["cross_section_over_paper"] == approx(2.7, rel=5e-3)
    assert shown["number_of_W_paper"] == 1.2e13
    assert "number_of_W_paper                  unknown" in run("show", "lhc-13tev/pythia8")
    assert "is not COLLIDER/LABEL" in run("show", "/x", status=2)


def test_each_option_of_a_build(user, tmp_path, generator):
    words = ("build", "--collider", "lhc-14tev", "--events", "40", "--seed", "3")
    run(*words, "--jobs", "2", "--recipe", "pythia8")
    first = find_w_set(14)
    assert (first.source["events"], first.source["seeds"]) == (40, "3..3, 25000 events each")
    assert (generator, first.load().size) == ([2], 80)
    run(*shlex.split(first.source["command"])[2:])  # the command in the sources makes it again
    assert find_w_set(14).source == first.source
    said = json.loads(run(*words[:-1], "4", "--out", tmp_path / "out", "--json"))
    assert said["source"]["sha256"] != first.source["sha256"]
    assert said["folder"] == str(tmp_path / "out" / "lhc-14tev" / "pythia8")
    assert said["notes"] == [f"to use this set, set DIPOLESCAN_W_BOSONS={tmp_path / 'out'}"]
