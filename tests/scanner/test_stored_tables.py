"""Counts from a stored cube of efficiencies: the same bits as from events, and nothing foreign or unfinished."""

import json
import shutil

import numpy as np
import pytest
import yaml
from toys import changed, fill, one_sentence

from physics.errors import InputError
from scanner import open_cube
from scanner.scans import tables
from scanner.scans.fingerprint import fingerprint
from scanner.scans.spec import ScanSpec
from scanner.scans.tables import all_resources

SEARCH = {
    "kind": "displaced-trilepton", "title": "a search", "facility": "somewhere", "signature": "leptons",
    "source": "arXiv:2301.08592", "exposure": 6e11, "collider": "lhc-14tev",
    "tracker": {"eta_max": 2.5, "radius": 0.5, "half_length": 3}, "precision": {"error": 0.9, "batches": 2},
    "pairs": ["mumu"],
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    for name, more in {
        "mine": {},
        "twin": {"exposure": 1e13},
        "other": {"selection": {"d0_tracks": "either"}},
    }.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({**SEARCH, **more}))
    return folder


@pytest.fixture(scope="module")
def efficiencies(home):
    content = {
        "name": "efficiencies",
        "model": "trilepton-efficiency",
        "experiments": [str(home / "mine.yaml")],
        "axes": {"pair": ["ee", "mumu"], "flavor": ["e", "mu"], "m_N": [1.0, 3.0], "proper_decay_length": [1e-3, 1e-2]},
    }  # fmt: skip
    fill(content, home / "efficiencies.zarr")
    return content


@pytest.fixture(scope="module")
def events(home, efficiencies):
    return {
        "name": "events",
        "experiments": [str(home / "mine.yaml"), str(home / "twin.yaml")],
        "axes": {
            "flavor": ["e", "mu"],
            "m_N": [1.0, 3.0],
            "a": [0.0, 2.0],
            "d_gamma": {"start": 1e-8, "stop": 1e-4, "num": 9},
        },
        "tables": str(home / "efficiencies.zarr"),
    }


def test_the_same_bits(home, events):
    fill(events, home / "read.zarr")
    plain = {k: v for k, v in events.items() if k != "tables"}
    fill(changed(plain, execution={"block_size": 1}), home / "drawn.zarr")
    read, drawn = open_cube(home / "read.zarr"), open_cube(home / "drawn.zarr")
    for name in ("counts", "relative_error"):
        assert np.array_equal(read[name].values, drawn[name].values)
    assert read["counts"].max() > 0
    assert read.attrs["fingerprint"] != drawn.attrs["fingerprint"]


def test_efficiencies_and_what_they_are_made_from(home, efficiencies):
    cube = open_cube(home / "efficiencies.zarr")
    assert cube["acceptance"].dims == ("experiment", "flavor", "pair", "m_N", "proper_time")
    assert (cube["events"].sel(pair="mumu") == 131072).all()
    assert not cube["counts"].sel(pair="ee").any()  # is not looked for
    from physics.trileptons.lifetime import efficiency_of

    found = efficiency_of(
        cube["acceptance"].sel(flavor="mu", pair="mumu", m_N=3.0).values, [1e-3, 1e-2]
    )
    shown = cube["counts"].sel(flavor="mu", pair="mumu", m_N=3.0, channel="W").values
    assert np.abs(found / shown - 1).max() < 1e-6  # which keep 20 bits
    assert (cube["relative_error"].sel(pair="mumu") > 0).all()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"axes__m_N": [1.0, 2.0]}, "no mass m_N = 2.0 GeV"),
        ({"axes__flavor": ["tau"]}, "no flavor tau"),
        ({"axes__flavor": ["universal"]}, "no flavor tau"),
        ({"sampling": {"seed": 5}}, "have the seed 2308, and the scan has 5"),
        ({"options": {"nature": "majorana"}}, "for nature = dirac, and the scan has majorana"),
        ({"experiments": ["HL-LHC-displaced"]}, "no search with the collider"),
        ({"experiments": ["FASER"]}, "none of the experiments is counted from stored tables"),
    ],
)  # fmt: skip
def test_foreign_efficiencies_are_refused(events, change, said):
    with pytest.raises(InputError, match=said) as found:
        all_resources(ScanSpec(changed(events, **change)))
    assert one_sentence(str(found.value))


def test_another_selection_is_refused(home, events):
    foreign = changed(events, experiments=[str(home / "other.yaml")])
    with pytest.raises(InputError, match=r"no search with the collider.*other"):
        all_resources(ScanSpec(foreign))


def test_events_are_no_efficiencies(home, events):
    fill({k: v for k, v in events.items() if k != "tables"}, home / "counts.zarr", blocks=())
    with pytest.raises(InputError, match="is not finished"):
        all_resources(ScanSpec(changed(events, tables=str(home / "counts.zarr"))))
    fill({k: v for k, v in events.items() if k != "tables"}, home / "counts.zarr")
    with pytest.raises(InputError, match="is a scan of the model dipole"):
        all_resources(ScanSpec(changed(events, tables=str(home / "counts.zarr"))))


def test_an_unfinished_store_is_refused(home, efficiencies, events):
    fill(changed(efficiencies, execution={"block_size": 1}), home / "half.zarr", blocks=(0,))
    with pytest.raises(InputError, match=r"is not finished \(1 block to be computed"):
        all_resources(ScanSpec(changed(events, tables=str(home / "half.zarr"))))


def test_no_store_is_refused(home, events):
    with pytest.raises(InputError, match="there is no store"):
        all_resources(ScanSpec(changed(events, tables=str(home / "nothing.zarr"))))


def test_a_damaged_store_is_refused(home, events):
    shutil.copytree(home / "efficiencies.zarr", home / "damaged.zarr")
    (chunk, *_) = sorted((home / "damaged.zarr" / "mine" / "acceptance").glob("c.*"))
    content = bytearray(chunk.read_bytes())
    content[len(content) // 2] ^= 1
    chunk.write_bytes(bytes(content))
    with pytest.raises(InputError, match="damaged"):
        all_resources(ScanSpec(changed(events, tables=str(home / "damaged.zarr"))))


def test_efficiencies_of_other_code_are_refused(events, monkeypatch):
    tables._read.cache_clear()
    monkeypatch.setattr(tables, "fingerprint", lambda *_: "0")
    with pytest.raises(InputError, match="another version of the physics code"):
        all_resources(ScanSpec(events))
    tables._read.cache_clear()


def test_a_store_may_be_moved(home, events):
    """What is in it is part of the fingerprint, and where it lies is not."""
    spec = ScanSpec(events)
    shutil.copytree(home / "efficiencies.zarr", home / "elsewhere.zarr")
    moved = ScanSpec(changed(events, tables=str(home / "elsewhere.zarr")))
    assert fingerprint(spec, all_resources(spec)) == fingerprint(moved, all_resources(moved))
    again = ScanSpec(json.loads(spec.canonical_json()))
    assert again.canonical() == spec.canonical()
    plain = ScanSpec({k: v for k, v in events.items() if k != "tables"})
    assert "tables" not in plain.canonical()
