"""W -> l N, N -> nu l l with spin against traces of Dirac matrices through the whole chain, in the laboratory."""

from types import SimpleNamespace

import numpy as np
import pytest
from approx import approx
from dirac import (
    GAMMA,
    METRIC,
    P_L,
    P_R,
    bar,
    boost_matrix,
    dipole,
    dot,
    mass_term,
    slash,
    trace,
)

from physics.nature.constants import LEPTON_MASS
from physics.neutrino_dipole.decays.nu_dilepton import draw_mass
from physics.neutrino_dipole.trileptons.decay import VirtualPhotonPair, pair_decay
from physics.trileptons.chain import boson_table, bosons_of, make, polar_angle
from physics.trileptons.staged import Source
from physics.trileptons.stream import sample_key, uniforms
from physics.w_bosons.library import w_events

LOWERED = np.einsum("mn,nab->mab", METRIC, GAMMA)


class Bosons(SimpleNamespace):
    """Events of W bosons, told apart by what they are and not by what they hold."""

    __hash__ = object.__hash__


def one_boson(charge, sign, mass=78.0, p_T=11.0, y=-0.4):
    return Bosons(
        charge=np.array([charge]),
        quark_sign=np.array([sign]),
        mass=np.array([mass]),
        p_T=np.array([p_T]),
        y=np.array([y]),
    )


def to_laboratory(mass, p_T, y):
    """From the rest frame of a W, with boosts along x and then along z, by matrices of the tests."""
    first = boost_matrix(np.array([np.hypot(mass, p_T), p_T, 0.0, 0.0]))
    second = boost_matrix(np.array([np.cosh(y), 0.0, 0.0, np.sinh(y)]))
    return second @ first


def quarks(boson):
    """Massless quark and antiquark that make the W, along the axis of Collins and Soper."""
    matrix = to_laboratory(boson.mass[0], boson.p_T[0], boson.y[0])
    half = boson.mass[0] / 2
    z = float(boson.quark_sign[0])
    return matrix @ np.array([half, 0, 0, z * half]), matrix @ np.array([half, 0, 0, -z * half])


def chain_trace(boson, lepton, heavy, neutrino, minus, plus, m_N, m_l):
    """|M|^2 of q qbar -> W -> l N -> l nu l- l+ up to constants, summed over all spins.

    In extended precision: terms of a fast N cancel to one part in 10^12.
    """
    momenta = (*quarks(boson), lepton, heavy, neutrino, minus, plus)
    quark, antiquark, lepton, heavy, neutrino, minus, plus = (
        v.astype(np.longdouble) for v in momenta
    )
    anti = boson.charge[0] < 0
    photon, W = minus + plus, lepton + heavy
    made = dipole(-W, P_R if anti else P_L)  # the W comes in
    decays = dipole(photon, P_L if anti else P_R)
    sign = -1 if anti else 1
    line = sign * slash(heavy) + mass_term(m_N)
    left, right = slash(minus) + mass_term(m_l), slash(plus) - mass_term(m_l)
    total = 0.0
    for m in range(4):
        for n in range(4):
            ingoing = trace(slash(antiquark) @ LOWERED[m] @ P_L @ slash(quark) @ P_R @ LOWERED[n])
            for a in range(4):
                for b in range(4):
                    pair = trace(left @ LOWERED[a] @ right @ LOWERED[b])
                    if anti:
                        inner = made[:, m] @ line @ decays[:, a] @ slash(neutrino)
                        outer = bar(decays[:, b]) @ line @ bar(made[:, n]) @ slash(lepton)
                    else:
                        inner = decays[:, a] @ line @ made[:, m] @ slash(lepton)
                        outer = bar(made[:, n]) @ line @ bar(decays[:, b]) @ slash(neutrino)
                    total = total + trace(inner @ outer) * pair * ingoing
    return (total.real / dot(photon, photon) ** 2).astype(float)


@pytest.mark.parametrize("charge", [1, -1])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("m_N", "flavor"), [(1.0, "mu"), (40.0, "mu")])
def test_weights_are_the_trace_through_the_whole_chain(charge, sign, m_N, flavor):
    """The W spins along the quark; density of the events times their weights over phase space, to 1e-8."""
    decay, boson = VirtualPhotonPair(m_N, flavor), one_boson(charge, sign)
    m_l = LEPTON_MASS[flavor]
    u = uniforms(sample_key("test", m_N), 0, 40)
    made, index = make(u[1:3], np.repeat(boson_table(boson), 40, axis=1), decay)
    assert index.size == 40
    drawn = decay.draw(u[3:], *made.polarisation(decay))
    boosted = made.boosted((drawn.first, drawn.second), m_N)
    first, second = (made.laboratory(*v).T for v in boosted)
    lepton, heavy = made.prompt().T, made.heavy().T
    neutrino = heavy - first - second
    assert dot(neutrino, neutrino) == approx(np.zeros(40), abs=1e-9 * boson.mass[0] ** 2)
    assert dot(first, first) == approx(np.full(40, m_l**2), abs=1e-9 * boson.mass[0] ** 2)
    assert dot(heavy, heavy) == approx(np.full(40, m_N**2), rel=1e-9)
    total = to_laboratory(boson.mass[0], boson.p_T[0], boson.y[0]) @ np.array([78.0, 0, 0, 0])
    assert (lepton + heavy) == approx(np.tile(total, (40, 1)), abs=1e-9)

    x = (m_N / boson.mass[0]) ** 2
    density = made.sin**2 + x * (1 + made.cos) ** 2
    s, _, per_mass = draw_mass(u[3], m_N, m_l)
    model = density * drawn.weight / per_mass * (1 - s / m_N**2) / s
    minus, plus = (first, second) if charge > 0 else (second, first)
    exact = chain_trace(boson, lepton, heavy, neutrino, minus, plus, m_N, m_l)
    ratio = model / exact
    assert ratio == approx(np.full(40, ratio[0]), rel=1e-8)


def test_the_polar_angle_follows_its_density():
    u = (np.arange(20000) + 0.5) / 20000
    cos, weight = np.polynomial.legendre.leggauss(40)
    for plus, minus in ((1.0, 0.3), (0.2, 1.0), (1.0, 0.0), (0.0, 1.0)):
        found = polar_angle(u, np.full(u.shape, plus), np.full(u.shape, minus))
        density = plus**2 * (1 - cos**2) + minus**2 * (1 + cos) ** 2
        for power in (1, 2, 3):
            mean = np.sum(weight * density * cos**power) / np.sum(weight * density)
            assert np.mean(found**power) == approx(mean, abs=2e-4, or_zero=True)


@pytest.mark.parametrize("spin", [(0.0, 0.0), (0.9, 0.0), (-0.6, 0.8)])
def test_weights_have_the_mean_one(spin):
    """At every polarisation: the fraction of decays that pass is the mean of the weights that pass."""
    along, across = (np.full(60000, component) for component in spin)
    u = uniforms(sample_key("mean"), 0, 60000)[3:]
    weight = VirtualPhotonPair(3.0, "mu").draw(u, along, across).weight
    assert np.mean(weight) == approx(1, abs=5 * np.std(weight) / np.sqrt(60000))
    assert weight.min() >= 0
    plain = VirtualPhotonPair(3.0, "mu", polarised=False).draw(u, along, across).weight
    assert (np.array_equal(plain, weight)) == (spin == (0.0, 0.0))


def test_numbers_belong_to_events():
    """Of any part of a stream, and of no other sample."""
    key = sample_key("dipole", 1.0, "ee", "lhc")
    whole = uniforms(key, 0, 100)
    assert np.array_equal(uniforms(key, 37, 61), whole[:, 37:61])
    assert not np.array_equal(uniforms(sample_key("dipole", 2.0, "ee", "lhc"), 0, 100), whole)
    assert 0 <= whole.min() < whole.max() < 1
    assert np.corrcoef(uniforms(key, 0, 4000)) == approx(np.eye(8), abs=0.08)


def test_the_key_of_a_sample():
    """Model, mass, pair, W bosons and seed; not the spin, nor what is cut."""
    decay, boson = VirtualPhotonPair(1.0, "e"), one_boson(1, 1)
    key = Source(decay, boson, "lhc").key()
    assert Source(VirtualPhotonPair(1.0, "e", polarised=False), boson, "lhc").key() == key
    others = [
        Source(VirtualPhotonPair(1.0, "mu"), boson, "lhc"),
        Source(VirtualPhotonPair(1.0000001, "e"), boson, "lhc"),
        Source(decay, boson, "fcc"),
        Source(decay, boson, "lhc", seed=1),
    ]
    assert len({key, *(other.key() for other in others)}) == 5


def test_below_threshold_there_is_no_decay():
    assert pair_decay("mumu", 0.2, True) is None
    assert pair_decay("ee", 100.0, True) is None
    assert pair_decay("mumu", 0.3, True) == VirtualPhotonPair(0.3, "mu")


def test_a_light_virtual_W_makes_no_heavy_N():
    table = np.repeat(boson_table(one_boson(1, 1)), 50, axis=1)
    table[0] = np.where(np.arange(50) % 3, 60.0, 90.0)
    u = uniforms(sample_key("light"), 0, 50)
    made, index = make(u[1:3], table, VirtualPhotonPair(70.0, "e"))
    assert np.array_equal(index, np.arange(0, 50, 3))
    assert made.energy == approx(np.full(index.size, (90**2 + 70**2) / 180), rel=1e-12)


def test_bosons_are_taken_in_turn():
    """All of them equally often, in the same order for every part of a sample."""
    events = w_events("lhc-14tev")
    table = boson_table(events)
    assert np.array_equal(np.sort(table[0]), np.sort(events.mass))
    assert np.mean(table[1, :50_000] > 0) == approx(np.mean(events.charge > 0), abs=0.01)
    n = table.shape[1]
    assert np.array_equal(bosons_of(table, 5, 10, 20), table[:, 15:25])
    across = bosons_of(table, n - 3, 0, 10)
    assert np.array_equal(across, np.concatenate([table[:, -3:], table[:, :7]], axis=1))
    assert np.array_equal(bosons_of(table, n - 3, n, n + 10), across)


def test_prompt_leptons_of_taus():
    """4/3 (1 - x^3), the spectrum of a tau- of helicity -1/2: its first moments, and none without a tau."""
    source = Source(VirtualPhotonPair(1.0, "e"), one_boson(1, 1), "lhc", through_tau=True)
    u = (np.arange(200_000) + 0.5) / 200_000
    share, weight = source.shares(u)
    for power in (2, 3, 4):
        mean = 4 / 3 * (1 / (power + 1) - 1 / (power + 4))
        assert np.mean(weight * share**power) == approx(mean, rel=1e-3)
    assert Source(source.decay, source.bosons, "lhc").shares(u) == (1.0, 1.0)
