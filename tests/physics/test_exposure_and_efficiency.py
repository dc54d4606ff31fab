"""Counts are proportional to exposure and efficiency, whatever the kind of search, and what is killed is killed once.

Most searches that are shipped have the efficiency one, at which a forgotten or a squared one does not show.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from approx import approx
from falling_spectra import falling, falling_folder, falling_set  # noqa: F401

import physics
from physics.detectors.photon_cuts import z_veto
from physics.dipole.conventions import DipoleOptions
from physics.forward.parents import ParentSpectrum
from physics.forward.produced import produce
from physics.nature.beams import beam
from physics.nature.mesons import meson
from physics.neutrino_dipole.mesons.base import production_channels
from physics.numerics.sampling import Sampling
from physics.quantities.base import quantities
from physics.searches.catalogue import experiment, experiments, read_experiment

FOLDER = Path(physics.__file__).parent / "searches" / "experiments"
# an experiment of each kind; where its efficiency stands, a point, and the quantity that counts there
DIPOLE = {"m_N": 10.0, "d_gamma": 1e-6, "a": 2.0}
BOSON = {"m_N": 0.05, "m_ZD": 0.4, "alpha_D": 0.08, "epsilon": 1e-3, "U2": 1e-6, "flavor": "tau"}
KINDS = {
    "forward-decay": ("FASER2", "selection", "events", {"m_N": 0.1, "d_gamma": 1e-6, "generator": "falling"}),
    "mono-photon": ("CEPC-H", None, "events", DIPOLE),
    "z-decay": ("L3-Z-photon", None, "events", DIPOLE),
    "displaced-dilepton": ("FCC-ee-displaced-0.1mm", "none", "events", DIPOLE),
    "scaled-mono-photon": ("HL-LHC-mono-photon", "none", "events", DIPOLE),
    "displaced-trilepton": ("FCC-hh-displaced-50", "none", "events", {**DIPOLE, "m_N": 2.0}),
    "pair-mono-photon": ("BaBar", None, "dark-events", {"M_1": 0.1, "delta": 0.1, "d": 1e-4}),
    "electron-recoil": ("Borexino", None, "events", {"m_N": 1e-4, "d_gamma": 1e-8}),
    "elastic-recoil": ("CHARM-II-elastic", None, "boson-events", BOSON),
    "nuclear-recoil": ("XENON1T", None, "events", {"m_N": 1e-3, "d_gamma": 1e-6}),
    "upscattered-photon": ("FASERnu2-photon", None, "events", {"m_N": 0.3, "d_gamma": 1e-6}),
    "upscattered-pair": ("FASERnu2-pair", None, "events", {"m_N": 0.3, "d_gamma": 1e-6}),
    "tau-pair": (
        "FCC-ee-tau-pairs-p-miss", None, "tau-background", {"E_lepton_min": 1.0, "cos_min": -1.0, "events": 1e4},
    ),
    "thermal-relic": ("thermal-relic", "none", "dark-events", {"M_1": 0.1, "delta": 0.1, "d": 1e-4}),
}  # fmt: skip


def content(name):
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def test_every_kind_is_here():
    assert {experiment(name).kind for name in experiments()} == set(KINDS)


@pytest.mark.usefixtures("falling_set")
@pytest.mark.parametrize("kind", KINDS)
def test_counts_are_proportional_to_both(kind, tmp_path):
    """Three times the exposure, and an efficiency of 0.4 (where the kind has one), exactly."""
    name, where, quantity, point = KINDS[kind]

    def counts(tag, **changes):
        given = {**content(name), **changes}
        path = tmp_path / f"{tag}.yaml"
        path.write_text(yaml.safe_dump(given))
        return quantities[quantity].evaluate({"experiment": str(path), **point})[0].value

    once = counts("once")
    assert once > 0
    assert counts("more", exposure=3 * content(name)["exposure"]) == approx(3 * once, rel=1e-9)
    if where == "none":
        return
    if where:
        seen = counts("part", **{where: {**content(name)[where], "efficiency": 0.4}})
    else:
        seen = counts("part", efficiency=0.4)
    full = once / (1.0 if where else content(name).get("efficiency", 1.0))
    assert seen == approx(0.4 * full, rel=1e-9)


def test_background_of_neutrinos_is_seen_with_the_same_efficiency(tmp_path):
    """Its file gives none: cross-section times luminosity and efficiency."""
    given = content("CEPC-H")
    for efficiency in (1.0, 0.4):
        path = tmp_path / f"with-{efficiency:g}.yaml"
        path.write_text(yaml.safe_dump({**given, "efficiency": efficiency}))
        found = read_experiment(path)
        cuts = {k: v for k, v in given["cuts"].items() if k != "z_veto"}
        section = quantities["background-ee"].evaluate(
            {"sqrt_s": 240.0, **cuts, "z_veto_widths": 5}
        )
        assert found.background == approx(20000e3 * efficiency * section[0].value, rel=1e-9)
        assert found.observed == found.background


@pytest.mark.parametrize("name", ["CEPC-Z", "BaBar"])
def test_the_observed_number_is_the_background_unless_it_is_given(name, tmp_path):
    """Of searches for photons; a search for decays has observed nothing if its file says nothing."""
    given = {k: v for k, v in content(name).items() if k not in ("observed", "statistic")}
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({**given, "background": 1234.5}))
    assert read_experiment(path).observed == 1234.5
    path.write_text(yaml.safe_dump({**given, "background": 1234.5, "observed": 7}))
    assert (read_experiment(path).background, read_experiment(path).observed) == (1234.5, 7.0)
    path.write_text(yaml.safe_dump({**given, "background": 1234.5, "observed": 0}))
    assert read_experiment(path).observed == 0
    forward = {k: v for k, v in content("SHiP").items() if k not in ("observed", "statistic")}
    path.write_text(yaml.safe_dump({**forward, "background": 3}))
    assert (read_experiment(path).background, read_experiment(path).observed) == (3.0, 0.0)


def test_veto_of_the_z():
    """arXiv:2301.06050 sec. V: (s - M_Z^2)/(2 sqrt s) +- 5 M_Z Gamma_Z/sqrt s."""
    for sqrt_s in (160.0, 240.0):
        centre = (sqrt_s**2 - 91.1876**2) / (2 * sqrt_s)
        half = 5 * 91.1876 * 2.4952 / sqrt_s
        assert z_veto(sqrt_s, 5.0) == approx((centre - half, centre + half), rel=1e-12)


@pytest.mark.parametrize(("tag", "pdg"), [("K", 321), ("eta", 221)])
def test_mesons_that_decay_are_not_absorbed_again(tag, pdg):
    """All that a table of decaying mesons has make N, at the target; of others those that survive, along their path.

    At most 3 m of flight on copper, in which kaons of 10 to 6000 GeV go 50 m and more: below 1% of them decay.
    """
    here = beam("sps-400gev:Cu")
    sampling = Sampling(points=1024, replicas=4, seed=1)
    made = {}
    for decaying in (True, False):
        tables = (replace(falling(pdg), decaying=decaying),)
        spectrum = ParentSpectrum(meson(tag), tables, here.forward_angle)
        decay = production_channels[tag].at(0.1, "e", DipoleOptions())
        made[decaying] = produce(decay, spectrum, here, 0.1, True, 1.0, sampling)
    kept = {k: float(v.weight.sum()) for k, v in made.items()}
    assert np.all(made[True].vertex_z == 0)
    if tag == "eta":  # decays at once
        assert kept[True] == kept[False]
    else:
        assert 0 < kept[False] < 0.02 * kept[True]
        assert made[False].vertex_z.min() > 0
        assert np.hypot(made[False].vertex_z, made[False].vertex_radius).max() <= 3.0
