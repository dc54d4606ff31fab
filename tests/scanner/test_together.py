"""Several stores: found in folders, and opened as one cube."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import toys
from approx import approx

import scanner
from physics.errors import InputError
from scanner.outputs.accessor import open_cube, open_cubes
from scanner.queries.catalogue import catalogue
from scanner.queries.query import Query

CHOSEN = {"experiment": "FACET", "flavor": "e"}
LITTLE = toys.changed(toys.SMALL, axes__m_N=[0.05, 0.2], axes__flavor=["e"])


@pytest.fixture(scope="module")
def stores(spectra_root, tmp_path_factory):
    """Stores that differ from the first in one thing each."""
    folder = tmp_path_factory.mktemp("stores")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        toys.fill(LITTLE, folder / "dirac.zarr")
        toys.fill(toys.changed(LITTLE, options={"nature": "majorana"}), folder / "majorana.zarr")
        toys.fill(toys.changed(LITTLE, axes__generator=["toy2"]), folder / "toy2.zarr")
        toys.fill(toys.changed(LITTLE, axes__m_N=[0.1, 0.4]), folder / "masses.zarr")
    (folder / "deep" / "er").mkdir(parents=True)
    shutil.copytree(folder / "dirac.zarr", folder / "deep" / "er" / "copy.zarr")
    (folder / "deep" / "broken.zarr").mkdir()
    (folder / "deep" / "broken.zarr" / "zarr.json").write_text("{}")
    return folder


def counts(ds, **at):
    return Query(ds).plane(CHOSEN | at).values


def test_an_option_becomes_an_axis(stores):
    both = open_cubes([stores / "dirac.zarr", stores / "majorana.zarr"])
    assert both["nature"].values.tolist() == ["dirac", "majorana"]
    assert "option_nature" not in both.attrs
    for nature in ("dirac", "majorana"):
        alone = open_cube(stores / f"{nature}.zarr")
        assert counts(both, nature=nature) == approx(counts(alone), rel=2e-6)  # of 20 bits
    found = both.scan.compare("nature", CHOSEN)
    assert found.labels == ["dirac", "majorana"]
    assert [c.provenance.selection["nature"] for c in found] == ["dirac", "majorana"]
    assert found.about.data["cube"]["fingerprint"].count("+") == 1


def test_generators_and_masses_are_joined(stores):
    generators = open_cubes([stores / "dirac.zarr", stores / "toy2.zarr"])
    assert generators.scan.compare("generator", CHOSEN).labels == ["toy", "toy2"]
    masses = open_cubes([stores / "dirac.zarr", stores / "masses.zarr"])
    assert masses["m_N"].values.tolist() == [0.05, 0.1, 0.2, 0.4]
    alone = [counts(open_cube(stores / f"{name}.zarr")) for name in ("dirac", "masses")]
    expected = np.stack([alone[0][0], alone[1][0], alone[0][1], alone[1][1]])
    assert counts(masses) == approx(expected, rel=2e-6)


def test_stores_side_by_side(stores):
    found = open_cubes([stores / "dirac.zarr", stores / "majorana.zarr"], along="store")
    assert found["store"].values.tolist() == ["dirac.zarr", "majorana.zarr"]
    same = open_cubes(
        [stores / "dirac.zarr", stores / "deep" / "er" / ".." / "er" / "copy.zarr"], along="store"
    )
    assert np.array_equal(counts(same, store="dirac.zarr"), counts(same, store="copy.zarr"))


@pytest.mark.parametrize(
    ("names", "along", "words"),
    [
        (["dirac"], None, "give two stores or more"),
        (["dirac", "deep/er/copy"], None, "differ in no axis and no option"),
        (["majorana", "toy2"], None, "more than one thing .*the axis generator .toy / toy2., the option nature .maj"),
        (["dirac", "masses"], "store", "need the same axes, and these differ in the axis m_N"),
        (["dirac", "majorana"], "mood", "along must be 'store'"),
        (["dirac", "nothing"], None, "there is no store"),
    ],
)  # fmt: skip
def test_what_cannot_be_one_cube_says_why(stores, names, along, words):
    with pytest.raises(InputError, match=words):
        open_cubes([stores / f"{name}.zarr" for name in names], along)


def test_a_value_that_is_in_both_is_refused(stores, tmp_path, spectra):
    twice = toys.changed(LITTLE, axes__m_N=[0.2, 0.4, 0.8])
    toys.fill(twice, tmp_path / "twice.zarr")
    with pytest.raises(InputError, match=r"m_N 0\.2 is in more than one"):
        open_cubes([stores / "dirac.zarr", tmp_path / "twice.zarr"])


def test_other_definitions_are_refused(stores):
    one, other = (open_cube(stores / f"{name}.zarr") for name in ("dirac", "majorana"))
    assert one["exposure"].equals(other["exposure"])
    from scanner.queries.together import _joined

    changed = other.assign_coords(exposure=("experiment", [1.0, 2.0]))
    with pytest.raises(InputError, match="the exposure of experiments is another in b than in a"):
        _joined([one, changed], "nature", ["a", "b"], ["nature"])


def test_compare_with_another_store(cli, stores, tmp_path):
    words = (
        "compare",
        stores / "dirac.zarr",
        "--with",
        stores / "majorana.zarr",
        "--experiment",
        "FACET",
    )
    status, out, err = cli(*words, "--by", "nature", "--json")
    assert status == 0, err
    assert [c["label"] for c in json.loads(out)["curves"]] == ["dirac", "majorana"]
    status, out, _ = cli(*words, "--by", "store", "-o", tmp_path / "a.png")
    assert (status, "majorana.zarr" in out) == (0, True)
    status, _, err = cli(*words[:4], "--by", "nature", "--experiment", "FASERR2")
    assert (status, "did you mean 'FASER2'" in err) == (1, True)


# ---- the catalogue ---------------------------------------------------------------------------


def test_stores_are_found_by_what_they_hold(stores):
    every = catalogue(stores)
    assert sorted(e.path.name for e in every) == [
        "broken.zarr", "copy.zarr", "dirac.zarr", "majorana.zarr", "masses.zarr", "toy2.zarr",
    ]  # fmt: skip
    (broken,) = (e for e in every if e.problem)
    assert broken.path.name == "broken.zarr"
    assert "not a store" in broken.problem
    first = next(e for e in every if e.path.name == "dirac.zarr")
    assert (first.complete, first.model, first.experiments) == (True, "dipole", ("FASER2", "FACET"))
    assert {e.path.name for e in catalogue(stores, fingerprint=first.fingerprint[:12])} == {
        "dirac.zarr",
        "copy.zarr",
    }
    assert (
        len(
            catalogue(
                stores, stores, model="dipole", experiment="FACET", axis="generator", complete=True
            )
        )
        == 5
    )
    assert catalogue(stores, experiment="SHiP") == catalogue(stores, model="dark_dipole") == []
    assert catalogue(stores, complete=False) == catalogue(stores, axis=["a"]) == []
    assert catalogue(stores, since=datetime.now(UTC) + timedelta(hours=1)) == []
    with pytest.raises(InputError, match="there is no folder"):
        catalogue(stores / "nowhere")


def test_each_option_of_the_list(cli, stores):
    def listed(*words):
        status, out, err = cli("stores", stores, *words, "--json")
        assert status == 0, err
        return json.loads(out)

    assert len(listed()) == 6
    assert len(listed("--model", "dipole")) == 5
    assert len(listed("--experiment", "FACET")) == 5
    assert listed("--axis", "a") == listed("--incomplete") == []
    assert len(listed("--complete", "--since", "2020-01-01")) == 5
    assert len(listed("--fingerprint", listed("--complete")[0]["fingerprint"][:10])) >= 1
    status, out, _ = cli("stores", stores)
    assert (status, "masses.zarr" in out, "broken.zarr" in out) == (0, True, True)


def test_the_door_has_them():
    import dipolescan

    assert dipolescan.open_cubes is open_cubes
    assert dipolescan.catalogue is catalogue
    assert scanner.open_cube is open_cube
