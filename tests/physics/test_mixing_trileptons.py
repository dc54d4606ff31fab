"""A prompt and two displaced leptons of N that mixes: efficiencies, counts, the CMS search as it was."""

from dataclasses import replace

import numpy as np
import pytest
from approx import approx

from physics.errors import InputError
from physics.kernel import StoredTables
from physics.mixing.bosons import w_width
from physics.mixing.trileptons.decay import trilepton_decay
from physics.mixing.widths import partial_widths
from physics.models.model import models
from physics.models.tasks import complete_axes, make_kernel, make_tasks, search_in, seconds_per_cell
from physics.searches.displaced_trilepton import Precision
from physics.trileptons.tables import acceptance

MIXING, EFFICIENCY = models["mixing"], models["mixing-trilepton-efficiency"]
SAMPLING = {"points": 4096, "replicas": 8, "seed": 2301}
QUICK = Precision(error=0.05, batches=2)


def search(**changes):
    return replace(search_in(MIXING, "HL-LHC-displaced"), precision=QUICK, **changes)


def counts(one, masses, U2, flavors=("mu",), **options):
    axes = {"flavor": flavors, "m_N": tuple(masses), "U2": tuple(U2)}
    (task,) = make_tasks(MIXING, [one], axes, MIXING.complete_options(options), SAMPLING, ("W",))
    assert seconds_per_cell(task) > 0
    found = make_kernel(task).evaluate({"m_N": slice(None)})[one.tag]
    return found["counts"][:, :, 0], found["relative_error"]


@pytest.fixture(scope="module")
def cms():
    """138/fb at 13 TeV, as many W as in arXiv:2301.08592 table 1 for 3000/fb; N of 10 and 12 GeV, mu."""
    one = search(collider="lhc-13tev", exposure=6e11 * 138 / 3000)
    U2 = np.geomspace(1e-7, 1e-5, 101)
    return {
        pairs: (U2, counts(one, (10.0, 12.0), U2, pairs=pairs)[0][0])
        for pairs in ("all", "same-flavor")
    }


@pytest.mark.parametrize(
    ("pairs", "events", "expected"),
    [("all", 1.28 * 150**0.5, (1.0e-6, 1.2e-6)), ("all", 3.0, (2.5e-7, 2.2e-7))],
)
def test_reach_of_the_cms_search(cms, pairs, events, expected):
    """An independent reference, two digits, with e mu pairs: 5%."""
    U2, found = cms[pairs]
    for values, limit in zip(found, expected, strict=True):
        low = np.flatnonzero(values > events)[0]
        at = np.interp(
            np.log(events), np.log(values[low - 1 : low + 1]), np.log(U2[low - 1 : low + 1])
        )
        assert np.exp(at) == approx(limit, rel=0.05)


def test_e_mu_pairs_count(cms):
    """They add some 10 to 60%, depending on the lifetime."""
    ratio = cms["all"][1] / cms["same-flavor"][1]
    assert ratio.min() > 1.1
    assert ratio.max() < 1.7


@pytest.mark.parametrize(("nature", "states"), [("dirac", 1), ("majorana", 2)])
def test_counts_are_eq_3_2(nature, states):
    """Written out; a Majorana N lives half as long and forgets its spin."""
    m_N, flavor, U2, one = 8.0, "mu", 3e-7, search()
    parts = partial_widths(m_N, flavor)
    ctau = [1.973269804e-16 / (states * sum(parts.values()) * U2)]
    names = {"ee": "nu e e", "mumu": "nu mu mu", "emu": "mu e nu"}
    seen = sum(
        parts[tag] / sum(parts.values())
        * acceptance(one, trilepton_decay(m_N, flavor, pair, nature), flavor, 2301).efficiency(ctau)[0]
        for pair, tag in names.items()
    )  # fmt: skip
    expected = 6e11 * float(w_width(m_N, flavor)) / 2.085 * U2 * seen[0]
    found, error = counts(one, [m_N], [U2], [flavor], nature=nature)
    assert found.item() == approx(expected, rel=1e-9)
    assert 0 < error.item() < 0.05


def test_efficiencies_of_the_design():
    """Eq. (3.1) with e e and mu mu: at most 0.9 to 1.2e-2 below 10 GeV at HL-LHC; N couples to e."""
    one, ctau = search(), np.geomspace(1e-4, 1.0, 20)
    parts = partial_widths(10.0, "e")
    both = {"ee": parts["nu e e"], "mumu": parts["nu mu mu"]}
    seen = sum(
        width * acceptance(one, trilepton_decay(10.0, "e", pair), "e", 2301).efficiency(ctau)[0]
        for pair, width in both.items()
    )
    assert 0.85e-2 < seen.max() / sum(both.values()) < 1.3e-2


def test_decays_that_are_not_there():
    assert trilepton_decay(10.0, "tau", "emu") is None
    assert trilepton_decay(0.2, "e", "mumu") is None
    with pytest.raises(InputError, match="at most 75 GeV, not 76"):
        trilepton_decay(76.0, "e", "ee")
    heavy = {"m_N": (80.0,), "flavor": ("e",), "U2": (1e-9,)}
    with pytest.raises(InputError, match="at most 75 GeV, not 80"):
        complete_axes(MIXING, heavy, [search()])
    heavy = {"m_N": (80.0,), "proper_decay_length": (1.0,)}
    with pytest.raises(InputError, match="at most 75 GeV, not 80"):
        complete_axes(EFFICIENCY, heavy, [search_in(EFFICIENCY, "HL-LHC-displaced")])
    with pytest.raises(InputError, match="unknown option of the model mixing-trilepton-efficiency"):
        EFFICIENCY.complete_options({"pairs": "all"})


def test_flavors_share_their_events():
    """N that mixes with mu or tau decays to e e through the Z alone; equal decays are drawn once."""
    mu, tau = (trilepton_decay(5.0, flavor, "ee") for flavor in ("mu", "tau"))
    assert mu == tau
    assert mu.label != trilepton_decay(5.0, "e", "ee").label


@pytest.fixture(scope="module")
def cube():
    """Efficiencies at 8 GeV as a scan stores them."""
    one = replace(search_in(EFFICIENCY, "HL-LHC-displaced"), precision=QUICK)
    axes = {
        "flavor": ("mu", "tau"), "pair": ("ee", "mumu", "emu"), "m_N": (8.0,),
        "proper_time": EFFICIENCY.axis("proper_time").default, "proper_decay_length": (1e-3, 0.1),
    }  # fmt: skip
    options = EFFICIENCY.complete_options({})
    (task,) = make_tasks(EFFICIENCY, [one], axes, options, SAMPLING, ("W",))
    arrays = make_kernel(task).evaluate({"m_N": slice(None)})
    return StoredTables(EFFICIENCY.tag, {one.tag: one}, axes, options, SAMPLING, arrays)


def test_cube_of_efficiencies(cube):
    """The stored efficiency is that which counts are made with; flavors without the pair have none."""
    found = cube.arrays["HL-LHC-displaced"]["counts"]
    table = acceptance(search(), trilepton_decay(8.0, "mu", "mumu"), "mu", 2301)
    assert found[0, 1, 0, 0] == approx(table.efficiency([1e-3, 0.1])[0], rel=1e-12)
    assert (found[1, 2] == 0).all()
    assert 0 < found[1, 1].max() < found[0, 1].max()


def test_counts_from_a_stored_cube(cube):
    """The same bit for bit; a cube of another nature is refused."""
    one, U2 = search(), (1e-8, 1e-6)
    axes = {"flavor": ("mu", "tau"), "m_N": (8.0,), "U2": U2}
    for nature in ("dirac", "majorana"):
        options = MIXING.complete_options({"nature": nature})
        (task,) = make_tasks(MIXING, [one], axes, options, SAMPLING, ("W",))
        task = replace(task, tables=cube)
        if nature == "majorana":
            with pytest.raises(InputError, match="nature = dirac, and the scan has majorana"):
                make_kernel(task)
        else:
            found = make_kernel(task).evaluate({"m_N": slice(None)})[one.tag]["counts"]
            assert np.array_equal(found[:, :, 0], counts(one, (8.0,), U2, ("mu", "tau"))[0])
