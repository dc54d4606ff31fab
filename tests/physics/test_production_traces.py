"""Rates and kinematics of every production channel against explicit Dirac matrices (``dirac.py``).

Sources: the Lagrangian of arXiv:2308.16608 eq. (2.1), its hadronic matrix elements (2.9), (2.11), (2.16) and its
table 2. Formulas for squared amplitudes, widths or spectra are not used here, only matrices and phase space.
"""

import warnings

import dirac
import numpy as np
import pytest
import rates
from approx import approx
from kinematics import spin_form
from rates import CHARGED, CKM, LEPTON, NEUTRAL, TABLE_2, VECTOR, phase_space, top
from scipy.stats import qmc

from physics.dipole.conventions import DipoleOptions
from physics.forward.photons import photon_efficiency, polarisation, polarisation_across
from physics.nature.flavors import single_flavors
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.decays.nu_gamma import decay_length
from physics.neutrino_dipole.mesons.base import production_channels

PAPER, MEASURED = DipoleOptions(constants="paper"), DipoleOptions()
FRACTIONS = (0.01, 0.2, 0.5, 0.8, 0.97, 0.999)  # of the threshold
VECTORS = list(rates.BR_EE)


# ---- the matrices themselves


def test_matrices_obey_their_algebra():
    """Clifford algebra, [sigma, gamma5] = 0 and Tr[gamma5 gamma gamma gamma gamma] ~ epsilon, to rounding."""
    products = np.einsum("mab,nbc->mnac", dirac.GAMMA, dirac.GAMMA)
    anticommutators = products + np.swapaxes(products, 0, 1)
    assert np.array_equal(anticommutators, 2 * dirac.METRIC[..., None, None] * dirac.IDENTITY)
    assert np.array_equal(dirac.SIGMA @ dirac.GAMMA5, dirac.GAMMA5 @ dirac.SIGMA)
    four = np.einsum("mnab,kbc,lcd,de->mnklae", products, dirac.GAMMA, dirac.GAMMA, dirac.GAMMA5)
    ratio = dirac.trace(four) - 4j * dirac.EPSILON * np.sign(dirac.trace(four)[0, 1, 2, 3].imag)
    assert abs(ratio).max() < 1e-12


@pytest.mark.parametrize("kind", [NEUTRAL, CHARGED])
def test_amplitudes_are_gauge_invariant_and_charge_conjugate(kind):
    """Two transverse polarisations give what -g gives; N and Nbar alike (CP); momenta conserved; to 1e-9."""
    ml = 0.1 if kind == CHARGED else 0.0
    nodes = dirac.ThreeBody(kind, 0.5, 0.12, ml, half=8)
    k, heavy, total = nodes.momenta["k"], nodes.momenta["N"], sum(nodes.momenta.values())
    np.testing.assert_allclose(total, np.broadcast_to([0.5, 0, 0, 0], total.shape), atol=1e-12)
    np.testing.assert_allclose(dirac.dot(heavy, heavy), 0.12**2, rtol=1e-9)
    np.testing.assert_allclose(dirac.dot(k, k), 0.0, atol=1e-12)

    conjugate = dirac.squared(kind, nodes.momenta, 0.12, anti=False, ml=ml)
    np.testing.assert_allclose(conjugate, nodes.amplitude2, rtol=1e-9)

    out_of_plane = np.broadcast_to([0.0, 0.0, 1.0, 0.0], k.shape)
    in_plane = np.zeros_like(k)
    in_plane[..., 1:] = np.cross(out_of_plane[..., 1:], k[..., 1:]) / k[..., :1]
    sums = sum(
        dirac.lower(e)[..., :, None] * dirac.lower(e)[..., None, :]
        for e in (in_plane, out_of_plane)
    )
    transverse = dirac.squared(kind, nodes.momenta, 0.12, ml=ml, photon=sums)
    largest = nodes.amplitude2.max()
    np.testing.assert_allclose(transverse, nodes.amplitude2, rtol=1e-9, atol=1e-12 * largest)


def test_known_widths_come_out_of_the_matrices():
    """pi -> mu nu: 2.528e-17 GeV (PDG) within 1.2% (f_pi to 0.6%); pi0 -> 2 gamma: 7.7 eV.

    The measured width has radiative corrections of 1.76(21)%, as the PDG's review of leptonic decays takes from
    Cirigliano and Neufeld; the matrices have none.
    """
    made = dirac.to_heavy_neutrino_width(0.13957039, LEPTON["mu"], 0.0)
    assert 2 * (dirac.G_FERMI * CKM["ud"] * 0.1302) ** 2 * made == approx(
        2.528e-17 / 1.0176, rel=0.012
    )
    coefficient = dirac.E2 / (4 * np.pi**2 * 0.0921)
    assert coefficient**2 * dirac.two_photon_width(0.1349768) == approx(7.7e-9, rel=0.02)


# ---- rates


@pytest.mark.parametrize("options", [PAPER, MEASURED], ids=["paper", "measured"])
@pytest.mark.parametrize("tag", TABLE_2)
def test_branching_ratios(tag, options):
    """All mesons, flavors and masses up to the threshold, to 1e-9; both sides are Gauss-type quadratures."""
    channel = production_channels[tag]
    for flavor in LEPTON:
        if not top(tag, flavor) > 0:
            assert channel.mode_branching_ratio(0.001, flavor, options) == 0
            continue
        for fraction in FRACTIONS:
            m_N = fraction * top(tag, flavor)
            expected = rates.branching_ratio(tag, flavor, m_N, options.constants)
            assert channel.mode_branching_ratio(m_N, flavor, options) == approx(
                expected, rel=1e-9
            ), (flavor, fraction)


def test_counted_leptons_per_meson():
    """Section 2.1 of arXiv:2308.16608: nu Nbar and nubar N of a neutral meson, one mode of each charge, exactly."""
    n_only = DipoleOptions(count_antiparticle=False)
    majorana = DipoleOptions(nature="majorana")
    for tag, (kind, *_) in TABLE_2.items():
        channel = production_channels[tag]
        mode = channel.mode_branching_ratio(0.01, "e", MEASURED)
        both = 1 if kind == CHARGED else 2
        assert channel.branching_ratio(0.01, "e", MEASURED) == both * mode
        assert channel.branching_ratio(0.01, "e", n_only) == mode
        assert channel.branching_ratio(0.01, "e", majorana) == both * mode
        pdg = channel.meson.pdg
        assert channel.charges(MEASURED) == ((pdg, -pdg) if kind == CHARGED else (pdg,))
        assert channel.charges(n_only) == (pdg,)
        per_flavor = [
            channel.branching_ratio(0.01, f, MEASURED) for f in single_flavors("universal")
        ]
        assert channel.branching_ratio(0.01, "universal", MEASURED) == sum(per_flavor)


@pytest.mark.parametrize("tag", TABLE_2)
def test_closed_at_and_above_threshold(tag):
    """Exactly zero and silent; just below, positive and finite."""
    channel = production_channels[tag]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for flavor in LEPTON:
            limit = channel.threshold(flavor)
            assert limit == approx(top(tag, flavor), rel=1e-12)
            for m_N in (max(limit, 0.01), max(limit, 0.01) * (1 + 1e-12), 20.0, 1e4):
                for options in (PAPER, MEASURED, DipoleOptions(form_factor="vmd")):
                    assert channel.mode_branching_ratio(m_N, flavor, options) == 0
            if limit > 0:
                near = channel.mode_branching_ratio(limit * (1 - 1e-6), flavor, MEASURED)
                assert np.isfinite(near)
                assert 0 < near < 1e-3 * channel.mode_branching_ratio(0.5 * limit, flavor, MEASURED)


@pytest.mark.parametrize("m_N", [0.01, 0.1])
@pytest.mark.parametrize(
    ("tag", "expected"), [("pi0", (1.01, 1.04)), ("eta", (1.26, 1.34)), ("eta_prime", (3.41, 3.71))]
)
def test_form_factor_enhancement(tag, expected, m_N):
    """Factors that a rho pole of width 147 MeV gives, worked out once with other code, to the digits given."""
    channel = production_channels[tag]
    ratio = channel.mode_branching_ratio(m_N, "e", DipoleOptions(form_factor="vmd"))
    ratio /= channel.mode_branching_ratio(m_N, "e", MEASURED)
    assert ratio == approx(expected[m_N == 0.1], abs=0.006)


@pytest.mark.parametrize("tag", ["pi0", "eta", "eta_prime"])
@pytest.mark.parametrize("m_N", [0.01, 0.1])
def test_form_factor_against_traces(tag, m_N):
    """|F|^2 of one rho pole, normalised at q^2 = 0, under the integral over traces, to 1e-6."""
    nodes = phase_space(tag, "e", m_N, half=120)
    pole = 0.77526**2 - 0.77526 * 0.1474j
    factor = abs(pole / (pole - nodes.q2)) ** 2
    channel = production_channels[tag]
    ratio = channel.mode_branching_ratio(m_N, "e", DipoleOptions(form_factor="vmd"))
    ratio /= channel.mode_branching_ratio(m_N, "e", MEASURED)
    assert ratio == approx(nodes.mean(factor), rel=1e-6)


@pytest.mark.parametrize(("tag", "flavor"), [("pi", "mu"), ("K", "e"), ("D_s", "tau"), ("B", "mu")])
def test_charged_mode_is_a_heavy_neutrino_decay(tag, flavor):
    """dGamma/dq^2 = d^2/(4 pi^2) (1-m^2/q^2)^3 Gamma(P -> l nu_H(q^2)), from two independent traces, to 1e-6."""
    _, mass, width, f, element = TABLE_2[tag]
    m_N, ml = 0.3 * top(tag, flavor), LEPTON[flavor]
    log_s, weight = dirac.tanh_sinh(2 * np.log(m_N), 2 * np.log(mass - ml), 32)
    s = np.clip(np.exp(log_s), m_N**2, (mass - ml) ** 2)
    to_neutrino = [dirac.to_heavy_neutrino_width(mass, ml, np.sqrt(x)) for x in s]
    total = np.sum(weight * s * (1 - m_N**2 / s) ** 3 * to_neutrino) / (4 * np.pi**2)
    total *= 2 * (dirac.G_FERMI * CKM[element] * f) ** 2 / width
    assert production_channels[tag].mode_branching_ratio(m_N, flavor, PAPER) == approx(
        total, rel=1e-6
    )


# ---- decay of N


def test_width_of_the_decay():
    """Trace of N -> nu gamma to 1e-12; times two if Majorana, times three if universal."""
    channel = decay_channels["nu_gamma"]
    for m_N in (0.01, 0.15, 3.0):
        width = dirac.photon_width(m_N)
        assert channel.width(m_N, "mu", MEASURED) == approx(width, rel=1e-12)
        assert channel.width(m_N, "universal", MEASURED) == approx(3 * width, rel=1e-12)
        majorana = DipoleOptions(nature="majorana")
        assert channel.width(m_N, "tau", majorana) == approx(2 * width, rel=1e-12)


def test_decay_length():
    """arXiv:2308.16608 eq. (2.21): 490 m (489.8 in more digits) at E = 100 GeV, m = 0.15 GeV, d = 1e-6 / GeV."""
    momentum = np.sqrt(100.0**2 - 0.15**2)
    width = decay_channels["nu_gamma"].width(0.15, "e", MEASURED) * 1e-12
    assert decay_length(0.15, momentum, width) == approx(489.8, abs=0.05)


# ---- kinematics in the rest frame


def quasi_random(count=2**14, seed=5):
    return qmc.Sobol(2, scramble=True, rng=seed).random(count)


CASES = [
    ("pi0", "e", 0.02),
    ("pi0", "e", 0.9),
    ("eta", "e", 0.001),
    ("eta", "e", 0.3),
    ("eta_prime", "e", 0.6),
    ("pi", "e", 0.1),
    ("pi", "mu", 0.5),
    ("K", "e", 0.02),
    ("K", "mu", 0.6),
    ("D", "mu", 0.3),
    ("D", "tau", 0.4),
    ("D_s", "tau", 0.1),
    ("B", "e", 0.2),
    ("B", "tau", 0.7),
]


@pytest.mark.parametrize(("tag", "flavor", "fraction"), CASES)
def test_rest_frame_energies(tag, flavor, fraction):
    """Means of E, E^2, p and a histogram of E (8 bins) against traces, to 1e-3 of the mean (16384 points)."""
    m_N, mass = fraction * top(tag, flavor), TABLE_2[tag][1]
    rest = production_channels[tag].rest_frame(m_N, flavor, quasi_random(), MEASURED)
    nodes = phase_space(tag, flavor, m_N, half=48, angles=24)
    energy = nodes.momenta["N"][:, 0]
    momentum = nodes.momenta["N"][:, 3]
    assert rest.weight.min() >= 0
    assert rest.weight.mean() == approx(1.0, abs=3e-4)
    for power in (1, 2):
        assert np.mean(rest.weight * rest.energy**power) == approx(
            nodes.mean(energy**power), rel=1e-3
        )
    assert np.mean(rest.weight * rest.momentum) == approx(nodes.mean(momentum), rel=1e-3)
    np.testing.assert_allclose(rest.energy**2 - rest.momentum**2, m_N**2, atol=1e-9 * mass**2)

    # a histogram needs dense nodes: in cells of phase space the energy is monotonic in the cosine
    dense = phase_space(tag, flavor, m_N, half=160, angles=80)
    edges = np.linspace(m_N, rest.energy.max() * (1 + 1e-12), 9)
    drawn = np.histogram(rest.energy, edges, weights=rest.weight)[0] / rest.weight.size
    traced = np.histogram(dense.momenta["N"][:, 0], edges, weights=dense.weight)[0]
    np.testing.assert_allclose(drawn, traced / dense.weight.sum(), atol=4e-3)


def test_rest_frame_of_vectors():
    """Two-body momenta by energy conservation, to 1e-12; all weights one."""
    for tag in VECTORS:
        mass, m_N = TABLE_2[tag][1], 0.35 * TABLE_2[tag][1]
        rest = production_channels[tag].rest_frame(m_N, "e", np.zeros((3, 0)), MEASURED)
        np.testing.assert_allclose(rest.energy + rest.momentum, mass, rtol=1e-12)
        np.testing.assert_allclose(rest.energy**2 - rest.momentum**2, m_N**2, rtol=1e-12)
        assert (rest.weight == 1).all()


def test_form_factor_hardens_the_neutrino_pair():
    """With a rho pole the drawn energies follow the traces times |F|^2, to 1e-3."""
    m_N, options = 0.1, DipoleOptions(form_factor="vmd")
    rest = production_channels["eta_prime"].rest_frame(m_N, "e", quasi_random(), options)
    nodes = phase_space("eta_prime", "e", m_N, half=120)
    pole = 0.77526**2 - 0.77526 * 0.1474j
    factor = abs(pole / (pole - nodes.q2)) ** 2
    energy = nodes.momenta["N"][:, 0]
    expected = nodes.mean(factor * energy) / nodes.mean(factor)
    assert np.mean(rest.weight * rest.energy) == approx(expected, rel=1e-3)
    assert abs(expected / nodes.mean(energy) - 1) > 0.02  # so that the comparison means something


# ---- spin correlation: production and decay with N between, as one squared amplitude


def photon_asymmetry(kind, momenta, m_N, axis, anti, ml):
    """(W(+) - W(-))/(W(+) + W(-)) for a photon along +-axis in the rest frame of N.

    ``axis`` is a unit three-vector in that frame, reached by a pure boost along N.
    """
    w = []
    for sign in (1, -1):
        light = np.concatenate([np.ones_like(axis[..., :1]), -sign * axis], axis=-1) * m_N / 2
        neutrino = dirac.apply(dirac.boost_matrix(momenta["N"]), light)
        w.append(dirac.production_and_decay(kind, momenta, neutrino, m_N, anti, ml))
    return (w[0] - w[1]) / (w[0] + w[1])


def in_flight(momenta, gamma, cos, turns=4):
    """Momenta in a frame where the parent has this boost along +z and N started at this cosine.

    A new leading axis holds azimuths of the other particles around N, as probable as each other.
    """
    azimuth = (np.arange(turns) + 0.3) * 2 * np.pi / turns
    turn = dirac.rotation_y(np.arccos(cos)) @ dirac.rotation_z(azimuth)
    parent = np.array([gamma, 0.0, 0.0, np.sqrt(gamma**2 - 1)])
    matrix = dirac.boost_matrix(parent) @ turn
    return {name: np.einsum("tab,...b->t...a", matrix, vector) for name, vector in momenta.items()}


def asymmetry_in_flight(kind, momenta, m_N, gamma, cos, anti=True, ml=0.0):
    """Photon asymmetries along the laboratory flight of N and across it, and N's energy.

    Both are averaged over the azimuth; the second is towards the flight of the parent, which is along +z.
    """
    moving = in_flight(momenta, gamma, cos)
    flight = moving["N"][..., 1:]
    along = flight / np.linalg.norm(flight, axis=-1, keepdims=True)
    parent = np.array([0.0, 0.0, 1.0])
    across = parent - along[..., 2:] * along
    across = across / np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-300)
    found = [
        photon_asymmetry(kind, moving, m_N, axis, anti, ml).mean(axis=0) for axis in (along, across)
    ]
    return np.array(found), moving["N"][0, ..., 0]


def package_polarisation(rest, m_N, gamma, cos):
    """What the package says for N at this cosine from parents with this boost; and N's energy."""
    ones = np.ones_like(rest.energy)
    beta = np.sqrt(1 - gamma**-2)
    energy = gamma * (rest.energy + beta * cos * rest.momentum)
    momentum = np.sqrt(energy**2 - m_N**2)
    boost = gamma * ones, beta * ones
    along = polarisation(rest, *boost, cos * ones, energy, momentum, m_N)
    sin_opening = rest.momentum * np.sqrt(1 - cos**2) / momentum
    return np.array([along, polarisation_across(rest, *boost, sin_opening, m_N)]), energy


def vector_momenta(mass, m_N):
    momentum = dirac.two_body(mass, m_N, 0.0)[1]
    return {"N": dirac.along_z(m_N, momentum), "p": dirac.along_z(0.0, momentum, -1)}


FLIGHTS = [(1.0, 0.3), (1.7, -0.9), (4.0, 0.5), (30.0, -0.2)]


@pytest.mark.parametrize("fraction", [0.05, 0.4, 0.75, 0.98])
@pytest.mark.parametrize("tag", ["rho", "J_psi"])
def test_polarisation_from_vectors(tag, fraction):
    """N and Nbar, parents at rest and in flight, to 1e-8; across the flight to 1e-7."""
    mass = TABLE_2[tag][1]
    m_N = fraction * mass
    momenta = vector_momenta(mass, m_N)
    rest = production_channels[tag].rest_frame(m_N, "e", np.zeros((1, 0)), MEASURED)
    for gamma, cos in FLIGHTS:
        for anti in (True, False):
            traced, energy = asymmetry_in_flight(VECTOR, momenta, m_N, gamma, cos, anti)
            ours, same = package_polarisation(rest, m_N, gamma, cos)
            assert same[0] == approx(energy, rel=1e-9)
            assert ours[0, 0] == approx(traced[0], abs=1e-8, or_zero=True)
            # digits that the traces lose
            assert ours[1, 0] == approx(traced[1], abs=1e-7, or_zero=True)


@pytest.mark.parametrize(("tag", "flavor", "fraction"), CASES)
def test_polarisation_from_pseudoscalars(tag, flavor, fraction):
    """Weighted means of P, P^2, P E and P^2 E over phase space, parents at rest and in flight, to 2e-3.

    The traces are those of the whole chain; P are the components along the flight of N and across it, averaged over the
    azimuth.
    """
    kind, m_N = TABLE_2[tag][0], fraction * top(tag, flavor)
    ml = LEPTON[flavor] if kind == CHARGED else 0.0
    rest = production_channels[tag].rest_frame(m_N, flavor, quasi_random(), MEASURED)
    fine = {"half": 60, "angles": 32} if fraction < 0.01 else {"half": 24, "angles": 16}
    nodes = phase_space(tag, flavor, m_N, **fine)
    for gamma, cos in FLIGHTS:
        traced, energy = asymmetry_in_flight(kind, nodes.momenta, m_N, gamma, cos, True, ml)
        ours, same = package_polarisation(rest, m_N, gamma, cos)
        scale = nodes.mean(energy)
        for moment in (
            lambda p, e: p,
            lambda p, e: p**2,
            lambda p, e: p * e,
            lambda p, e: p**2 * e,
        ):
            for component in (0, 1):
                expected = nodes.mean(moment(traced[component], energy / scale))
                found = np.mean(rest.weight * moment(ours[component], same / scale))
                assert found == approx(expected, abs=2e-3, or_zero=True)


@pytest.mark.parametrize(("tag", "flavor"), [("eta", "e"), ("K", "mu"), ("D_s", "tau")])
def test_particle_and_antiparticle_send_photons_alike(tag, flavor):
    """P- -> Nbar and P+ -> N, and both modes of P0: the same photon asymmetry (CP), to 1e-8."""
    kind, m_N = TABLE_2[tag][0], 0.4 * top(tag, flavor)
    ml = LEPTON[flavor] if kind == CHARGED else 0.0
    momenta = phase_space(tag, flavor, m_N, half=8).momenta
    both = [
        asymmetry_in_flight(kind, momenta, m_N, 2.0, 0.1, anti, ml)[0] for anti in (True, False)
    ]
    np.testing.assert_allclose(both[0], both[1], atol=1e-8)
    assert abs(both[0]).max() > 0.1


def test_charged_parents_polarise_completely():
    """N from P+- is 100% polarised: the photon distribution is 1 + n.(direction of the prompt photon), to 1e-8."""
    m_N, ml = 0.15, LEPTON["mu"]
    momenta = phase_space("K", "mu", m_N, half=8).momenta
    prompt = dirac.apply(dirac.into_rest_frame(momenta["N"]), momenta["k"])
    axis = prompt[..., 1:] / prompt[..., :1]
    along = photon_asymmetry(CHARGED, momenta, m_N, axis, True, ml)
    np.testing.assert_allclose(abs(along), 1.0, atol=1e-8)


@pytest.mark.parametrize(("tag", "flavor"), [("phi", "e"), ("eta", "e"), ("K", "mu"), ("B", "tau")])
def test_weights_of_the_event_generator_in_the_tests(tag, flavor):
    """W(neutrino)/<W> = 2 A(neutrino)/A(p_N) for any direction of the decay, to 1e-8 (used in kinematics.py)."""
    kind, mass = TABLE_2[tag][:2]
    m_N = 0.4 * top(tag, flavor)
    ml = LEPTON[flavor] if kind == CHARGED else 0.0
    if kind == VECTOR:
        momenta = {k: v[None] for k, v in vector_momenta(mass, m_N).items()}
    else:
        momenta = phase_space(tag, flavor, m_N, half=6).momenta
    weights = []
    axes = np.random.default_rng(3).normal(size=(7, 3))
    axes = axes / np.linalg.norm(axes, axis=1, keepdims=True)
    for axis in np.concatenate([axes, -axes]):
        light = np.array([1.0, *axis]) * m_N / 2
        neutrino = dirac.apply(dirac.boost_matrix(momenta["N"]), light)
        traced = dirac.production_and_decay(kind, momenta, neutrino, m_N, True, ml)
        ratio = 2 * spin_form(kind, momenta, neutrino) / spin_form(kind, momenta, momenta["N"])
        weights.append((traced, ratio))
    traced, ratio = np.swapaxes(np.array(weights), 0, 1)
    np.testing.assert_allclose(traced / traced.mean(axis=0), ratio, atol=1e-8)


def test_light_leptons_from_vectors_send_photons_backward():
    """<E_gamma/E_N> -> 1/3 in the frame of V for m_N -> 0: from the traces, and from the package's efficiency."""
    m_N, mass = 1e-3, TABLE_2["rho"][1]
    momenta = vector_momenta(mass, m_N)
    (asymmetry, _), energy = asymmetry_in_flight(VECTOR, momenta, m_N, 1.0, 1.0)
    assert (1 + asymmetry / 3) / 2 == approx(1 / 3, abs=1e-5)
    rest = production_channels["rho"].rest_frame(m_N, "e", np.zeros((1, 0)), MEASURED)
    (ours, _), _ = package_polarisation(rest, m_N, 1.0, 1.0)
    cut = (np.arange(4000) + 0.5) / 4000 * energy
    fraction = photon_efficiency(rest.energy, rest.momentum, ours, cut)
    assert fraction.mean() == approx(1 / 3, abs=1e-4)  # integral of P(E_gamma > cut) is <E_gamma>


@pytest.mark.parametrize("p", [-1.0, 0.0, 0.4])
def test_photon_efficiency(p):
    """Share of a rest-frame distribution (1 + P c)/2, boosted by hand, above a cut; 200000 cosines, to 1e-4."""
    m_N, momentum = 0.3, 1.1
    energy = np.hypot(m_N, momentum)
    cos = (np.arange(200_000) + 0.5) / 100_000 - 1
    photon = (
        dirac.boost_matrix(np.array([energy, 0, 0, momentum]))[0]
        @ np.array([np.ones_like(cos), 0 * cos, 0 * cos, cos])
        * (m_N / 2)
    )
    for cut in (0.0, 0.01, 0.3, 0.8, 1.1, 1.2, 5.0):
        expected = np.mean((1 + p * cos) * (photon > cut))
        assert photon_efficiency(energy, momentum, p, cut) == approx(expected, abs=1e-4)


def test_polarisation_stays_finite_near_threshold():
    """Slow N and light N, finite and in [-1, 1]."""
    for tag, flavor in (("rho", "e"), ("eta", "e"), ("pi", "mu"), ("B", "tau")):
        for m_N in (1e-3, (1 - 1e-6) * top(tag, flavor), (1 - 1e-11) * top(tag, flavor)):
            channel = production_channels[tag]
            u = quasi_random(256)[:, : channel.uniforms] if channel.uniforms else np.zeros((256, 0))
            rest = channel.rest_frame(m_N, flavor, u, MEASURED)
            for gamma, cos in ((1.001, -0.5), (300.0, 0.9)):
                ours, _ = package_polarisation(rest, m_N, gamma, cos)
                assert np.isfinite(ours).all()
                assert abs(ours).max() <= 1
