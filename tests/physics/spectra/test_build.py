"""Building sets: resumable, deterministic, and normalised to sigma/(2N) per particle."""

import os
import sys
import types
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest
from approx import approx

from physics.errors import InputError
from physics.nature.beams import beams
from physics.spectra.generators import build
from physics.spectra.generators.base import Particles
from physics.spectra.grid import LOG10_P_EDGES, edges_for
from physics.spectra.library import read_set
from physics.spectra.species import HYPERONS, all_species

SPECIES = [221, 443, 211, -211]
SIGMA_MB = 80.0
RECIPES = {
    "processes": {
        "soft": {"generator": "pythia8", "settings": ["SoftQCD:inelastic = on"]},
        "hard": {"generator": "pythia8", "fraction": 0.5, "settings": ["Charmonium:all = on"]},
    },
    "sets": {
        "fake": {"description": "fake", "soft": [221, 211, -211], "hard": [443]},
        "other": {"description": "other", "soft": [221]},
    },
}


class FakeGenerator(types.ModuleType):
    """A backend: one particle of each species and event, in both hemispheres."""

    def __init__(self):
        super().__init__("fake_generator")
        self.calls = []
        self.stop_after = None
        self.release = "1.0"

    def version(self):
        return f"fake {self.release}"

    def generate(self, settings, sqrt_s, events, seed):
        if self.stop_after is not None and len(self.calls) >= self.stop_after:
            raise KeyboardInterrupt
        self.calls.append((settings[0], events, seed))
        rng = np.random.default_rng(seed)
        for n in (events // 2, events - events // 2):
            pdg = np.repeat(SPECIES, n)
            momentum = [rng.normal(size=pdg.size), rng.normal(size=pdg.size)]
            pz = rng.choice([-1, 1], pdg.size) * rng.uniform(10, 1000, pdg.size)
            yield Particles(pdg, *momentum, pz, n), SIGMA_MB


class InlinePool:
    """Does at once what a pool of processes would; patches are not seen by spawned processes."""

    def __init__(self, jobs, **options):
        assert jobs >= 1

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def shutdown(self, **options):
        pass

    def submit(self, function, *args):
        future = Future()
        future.set_result(function(*args))
        return future


@pytest.fixture
def fake(monkeypatch):
    backend = FakeGenerator()
    monkeypatch.setitem(sys.modules, backend.__name__, backend)
    monkeypatch.setattr(build, "_BACKENDS", {"pythia8": backend.__name__})
    monkeypatch.setattr(build, "_PACKAGES", {"pythia8": (backend.__name__,)})
    monkeypatch.setattr(build, "recipes", lambda: RECIPES)
    monkeypatch.setattr(build, "CHUNK_EVENTS", 40)
    monkeypatch.setattr(build, "ProcessPoolExecutor", InlinePool)
    return backend


def run(out, events=200, generator="fake", **options):
    return build.build_set("lhc-14tev", generator, out, 14000.0, events, **options)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_weights(fake, tmp_path):
    """Both hemispheres folded into one: sigma/2 for one particle per event [pb]."""
    found = read_set(run(tmp_path))
    for pdg in SPECIES:
        table = found.load(pdg)
        events = 100 if pdg == 443 else 200
        weight = SIGMA_MB * 1e9 / (2 * events)
        assert table.total == approx(SIGMA_MB * 1e9 / 2)
        counts = table.cross_section / weight
        assert counts == approx(np.round(counts))
        assert table.variance == approx(counts * weight**2)
        assert found.sources[pdg]["events"] == events
        assert found.sources[pdg]["generator"] == "fake 1.0"
        assert "--events 200 --seed 1" in found.sources[pdg]["command"]


def test_plan(fake, tmp_path):
    """Chunk i has the seed + i; a hard process takes its fraction of the events."""
    run(tmp_path, seed=11)
    soft = [(n, seed) for setting, n, seed in fake.calls if setting.startswith("Soft")]
    hard = [(n, seed) for setting, n, seed in fake.calls if setting.startswith("Charm")]
    assert soft == [(40, 11), (40, 12), (40, 13), (40, 14), (40, 15)]
    assert hard == [(40, 11), (40, 12), (20, 13)]


def test_same_seed_same_tables(fake, tmp_path):
    first = content(run(tmp_path / "a", seed=3, jobs=1))
    assert content(run(tmp_path / "b", seed=3, jobs=2)) == first
    other = content(run(tmp_path / "c", seed=4))
    assert all(other[f"{pdg}.npz"] != first[f"{pdg}.npz"] for pdg in SPECIES)


@pytest.mark.parametrize("done", [0, 3, 7])
def test_interrupted_build_goes_on(fake, tmp_path, done):
    whole = content(run(tmp_path / "whole"))
    fake.calls.clear()
    fake.stop_after = done
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "part")
    assert not (tmp_path / "part" / "lhc-14tev").exists()
    fake.stop_after = None
    assert content(run(tmp_path / "part")) == whole
    assert len(fake.calls) == len(set(fake.calls)) == 8
    run(tmp_path / "part")
    assert len(fake.calls) == 8


def test_sets_share_the_chunks_of_a_process(fake, tmp_path):
    run(tmp_path)
    calls = len(fake.calls)
    run(tmp_path, generator="other")
    assert len(fake.calls) == calls


def test_damaged_chunk_is_made_again(fake, tmp_path):
    whole = content(run(tmp_path))
    chunks = sorted((tmp_path / ".chunks").glob("*.npz"))
    chunks[0].write_bytes(chunks[0].read_bytes()[:-100])
    chunks[1].write_bytes(b"")
    fake.calls.clear()
    assert content(run(tmp_path)) == whole
    assert len(fake.calls) == 2


def test_chunks_of_another_version_or_recipe_are_refused(fake, tmp_path, monkeypatch):
    before = content(run(tmp_path))
    fake.release = "1.1"
    with pytest.raises(InputError, match="another generator version or recipe; remove that folder"):
        run(tmp_path)
    fake.release = "1.0"
    changed = RECIPES["processes"] | {"hard": {"generator": "pythia8", "settings": ["Other = on"]}}
    monkeypatch.setattr(build, "recipes", lambda: RECIPES | {"processes": changed})
    with pytest.raises(InputError, match="the chunks of hard in"):
        run(tmp_path)
    assert content(tmp_path / "lhc-14tev" / "fake") == before


def test_progress(fake, tmp_path):
    told = []
    run(tmp_path, progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == "soft"][-1] == ("soft", 200, 200)
    assert [step for step in told if step[0] == "hard"][-1] == ("hard", 100, 100)
    assert len(told) == 8


def test_failing_chunk_cancels_the_rest(fake, tmp_path, monkeypatch):
    """Leaving the pool must not first generate everything that still waits."""
    stopped = []

    class FailingPool(InlinePool):
        def submit(self, function, *args):
            future = Future()
            future.set_exception(RuntimeError("no beam"))
            return future

        def shutdown(self, **options):
            stopped.append(options)

    monkeypatch.setattr(build, "ProcessPoolExecutor", FailingPool)
    with pytest.raises(RuntimeError, match="no beam"):
        run(tmp_path)
    assert stopped[0]["cancel_futures"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"generator": "nothing"},
            "no recipe for the generator set 'nothing'; there are: fake, other",
        ),
        ({"events": 0}, "events must be at least 1"),
        ({"seed": 0}, "seeds must lie between 1 and 900000000"),
        ({"seed": 900_000_000}, "seeds must lie between"),
    ],
)
def test_wrong_choices(fake, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        run(tmp_path, **options)
    assert not fake.calls


def test_missing_package(fake, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "_PACKAGES", {"pythia8": ("no_such_generator",)})
    with pytest.raises(InputError, match=r"no_such_generator is not installed.*\[generators\]"):
        run(tmp_path)


def test_too_few_events_write_nothing(fake, tmp_path, monkeypatch):
    def nothing(settings, sqrt_s, events, seed):
        yield Particles(np.array([221]), *np.ones((3, 1)) * 5, events), SIGMA_MB

    monkeypatch.setattr(fake, "generate", nothing)
    with pytest.raises(InputError, match="not written: the table of 211 is empty"):
        run(tmp_path, events=1)
    assert not (tmp_path / "lhc-14tev").exists()


def test_recipes_are_consistent():
    """Every set takes known species from known processes, each once, and charged ones in pairs."""
    recipes = build.recipes()
    for name, recipe in recipes["sets"].items():
        taken = [pdg for key, some in recipe.items() if key != "description" for pdg in some]
        assert len(taken) == len(set(taken)), name
        assert {-pdg for pdg in taken if abs(pdg) in (211, 321, 411, 431, 521)} <= set(taken), name
        assert set(taken) == {*all_species(), *HYPERONS}, name
        assert set(recipe) - {"description"} <= set(recipes["processes"]), name
    for process in recipes["processes"].values():
        assert process["generator"] in build._BACKENDS
        assert 0 < process.get("fraction", 1.0) <= 1


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_small_run_of_pythia(tmp_path, monkeypatch):
    """Real events through real processes: the number of jobs does not matter (14 TeV, Pythia 8)."""
    pytest.importorskip("pythia8mc")
    pytest.importorskip("awkward")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    one = build.build_set("lhc-14tev", "pythia8", tmp_path / "one", 14000.0, 2000, jobs=1)
    two = build.build_set("lhc-14tev", "pythia8", tmp_path / "two", 14000.0, 2000, jobs=2)
    assert content(one) == content(two)
    found = read_set(one)
    assert found.sources[221]["generator"].startswith("pythia8mc")
    # Pythia 8 at 14 TeV: inelastic cross-section 78 to 80 mb, about 21 pi0 per event and hemisphere
    assert found.sources[111]["cross_section_mb"] == approx(79, rel=0.05)
    assert found.load(111).total / 79e9 == approx(21, rel=0.25)
    assert os.listdir(tmp_path / "one" / ".chunks")


def test_grids_reach_the_beams_energy():
    """The grid of the LHC is what it was; at 27 and 100 TeV no meson lies above the last edge."""
    for tag in ("lhc-14tev", "lhc-13.6tev"):
        assert np.array_equal(edges_for(beams()[tag])[0], LOG10_P_EDGES)
    assert 10 ** LOG10_P_EDGES[-1] == approx(7079, rel=1e-3)
    for sqrt_s in (900.0, 14001.0, 27000.0, 1e5, 2e9):
        place = replace(beams()["lhc-14tev"], tag="ring", sqrt_s=sqrt_s, momentum=sqrt_s / 2)
        p, _ = edges_for(place)
        assert 10 ** p[-1] >= sqrt_s / 2
        assert np.array_equal(p[:78], LOG10_P_EDGES)
        assert p.size <= 78 or 10 ** p[-2] < sqrt_s / 2
