"""A beam of a user's: one YAML file named by its path, as an experiment is."""

import json
from dataclasses import asdict

import numpy as np
import pytest
import toys
import yaml
from approx import approx

from physics.errors import InputError
from physics.models.tasks import make_kernel
from physics.nature.beams import beam, beams
from physics.searches.catalogue import experiment, experiment_from, read_experiment
from physics.spectra.library import write_set
from scanner.scans.fingerprint import resources
from scanner.scans.spec import ScanSpec

COLLIDER = {
    "description": "mine",
    "momentum": 7000,
    "absorber_distance": 20,
    "pipe_radius": 0.05,
    "spectra": "toy",
    "sqrt_s": 14000,
}
DUMP = {
    "description": "protons on a block",
    "momentum": 120,
    "absorber_distance": 2,
    "spectra": "mine",
    "targets": ["Fe", "Cu"],
    "A_power": {411: 0.29},
    "closed": [521, 553],
}
SEARCH = {
    "title": "Mine",
    "facility": "here",
    "signature": "single photon",
    "source": "arXiv:2308.16608",
    "exposure": 3000,
    "volume": {"z_min": 475, "z_max": 480, "r_max": 1.0},
    "selection": {"p_N_min": 100},
}
AXES = {"flavor": ["e"], "m_N": [0.05, 0.3], "d_gamma": [1e-7, 1e-5, 1e-3]}


def write(folder, name, content):
    path = folder / name
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


@pytest.fixture
def own(tmp_path, monkeypatch):
    """An experiment at a collider beam of its own, which is the LHC but for its name, with spectra."""
    shipped = yaml.safe_load(json.dumps(asdict(beams()["lhc-14tev"])))
    same = {k: shipped[k] for k in (*COLLIDER, "forward_angle") if k in shipped}
    write(tmp_path, "ring.yaml", same | {"spectra": "toy"})
    root = toys.write_spectra(tmp_path / "spectra", generators=("toy",))
    tables = [toys.table(pdg, 0.7 + 0.01 * (pdg < 0)) for pdg in toys.SPECIES]
    sources = {pdg: {"command": "make toy"} for pdg in toys.SPECIES}
    write_set(root / "ring" / "toy", tables, sources, "synthetic")
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(root))
    write(tmp_path, "shipped.yaml", SEARCH | {"beam": "lhc-14tev"})
    return write(tmp_path, "mine.yaml", SEARCH | {"beam": "ring.yaml"})


def spec(path, generator="toy"):
    return ScanSpec(
        {
            "name": "own",
            "experiments": [str(path)],
            "axes": AXES | {"generator": [generator]},
            "options": {"normalisation": "generator"},
            "sampling": {"points": 256, "replicas": 4},
        }
    )


def counts(scan):
    (task,) = scan.tasks
    cut = {"generator": slice(0, 1), "m_N": slice(0, 2)}
    (found,) = make_kernel(task).evaluate(cut).values()
    return found["counts"]


def test_counts_are_those_of_the_same_beam_with_another_name(own):
    ours, shipped = counts(spec(own)), counts(spec(own.with_name("shipped.yaml")))
    assert np.array_equal(ours, shipped)
    assert (ours > 0).any()


def test_the_default_spectra_are_those_that_the_beam_names(own):
    scan = spec(own)
    assert scan.experiments["mine"].spectra == "toy"
    assert scan.experiments["mine"].exposure_units == "1/fb"
    assert len(scan.channels) == 13
    without = {"name": "own", "experiments": [str(own)], "axes": AXES}
    assert ScanSpec(without).axes["generator"] == ("toy",)


def test_a_stored_scan_has_the_beam_in_it(own):
    """The files may be gone: what was stored opens, and is the same."""
    scan = spec(own)
    stored = json.loads(scan.canonical_json())
    assert stored["experiments"]["mine"]["beam"]["momentum"] == 7000
    for path in own.parent.glob("*.yaml"):
        path.unlink()
    again = ScanSpec(stored)
    assert again.canonical_json() == scan.canonical_json()
    assert np.array_equal(counts(again), counts(scan))


def test_channels_without_spectra_are_left_out_unless_asked_for(own):
    """Those that the default set of the beam has; a channel that is asked for is missed by name."""
    from physics.models.tasks import checksums

    root = own.parent / "spectra"
    species = [pdg for pdg in toys.SPECIES if abs(pdg) != 521]
    sources = {pdg: {"command": "make toy"} for pdg in species}
    write_set(root / "ring" / "toy", [toys.table(p, 0.7) for p in species], sources, "no B")
    scan = spec(own)
    assert "B" not in scan.channels
    assert len(scan.channels) == 12
    asked = ScanSpec(
        {"name": "own", "experiments": [str(own)], "axes": AXES, "channels": ["B"]}
        | {"options": {"normalisation": "generator"}}
    )
    with pytest.raises(InputError, match="the spectrum of 521 in ring/toy is missing"):
        checksums(asked.tasks[0])


def test_other_searches_and_sets_take_no_channel_away(own):
    """A beam that lacks a species which another of the scan has, or a chosen set that does: refused, not left out."""
    root = own.parent / "spectra"
    species = [pdg for pdg in toys.SPECIES if abs(pdg) != 521]
    sources = {pdg: {"command": "make toy"} for pdg in species}
    few = [toys.table(p, 0.7) for p in species]
    write_set(root / "ring" / "toy", few, sources, "no B")
    both = ScanSpec(
        {"name": "both", "experiments": [str(own), "FASER2"], "axes": AXES | {"generator": ["toy"]}}
        | {"options": {"normalisation": "generator"}}
    )
    assert len(both.channels) == 13
    with pytest.raises(InputError, match="the spectrum of 521 in ring/toy is missing"):
        resources(both)
    write_set(root / "lhc-14tev" / "pythia8-forward", few, sources, "hides the shipped one")
    hidden = ScanSpec({"name": "hidden", "experiments": ["FASER2"], "axes": AXES})
    assert len(hidden.channels) == 13
    with pytest.raises(InputError, match="the spectrum of 521 in lhc-14tev/pythia8-forward is"):
        resources(hidden)


def test_a_dump_with_a_target(tmp_path):
    """sqrt(2 m (m + E)) of 120 GeV protons is 15.07 GeV; a definition survives storage."""
    write(tmp_path, "dump.yaml", DUMP)
    volume = {"z_min": 10, "z_max": 20, "r_max": 1.0}
    search = SEARCH | {"volume": volume, "selection": {}, "exposure": 1e20}
    found = read_experiment(write(tmp_path, "mine.yaml", search | {"beam": "dump.yaml:Cu"}))
    assert found.place.sqrt_s == approx(15.066, rel=1e-3)
    assert found.place.target.tag == "Cu"
    assert found.place.tag == "dump:Cu"
    assert found.place.label == "dump"
    assert found.place.nuclear_factor(-411) == approx(63.546**0.29, rel=1e-4)
    assert found.exposure_units == "protons on target"
    stored = json.loads(json.dumps(asdict(found)))
    assert experiment_from(stored) == found
    bare = write(tmp_path, "bare.yaml", search | {"beam": "dump.yaml"})
    with pytest.raises(
        InputError,
        match=r"the beam .*dump\.yaml needs a target; write one of: .*dump\.yaml:Fe, .*:Cu",
    ):
        read_experiment(bare)
    other = write(tmp_path, "other.yaml", search | {"beam": "dump.yaml:W"})
    with pytest.raises(InputError, match="the beam dump has no target 'W'; there are: Fe, Cu"):
        read_experiment(other)


BAD = {
    "no momentum": ({"momentum": None}, "momentum is missing"),
    "true": ({"momentum": True}, "momentum: True is not a number"),
    "text": ({"absorber_distance": "far"}, "absorber_distance: 'far' is not a number"),
    "negative": ({"absorber_distance": -1}, "absorber_distance must be above zero, not -1"),
    **{
        f"{name} of {value}": ({name: value}, f"{name} must be above zero, not {value}")
        for name in ("momentum", "absorber_distance", "forward_angle", "sqrt_s", "pipe_radius")
        for value in (0, -2)
    },
    "no energy": ({"sqrt_s": None}, "sqrt_s must be above zero"),
    "no pipe": ({"pipe_radius": None}, "pipe_radius must be above zero"),
    "unknown key": ({"colour": "red"}, "unknown key 'colour'; there are"),
    "tag": ({"tag": "x"}, "tag and target are no keys"),
    "unknown target": ({"targets": ["Unobtainium"]}, "unknown target 'Unobtainium'"),
    "closed": ({"closed": [1.5]}, "1.5 is not a whole number"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_beams_are_refused_in_a_sentence_with_their_file(tmp_path, what):
    changes, words = BAD[what]
    content = {k: v for k, v in (COLLIDER | changes).items() if v is not None}
    path = write(tmp_path, "ring.yaml", content)
    with pytest.raises(InputError) as error:
        beam(str(path))
    assert str(error.value).startswith(f"{path}: ")
    assert words in str(error.value)
    assert toys.one_sentence(str(error.value))


def test_files_that_are_no_beam(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read"):
        beam(str(tmp_path / "none.yaml"))
    with pytest.raises(InputError, match="a beam is a mapping"):
        beam(str(write(tmp_path, "list.yaml", [1, 2])))


def test_a_beam_cannot_have_the_name_of_another(tmp_path):
    path = write(tmp_path, "lhc-14tev.yaml", COLLIDER)
    with pytest.raises(InputError, match="there is a beam 'lhc-14tev' in the product"):
        beam(str(path))


def test_shipped_experiments_keep_their_beams_name():
    """So that stored definitions and specs are what they were."""
    assert experiment("FASER2").beam == "lhc-14tev"
