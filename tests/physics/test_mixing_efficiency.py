"""Efficiencies of displaced pairs of N that mixes, and counts: an independent Monte Carlo, limits, bad input."""

from dataclasses import replace

import dilepton_events as cutting
import mixing_events as mc
import numpy as np
import pytest
from approx import approx

from physics.detectors.dilepton_cuts import Detector, DileptonCuts
from physics.errors import InputError
from physics.mixing.bosons import z_width
from physics.mixing.dileptons.sample import decay_to, efficiency_table, lepton_pairs
from physics.mixing.final_states import final_state
from physics.mixing.widths import partial_widths
from physics.models.checks import check_experiment
from physics.models.model import models
from physics.models.tasks import (
    chosen_channels,
    complete_axes,
    make_kernel,
    make_tasks,
    search_in,
    seconds_per_cell,
)
from physics.numerics.sampling import Sampling
from physics.searches.catalogue import experiment

MIXING, EFFICIENCY = models["mixing"], models["mixing-dilepton-efficiency"]
IDEA = Detector(4.5, 11.0)
DISPLACED = DileptonCuts(p_miss_min=10, cos_min=-0.5, E_min=2, displacement_min=4e-4)
IMPACT = DileptonCuts(p_miss_min=10, d0_min=5e-4)
SAMPLING = Sampling(points=16384, replicas=8, seed=2308)
NEAR, IMPACTED = "FCC-ee-displaced-0.1mm", "FCC-ee-displaced-d0"


def table(cuts, m_N, flavor="e", pair="ee", nature="dirac", sampling=SAMPLING):
    return efficiency_table(cuts, IDEA, decay_to(m_N, flavor, pair, nature), sampling)


@pytest.mark.parametrize(
    ("m_N", "flavor", "pair", "bosons"),
    [(2.0, "mu", "ee", "Z"), (5.0, "mu", "emu", "W"), (40.0, "e", "ee", "ZW")],
)
def test_against_a_monte_carlo(m_N, flavor, pair, bosons):
    """Both selections, either track, three lifetimes, within 4 standard errors."""
    state = final_state(flavor, pair)
    assert (state.neutral, state.charged) == ("Z" in bosons, "W" in bosons)
    rng = np.random.default_rng([7, int(10 * m_N)])
    events = mc.generate(m_N, (state.minus, state.plus), bosons, 8_000, rng)
    either = replace(IMPACT, tracks="either")
    for cuts in (DISPLACED, IMPACT, either):
        made = table(cuts, m_N, flavor, pair)
        for length in (1e-3, 0.05, 20.0):
            value, relative = made(length)
            expected, error = cutting.efficiency(events, cuts, IDEA, length, rng)
            assert abs(value - expected) < 4 * np.hypot(error, value * relative), (cuts, length)


def test_numbers_of_the_design():
    """Fig. 7 for e e from an independent reference: |d0| > 0.5 mm at 10 cm, both selections at 0.5 mm and 30 GeV."""
    found = [float(table(IMPACT, m)(0.1)[0]) for m in (2.0, 5.0, 20.0, 30.0)]
    assert found == approx([0.56, 0.72, 0.84, 0.85], abs=0.012)
    assert float(table(IMPACT, 30.0)(5e-4)[0]) == approx(0.033, abs=1e-3)
    assert float(table(DISPLACED, 30.0)(5e-4)[0]) == approx(0.369, abs=3e-3)
    assert float(table(DileptonCuts(p_miss_min=10), 10.0)(1e-3)[0]) == approx(0.92, abs=5e-3)
    for E_min, value in ((2.0, 0.778), (0.3, 0.906)):
        cuts = DileptonCuts(p_miss_min=10, cos_min=-0.5, E_min=E_min)
        assert float(table(cuts, 10.0)(1e-3)[0]) == approx(value, abs=4e-3)


@pytest.mark.parametrize("m_N", [30.0, 50.0, 70.0])
def test_angles_between_the_leptons(m_N):
    """P(cos > 0) = 0.66, 0.40, 0.42: above 40 GeV not peaked at zero angle (fig. 10)."""
    pairs = lepton_pairs(decay_to(m_N, "e", "ee"), SAMPLING)
    share = np.sum(pairs.exact * (pairs.seen.cos_ll > 0)) / pairs.exact.sum()
    assert share == approx({30.0: 0.66, 50.0: 0.40, 70.0: 0.42}[m_N], abs=0.012)


@pytest.mark.parametrize("nature", ["dirac", "majorana"])
@pytest.mark.parametrize("m_N", [1.0, 60.0])
def test_factorised_and_by_event_agree(m_N, nature):
    """A cut of 1e-15 m on the impact parameter takes the other way of integration; 2%."""
    length = np.array([1e-4, 1e-2, 1.0, 100.0])
    one, two = (
        table(cuts, m_N, "mu", "emu", nature)(length)[0]
        for cuts in (DISPLACED, replace(DISPLACED, d0_min=1e-15))
    )
    assert two == approx(one, rel=0.02)


def test_limits():
    """1/l at long, exp(-r/l) at short decay lengths; nothing where there is no decay."""
    value = table(DISPLACED, 10.0)(np.array([1e4, 1e9, np.inf, 0.0, 1e-7]))[0]
    assert value[0] * 1e-5 == approx(value[1], rel=1e-3)
    assert value[2:].tolist() == [0, 0, 0]
    for m_N, flavor, pair in ((10.0, "tau", "emu"), (0.2, "e", "mumu"), (1e-3, "e", "ee")):
        assert (table(DISPLACED, m_N, flavor, pair)([1e-3, 1.0])[0] == 0).all()


# ---- counts


def counts(names, masses, U2, flavors=("e",), sampling=SAMPLING, **options):
    searches = [search_in(MIXING, name) for name in names]
    axes = {"flavor": flavors, "m_N": tuple(masses), "U2": tuple(U2)}
    plain = {"points": sampling.points, "replicas": sampling.replicas, "seed": sampling.seed}
    (task,) = make_tasks(
        MIXING, searches, axes, MIXING.complete_options(options), plain,
        chosen_channels(MIXING, (), searches),
    )  # fmt: skip
    assert seconds_per_cell(task) > 0
    return make_kernel(task).evaluate({"m_N": slice(None)})


@pytest.mark.parametrize(("nature", "states"), [("dirac", 1), ("majorana", 2)])
def test_counts_are_eq_4_8(nature, states):
    """Written out: two modes, partial widths, lifetime; e mu pairs beside e e and mu mu."""
    m_N, flavor, length = 15.0, "mu", 0.02
    parts = partial_widths(m_N, flavor)
    total = sum(parts.values())
    momentum = (91.1876**2 - m_N**2) / (2 * 91.1876)
    U2 = momentum * 1.973269804e-16 / (m_N * states * total * length)
    names = {"ee": "nu e e", "mumu": "nu mu mu", "emu": "mu e nu"}
    seen = sum(
        parts[tag] / total * table(DISPLACED, m_N, flavor, pair, nature)(length)[0]
        for pair, tag in names.items()
    )
    expected = 5e12 * 2 * float(z_width(m_N)) / 2.4952 * U2 * seen
    found = counts(["FCC-ee-displaced-0.4mm"], [m_N], [U2], [flavor], nature=nature)
    assert found["FCC-ee-displaced-0.4mm"]["counts"].item() == approx(expected, rel=1e-9)
    fewer = counts(
        ["FCC-ee-displaced-0.4mm"], [m_N], [U2], [flavor], nature=nature, pairs="same-flavor"
    )
    assert 0.3 < fewer["FCC-ee-displaced-0.4mm"]["counts"].item() / expected < 0.5


def test_bit_for_bit():
    """The same with one mass at a time, and with whatever other searches and flavors."""
    masses, U2 = (0.3, 8.0, 60.0), (1e-9, 1e-5)
    small = Sampling(points=1024, replicas=4, seed=1)
    whole = counts([NEAR, IMPACTED], masses, U2, ("e", "tau"), small)
    for name in (NEAR, IMPACTED):
        for i, m_N in enumerate(masses):
            alone = counts([name], [m_N], U2, ("tau",), small)[name]
            for variable, values in alone.items():
                assert np.array_equal(values[:, 0], whole[name][variable][1:, i])


def test_generic_checks_hold():
    assert all(check.passed for check in check_experiment(experiment(IMPACTED), MIXING))


def test_heavy_n_is_refused():
    for model, coupling in ((MIXING, "U2"), (EFFICIENCY, "decay_length")):
        heavy = {"flavor": ("e",), "m_N": (80.0,), coupling: (1e-9,)}
        with pytest.raises(InputError, match="at most 75 GeV, not 80"):
            complete_axes(model, heavy, [experiment(NEAR)])
    with pytest.raises(InputError, match="at most 75 GeV, not 80"):
        table(DISPLACED, 80.0)


def test_options():
    assert MIXING.complete_options({}) == {"nature": "dirac", "pairs": "all"}
    with pytest.raises(InputError, match="unknown option of the model mixing 'count_antiparticle'"):
        MIXING.complete_options({"count_antiparticle": True})
    with pytest.raises(InputError, match="option pairs: 'some' is not possible"):
        MIXING.complete_options({"pairs": "some"})
    with pytest.raises(InputError, match="unknown option of the model mixing-dilepton-efficiency"):
        EFFICIENCY.complete_options({"pairs": "all"})


def test_cube_of_efficiencies():
    """What counts are made with, and zero where a flavor has no such pair."""
    searches = [search_in(EFFICIENCY, name) for name in (NEAR, "FCC-ee-displaced-0.4mm")]
    axes = {
        "flavor": ("e", "tau"), "pair": ("ee", "mumu", "emu"), "m_N": (0.1, 10.0),
        "decay_length": (1e-3, 1.0),
    }  # fmt: skip
    plain = {"points": 1024, "replicas": 4, "seed": 1}
    options = EFFICIENCY.complete_options({"nature": "majorana"})
    (task,) = make_tasks(EFFICIENCY, searches, axes, options, plain, ("Z",))
    assert seconds_per_cell(task) > 0
    found = make_kernel(task).evaluate({"m_N": slice(None)})["FCC-ee-displaced-0.4mm"]
    assert found["counts"].shape == (2, 3, 2, 1, 2)
    sampling = Sampling(**plain)
    for j, pair in enumerate(axes["pair"]):
        value, error = table(DISPLACED, 10.0, "e", pair, "majorana", sampling)([1e-3, 1.0])
        assert np.array_equal(found["counts"][0, j, 1, 0], value)
        assert np.array_equal(found["relative_error"][0, j, 1], error)
    assert (found["counts"][1, 2] == 0).all()
    assert (found["counts"][:, 1, 0] == 0).all()  # 0.1 GeV is below two muons
