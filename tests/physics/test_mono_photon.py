"""Single photons at e+e- colliders: counts, and the ranges that arXiv:2301.06050 quotes."""

from dataclasses import asdict, replace

import heavy_widths as by_hand
import numpy as np
import pytest
import yaml
from approx import approx

from physics.errors import InputError
from physics.models.model import models
from physics.models.tasks import chosen_channels, make_kernel, make_tasks, search_in
from physics.neutrino_dipole.annihilation.acceptance import acceptance
from physics.neutrino_dipole.annihilation.quadratic import convention
from physics.quantities.base import quantities
from physics.searches.catalogue import experiment, experiment_from, read_experiment
from scanner.limits.methods.base import Observation, critical_signal
from scanner.queries.contours import reach

DIPOLE = models["dipole"]
D_Z_ZERO = float(2 * np.sqrt(0.2312 / 0.7688))  # a = 2 tan(theta_w)
DERIVED = ("computed", "radiated")
SINGULAR = -2 * np.sqrt(0.7688 / 0.2312)
A = np.unique([*np.linspace(-10, 10, 201), D_Z_ZERO])


def kernel(
    name, conventions=("exact",), flavors=("e",), masses=(10.0,), a=(0.0,), d=(1e-5,), **options
):
    axes = {
        "convention": conventions,
        "flavor": flavors,
        "m_N": masses,
        "a": tuple(a),
        "d_gamma": tuple(d),
    }
    search = search_in(DIPOLE, name)
    sampling = {"points": 1024, "replicas": 4, "seed": 1}
    (task,) = make_tasks(
        DIPOLE,
        [search],
        axes,
        DIPOLE.complete_options({"initial_state": "none"} | options),
        sampling,
        chosen_channels(DIPOLE, (), [search]),
    )
    return make_kernel(task)


def counts(name, **axes):
    """(convention, flavor, mass, a, d)"""
    return kernel(name, **axes).evaluate({"m_N": slice(None)})[name]["counts"][..., 0, :]


def lowest(name, tag, flavor, mass, a=A):
    """Lowest excluded coupling for each a, by the search's own criterion."""
    d = np.geomspace(1e-8, 1e-1, 701)
    found = counts(name, conventions=(tag,), flavors=(flavor,), masses=(mass,), a=a, d=d)[0, 0, 0]
    return reach(np.asarray(a), d, found, own_level(experiment(name))).low


def own_level(search):
    """Critical signal of a search's own criterion."""
    statistic = dict(search.statistic)
    method = statistic.pop("method")
    return critical_signal(method, Observation(search.background, search.observed), statistic)


@pytest.mark.parametrize(
    ("name", "flavor", "mass", "positive", "quoted"),
    [
        ("LEP1-OPAL", "e", 10.0, True, (2.0e-5, 4.5e-4)),
        ("LEP2-DELPHI", "e", 100.0, False, (7.1e-5, 3.5e-4)),
        ("LEP2-DELPHI", "mu", 100.0, False, (2.5e-4, 4.1e-4)),
        ("CEPC-Z", "e", 10.0, True, (1.5e-7, 3.3e-6)),
        ("CEPC-H-basic", "e", 100.0, False, (2.5e-6, 1.3e-5)),
        ("CEPC-H-basic", "mu", 100.0, False, (9.9e-6, 1.6e-5)),
    ],
)
def test_ranges_quoted_by_the_paper(name, flavor, mass, positive, quoted):
    """arXiv:2301.06050 secs. IV and V, |a| <= 10, in the convention ``paper``: within 7%."""
    a = A[A > 0] if positive else A
    low = lowest(name, "paper", flavor, mass, a)
    assert np.isfinite(low).all()
    assert (low.min(), low.max()) == approx(quoted, rel=0.07)


@pytest.mark.parametrize(
    ("name", "flavor", "a", "quoted"),
    [
        ("LEP2-DELPHI", "e", -3.7, 7.1e-5),
        ("LEP2-DELPHI", "e", 0.1, 3.5e-4),
        ("LEP2-DELPHI", "mu", -2.2, 2.5e-4),
        ("LEP2-DELPHI", "mu", 3.0, 4.1e-4),
        ("CEPC-H-basic", "e", -3.7, 2.5e-6),
        ("CEPC-H-basic", "e", 0.1, 1.3e-5),
        ("CEPC-H-basic", "mu", -2.1, 9.9e-6),
        ("CEPC-H-basic", "mu", 3.6, 1.6e-5),
    ],
)
def test_single_points_of_figure_5(name, flavor, a, quoted):
    """arXiv:2301.06050 fig. 5, 100 GeV, convention ``paper``: the ends of the quoted ranges are limits within 7%.

    N at 100 GeV is prompt at these couplings, so that its counts go with d^2 (by calc, one point each).
    """
    words = {"m_N": 100.0, "d_gamma": quoted, "flavor": flavor, "a": a, "convention": "paper"}
    found = quantities["events"].evaluate({"experiment": name, **words})[0].value
    limit = quoted * np.sqrt(own_level(experiment(name)) / found)
    assert limit == approx(quoted, rel=0.07)


def test_fcc_ee_is_lep_scaled_by_luminosity():
    """arXiv:2301.08592 eq. (2.12) for scenario II, prompt N of 10 GeV.

    Couplings scale with L^(-1/4): (0.2/150e3)^(1/4) = 3.40e-2 (3.3e-2 is printed, as a ratio of cross-sections).
    0.1 pb alone give 6e-6 at LEP, so that FCC-ee has 6e-6 x 0.034 = 2e-7, one digit each.
    """
    search = experiment("FCC-ee-mono-photon")
    statistic = dict(search.statistic)
    method = statistic.pop("method")
    d = np.geomspace(1e-8, 1e-4, 401)
    found = counts(search.tag, flavors=("mu",), masses=(10.0,), a=(np.inf,), d=d)[0, 0, 0]
    low = []
    for luminosity in (0.2, search.exposure):
        level = critical_signal(method, Observation(luminosity=luminosity), statistic)
        scaled = found * (luminosity / search.exposure)
        low.append(reach(np.array([np.inf]), d, scaled, level).low[0])
    assert search.exposure == 150e3
    assert low[1] / low[0] == approx((0.2 / 150e3) ** 0.25, rel=1e-4)
    assert low[0] == approx(6e-6, rel=0.1)
    assert low[1] == approx(2e-7, rel=0.1)


def test_exact_treatment_is_weaker_at_the_z_pole():
    """design: by 1.4 (LEP1) and about 2 (CEPC) at the strong end; the soft photon of a polarised N does it."""
    for name, factor in (("LEP1-OPAL", 1.4), ("CEPC-Z", 2.1)):
        exact, paper = (lowest(name, tag, "mu", 10.0, [10.0])[0] for tag in ("exact", "paper"))
        assert exact / paper == approx(factor, rel=0.05)


@pytest.mark.parametrize("nature", ["dirac", "majorana"])
@pytest.mark.parametrize("tag", ["exact", "paper"])
@pytest.mark.parametrize(("m_N", "a"), [(50.0, 2.0), (70.0, -3.0)])
def test_counts_are_the_product_of_their_parts(tag, nature, m_N, a):
    """Eq. (16) with the branching ratio once, widths from ``heavy_widths.py``, long-lived and prompt N; to 5e-5.

    The acceptance is tested by itself. A Majorana N decays twice as fast and sends its photon anywhere.
    """
    search = experiment("CEPC-H")
    chosen = convention(tag)
    if nature == "majorana":
        chosen = replace(chosen, photon="isotropic")
    section = acceptance(240.0, m_N, search.cuts, chosen).accepted
    parts = by_hand.widths(m_N, a, "mu", 1 if tag == "exact" else -1)
    total, states = sum(parts.values()), 2 if nature == "majorana" else 1
    momentum = (240.0**2 - m_N**2) / (2 * 240.0)
    at_one = momentum / m_N * by_hand.HBAR_C / (states * total)  # decay length times d^2
    d = np.sqrt(at_one / np.array([1e6, 2.0, 1e-3]))
    made = [float(section.total(x, *(r * x for r in by_hand.ratios(a)), "mu")[0]) for x in d]
    expected = 20000e3 * np.array(made) * parts["nu_gamma"] / total
    expected = expected * -np.expm1(-1.0 / np.array([1e6, 2.0, 1e-3]))
    axes = {"masses": (m_N,), "a": (a,), "d": d, "flavors": ("mu",), "conventions": (tag,)}
    found = counts("CEPC-H", nature=nature, **axes)[0, 0, 0, 0]
    assert found == approx(expected, rel=5e-5)


def test_special_values_of_a_are_finite_and_no_spike():
    a = (
        -np.inf,
        -10.0,
        SINGULAR,
        np.nextafter(SINGULAR, 0),
        -2.0,
        0.0,
        D_Z_ZERO,
        10.0,
        1e9,
        np.inf,
    )
    a = tuple(sorted(a))
    found = counts("LEP2-DELPHI", conventions=("exact", "paper"), flavors=("e", "tau", "universal"),
                   masses=(1e-3, 1.0, 91.0, 150.0), a=a, d=(1e-8, 1e-4))  # fmt: skip
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert found[..., -1, :] == approx(found[..., 0, :], rel=1e-12)  # both infinities are one point
    assert found[..., -1, :] == approx(found[..., -2, :], rel=1e-6)
    near = counts(
        "LEP2-DELPHI", masses=(10.0,), a=SINGULAR + np.array([-2e-3, -1e-3, 1e-3, 2e-3]), d=(1e-9,)
    )
    grows = near[0, 0, 0, :, 0]
    assert grows[1] > grows[0]
    assert grows[2] > grows[3]


def test_no_dip_at_the_singular_point():
    """Production over d_gamma^2 diverges and BR(N -> nu gamma) vanishes there; their product has a limit."""
    a = np.sort(
        [SINGULAR + x for x in (0.0, *(s * 10.0**-n for s in (-1, 1) for n in range(4, 12)))]
    )
    found = counts("CEPC-Z", conventions=("exact", "paper"), masses=(28.0,), a=a, d=(1e-6,))
    assert (found > 0).all()
    # the neighbours at 1e-4 are 8e-4 of the limit away, from the interference of photon and Z
    assert found == approx(np.broadcast_to(found[..., :1, :], found.shape), rel=5e-3)


@pytest.mark.parametrize("name", ["LEP-Z-invisible", "CEPC-Z"])
def test_a_long_lived_n_at_the_singular_point(name):
    """docs/physics.md: counts go as 1/x^2 down to x = 2.1e-6, and are those of this distance at the point itself."""
    edge = 1e-6 / np.sqrt(0.2312)
    a = SINGULAR + np.array([0.0, 0.9 * edge, edge, 1e-4, 1e-3])
    found = counts(name, masses=(1.0,), a=a, d=(1e-12,))[0, 0, 0, :, 0]
    assert found[:2] == approx(found[2], rel=1e-5)
    assert found[2] / found[3] == approx((1e-4 / edge) ** 2, rel=1e-3)
    assert found[3] / found[4] == approx(100.0, rel=2e-3)


def test_limits_of_lifetime():
    d = np.array([1e-9, 1e-8, 1e-3, 1e-2])
    found = counts("CEPC-Z", masses=(0.5,), a=(5.0,), d=d)[0, 0, 0, 0]
    assert found[1] / found[0] == approx(1e4, rel=1e-3)  # long-lived: d^4
    assert found[3] / found[2] == approx(1e2, rel=1e-3)  # prompt: d^2


def test_one_mode_majorana_and_universal():
    d, a, masses = (1e-12, 1e-3), (1.5,), (5.0,)
    base = counts("CEPC-Z", d=d, a=a, masses=masses, flavors=("e", "mu", "tau", "universal"))
    one = counts(
        "CEPC-Z",
        d=d,
        a=a,
        masses=masses,
        flavors=("e", "mu", "tau", "universal"),
        count_antiparticle=False,
    )
    assert one == approx(base / 2, rel=1e-12)
    dirac, majorana = (
        counts("CEPC-Z", conventions=("paper",), d=d, a=a, masses=masses, nature=nature)[0, 0, 0, 0]
        for nature in ("dirac", "majorana")
    )  # in the convention "paper" the photon is isotropic anyway
    assert majorana == approx(dirac * [2, 1], rel=1e-6)
    exact = counts("CEPC-Z", d=d, a=a, masses=masses, nature="majorana")[0, 0, 0, 0]
    assert (
        exact[1] > 1.5 * base[0, 0, 0, 0, 1]
    )  # no longer soft: a Majorana N has no preferred direction
    assert base[0, 3, 0, 0, 1] == approx(base[0, :3, 0, 0, 1].sum(), rel=1e-3)


@pytest.mark.parametrize("initial_state", ["none", "radiator"])
def test_beyond_reach_and_bit_for_bit(initial_state):
    masses = (1.0, 50.0, 205.3, 205.4, 300.0)
    options = {
        "a": (0.0, 2.0),
        "d": (1e-4,),
        "flavors": ("e", "mu"),
        "initial_state": initial_state,
    }
    made = kernel("LEP2-DELPHI", masses=masses, **options)
    whole = made.evaluate({"m_N": slice(None)})["LEP2-DELPHI"]
    assert (whole["counts"][:, :, 3:] == 0).all()
    assert np.isfinite(whole["counts"]).all()
    for i in range(len(masses)):
        part = made.evaluate({"m_N": slice(i, i + 1)})["LEP2-DELPHI"]
        for name in whole:
            assert np.array_equal(part[name][:, :, 0], whole[name][:, :, i])


def test_cuts_that_exclude_everything_give_zero(tmp_path):
    text = """
kind: mono-photon
title: nothing
facility: somewhere
signature: single photon
sqrt_s: 91.2
exposure: 1
cuts: {cos_max: 0.9, E_min: 60}
efficiency: 1
decay_length: 1
background: 0
source: here
"""
    path = tmp_path / "nothing.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match="nothing is ever counted"):
        read_experiment(path)
    path.write_text(text.replace("E_min: 60", "E_min: 40"))
    found = read_experiment(path)
    search = replace(found, cuts=replace(found.cuts, E_min=60.0))
    axes = {
        "convention": ("exact",),
        "flavor": ("e",),
        "m_N": (10.0,),
        "a": (0.0,),
        "d_gamma": (1e-3,),
    }
    (task,) = make_tasks(DIPOLE, [search], axes, DIPOLE.complete_options({}), {}, ("annihilation",))
    found = make_kernel(task).evaluate({"m_N": slice(0, 1)})["nothing"]["counts"]
    assert (found == 0).all()


@pytest.mark.parametrize("key", ["sqrt_s", "efficiency", "decay_length"])
@pytest.mark.parametrize("value", [-1, 0, "wide", float("nan")])
def test_bad_files(tmp_path, key, value):
    content = {**asdict(experiment("CEPC-Z")), key: value}
    kept = {k: v for k, v in content.items() if k not in ("tag", "cuts", "statistic", *DERIVED)}
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump(kept | {"cuts": {"cos_max": 0.9, "E_min": 1}}))
    with pytest.raises(InputError, match=r"bad\.yaml") as error:
        read_experiment(path)
    assert "\n" not in str(error.value)


def test_definitions_come_back():
    for name in ("CEPC-H", "LEP1-OPAL", "FACET"):
        assert experiment_from(asdict(experiment(name))) == experiment(name)
