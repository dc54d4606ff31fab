"""A(T) of one sample: against closed forms event by event, against decays that are drawn, and bit for bit."""

from dataclasses import replace

import numpy as np
import pytest
from approx import approx

from physics.detectors.trilepton_cuts import LEPTONS, Tracker, TrileptonCuts
from physics.errors import InputError
from physics.neutrino_dipole.trileptons.decay import VirtualPhotonPair
from physics.searches.displaced_trilepton import Precision
from physics.trileptons.flow import cut_flow, efficiency_between
from physics.trileptons.lifetime import BATCH, NODES, TIMES, efficiency_of, shares
from physics.trileptons.staged import Source, passed
from physics.w_bosons.library import w_events

CMS, FCC = Tracker(2.5, 0.5, 3.0), Tracker(4.0, 1.6, 5.0)
CUTS = TrileptonCuts()
LENGTHS = np.array([3e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0])
TWO = Precision(error=0.5, batches=2)


def source(m_N, flavor, collider="lhc-14tev", **more):
    return Source(VirtualPhotonPair(m_N, flavor), w_events(collider), collider, **more)


@pytest.fixture(scope="module")
def sample():
    """Events that pass, and A(T) of the same."""
    of_muons = source(1.0, "mu")
    return passed(of_muons, CUTS, CMS, 0, 2 * BATCH), shares(of_muons, CUTS, CMS, TWO)


@pytest.mark.parametrize("flavor", LEPTONS)
def test_closed_forms_event_by_event(sample, flavor):
    events, found = sample
    table, chosen = found[flavor].table(), events.prompt[flavor] > 0
    assert found[flavor].events == 2 * BATCH
    for ctau in LENGTHS:
        seen = efficiency_between(
            *(v[chosen] for v in (events.least, events.most, events.rho)), ctau, CUTS, ("mu", "mu")
        )
        exact = 0.9 * np.sum(seen * events.weight[chosen]) / (2 * BATCH)
        assert table.efficiency(ctau)[0] == approx(exact, rel=3e-3 if ctau < 1e-4 else 1e-3)
        spread = 0.9 * np.std(seen * events.weight[chosen]) * np.sqrt(chosen.sum()) / (2 * BATCH)
        error = table.efficiency(ctau)[1] * exact
        assert 0.5 * spread < error < 2 * spread  # 32 shares: to 13%


@pytest.mark.parametrize("kind", ["lowest-constant", "highest", "one"])
def test_every_efficiency_in_closed_form(kind):
    """Also where a line ends before the tracker does, which it does in that of FCC-hh."""
    cuts, electrons = TrileptonCuts(displaced_efficiency=kind), source(3.0, "e", "fcc-100tev")
    found = shares(electrons, cuts, FCC, TWO)["e"].table()
    events = passed(electrons, cuts, FCC, 0, 2 * BATCH)
    chosen = events.prompt["e"] > 0
    for ctau in (1e-3, 0.1):
        seen = efficiency_between(
            *(v[chosen] for v in (events.least, events.most, events.rho)), ctau, cuts, ("e", "e")
        )
        exact = 0.9 * np.sum(seen * events.weight[chosen]) / (2 * BATCH)
        assert found.efficiency(ctau)[0] == approx(exact, rel=1e-3)


def test_decays_that_are_drawn(sample):
    """Hit or miss: a proper time for each event, the vertex and both tracks kept with their efficiency."""
    events, found = sample
    rng, chosen = np.random.default_rng(4), events.prompt["mu"] > 0
    weight, least, most, rho = (
        v[chosen] for v in (events.weight, events.least, events.most, events.rho)
    )
    for ctau in (3e-4, 3e-2):
        hits = []
        for _ in range(200):
            T = rng.exponential(ctau, weight.size)
            track = 0.9625 - 1.125 * T * rho
            kept = (least < T) & (most > T) & (rng.random((2, weight.size)) < track).all(axis=0)
            hits.append(0.9 * np.sum(weight[kept]) / (2 * BATCH))
        error = np.std(hits, ddof=1) / np.sqrt(200)
        assert found["mu"].table().efficiency(ctau)[0] == approx(np.mean(hits), abs=4 * error)
        assert error < 0.01 * np.mean(hits)


def test_the_cut_flow_ends_at_the_efficiency():
    """Every event through every cut, in place of cheap cuts first."""
    muons = source(1.0, "mu")
    flow = cut_flow(muons, CUTS, CMS, 1e-3, "mu", events=BATCH)
    values = [value for value, _ in flow.values()]
    assert (np.diff(values) <= 0).all()
    assert values[0] == approx(1, rel=0.02)
    events = passed(muons, CUTS, CMS, 0, BATCH)
    chosen = events.prompt["mu"] > 0
    seen = efficiency_between(
        *(v[chosen] for v in (events.least, events.most, events.rho)), 1e-3, CUTS, ("mu", "mu")
    )
    assert values[-1] == approx(0.9 * np.sum(seen * events.weight[chosen]) / BATCH, rel=1e-12)
    assert list(flow) == [
        "all", "eta", "prompt p_T", "displaced p_T", "d0", "dz", "pair p_T", "three-lepton mass", "resonances",
        "cos(SV, pair)", "dphi", "dR", "tracker", "prompt efficiency", "displaced efficiency",
    ]  # fmt: skip
    with pytest.raises(InputError, match="must be positive"):
        cut_flow(muons, CUTS, CMS, 0.0, events=10)


def test_prompt_leptons_of_taus_integrated_and_drawn():
    """The share of the tau's momentum is integrated; the cut flow draws it."""
    taus = source(1.0, "mu", through_tau=True)
    flow = cut_flow(taus, CUTS, CMS, 1e-3, "e", events=4 * BATCH)
    value, error = flow["displaced efficiency"]
    found = shares(taus, CUTS, CMS, Precision(error=1e-3, batches=4))["e"].table()
    seen, relative = found.efficiency(1e-3)
    assert seen == approx(value, abs=4 * np.hypot(error, seen * relative))
    assert error < 0.08 * value
    assert relative < 0.7 * error / value  # less than if it were drawn


@pytest.mark.parametrize("block", [5000, 65536])
def test_the_same_bits_for_any_block(sample, block):
    other = shares(source(1.0, "mu"), CUTS, CMS, TWO, block=block)
    for flavor in LEPTONS:
        assert np.array_equal(other[flavor].parts, sample[1][flavor].parts)


def test_a_flavor_does_not_depend_on_the_other(sample):
    alone = shares(source(1.0, "mu"), CUTS, CMS, TWO, flavors=("mu",))
    assert np.array_equal(alone["mu"].parts, sample[1]["mu"].parts)


def test_samples_grow_until_the_error_is_met():
    muons = source(1.0, "mu")
    wanted = np.geomspace(1e-3, 100, 21)
    for precision, most in (
        (Precision(error=0.012, batches=8), 8),
        (Precision(error=1e-3, batches=3), 3),
    ):
        found = shares(muons, CUTS, CMS, precision)
        errors = [found[flavor].efficiency(wanted)[1].max() for flavor in LEPTONS]
        events = found["e"].events
        assert events % BATCH == 0
        if max(errors) > precision.error:  # it is said, and everything was tried
            assert events == most * BATCH
        else:
            assert events < most * BATCH
    assert max(errors) > 1e-3


def test_nothing_passes_where_nothing_can():
    found = shares(source(90.0, "mu"), CUTS, CMS, TWO)["e"]
    value, error = found.table().efficiency(LENGTHS)
    assert not value.any()
    assert not error.any()


def test_the_nodes_are_fixed():
    assert TIMES.size == NODES == 554
    assert (TIMES[0], TIMES[-1]) == approx((1e-9, 1.0191e3), rel=1e-4)
    assert np.diff(np.log(TIMES)) == approx(np.full(NODES - 1, 0.05), rel=1e-9)


def test_efficiencies_of_a_constant():
    """A = 1 everywhere is an efficiency of one; a step at T0 gives exp(-T0/ctau)."""
    assert efficiency_of(np.ones(NODES), LENGTHS) == approx(np.ones(6), rel=2e-5 + 1e-3)
    step = np.where(TIMES > 1e-2, 1.0, 0.0)
    assert efficiency_of(step, 1e-2) == approx(np.exp(-1), rel=0.02)
    assert efficiency_of(np.ones((3, NODES)), LENGTHS.reshape(2, 3)).shape == (3, 2, 3)
    with pytest.raises(InputError, match="must be positive"):
        efficiency_of(np.ones(NODES), 0.0)


# ---- numbers of an independent Monte Carlo


def test_electron_pairs_at_the_lhc():
    """1 GeV, 14 TeV: 2.4e-4, 1.3e-3, 8.0e-4, 1.2e-4, 1.2e-5 for .1 mm, 1 mm, 1 cm, 10 cm, 1 m (two digits)."""
    found = shares(source(1.0, "e"), CUTS, CMS, Precision(error=0.01))["e"].table()
    value, _ = found.efficiency(LENGTHS[1:])
    assert value == approx(np.array([2.4e-4, 1.3e-3, 8.0e-4, 1.2e-4, 1.2e-5]), rel=0.06)


ALTERNATIVES = {  # efficiency over that of the default: e pairs and mu pairs, 3 GeV, 1 cm, HL-LHC; FCC-hh
    "either": ({"d0_tracks": "either"}, 1.08, 1.05),
    "no pair p_T": ({"pair_pT_min": 0.0}, 1.05, 1.03),
    "no mass": ({"mass_min": 0.0, "mass_max": 1e4}, 1.06, 1.07),
    "no resonances": ({"resonances": ()}, 1.16, 1.09),
    "no dphi": ({"dphi_min": 0.0}, 1.01, 1.03),
    "no displaced p_T": ({"displaced_pT_e": 0.0, "displaced_pT_mu": 0.0}, 1.7, 2.4),
    "once per pair": ({"efficiency_per": "pair"}, 1.56, None),
    "highest": ({"displaced_efficiency": "highest"}, 2.7, None),
    "one": ({"displaced_efficiency": "one"}, 3.8, None),
}


@pytest.fixture(scope="module")
def combined():
    """Efficiency of both pairs together, (3.1), at 3 GeV and 1 cm, with the default cuts changed."""
    from physics.neutrino_dipole.widths.totals import branching_ratio

    parts = {
        tag: float(branching_ratio([3.0], np.inf, "e", f"nu_{tag}_{tag}")[0]) for tag in LEPTONS
    }
    precision = Precision(error=0.5, batches=2)

    def of(collider, tracker, **changed):
        cuts = replace(CUTS, **changed)
        found = {
            tag: shares(source(3.0, tag, collider), cuts, tracker, precision)["e"]
            .table()
            .efficiency(1e-2)[0]
            for tag in LEPTONS
        }
        return sum(parts[tag] * found[tag] for tag in LEPTONS) / sum(parts.values())

    return of


@pytest.mark.long
@pytest.mark.parametrize(("changed", "lhc", "fcc"), ALTERNATIVES.values(), ids=ALTERNATIVES)
def test_alternatives(combined, changed, lhc, fcc):
    ratio = combined("lhc-14tev", CMS, **changed) / combined("lhc-14tev", CMS)
    assert ratio == approx(lhc, rel=0.025)
    if fcc is not None:
        one = {"displaced_efficiency": "one"}
        ratio = combined("fcc-100tev", FCC, **changed, **one) / combined("fcc-100tev", FCC, **one)
        assert ratio == approx(fcc, rel=0.025)
