"""Everything that is registered: named once, sourced, sane; bad definitions are refused by name."""

import re
from importlib import import_module

import numpy as np
import pytest
import yaml
from approx import approx
from hypothesis import given, settings
from hypothesis import strategies as st
from particle import Particle

from physics.dipole.conventions import CHOICES, DipoleOptions
from physics.errors import InputError, RegistrationError
from physics.models.countings import countings
from physics.models.model import models
from physics.nature.beams import beam, beams
from physics.nature.constants import CKM, LEPTON_MASS
from physics.nature.flavors import FLAVORS, single_flavors
from physics.nature.mesons import meson, mesons
from physics.neutrino_dipole.decays.base import decay_channels
from physics.neutrino_dipole.mesons.base import production_channels
from physics.registry import Registry
from physics.searches.catalogue import experiment, experiments, read_experiment, search_from
from physics.searches.forward_decay import Selection
from physics.searches.search import search_kinds

REGISTRIES = {
    "production channel": production_channels,
    "decay channel": decay_channels,
    "model": models,
}
# an arXiv number, or a volume and page: where a reader can look
CITATION = re.compile(r"arXiv:\d{4}\.\d{4,5}|PTEP \d{4}")


# ---- registries


@pytest.mark.parametrize("kind", REGISTRIES)
def test_entries_are_named_and_sourced(kind):
    registry = REGISTRIES[kind]
    tags = list(registry)
    assert len(tags) == len(set(tags)) == len(registry) > 0
    for entry in registry.values():
        assert registry[entry.tag] is entry
        assert re.fullmatch(r"[A-Za-z0-9_.+-]+", entry.tag)
        assert entry.title.strip()
        assert CITATION.search(entry.source), entry.tag


@pytest.mark.parametrize("kind", REGISTRIES)
@pytest.mark.parametrize("unknown", ["no-such-thing", "", "Rho", None, 3, ["rho"], {}])
def test_unknown_tags_list_what_there_is(kind, unknown):
    with pytest.raises(InputError, match=f"unknown {kind} ") as error:
        REGISTRIES[kind][unknown]
    message = str(error.value)
    assert all(tag in message for tag in REGISTRIES[kind])
    assert "\n" not in message


@pytest.mark.parametrize("kind", REGISTRIES)
def test_duplicates_are_refused(kind):
    entry = REGISTRIES[kind].values()[0]
    with pytest.raises(ValueError, match=f"two entries named {entry.tag!r}"):
        REGISTRIES[kind].add(entry)
    assert REGISTRIES[kind][entry.tag] is entry


def test_a_registry_finds_the_modules_of_its_package(tmp_path, monkeypatch):
    """A file put into the package is registered without being named anywhere."""
    package = tmp_path / "some_plugins"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "base.py").write_text(
        "from physics.registry import Registry\nthings = Registry('thing', 'some_plugins')\n"
    )
    for name in ("first", "second"):
        (package / f"{name}.py").write_text(
            "from some_plugins.base import things\n"
            f"@things.instance\nclass Thing:\n    tag = '{name}'\n"
        )
    monkeypatch.syspath_prepend(tmp_path)
    from some_plugins.base import things

    assert isinstance(things, Registry)
    assert list(things) == ["first", "second"]
    with pytest.raises(InputError, match="unknown thing 'third'; there are: first, second"):
        things["third"]


def test_objects_come_in_the_order_of_their_modules(tmp_path, monkeypatch):
    """Whichever of them somebody imported first."""
    package = tmp_path / "other_plugins"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "base.py").write_text(
        "from physics.registry import Registry\nthings = Registry('thing', 'other_plugins')\n"
    )
    for module, tag in (("first", "z"), ("second", "a"), ("third", "m")):
        (package / f"{module}.py").write_text(
            f"from other_plugins.base import things\n@things.instance\nclass Thing:\n    tag = '{tag}'\n"
        )
    monkeypatch.syspath_prepend(tmp_path)
    import_module("other_plugins.third")
    import_module("other_plugins.second")
    things = import_module("other_plugins.base").things
    assert list(things) == ["z", "a", "m"]
    assert [thing.tag for thing in things.values()] == ["z", "a", "m"]


COUNTED = list(countings)


@pytest.mark.parametrize("which", COUNTED, ids="-".join)
def test_every_axis_must_be_decided_on(which):
    """Of every counting and every axis: used or neglected, not both, and no axis that the model does not have."""
    counting = countings[which]
    for axis in models[counting.model].axes:
        used = counting.axes - {axis.name}
        others = {k: v for k, v in counting.neglects.items() if k != axis.name}

        def changed(axes, neglects):
            other = type("Changed", (type(counting),), {})
            other.axes, other.neglects = frozenset(axes), neglects
            return other()

        problem = rf"neither uses nor neglects the axis '{axis.name}' of the model {counting.model}"
        with pytest.raises(RegistrationError, match=problem):
            countings._check([changed(used, others)])
        with pytest.raises(
            RegistrationError, match=f"both uses and neglects the axis .{axis.name}"
        ):
            countings._check([changed(used | {axis.name}, others | {axis.name: "why"})])
        countings._check([changed(used | {axis.name}, others)])
        countings._check([changed(used, others | {axis.name: "why"})])
    with pytest.raises(RegistrationError, match=r"names the axis 'x', which the model .* does not"):
        countings._check([changed(counting.axes | {"x"}, counting.neglects)])
    countings._check([counting])


@pytest.mark.parametrize(("word", "kind"), [("model", "model"), ("kind", "searches of the kind")])
def test_a_counting_of_what_there_is_not_is_refused(word, kind):
    counting = countings[COUNTED[0]]
    other = type("Changed", (type(counting),), {word: "nothing"})()
    with pytest.raises(RegistrationError, match=f"{kind} 'nothing', which there is not"):
        countings._check([other])


# ---- production and decay


OPTIONS = [
    DipoleOptions(constants=c, form_factor=f, nature=n)
    for c in CHOICES["constants"]
    for f in CHOICES["form_factor"]
    for n in CHOICES["nature"]
]


@given(st.sampled_from(list(production_channels)), st.floats(1e-6, 20), st.sampled_from(OPTIONS))
@settings(deadline=None)
def test_branching_ratios_are_sane(tag, m_N, options):
    """Finite, not negative, zero above the threshold and only there; below one for d = 1e-3 / GeV."""
    channel = production_channels[tag]
    for flavor in FLAVORS:
        ratio = channel.mode_branching_ratio(m_N, flavor, options)
        assert np.isfinite(ratio)
        assert (ratio > 0) == (m_N < channel.threshold(flavor)) or ratio < 1e-30
        assert 0 <= ratio * 1e-6 < 1


@given(st.sampled_from(list(production_channels)), st.floats(0.01, 0.98), st.floats(0.001, 0.5))
@settings(deadline=None)
def test_heavier_is_rarer_except_near_vectors(tag, fraction, step):
    """Phase space closes: rates of pseudoscalars fall with m_N, and of vectors beyond m_V/2 (1 - 3 x^2 + 2 x^3)."""
    channel, options = production_channels[tag], DipoleOptions()
    for flavor in FLAVORS:
        top = channel.threshold(flavor)
        if top <= 0:
            continue
        light, heavy = fraction * top, (fraction + step * (1 - fraction)) * top
        first = channel.mode_branching_ratio(light, flavor, options)
        assert channel.mode_branching_ratio(heavy, flavor, options) <= first * (1 + 1e-9)


@pytest.mark.parametrize("tag", list(production_channels))
def test_rest_frames_are_sane(tag):
    """On shell, within the energy that is there, weights not negative with mean one (1%); the spin form time-like."""
    channel, options = production_channels[tag], DipoleOptions()
    u = np.random.default_rng(2).random((4000, channel.uniforms))
    for flavor in FLAVORS:
        for fraction in (0.01, 0.5, 0.99):
            m_N = fraction * channel.threshold(flavor)
            if m_N <= 0:
                continue
            rest = channel.rest_frame(m_N, flavor, u, options)
            mass = channel.meson.mass
            ml = LEPTON_MASS[flavor] if channel.flavor_dependent else 0.0
            largest = (mass**2 + m_N**2 - ml**2) / (2 * mass)
            assert (rest.energy <= largest * (1 + 1e-9)).all()
            assert (rest.energy >= m_N * (1 - 1e-9)).all()
            np.testing.assert_allclose(
                rest.energy**2 - rest.momentum**2, m_N**2, atol=1e-9 * mass**2
            )
            assert (rest.weight >= 0).all()
            assert rest.weight.mean() == approx(1, abs=0.05)
            assert (abs(rest.spin_along) <= rest.spin_time * (1 + 1e-9)).all()


def test_options_are_checked():
    for name in CHOICES:
        for bad in ("no", None, 1, "Dirac"):
            with pytest.raises(
                InputError, match=f"option {name}: {bad!r} is not possible; choose "
            ):
                DipoleOptions(**{name: bad})
    with pytest.raises(InputError, match="its own antiparticle"):
        DipoleOptions(nature="majorana", count_antiparticle=False)


@pytest.mark.parametrize("label", ["electron", "", "E", None, "universal "])
def test_flavors_are_checked(label):
    with pytest.raises(InputError, match=r"unknown flavor .* e, mu, tau, universal"):
        single_flavors(label)


def test_decay_widths_are_positive():
    """Zero below a threshold, then growing with the mass."""
    for channel in decay_channels.values():
        for flavor in (*FLAVORS, "universal"):
            widths = np.array(
                [channel.width(m, flavor, DipoleOptions()) for m in (1e-3, 0.1, 10.0)]
            )
            assert np.isfinite(widths).all()
            assert (np.diff(widths[widths != 0], prepend=0) > 0).all()
            assert widths[2] > 0
            closed = np.flatnonzero(widths == 0)
            assert np.array_equal(closed, np.arange(closed.size))


# ---- mesons


@pytest.mark.parametrize("tag", list(mesons()))
def test_mesons_against_the_particle_package(tag):
    """Masses to 0.1% and widths to 1% (editions differ by less; rho 1 MeV and 3%), charge, and what kind it is."""
    ours, pdg = meson(tag), Particle.from_pdgid(meson(tag).pdg)
    width = pdg.width / 1000 if pdg.width else None
    loose = tag == "rho"
    assert ours.mass == approx(pdg.mass / 1000, rel=1.5e-3 if loose else 1e-3)
    assert ours.width == approx(width, rel=0.03 if loose else 0.01)
    assert (pdg.charge != 0) == (ours.kind == "charged_pseudoscalar")
    assert int(pdg.J) == (ours.kind == "vector")
    assert pdg.P == -1


def test_meson_constants_fit_their_kind():
    for entry in mesons().values():
        assert 0.05 < entry.decay_constant < 1
        assert (entry.br_ee > 0) == (entry.charge > 0) == (entry.kind == "vector")
        assert (entry.br_gamma_gamma > 0) == (entry.kind == "neutral_pseudoscalar")
        assert (entry.ckm in CKM) == (entry.kind == "charged_pseudoscalar")
        assert entry.flies == (entry.tag in {"pi", "K"})
    assert len({entry.pdg for entry in mesons().values()}) == len(mesons()) == 13


@pytest.mark.parametrize(
    ("tag", "c_tau"), [("pi", 7.80), ("K", 3.71), ("D", 312e-6), ("pi0", 25.3e-9)]
)
def test_decay_lengths_of_mesons(tag, c_tau):
    """c tau [m] of the PDG 2022 listings, to 1%."""
    assert meson(tag).c_tau == approx(c_tau, rel=0.01)


def test_measured_electron_widths_agree_with_decay_constants():
    """Gamma_ee = 4 pi alpha^2 Q^2 f^2/(3 m): f of table 2 were taken from measured widths, so to 10%."""
    for entry in mesons().values():
        if entry.kind == "vector":
            alpha = 1 / 137.035999
            width = (
                4 * np.pi * alpha**2 * (entry.charge * entry.decay_constant) ** 2 / (3 * entry.mass)
            )
            assert width == approx(entry.br_ee * entry.width, rel=0.10)


def test_unknown_mesons():
    with pytest.raises(InputError, match="unknown meson 'kaon'; there are: rho, omega"):
        meson("kaon")


# ---- experiments and beams

GOOD = {
    "title": "A search",
    "facility": "LHC",
    "signature": "single photon",
    "source": "arXiv:2308.16608",
    "beam": "lhc-14tev",
    "exposure": 100,
    "volume": {"z_min": 100, "z_max": 110, "r_max": 1.0},
    "selection": {"p_N_min": 100},
}


def write(folder, content, name="mine.yaml"):
    path = folder / name
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def test_every_experiment_is_complete():
    """Fits its file, cites a source, lies behind the absorber of a known beam."""
    assert len(experiments()) >= 4
    for name, search in experiments().items():
        assert search.tag == name
        assert experiment(name) is search
        assert CITATION.search(search.source), name
        for text in (search.title, search.facility, search.signature):
            assert isinstance(text, str)
            assert text.strip()
        assert search.exposure > 0
        if search.kind == "forward-decay":
            assert search.volume.z_min > beam(search.beam).absorber_distance
        assert search.describe()
        assert min(search.background, search.observed) >= 0


ABOUT = {"title": "T", "facility": "F", "signature": "S", "source": "me", "exposure": 10}
DESCRIBED = {  # every key a number of its own
    "forward-decay": (
        {
            "beam": "lhc-14tev",
            "volume": {"z_min": 100, "z_max": 110, "r_min": 0.2, "r_max": 1.5},
            "selection": {"p_N_min": 5, "E_gamma_min": 6, "E_gamma_max": 70, "efficiency": 0.8},
            "calorimeter": {"z": 120, "width": 2, "height": 3},
        },
        "z 100 to 110 m, r 0.2 to 1.5 m, p > 5 GeV, 6 < E_γ < 70 GeV, efficiency 0.8, "
        "photon at z 120 m, 2 x 3 m",
    ),
    "forward-decay, a threshold": (
        {
            "beam": "lhc-14tev",
            "volume": {"z_min": 100, "z_max": 110, "r_max": 1.5},
            "selection": {"E_gamma_min": 6},
        },
        "z 100 to 110 m, r below 1.5 m, E_γ > 6 GeV",
    ),
    "mono-photon": (
        {
            "sqrt_s": 200,
            "cuts": {"cos_max": 0.9, "E_min": 2, "pT_min": 3, "x_min": 0.04, "vetoes": [[5, 6]]},
            "efficiency": 0.7,
            "decay_length": 1.2,
        },
        "√s 200 GeV, |cos θ| < 0.9, E_γ > 2 GeV, p_T > 3 GeV, x_γ > 0.04, without E_γ 5 to 6 GeV",
    ),
    "pair-mono-photon": (
        {
            "sqrt_s": 10.58,
            "cuts": {
                "leading_min": 2, "subleading_min": 0.03, "missing_min": 0.05,
                "cos_min": -0.8, "cos_max": 0.7,
            },
            "decay_length": 0.9,
        },
        "√s 10.58 GeV, E_γ > 2 and 0.03 GeV, E_miss > 0.05 GeV, -0.8 < cos θ < 0.7, χ₂ → χ₁ γ within 0.9 m",
    ),
    "z-decay": (
        {"observable": "photon", "decay_length": 1.1, "E_min": 15},
        "N → ν γ within 1.1 m, E_γ > 15 GeV",
    ),
    "displaced-dilepton": (
        {
            "detector": {"radius": 4.5, "length": 11},
            "selection": {
                "p_miss_min": 10, "cos_min": -0.5, "E_min": 2, "displacement_min": 1e-4,
                "d0_min": 5e-4, "tracks": "both",
            },
            "leptons": ["mu"],
        },
        "mu pairs, within r 4.5 m, L 11 m, p_miss > 10 GeV, cos θ_ll > -0.5, E_l > 2 GeV, "
        "r > 0.1 mm, |d0| > 0.5 mm of both",
    ),
    "scaled-mono-photon": (
        {"exposure": 300, "reference_coupling": 2e-5, "reference_luminosity": 20, "decay_length": 1.5},
        "N → ν γ within 1.5 m, d_γ = 2e-05/GeV with 20 fb⁻¹ scaled to 300 fb⁻¹",
    ),
    "displaced-trilepton": (
        {
            "collider": "somewhere",
            "tracker": {"eta_max": 3.5, "radius": 1.1, "half_length": 2.5},
            "selection": {
                "prompt_pT_e": 33, "prompt_pT_mu": 26, "displaced_pT_e": 8, "displaced_pT_mu": 6, "d0_min": 2e-4,
                "d0_tracks": "either", "displaced_efficiency": "highest",
            },
        },
        "|η| < 3.5, r < 1.1 m, |z| < 2.5 m, prompt p_T > 33 (e), 26 (μ) GeV, displaced p_T > 8 (e), 6 (μ) GeV, "
        "|d0| > 0.2 mm of either, displaced efficiency highest",
    ),
    "tau-pair": (
        {
            "selection": {
                "p_miss_min": 10, "p_miss_transverse_min": 8, "d0_min": 5e-4, "tracks": "either",
                "cos_max": 0.9,
            },
            "efficiency": 0.6,
        },
        "e⁺e⁻ pairs from τ⁺τ⁻, p_miss > 10 GeV, p_miss across the beam > 8 GeV, |d0| > 0.5 mm of either, "
        "|cos θ| < 0.9, efficiency 0.6",
    ),
    "thermal-relic": ({"exposure": 0.11}, "Ωh² = 0.11"),
    "upscattered-photon": (
        {
            "flux": "there",
            "target": {"material": "Pb", "length": 1.5, "width": 0.4, "height": 0.3},
            "vessel": {"length": 5, "radius": 1.1, "gap": 0.7},
            "E_gamma_min": 90,
            "Q_max": 0.2,
            "efficiency": 0.6,
        },
        "neutrinos at there, target 1.5 m of Pb, 0.4 x 0.3 m, vessel 5 m long, r < 1.1 m, 0.7 m behind, "
        "E_γ > 90 GeV, Q < 0.2 GeV, efficiency 0.6",
    ),
    "upscattered-photon, inside": (
        {
            "flux": "there",
            "target": {
                "material": {"density": 2, "fractions": {"C": 0.3, "O": 0.7}},
                "length": 1.5, "width": 0.4, "height": 0.3,
            },
        },
        "neutrinos at there, target 1.5 m of 30% C, 70% O, 0.4 x 0.3 m, N decays in the target",
    ),
    "upscattered-pair": (
        {
            "flux": "there",
            "target": {"material": "W", "length": 2, "width": 0.5, "height": 0.5},
            "vessel": {"length": 5, "radius": 1},
            "E_pair_min": 80,
            "leptons": ["e", "mu"],
        },
        "neutrinos at there, target 2 m of W, 0.5 x 0.5 m, vessel 5 m long, r < 1 m, right behind, "
        "e or mu pairs, E_ll > 80 GeV",
    ),
    "electron-recoil": (
        {
            "flux": "there",
            "target": {"material": "W", "length": 2, "width": 0.5, "height": 0.5},
            "E_e_min": 0.3,
            "E_e_max": 20,
            "theta_max": 0.03,
            "decays": "vetoed",
        },
        "neutrinos at there, target 2 m of W, 0.5 x 0.5 m, 0.3 < E_e < 20 GeV, θ_e < 30 mrad, "
        "no decay of N in the target",
    ),
    "elastic-recoil": (
        {
            "beam": "lhc-14tev",
            "distance": 480,
            "target": {"material": "W", "length": 2, "width": 0.5, "height": 0.5},
            "E_e_min": 0.3,
            "E_e_max": 20,
            "efficiency": 0.5,
        },
        "target 2 m of W, 0.5 x 0.5 m, 480 m from the collision, 0.3 < E_e < 20 GeV, efficiency 0.5",
    ),
    "nuclear-recoil": (
        {
            "flux": "there",
            "target": {"material": "Xe", "length": 2, "width": 0.5, "height": 0.5},
            "recoil_min": 1.5,
            "recoil_max": 20,
            "efficiency": 0.4,
        },
        "neutrinos at there, target 2 m of Xe, 0.5 x 0.5 m, 1.5 < T < 20 keV of the nucleus, efficiency 0.4",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DESCRIBED)
def test_a_description_has_every_cut(what):
    content, words = DESCRIBED[what]
    kind = what.partition(",")[0]
    assert search_from("X", {"kind": kind, **ABOUT, **content}).describe() == words


def test_every_kind_is_described_here():
    assert {what.partition(",")[0] for what in DESCRIBED} == set(search_kinds)


def test_experiments_of_the_paper():
    """arXiv:2308.16608 eqs. (3.1), (3.2): lengths in metres, 3000 / fb, p_N > 100 GeV."""
    faser2, facet = experiment("FASER2"), experiment("FACET")
    assert (faser2.volume.z_min, faser2.volume.z_max) == (475, 480)
    assert (faser2.volume.r_min, faser2.volume.r_max) == (0, 1)
    assert (facet.volume.z_min, facet.volume.z_max) == (101, 119)
    assert (facet.volume.r_min, facet.volume.r_max) == (0.18, 0.5)
    for search in (faser2, facet):
        assert search.exposure == 3000
        assert search.selection == Selection(p_N_min=100.0)
        assert beam(search.beam).sqrt_s == 14000


def test_own_experiment(tmp_path):
    search = experiment(str(write(tmp_path, GOOD)))
    assert search.tag == "mine"
    assert search.volume.r_min == 0
    assert search.selection.E_gamma_min == 0
    bare = {k: v for k, v in GOOD.items() if k != "selection"}
    assert read_experiment(write(tmp_path, bare)).selection == Selection()


@pytest.mark.parametrize("key", [k for k in GOOD if k != "selection"])
def test_missing_keys_are_refused(tmp_path, key):
    path = write(tmp_path, {k: v for k, v in GOOD.items() if k != key})
    with pytest.raises(InputError, match=re.escape(str(path))) as error:
        read_experiment(path)
    assert key in str(error.value)


@pytest.mark.parametrize("key", ["z_min", "z_max", "r_max"])
def test_missing_lengths_are_refused(tmp_path, key):
    volume = {k: v for k, v in GOOD["volume"].items() if k != key}
    path = write(tmp_path, GOOD | {"volume": volume})
    with pytest.raises(InputError, match=re.escape(str(path))) as error:
        read_experiment(path)
    assert key in str(error.value)


BAD = {
    "unknown key": {"colour": "red"},
    "tag": {"tag": "other"},
    "unknown length": {"volume": GOOD["volume"] | {"length": 3}},
    "unknown cut": {"selection": {"pT_min": 1}},
    "negative start": {"volume": GOOD["volume"] | {"z_min": -1}},
    "turned around": {"volume": GOOD["volume"] | {"z_min": 110, "z_max": 100}},
    "empty": {"volume": GOOD["volume"] | {"z_min": 110}},
    "negative radius": {"volume": GOOD["volume"] | {"r_max": -1}},
    "no shell": {"volume": GOOD["volume"] | {"r_min": 1.0}},
    "inside the absorber": {"volume": GOOD["volume"] | {"z_min": 15}},
    "at the absorber": {"volume": GOOD["volume"] | {"z_min": 20}},
    "infinite": {"volume": GOOD["volume"] | {"z_max": float("inf")}},
    "nan": {"volume": GOOD["volume"] | {"r_max": float("nan")}},
    "text for a length": {"volume": GOOD["volume"] | {"z_min": "100 m"}},
    "true for a length": {"volume": GOOD["volume"] | {"z_min": True}},
    "list for a length": {"volume": GOOD["volume"] | {"z_min": [1]}},
    "volume as text": {"volume": "cylinder"},
    "volume as list": {"volume": [100, 110, 1]},
    "no volume": {"volume": None},
    "text for a cut": {"selection": {"p_N_min": "high"}},
    "negative cut": {"selection": {"p_N_min": -1}},
    "negative photon cut": {"selection": {"E_gamma_min": -1}},
    "infinite cut": {"selection": {"p_N_min": float("inf")}},
    "selection as number": {"selection": 3},
    "text for exposure": {"exposure": "3/ab"},
    "no exposure": {"exposure": 0},
    "negative exposure": {"exposure": -3},
    "infinite exposure": {"exposure": float("inf")},
    "nan exposure": {"exposure": float("nan")},
    "negative background": {"background": -1},
    "nan background": {"background": float("nan")},
    "negative observed": {"observed": -0.5},
    "text for observed": {"observed": "none"},
    "unknown beam": {"beam": "lhc-7tev"},
    "beam as number": {"beam": 14},
    "beam as list": {"beam": ["lhc-14tev"]},
}


@pytest.mark.parametrize("what", BAD)
def test_bad_experiments_are_refused(tmp_path, what):
    """One sentence that names the file."""
    path = write(tmp_path, GOOD | BAD[what])
    with pytest.raises(InputError, match=re.escape(str(path))) as error:
        read_experiment(path)
    message = str(error.value).replace(str(path), "")
    assert "\n" not in message
    assert len(message) > 10


@pytest.mark.parametrize(
    "text", ["", "3", "- a\n- b\n", "title: [", "a: b: c", "\ttitle: x", "title", "null"]
)
def test_files_that_are_no_mapping(tmp_path, text):
    path = write(tmp_path, text)
    with pytest.raises(InputError, match=re.escape(str(path))) as error:
        read_experiment(path)
    assert "\n" not in str(error.value)


def test_files_that_cannot_be_read(tmp_path):
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(InputError, match=re.escape(str(path))):
            read_experiment(path)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00title")
    with pytest.raises(InputError, match=r"binary\.yaml"):
        read_experiment(binary)


@pytest.mark.parametrize("name", ["a b.yaml", "-a.yaml", "a,b.yaml", "a=b.yaml"])
def test_file_names_become_labels(tmp_path, name):
    with pytest.raises(InputError, match="use letters"):
        read_experiment(write(tmp_path, GOOD, name))


def test_unknown_experiments_list_what_there_is():
    with pytest.raises(
        InputError, match=r"unknown experiment 'FASER3'; did you mean 'FASER.?'\? there"
    ) as error:
        experiment("FASER3")
    assert "YAML" in str(error.value)


def test_beams():
    assert beams()
    for entry in beams().values():
        assert entry.absorber_distance > 0
        if entry.fixed_target:
            assert 0 < entry.sqrt_s < entry.momentum
        else:
            assert 0 < entry.momentum <= entry.sqrt_s / 2
            assert entry.pipe_radius > 0
    with pytest.raises(InputError, match=r"unknown beam 'sps'; there are: lhc-13\.6tev"):
        beam("sps")


@given(st.floats(0, 500), st.floats(0, 500), st.floats(0.001, 10), st.floats(1e-9, 1))
@settings(deadline=None)
def test_momentum_below_which_nothing_is_counted(p_min, photon_min, m_N, share):
    """At the bound the hardest photon, share (E + p)/2, just reaches the cut; it is never below the momentum cut."""
    bound = Selection(p_min, photon_min).momentum_min(m_N, share)
    assert bound >= max(p_min, 0.1)
    hardest = share * (np.hypot(bound, m_N) + bound) / 2
    assert hardest >= photon_min * (1 - 1e-9)
    if bound > max(p_min, 0.1):
        assert hardest == approx(photon_min, rel=1e-9)
