"""A scan that asks for a sampling error says whether it has it, and is never mixed with one that asks for another."""

import json

import numpy as np
import pytest
from approx import approx
from toys import SMALL, changed, fill, write_spec

from physics.errors import InputError
from scanner import open_cube
from scanner.scans.asked_errors import asked_error
from scanner.scans.creation import open_or_create
from scanner.scans.plan import make_plan
from scanner.scans.spec import ScanSpec
from scanner.scans.store import Store
from scanner.scans.tables import all_resources

ASKED = changed(
    SMALL,
    channels=["rho", "K"],
    axes__m_N={"start": 0.05, "stop": 0.1, "num": 2},
    sampling={"error": 0.1, "seed": 3},
)
CHOSEN = {"experiment": "FACET", "flavor": "e", "generator": "toy"}


@pytest.fixture(scope="module")
def asked(spectra_root, tmp_path_factory):
    """A finished store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        path = tmp_path_factory.mktemp("asked") / "asked.zarr"
        fill(ASKED, path)
    return path


def test_a_spec_has_defaults_of_its_own():
    """More points at most than without an error; all of it is part of what decides the results."""
    spec = ScanSpec(ASKED)
    assert spec.sampling == {
        "points": 2**18, "replicas": 16, "seed": 3, "error": 0.1, "channel_error": 0.3,
    }  # fmt: skip
    assert ScanSpec(spec.canonical()).sampling == spec.sampling
    assert ScanSpec(changed(ASKED, sampling__points=4096)).sampling["points"] == 4096


def test_it_says_that_the_error_is_met(asked, cli):
    stated = asked_error(Store(asked))
    assert (stated.sums, stated.met, stated.error) == (8, 8, 0.1)
    assert str(stated) == "8 of 8 sums over channels state an error of at most 0.1"
    status, out, _ = cli("info", asked)
    assert status == 0
    assert f"  sampling     {stated}\n" in out
    _, out, _ = cli("info", asked, "--json")
    assert json.loads(out)["sampling_error"]["met"] == 8


def test_the_cube_has_the_largest_errors(asked):
    """One for each search, flavor and mass; it is the largest that is stated along the coupling."""
    ds = open_cube(asked)
    largest = ds.largest_error.transpose("experiment", "generator", "flavor", "m_N").values
    assert largest.shape == (2, 1, 2, 2)
    assert (largest < 0.1).all()
    counts = ds.counts.sum("channel").transpose(..., "m_N", "d_gamma").values
    errors = ds.relative_error.transpose(..., "m_N", "d_gamma").values
    peak = counts.argmax(axis=-1)[..., None]
    where = (np.arange(counts.shape[-1]) <= peak) | (counts >= 0.01 * counts.max(-1, keepdims=True))
    assert (np.where(where, errors, 0).max(axis=-1) <= largest * 1.01).all()
    assert ds.attrs["sampling_error"] == 0.1


def test_where_it_is_not_met(spectra, tmp_path):
    """With too few points: how many, which is the worst, and what to do."""
    fill(changed(ASKED, sampling={"error": 0.01, "points": 512, "seed": 3}), tmp_path / "few.zarr")
    stated = asked_error(Store(tmp_path / "few.zarr"))
    assert stated.met < stated.sums == 8
    ds = open_cube(tmp_path / "few.zarr")
    assert stated.largest == approx(float(ds.largest_error.max()))
    assert stated.where["experiment"] in ("FASER2", "FACET")
    words = str(stated)
    assert f"the largest is {stated.largest:.2g} (experiment {stated.where['experiment']}" in words
    assert words.endswith("raise sampling.points, now 512, for less")


def test_unfinished_blocks_say_nothing(spectra, tmp_path):
    content = changed(ASKED, execution={"block_size": 1})
    assert asked_error(fill(content, tmp_path / "half.zarr", blocks=(0,))).sums == 4


def test_without_an_error_nothing_is_said(small, cli):
    assert asked_error(Store(small)) is None
    _, out, _ = cli("info", small)
    assert "sampling  " not in out
    assert "largest_error" not in open_cube(small)
    assert "sampling_error" not in open_cube(small).attrs


def test_files_say_what_was_asked_for(asked, cli, tmp_path):
    words = [f"--{k}={v}" for k, v in CHOSEN.items()]
    status, _, err = cli("contour", asked, *words, "-o", tmp_path / "c.json")
    assert status == 0, err
    said = json.loads((tmp_path / "c.json").read_text())["provenance"]
    assert said["sampling"] == {"error": 0.1, "channel_error": 0.3, "points": 2**18}


@pytest.mark.parametrize("other", [{"error": 0.2}, {"channel_error": 0.5}, {"points": 4096}, None])
def test_another_sampling_is_another_scan(asked, spectra, other):
    """A store is not continued with another error, another cap, or none."""
    content = changed(ASKED, sampling={"seed": 3} if other is None else ASKED["sampling"] | other)
    spec = ScanSpec(content)
    with pytest.raises(InputError, match=r"sampling \("):
        open_or_create(asked, make_plan(spec), all_resources(spec))


def test_others_refuse_it(cli, tmp_path):
    """One sentence: which search, and what to do."""
    others = {"experiments": ["FASER2", "CEPC-Z"], "channels": [], "axes__a": [0.0]}
    spec = write_spec(tmp_path / "mixed.yaml", ASKED, **others)
    status, _, err = cli("plan", spec)
    assert status == 1
    assert "sampling.error: CEPC-Z is counted with a fixed number of points" in err


def test_a_run_says_it(cli, spectra, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec = write_spec(tmp_path / "asked.yaml", ASKED)
    status, out, err = cli("run", spec, "--no-summary")
    assert status == 0, err
    assert "\nSampling: 8 of 8 sums over channels state an error of at most 0.1\n" in out
