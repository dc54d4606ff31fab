"""Cuts on three leptons, one by one on hand-made events, and impact parameters against straight lines in space."""

from dataclasses import replace

import numpy as np
import pytest
from approx import approx

from physics.detectors.trilepton_cuts import POINTS, RESONANCES, Tracker, TrileptonCuts
from physics.errors import InputError
from physics.trileptons.selection import CUTS, Leptons, per_time, windows

TRACKER = Tracker(2.5, 0.5, 3.0)
CUTS_OF_CMS = TrileptonCuts()


def track(p_T, eta, phi, mass=0.0):
    p = np.array([p_T * np.cos(phi), p_T * np.sin(phi), p_T * np.sinh(eta)])
    return np.array([np.sqrt(p @ p + mass**2), *p])[:, None]


def event(flavors=("e", "e"), heavy=None, **changed):
    """One that passes: lepton 1 opposite to a narrow pair, three leptons of about 63 GeV."""
    given = {"prompt": (40, 0.2, 0.0), "first": (15, 0.5, np.pi), "second": (10, 0.6, 2.9)}
    prompt, first, second = (track(*{**given, **changed}[name]) for name in given)
    pair = first + second
    return Leptons(prompt, first, second, pair if heavy is None else heavy, flavors)


def passing(leptons, cuts=CUTS_OF_CMS, tracker=TRACKER, prompt="e"):
    return {name for name, cut in CUTS.items() if cut(leptons, cuts, tracker, prompt)[0]}


def failing(*arguments, **keywords):
    return set(CUTS) - passing(*arguments, **keywords)


def pair_of_mass(mass, p_T=30.0):
    """Two leptons of equal p_T and opposite azimuth around pi with a given invariant mass."""
    half = np.arcsin(mass / p_T)
    return {"first": (p_T / 2, 0.5, np.pi - half), "second": (p_T / 2, 0.5, np.pi + half)}


def test_the_first_event_passes():
    assert failing(event()) == set()


@pytest.mark.parametrize(
    ("changed", "cut"),
    [
        ({"prompt": (40, 2.51, 0.0), "first": (15, 2.3, np.pi), "second": (10, 2.3, 3.0)}, "eta"),
        ({"prompt": (31.9, 0.2, 0.0), "first": (19, 0.5, np.pi)}, "prompt p_T"),
        ({"second": (6.9, 0.6, 2.9), "first": (19, 0.5, np.pi)}, "displaced p_T"),
        ({"prompt": (60, 0.2, 0.0), "first": (7.2, 0.5, np.pi), "second": (7.3, 0.6, 2.9)}, "pair p_T"),
        ({"prompt": (33, 0.2, 0.0), "first": (9, 0.5, 3.0), "second": (8, 0.6, 2.9)}, "three-lepton mass"),
        ({"prompt": (70, 0.2, 0.0)}, "three-lepton mass"),
        ({"first": (25, 0.5, np.pi), "second": (8, 0.6, 0.9), "prompt": (36, 0.6, 0.0)}, "dphi"),
    ],
)  # fmt: skip
def test_each_cut_on_momenta(changed, cut):
    assert cut in failing(event(**changed))
    first_three = ("eta", "prompt p_T", "displaced p_T")
    if cut in first_three:
        assert failing(event(**changed)) == {cut}


def test_thresholds_go_by_flavor():
    """Prompt e 32, mu 25; displaced e 7, mu 5, each lepton by its own."""
    soft = event(prompt=(30, 0.2, 0.0), first=(25, 0.5, np.pi))
    assert failing(soft, prompt="e") == {"prompt p_T"}
    assert failing(soft, prompt="mu") == set()
    low = {"first": (20, 0.5, np.pi), "second": (6, 0.6, 2.9)}
    for flavors, fails in (
        (("e", "e"), True),
        (("e", "mu"), False),
        (("mu", "e"), True),
        (("mu", "mu"), False),
    ):
        assert ("displaced p_T" in failing(event(flavors, **low))) == fails
    assert "displaced p_T" in failing(
        event(("mu", "mu"), first=(20, 0.5, np.pi), second=(4.9, 0.6, 2.9))
    )


def test_eta_is_the_trackers():
    forward = event(prompt=(40, 3.0, 0.0), first=(15, 3.3, np.pi), second=(10, 3.4, 2.9))
    assert "eta" in failing(forward)
    assert failing(forward, tracker=Tracker(4.0, 1.6, 5.0)) == set()


@pytest.mark.parametrize(("name", "mass"), RESONANCES.items())
def test_resonances(name, mass):
    """Within 0.08 GeV, same flavor only; Upsilons are not vetoed by default."""
    vetoed = name in CUTS_OF_CMS.resonances
    assert vetoed == (not name.startswith("Upsilon"))
    cuts = replace(CUTS_OF_CMS, resonances=(name,))
    for offset, inside in ((0.079, True), (-0.079, True), (0.081, False), (-0.081, False)):
        close = event(**pair_of_mass(mass + offset))
        assert ("resonances" in failing(close, cuts)) == inside
        assert "resonances" not in failing(event(("e", "mu"), **pair_of_mass(mass + offset)), cuts)
        assert "resonances" not in failing(close, replace(cuts, resonances=()))
    wide = replace(cuts, resonance_width=0.16)
    assert "resonances" in failing(event(**pair_of_mass(mass + 0.15)), wide)


def test_the_distance_of_the_displaced_ones():
    for change, inside in ((0.99, True), (1.01, False)):
        tilted = event(first=(15, 0.5, 3.0), second=(10, 0.5 + change, 3.0))
        assert ("dR" not in failing(tilted)) == inside
    both = event(first=(15, 0.0, 3.0 - 0.4), second=(10, 0.8, 3.0 + 0.4))  # 0.8 and 0.8: 1.13
    assert "dR" in failing(both)
    across = event(first=(15, 0.5, np.pi - 0.3), second=(10, 0.5, -np.pi + 0.3))
    assert "dR" not in failing(across)


def test_the_pair_points_back():
    pair = event().pair
    axis = np.cross(pair[1:, 0], [0, 0, 1.0])
    axis /= np.linalg.norm(axis)
    for cos, inside in ((0.9905, True), (0.9895, False), (-0.999, False)):
        p = pair[1:, 0] * cos + axis * np.linalg.norm(pair[1:, 0]) * np.sqrt(1 - cos**2)
        heavy = np.array([np.sqrt(p @ p + 1), *p])[:, None]
        assert ("cos(SV, pair)" not in failing(event(heavy=heavy))) == inside


def test_azimuth_between_prompt_and_both():
    assert "dphi" in failing(event(first=(15, 0.5, 0.99), second=(10, 0.5, 1.4)))
    assert "dphi" in failing(event(first=(15, 0.5, 1.4), second=(10, 0.5, -0.99)))
    assert "dphi" not in failing(event(first=(15, 0.5, 1.01), second=(10, 0.5, 1.5)))


# ---- the vertex


def nearest_to_the_beam(vertex, momentum):
    """Point of a straight line that is nearest to the z axis, by a fine search."""
    points = vertex + np.linspace(-5, 5, 200001)[:, None] * momentum
    return points[np.argmin(np.hypot(points[:, 0], points[:, 1]))]


@pytest.fixture(scope="module")
def random_events():
    rng = np.random.default_rng(3)
    prompt, first, second, heavy = (
        np.concatenate(
            [
                track(*v)
                for v in zip(
                    rng.uniform(5, 40, 4), rng.normal(size=4), rng.uniform(-3, 3, 4), strict=True
                )
            ],
            axis=1,
        )
        for _ in range(4)
    )
    return Leptons(prompt, first, second, heavy, ("e", "mu"))  # fmt: skip


def test_impact_parameters_are_those_of_straight_lines(random_events):
    m_N, T = 2.0, 0.03
    rates = per_time(random_events, m_N)
    for i in range(4):
        vertex = T * random_events.heavy[1:, i] / m_N
        assert np.hypot(*vertex[:2]) == approx(T * rates.rho[i], rel=1e-12)
        assert abs(vertex[2]) == approx(T * rates.z[i], rel=1e-12)
        for j, lepton in enumerate((random_events.first, random_events.second)):
            direction = lepton[1:, i] / np.hypot(*lepton[1:3, i])
            point = nearest_to_the_beam(vertex, direction)
            assert np.hypot(*point[:2]) == approx(T * rates.d0[j, i], rel=1e-3)
            assert abs(point[2]) == approx(T * rates.dz[j, i], abs=2e-4)


def test_windows_of_proper_time(random_events):
    """The cuts on d0, dz and the vertex, at times inside and outside of the window."""
    rates = per_time(random_events, 2.0)
    for tracks, combine in (("both", np.min), ("either", np.max)):
        cuts = replace(CUTS_OF_CMS, d0_tracks=tracks, dz_max=0.02)
        low, high = windows(rates, cuts, TRACKER)
        for T in np.geomspace(1e-5, 1, 200):
            d0 = combine(T * rates.d0, axis=0) > 1e-4
            dz = (T * rates.dz < 0.02).all(axis=0)
            inside = (T * rates.rho < 0.5) & (T * rates.z < 3.0)
            assert np.array_equal((low < T) & (high > T), d0 & dz & inside)


# ---- efficiencies of displaced tracks


def efficiency(cuts, leptons, rho):
    return sum(
        c0 + c1 * rho + c2 * rho**2
        for end, (start, c0, c1, c2) in cuts.efficiency_pieces(leptons)
        if start <= rho < end
    )


@pytest.mark.parametrize("kind", ["lowest", "highest"])
def test_efficiencies_at_the_points_of_the_paper(kind):
    cuts = TrileptonCuts(displaced_efficiency=kind)
    for flavor, points in POINTS[kind].items():
        for rho, value in points:
            assert efficiency(cuts, (flavor, flavor), rho) == approx(value**2, rel=1e-12)
            once = replace(cuts, efficiency_per="pair")
            assert efficiency(once, (flavor, flavor), rho) == approx(value, rel=1e-12)
    assert POINTS["lowest"]["e"] == ((0.10, 0.20), (0.25, 0.15))
    assert POINTS["lowest"]["mu"] == ((0.10, 0.85), (0.50, 0.40))
    assert POINTS["highest"]["e"] == ((0.10, 0.80), (0.25, 0.60))
    assert POINTS["highest"]["mu"] == ((0.10, 0.95), (0.50, 0.80))


def test_lines_of_the_default():
    """e .2333 - .3333 rho/m, mu .9625 - 1.125 rho/m, per lepton, and zero where a line ends."""
    cuts = TrileptonCuts()
    for rho in (0.0, 0.05, 0.3, 0.6):
        e, mu = 0.7 / 3 - rho / 3, 0.9625 - 1.125 * rho
        assert efficiency(cuts, ("e", "e"), rho) == approx(e**2, rel=1e-12)
        assert efficiency(cuts, ("mu", "e"), rho) == approx(e * mu, rel=1e-12)
    assert efficiency(cuts, ("e", "e"), 0.71) == 0
    assert efficiency(cuts, ("mu", "mu"), 0.86) == 0
    flat = TrileptonCuts(displaced_efficiency="lowest-constant")
    assert efficiency(flat, ("e", "mu"), 0.01) == approx(0.2 * 0.85, rel=1e-12)
    assert efficiency(flat, ("e", "mu"), 0.2) == efficiency(cuts, ("e", "mu"), 0.2)
    assert efficiency(TrileptonCuts(displaced_efficiency="one"), ("e", "mu"), 1.4) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"d0_tracks": "one"}, "selection d0_tracks"),
        ({"displaced_efficiency": "best"}, "selection displaced_efficiency"),
        ({"resonances": ("rho",)}, "selection resonances"),
        ({"prompt_pT_e": -1.0}, "prompt_pT_e must be zero or positive"),
        ({"d0_min": 0.0}, "d0_min must be positive"),
        ({"cos_min": 1.0}, "cos_min must lie between"),
        ({"mass_min": 90.0}, "mass_min = 90 must lie below"),
        ({"prompt_efficiency": 1.1}, "prompt_efficiency must lie"),
    ],
)
def test_cuts_that_make_no_sense(wrong, said):
    with pytest.raises(InputError, match=said):
        TrileptonCuts(**wrong)
