"""Numbers that docs/physics.md and the pages of reproductions state, where no other test has them."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from approx import approx

from physics.dipole.conventions import DipoleOptions
from physics.errors import InputError
from physics.models.model import models
from physics.models.tasks import chosen_channels, make_kernel, make_tasks, search_in
from physics.nature.constants import ALPHA, CKM, G_FERMI, LEPTON_MASS
from physics.nature.electroweak import ELECTROWEAK
from physics.nature.mesons import mesons
from physics.neutrino_dipole.mesons.base import production_channels
from physics.neutrino_dipole.widths.totals import branching_ratio, branching_ratio_photon
from physics.numerics.sampling import Sampling

PAGE = (Path(__file__).parents[2] / "docs/physics.md").read_text(encoding="utf-8")
DIPOLE = models["dipole"]


def test_where_the_photon_leads():
    """BR(N -> nu gamma) > 0.93 below the W for -1.37 < a < 9.7, of every flavor; not much beyond; 0.912 at infinity."""
    masses = np.append(np.geomspace(1e-3, 80.0, 60), 80.37)
    for flavor in ("e", "mu", "tau", "universal"):
        inside = branching_ratio_photon(masses, np.linspace(-1.37, 9.7, 60), flavor)
        assert inside.min() > 0.93
        outside = branching_ratio_photon(masses, [-1.45, 12.0], flavor).min(axis=0)
        assert (outside < 0.93).all()
    assert branching_ratio_photon(masses, [np.inf], "e").min() == approx(0.912, abs=0.001)


@pytest.mark.parametrize(("tag", "below"), [("J_psi", 0.041), ("Upsilon", 0.033)])
def test_decay_constants_of_quarkonia(tag, below):
    """4 pi alpha^2 Q^2 f^2/(3 m) with alpha(0) against the measured width into e+ e-."""
    meson = mesons()[tag]
    printed = 4 * np.pi * ALPHA**2 * meson.charge**2 * meson.decay_constant**2 / (3 * meson.mass)
    assert 1 - printed / (meson.width * meson.br_ee) == approx(below, abs=5e-4)


def test_three_neutrinos_in_the_invisible_width():
    """Not counted where N decays inside: below 0.1% of decays for a >= 0, 3% at -4, at most 7.3% where d_gamma is 0."""
    masses = [1.0, 10.0, 30.0, 60.0, 80.0]
    far = branching_ratio(masses, [0.0, 1.0968, 5.0, np.inf], "e", "nu_nu_nu")
    assert far.max() < 1e-3
    assert branching_ratio(masses, [-4.0], "e", "nu_nu_nu").max() == approx(0.029, abs=0.001)
    assert branching_ratio(masses, [-3.6471], "e", "nu_nu_nu").max() < 0.073


@pytest.mark.parametrize(
    ("meson", "ratios"), [("pi0", (1.01, 1.04)), ("eta", (1.26, 1.34)), ("eta_prime", (3.4, 3.7))]
)
def test_form_factor_of_pseudoscalars(meson, ratios):
    """The rho pole over pointlike at m_N = 0.01 and 0.1 GeV; eta' crosses the rho."""
    channel = production_channels[meson]
    found = [
        channel.branching_ratio(m_N, "e", DipoleOptions(form_factor="vmd"))
        / channel.branching_ratio(m_N, "e", DipoleOptions())
        for m_N in (0.01, 0.1)
    ]
    assert found == approx(list(ratios), rel=0.02)


def limits_at(search, level, conventions, a, d):
    """Lowest coupling of d_e at 100 GeV that is excluded, (convention, a), at Born level."""
    axes = {
        "convention": conventions, "flavor": ("e",), "m_N": (100.0,), "a": a, "d_gamma": tuple(d),
    }  # fmt: skip
    channels = chosen_channels(DIPOLE, (), [search])
    try:
        options = DIPOLE.complete_options({"initial_state": "none"})
    except InputError:
        options = DIPOLE.complete_options({})
    (task,) = make_tasks(DIPOLE, [search], axes, options, asdict(Sampling()), channels)
    kernel = make_kernel(task)
    found = kernel.evaluate({dim: slice(None) for dim in kernel.block_dims})[search.tag]["counts"]
    return np.array(
        [
            [np.exp(np.interp(np.log(level), np.log(row), np.log(d))) for row in rows[0, 0, :, 0]]
            for rows in found
        ]
    )


@pytest.mark.parametrize(
    ("convention", "a", "edge"),
    [("exact", (0.36, 0.4, 0.44), 1.58e-5), ("paper", (0.03, 0.05, 0.07), 1.29e-5)],
)
def test_upper_edge_of_cepc_on_a_finer_grid(convention, a, edge):
    """docs/reproduction-2301.06050.md has it from steps of 0.05 in a and 6% in d; here 0.2% in d."""
    search = search_in(DIPOLE, "CEPC-H-basic")
    level = np.sqrt(2.71 * search.background)
    (found,) = limits_at(search, level, (convention,), a, np.geomspace(1e-5, 2e-5, 321))
    assert found.argmax() == 1
    assert found[1] == approx(edge, rel=4e-3)


@pytest.mark.parametrize(
    ("search", "level", "a", "expected"),
    [
        ("LEP2-DELPHI", 0.1056, (2.6, 3.1, 3.6), 2.03),
        ("CEPC-H-basic", None, (1.7, 2.1, 2.5), 1.84),
    ],
)
def test_where_the_conventions_differ_most(search, level, a, expected):
    """docs/reproduction-2301.06050.md: d_e at 100 GeV, `exact` over `paper`, at Born level."""
    chosen = search_in(DIPOLE, search)
    level = level or np.sqrt(2.71 * chosen.background)
    d = np.geomspace(1e-7, 1e-3, 161)
    limits = limits_at(chosen, level, ("exact", "paper"), a, d)
    ratio = limits[0] / limits[1]
    assert ratio.argmax() == 1
    assert ratio[1] == approx(expected, rel=0.01)


def test_inputs_are_those_of_the_page():
    """The table of inputs, word by word."""
    electroweak = ELECTROWEAK
    for text in (
        f"1/{1 / ALPHA:.3f}", f"1/{1 / electroweak.alpha:.1f}", f"{electroweak.sin2}", f"{electroweak.m_Z}",
        f"{electroweak.width_Z}", f"{electroweak.m_W}", f"{electroweak.width_W}", "1.1663788e-5",
        *(f"{1e3 * mass:.9g}" for mass in LEPTON_MASS.values()), *(f"{value}" for value in CKM.values()),
        *(f"{quark.mass:g}" for quark in electroweak.quarks),
    ):  # fmt: skip
        assert text in PAGE.split("### Inputs")[1].split("\n## ")[0], text
    assert G_FERMI == 1.1663788e-5
