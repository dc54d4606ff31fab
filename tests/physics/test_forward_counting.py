"""What a forward counting says before it counts: the spectra that it reads, the channels, the estimate of its time.

Files and sets are named here as docs/spectra.md and docs/physics.md state them, not as the code finds them.
"""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from approx import approx

import physics.spectra
from physics.errors import InputError
from physics.forward.counting import species_of
from physics.models.model import models
from physics.models.tasks import checksums, chosen_channels, make_tasks, seconds_per_cell
from physics.nature.beams import beam
from physics.nature.mesons import meson
from physics.searches.catalogue import experiment
from scanner.scans.spec import ScanSpec

TABLES = Path(physics.spectra.__file__).with_name("tables")
NEUTRAL = {111, 221, 331, 113, 223, 333, 443, 553}
CHARGED = {sign * pdg for pdg in (211, 321, 411, 431, 521) for sign in (1, -1)}
PIONS, NONE_AT_70_GEV = {211, -211}, {521, -521, 553}
LHC, SPS, U70 = "lhc-14tev/pythia8-forward", "sps-400gev/pythia8", "u70-70gev/pythia6"
HIGHER = (
    "sps-450gev/pythia8"  # nothing is published of it: scaled like the same generator at 400 GeV
)


def tables(of, species):
    return {f"{of}/{pdg}" for pdg in species}


# search, normalisation: what is read for N, whatever its beam's default set is
READ = {
    ("FASER2", "paper"): tables(LHC, NEUTRAL | CHARGED),
    ("FASER2", "generator"): tables(LHC, NEUTRAL | CHARGED),
    ("SHiP", "paper"): tables(SPS, NEUTRAL | CHARGED),
    # pions have no published number at a fixed target; kaons have one, unless they are absorbed on their flight
    ("CHARM-II", "paper"): tables(HIGHER, NEUTRAL | CHARGED)
    | tables(SPS, (NEUTRAL | CHARGED) - PIONS),
    ("CHARM-II", "paper-absorbed"): tables(HIGHER, NEUTRAL | CHARGED)
    | tables(SPS, (NEUTRAL | CHARGED) - PIONS - {321, -321}),
    ("CHARM-II", "generator"): tables(HIGHER, NEUTRAL | CHARGED),
    # neither bottom nor Upsilon is made of 70 GeV protons
    ("NuCal", "paper"): tables(U70, (NEUTRAL | CHARGED) - NONE_AT_70_GEV)
    | tables("sps-400gev/pythia6", (NEUTRAL | CHARGED) - PIONS - NONE_AT_70_GEV),
    ("NuCal", "generator"): tables(U70, (NEUTRAL | CHARGED) - NONE_AT_70_GEV),
}


def task(name, normalisation="paper", model="dipole", channels=(), **axes):
    """A scan of one search at one mass."""
    own = {"flavor": ["e"], "m_N": [0.1], "d_gamma": [1e-6]}
    dark = {"delta": [0.1], "M_1": [0.1], "d": [1e-6]}
    spec = ScanSpec(
        {
            "name": "one",
            "model": model,
            "experiments": [name],
            "axes": {**(own if model == "dipole" else dark), **axes},
            "options": {"normalisation": normalisation},
            "channels": list(channels),
        }
    )
    (found,) = spec.tasks
    return found


@pytest.mark.parametrize(("name", "normalisation"), READ)
def test_every_spectrum_that_is_read_has_a_checksum(name, normalisation):
    """Of both charges, and of the second set by which yields are scaled; not of what the beam cannot make."""
    found = checksums(task(name, normalisation))
    assert set(found) == READ[name, normalisation]
    for label, digest in found.items():
        content = (TABLES / f"{label}.npz").read_bytes()
        assert digest == hashlib.sha256(content).hexdigest(), label


def test_checksums_of_some_channels_and_several_generators():
    """A dark pair is made by neutral mesons only; a channel that is not counted reads nothing."""
    assert set(checksums(task("SHiP", model="dark_dipole"))) == tables(SPS, NEUTRAL)
    several = task("FASER2", generator=["pythia8", "sibyll-2.3d"], channels=["K", "rho"])
    sets = ("lhc-14tev/pythia8", "lhc-14tev/sibyll-2.3d")
    expected = tables(sets[0], {113, 321, -321}) | tables(sets[1], {113, 321, -321})
    assert set(checksums(several)) == expected


def test_every_mesons_of_70_gev_protons_that_cannot_be_made_is_a_channel_all_the_same():
    """It counts zero, so that scans at several beams have the same channels."""
    assert {"B", "Upsilon"} <= set(chosen_channels(models["dipole"], (), [experiment("NuCal")]))
    found = species_of(beam("u70-70gev:Fe"))
    assert found is not None
    assert {meson(tag).pdg for tag in ("B", "Upsilon", "rho")} <= found


def test_a_beam_whose_set_is_not_there_is_taken_to_have_all(tmp_path, monkeypatch):
    """What is missing is told by name when spectra are read, not by the absence of all channels."""
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path))
    place = replace(beam("lhc-14tev"), tag="mine", spectra="not-made-yet")
    assert species_of(place) is None
    search = replace(experiment("FASER2"), beam=place)
    everything = chosen_channels(models["dipole"], (), [experiment("FASER2")])
    assert chosen_channels(models["dipole"], (), [search]) == everything
    axes = {"generator": ("default",), "flavor": ("e",), "m_N": (0.1,), "d_gamma": (1e-6,)}
    options = models["dipole"].complete_options({"normalisation": "generator"})
    (made,) = make_tasks(models["dipole"], [search], axes, options, {}, ["rho"])
    with pytest.raises(InputError, match="no meson spectra for the beam 'mine'"):
        checksums(made)


# ---- estimates


def seconds(name="FASER2", experiments=(), points=None, **axes):
    one = task(name, **axes)
    more = tuple(experiment(e) for e in experiments)
    sampling = one.sampling if points is None else {**one.sampling, "points": points}
    return seconds_per_cell(replace(one, experiments=one.experiments + more, sampling=sampling))


def test_the_estimate_grows_with_what_is_computed():
    """Samples are by channel, and of charged mesons by flavor; a threshold shares them, a search's responses do not."""
    few = {"channels": ("rho", "phi")}
    one = seconds(**few)
    assert seconds(points=2 * 16384, **few) == approx(2 * seconds(points=16384, **few), rel=1e-3)
    assert seconds(channels=("rho", "phi", "omega", "eta")) == approx(2 * one, rel=1e-3)
    # neutral mesons make N alike for every flavor; charged ones are drawn again for each
    assert seconds(flavor=["e", "mu", "tau"], **few) == approx(one, rel=1e-3)
    charged = seconds(channels=("K",))
    assert seconds(channels=("K",), flavor=["e", "mu", "tau"]) == approx(3 * charged, rel=1e-3)
    assert seconds(channels=("K",), flavor=["universal"]) == approx(3 * charged, rel=1e-3)
    assert seconds(channels=("K",), flavor=["e", "universal"]) == approx(3 * charged, rel=1e-3)
    # the response of one search takes 1.6 of 4.2 parts of its time, that of a further threshold 0.4 of it
    assert seconds(experiments=["FACET"], **few) == approx(one * (2.6 + 2 * 1.6) / 4.2, rel=1e-3)
    two = seconds(E_gamma_min=[1.0, 2.0], **few)
    assert two == approx(one * (2.6 + 1.4 * 1.6) / 4.2, rel=1e-3)
    assert seconds(E_gamma_min=[1.0], **few) == approx(one, rel=1e-3)


def test_a_long_coupling_axis_costs_its_counts():
    """20 ns for each count: channel, flavor, threshold, search and coupling."""
    few = {"channels": ("rho", "phi"), "flavor": ["e", "mu"]}
    long = seconds(d_gamma={"start": 1e-9, "stop": 1e-3, "num": 10_001}, **few)
    cells = 2 * 2 * 10_000
    assert long - seconds(d_gamma=[1e-6], **few) == approx(cells * 2e-8, rel=1e-6)
