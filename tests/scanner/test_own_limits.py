"""A folder with limits of the user's: they are drawn where published ones are."""

import json

import dipolescan
import pytest

from physics.errors import InputError
from scanner.queries.own_limits import own_limits
from scanner.queries.published import drawn_behind, overlays

ONE = "{file: mine.csv, name: Mine, model: dipole, units: [MeV, mu_B], applies: {flavor: [e]}, confidence_level: 0.9}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_LIMITS", str(tmp_path))
    (tmp_path / "mine.csv").write_text("50;2e-4\n100;1e-4\n")
    (tmp_path / "limits.yaml").write_text(f"limits:\n- {ONE}\n")
    return tmp_path


def names(limits):
    return [limit.name for limit in limits]


def test_they_are_drawn_with_the_published_ones(folder):
    assert names(overlays("dipole", {"flavor": "e"}))[-1] == "Mine"
    assert "Mine" not in names(overlays("dipole", {"flavor": "tau"}))
    assert "Mine" in names(drawn_behind("dipole", {"flavor": ["e", "tau"]}))
    assert own_limits("dark_dipole") == []
    (found,) = own_limits()
    assert (found.confidence_level, found.closed, found.mass.tolist()) == (0.9, False, [0.05, 0.1])
    (folder / "limits.yaml").unlink()
    assert own_limits() == []


def test_they_are_listed_beside_the_published_ones(folder, cli, monkeypatch):
    def rows():
        status, out, err = cli("list", "limits", "--json")
        assert status == 0, err
        return json.loads(out)

    *published, mine = rows()
    assert {row["whose"] for row in published} == {"published"}
    assert (mine["name"], mine["whose"], mine["masses_GeV"]) == ("Mine", "yours", [0.05, 0.1])
    monkeypatch.setattr("scanner.queries.published.PACKAGE", "NotInstalled")
    assert rows() == [mine]
    assert names(dipolescan.own_limits()) == ["Mine"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("limits:\n- {file: mine.csv, name: x}\n", "limit 1: model: field required"),
        (
            f"limits:\n- {ONE.replace('dipole', 'nothing')}\n",
            "limit 1: there is no model 'nothing'",
        ),
        (f"limits:\n- {ONE.replace('flavor', 'taste')}\n", "limit 1: dipole has no axis 'taste'"),
        (f"limits:\n- {ONE.replace('mine.csv', 'none.csv')}\n", "none.csv cannot be read"),
        (
            f"limits:\n- {ONE.replace('units: [MeV, mu_B], ', '')}\n",
            "does not state the unit of m_N",
        ),
        (f"limits:\n- {ONE.replace('name', 'nome')}\n", "limit 1"),
        ("[]", "a list under the key limits"),
    ],
)
def test_what_is_wrong_is_said(folder, text, words):
    (folder / "limits.yaml").write_text(text)
    with pytest.raises(InputError) as error:
        overlays("dipole", {"flavor": "e"})
    assert words in str(error.value)


def test_a_figure_names_the_file_once_and_cites_its_source(folder, small):
    from scanner.outputs import accessor

    (folder / "limits.yaml").write_text(f"limits:\n- {ONE[:-1]}, source: 'arXiv:1111.22222'}}\n")
    found = accessor.open_cube(small).scan.compare("experiment", {"flavor": "e"}).as_figure()
    (said,) = found.about.data["limits_of_files"]
    assert said["note"].startswith("file mine.csv, sha256")
    assert "arXiv:1111.22222" in found.about.data["citations"]
