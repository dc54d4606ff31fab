"""Searches for a prompt and two displaced leptons: how N with dipole couplings is counted, and its efficiencies."""

from dataclasses import asdict

import numpy as np
import pytest
import yaml
from approx import approx

from physics.errors import InputError
from physics.models.model import models
from physics.models.tasks import (
    checksums,
    chosen_channels,
    complete_axes,
    layout,
    make_kernel,
    make_tasks,
    search_in,
    seconds_per_cell,
)
from physics.nature.constants import HBAR_C
from physics.neutrino_dipole.bosons import w_width
from physics.neutrino_dipole.trileptons.decay import VirtualPhotonPair
from physics.neutrino_dipole.widths.totals import branching_ratio, total_width
from physics.numerics.sampling import Sampling
from physics.searches.catalogue import experiment, experiment_from, read_experiment
from physics.searches.displaced_trilepton import DisplacedTrilepton, Precision
from physics.trileptons.lifetime import TIMES
from physics.trileptons.tables import NOTHING, acceptance

DIPOLE, EFFICIENCY = models["dipole"], models["trilepton-efficiency"]
LHC, FCC = "HL-LHC-displaced", "FCC-hh-displaced-50"
D = tuple(np.geomspace(1e-8, 1e-3, 251))
SEED = Sampling.seed


def counts(search, masses, flavors=("e",), a=(np.inf,), d=D, conventions=("exact",), **options):
    """(convention, flavor, mass, a, d)"""
    search = search_in(DIPOLE, search) if isinstance(search, str) else search
    axes = {"convention": conventions, "flavor": flavors, "m_N": masses, "a": a, "d_gamma": d}
    channels = chosen_channels(DIPOLE, (), [search])
    assert channels == ("W",)
    (task,) = make_tasks(
        DIPOLE, [search], axes, DIPOLE.complete_options(options), asdict(Sampling()), channels
    )
    assert seconds_per_cell(task) > 0
    assert list(checksums(task)) == [f"W bosons {search.collider}/pythia8"]
    assert layout(task)[1] == ("m_N",)
    return make_kernel(task).evaluate({"m_N": slice(None)})[search.tag]["counts"][..., 0, :]


def quick(name=LHC, **changed):
    """The same search with few events."""
    from dataclasses import replace

    return replace(experiment(name), precision=Precision(error=0.9, batches=2), **changed)


def test_counts_are_the_formula():
    """(3.2): N_W BR(W -> l N) sum of BR(N -> nu l l) efficiency, with the whole width; any couplings and flavor."""
    search, m_N, d = quick(), 2.0, 3e-6
    tables = {
        pair: acceptance(search, VirtualPhotonPair(m_N, pair), "mu", SEED) for pair in ("e", "mu")
    }
    for a in (np.inf, 1.0):
        d_W = {
            np.inf: np.sqrt(2 / 0.2312),
            1.0: np.sqrt(2) / (np.sqrt(0.2312) + 2 * np.sqrt(0.7688)),
        }
        found = counts(search, (m_N,), ("mu",), (a,), (d,))[0, 0, 0, 0, 0]
        ctau = HBAR_C / (float(total_width([m_N], a, "mu")[0]) * d**2)
        seen = sum(
            float(branching_ratio([m_N], a, "mu", f"nu_{pair}_{pair}")[0])
            * float(table.efficiency(ctau)[0])
            for pair, table in tables.items()
        )
        ratio = counts(search, (m_N,), ("mu",), (np.inf,), (d,))[0, 0, 0, 0, 0] / found
        assert ratio > 0
        made = float(w_width(m_N, "mu")) / 2.085 * d**2
        if a == np.inf:
            assert found == approx(6e11 * made * d_W[a] ** 2 * seen, rel=1e-9)
        else:
            assert found / seen / (6e11 * made) == approx(coupling_of_W(a) ** 2, rel=1e-9)


def coupling_of_W(a):
    from physics.neutrino_dipole.couplings import coupling_ratio_arrays

    return float(coupling_ratio_arrays(np.array([a]))[1][0])


def test_flavors_together():
    """All three make N, whose width is three times as large; of tau the leptonic decays are counted."""
    search = quick()
    every = counts(search, (3.0,), ("e", "mu", "tau"))[0, :, 0, 0]
    assert (every.max(axis=-1)[:2] > 5 * every.max(axis=-1)[2]).all()
    assert every[2].max() > 0
    d = np.array(D) / np.sqrt(3)
    slow = counts(search, (3.0,), ("e", "mu", "tau"), d=tuple(np.array(D)))
    universal = counts(search, (3.0,), ("universal",), d=tuple(d))[0, 0, 0, 0]
    # at d/sqrt(3) the lifetime is that of one flavor at d; each of three couplings makes a third
    assert universal == approx(slow[0].sum(axis=0)[0, 0] / 3, rel=0.02)


def test_prompt_leptons_and_pairs_that_are_looked_for():
    whole = counts(quick(), (3.0,), ("e", "mu", "tau"))[0, :, 0, 0]
    of_e = counts(quick(prompt=("e",)), (3.0,), ("e", "mu", "tau"))[0, :, 0, 0]
    assert np.array_equal(of_e[0], whole[0])
    assert not of_e[1].any()
    assert of_e[2].max() > 0
    assert (of_e[2] <= whole[2]).all()
    ee, mumu = (counts(quick(pairs=(p,)), (3.0,))[0, 0, 0, 0] for p in ("ee", "mumu"))
    assert ee + mumu == approx(whole[0], rel=1e-12)
    assert mumu.max() > 5 * ee.max() > 0
    assert not counts(quick(pairs=("emu",)), (3.0,)).any()


def test_thresholds():
    """Nothing from W that is lighter than N; muons from twice their mass on; a mass does not know its neighbours."""
    masses = (0.0005, 0.15, 0.5, 80.5, 200.0)
    found = counts(quick(), masses)[0, 0, :, 0].max(axis=-1)
    assert not found[[0, 3, 4]].any()
    assert (found[1:3] > 0).all()
    assert np.array_equal(counts(quick(), (0.5,)), counts(quick(), masses)[:, :, 2:3])
    muons = counts(quick(pairs=("mumu",)), (0.15, 0.5))[0, 0, :, 0].max(axis=-1)
    assert muons[0] == 0 < muons[1]


def test_a_majorana_N_forgets_its_spin():
    """At twice the width."""
    dirac = counts(quick(), (3.0,), d=(1e-8,))
    majorana = counts(quick(), (3.0,), d=(1e-8,), nature="majorana")
    assert majorana / dirac / 2 == approx(
        np.full(dirac.shape, 1.5), rel=0.15
    )  # unpolarised at long lifetimes: 1.45


def test_a_foreign_collider_is_refused():
    axes = {"m_N": (1.0,), "flavor": ("e",), "a": (0.0,), "d_gamma": (1e-6,)}
    with pytest.raises(InputError, match="lhc-15tev"):
        complete_axes(DIPOLE, axes, [quick(collider="lhc-15tev")])
    axes = {"m_N": (1.0,), "proper_decay_length": (1.0,)}
    with pytest.raises(InputError, match="nothing-here"):
        complete_axes(EFFICIENCY, axes, [quick(w_bosons="nothing-here")])


def test_its_times_are_fixed():
    axes = {"m_N": (1.0,), "proper_decay_length": (1.0,), "proper_time": (1.0, 2.0)}
    with pytest.raises(InputError, match="leave this axis out"):
        complete_axes(EFFICIENCY, axes, [experiment(LHC)])
    del axes["proper_time"]
    assert complete_axes(EFFICIENCY, axes, [experiment(LHC)])["proper_time"] == tuple(TIMES)


def test_what_is_not_looked_for_has_no_events():
    assert acceptance(quick(), None, "e", SEED) is NOTHING
    assert acceptance(quick(prompt=("mu",)), VirtualPhotonPair(1.0, "e"), "e", SEED) is NOTHING


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prompt": ["tau"]}, "prompt must be of e, mu, not 'tau'"),
        ({"prompt": []}, "prompt must be of"),
        ({"pairs": ["ee", "ee"]}, "pairs: one is listed twice"),
        ({"tracker": {"eta_max": 0, "radius": 1, "half_length": 1}}, "tracker eta_max must lie"),
        ({"tracker": {"eta_max": 2, "radius": 0, "half_length": 1}}, "tracker radius must lie"),
        ({"precision": {"error": 2}}, "precision error must lie"),
        ({"precision": {"batches": 1}}, "precision batches must be"),
        ({"precision": {"shortest": 1000}}, "precision shortest must lie"),
        ({"selection": {"d0_tracks": "one"}}, "selection d0_tracks"),
        ({"selection": {"pT": 3}}, "pT"),
    ],
)
def test_definitions_that_make_no_sense(change, said, tmp_path):
    given = {
        "kind": "displaced-trilepton",
        "title": "a",
        "facility": "b",
        "signature": "c",
        "source": "d",
    }
    given |= {
        "exposure": 1e9,
        "collider": "lhc-14tev",
        "tracker": {"eta_max": 2, "radius": 1, "half_length": 1},
    }
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(given))
    found = read_experiment(path)
    assert isinstance(found, DisplacedTrilepton)
    assert experiment_from(asdict(found)) == found
    path.write_text(yaml.safe_dump({**given, **change}))
    with pytest.raises(InputError, match=said):
        read_experiment(path)


# ---- numbers of an independent Monte Carlo


@pytest.mark.slow
def test_events_at_the_hl_lhc():
    """Largest number over d for e: 59.8, 14.2, 2.45, .22 at .5, 1, 2, 5 GeV."""
    found = counts(LHC, (0.5, 1.0, 2.0, 5.0))[0, 0, :, 0].max(axis=-1)
    assert found == approx(np.array([59.8, 14.2, 2.45, 0.22]), rel=0.04)


@pytest.mark.slow
def test_events_at_fcc_hh():
    """1319, 193, 63.7, 28.1 at 1, 2, 3, 4 GeV; 100 events to 2.55, 50 to 3.27 GeV; and the range of d for 50."""
    masses = (1.0, 2.0, 2.55, 3.0, 3.27, 4.0)
    found = counts(FCC, masses)[0, 0, :, 0]
    expected = np.array([1319, 193, 100, 63.7, 50, 28.1])
    assert found.max(axis=-1) == approx(expected, rel=0.03)
    for row, low, high in zip(
        found, (3.9e-7, 3.5e-7, None, 4.3e-7), (1.0e-5, 2.7e-6, None, 9.8e-7), strict=False
    ):
        if low:
            reached = np.flatnonzero(row > 50)
            assert D[reached[0]] == approx(low, rel=0.06)
            assert D[reached[-1]] == approx(high, rel=0.06)
