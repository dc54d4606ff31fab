"""The sets that come with the product: intact, complete, inside the beam's kinematics, with their sources."""

import math
import re
import shutil

import numpy as np
import pytest
import yaml
from approx import approx

from physics.errors import InputError
from physics.models.model import models
from physics.models.tasks import chosen_channels, exposure_units, make_kernel, make_tasks, search_in
from physics.nature.beams import beams
from physics.nature.mesons import meson, mesons
from physics.spectra.library import SHIPPED, SpectrumError, find, read_set
from physics.spectra.normalisation import load_species, published_yields, references
from physics.spectra.species import HYPERONS, all_species

SETS = sorted(note.parent for note in SHIPPED.glob("*/*/SOURCES.yaml"))
FIXED = [folder for folder in SETS if beams()[folder.parent.name].fixed_target]
STABLE = (111, 211, -211, 321, -321)  # none of these comes from another one of these
WITH_HYPERONS = {
    "lhc-14tev/pythia8-forward",
    "lhc-14tev/sibyll-2.3d",
}  # of which fluxes are shipped
TARGET = {"sps-400gev": "Mo", "sps-450gev": "Be", "u70-70gev": "Fe"}


def name(folder):
    return "/".join(folder.parts[-2:])


@pytest.fixture(autouse=True)
def only_shipped(monkeypatch):
    monkeypatch.delenv("DIPOLESCAN_SPECTRA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/nonexistent")


def centres(table):
    return 10 ** ((table.log10_p_edges[1:] + table.log10_p_edges[:-1]) / 2)


def mean_energy(table, mass):
    """Per interaction [GeV], of what is inside the grid."""
    return float(table.cross_section.sum(axis=1) @ np.hypot(centres(table), mass))


def mass_of(pdg):
    return next(m.mass for m in mesons().values() if m.pdg == abs(pdg))


def test_every_beam_has_two_sets():
    """Generators are an axis: one set alone cannot give a band."""
    assert {folder.parent.name for folder in SETS} >= {"lhc-14tev", "sps-400gev"}
    for tag in {folder.parent.name for folder in SETS}:
        assert sum(folder.parent.name == tag for folder in SETS) >= 2, tag


@pytest.mark.parametrize("folder", SETS, ids=name)
def test_set_is_whole(folder):
    """Checksums (verified on loading), all species that the beam can make, units, size, sources."""
    found, place = read_set(folder), beams()[folder.parent.name]
    wanted = {pdg for pdg in all_species() if abs(pdg) not in place.closed}
    assert set(found.sources) == wanted | (
        set(HYPERONS) if name(folder) in WITH_HYPERONS else set()
    )
    for pdg, source in found.sources.items():
        table = found.load(pdg)
        assert table.unit == place.unit
        assert table.total < 2e13 if table.unit == "pb" else table.total < 20
        assert re.fullmatch(
            rf"dipolescan spectra build --beam {found.beam} --generator {found.generator} "
            r"--events \d+ --seed \d+",
            source["command"],
        )
        assert source["events"] > 0
        assert re.match(r"(pythia8mc|chromo) \d", source["generator"])
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert size < 600_000
    assert {path.name for path in folder.iterdir()} == {
        "SOURCES.yaml", *(f"{pdg}.npz" for pdg in found.sources)
    }  # fmt: skip


@pytest.mark.parametrize("label", sorted(WITH_HYPERONS))
def test_hyperons_lead(label):
    """Protons become Lambda: near the beam they outnumber their antiparticles, in total hardly."""
    found = read_set(SHIPPED / label)
    hyperon, other = found.load(3122), found.load(-3122)
    assert 1 < hyperon.total / other.total < 1.5
    assert hyperon.within(500, 1e-3) > 3 * other.within(500, 1e-3)
    assert 0.02 < hyperon.total / found.load(211).total < 0.06
    for pdg in HYPERONS:
        table, sigma = found.load(pdg), found.sources[pdg]["cross_section_mb"]
        assert math.sqrt(table.variance.sum()) < 0.02 * table.cross_section.sum()
        assert (
            table.total < 1.5 * sigma * 1e9 / 2
        )  # less than 1.5 to a collision, of one hemisphere
        assert 10 ** table.log10_p_edges[-1] < 7200


@pytest.mark.parametrize("folder", FIXED, ids=name)
def test_kinematics(folder):
    """The grid ends at the beam; no bin lies beyond E = E_beam + m_p or a transverse momentum of sqrt(s)/2."""
    found, place = read_set(folder), beams()[folder.parent.name]
    for pdg in found.sources:
        table = found.load(pdg)
        assert 10 ** table.log10_p_edges[-1] == approx(place.momentum)
        assert 10 ** table.log10_theta_edges[-1] == approx(math.pi)
        i, j = np.nonzero(table.cross_section)
        p, theta = 10 ** table.log10_p_edges[i], 10**table.log10_theta_edges
        assert (np.hypot(p, mass_of(pdg)) < place.momentum + 0.94).all()
        least = p * np.minimum(np.sin(theta[j]), np.sin(np.minimum(theta[j + 1], math.pi)))
        assert (least < place.sqrt_s / 2).all()
        # 2.6% of the phi of Pythia 6 at 70 GeV fly exactly along the beam (clusters that become one hadron)
        assert table.cross_section.sum() > 0.97 * table.total


@pytest.mark.parametrize("folder", FIXED, ids=name)
def test_energy_is_conserved(folder):
    """Pions and kaons carry less than the beam's energy, and more than a third of it; nucleons have the rest."""
    found, place = read_set(folder), beams()[folder.parent.name]
    carried = sum(mean_energy(found.load(pdg), mass_of(pdg)) for pdg in STABLE)
    assert place.momentum / 3 < carried < place.momentum


@pytest.mark.parametrize("folder", FIXED, ids=name)
def test_momentum_balance_of_charges(folder):
    """Two protons collide: more positive than negative pions and kaons, by at most the two charges."""
    found = read_set(folder)
    excess = sum(found.load(pdg).total - found.load(-pdg).total for pdg in (211, 321))
    assert 0 < excess < 2


@pytest.mark.parametrize("folder", FIXED, ids=name)
def test_statistics(folder):
    """Sampling error of a whole yield below 2.5% (phi, rare in Sibyll, 5%), of light mesons within 28 mrad below 4%."""
    found = read_set(folder)
    for pdg in found.sources:
        table = found.load(pdg)
        allowed = 0.05 if pdg == 333 else 0.025
        assert math.sqrt(table.variance.sum()) < allowed * table.cross_section.sum(), pdg
        if pdg in (111, 221, 113, 223):
            near = table.log10_theta_edges[1:] < np.log10(0.028)
            inside = table.cross_section[:, near].sum()
            assert math.sqrt(table.variance[:, near].sum()) < 0.04 * inside, pdg


@pytest.mark.parametrize("folder", [f for f in FIXED if f.parent.name == "sps-400gev"], ids=name)
def test_pions_at_400_gev_against_a_bubble_chamber(folder):
    """LEBC-EHS: sigma(pp -> pi+ X) = 134.4 +- 3.4 mb at 400 GeV (Z. Phys. C 50 (1991) 405); generators within 20%."""
    found = read_set(folder)
    sigma = found.load(211).total * found.sources[211]["inelastic_cross_section_mb"]
    assert sigma == approx(134.4, rel=0.20)


def test_pythia_against_the_published_table():
    """arXiv:2406.17599 table 1 is Pythia 8's, too, but for charm: light mesons and quarkonia within 30%."""
    found = read_set(SHIPPED / "sps-400gev" / "pythia8")
    published = published_yields()["sps-400gev"].totals
    for pdg in (111, 221, 331, 113, 223, 333, 443, 553):
        assert found.load(pdg).total == approx(published[pdg], rel=0.30), pdg
    assert found.load(411).total < 0.2 * published[411]


@pytest.mark.parametrize(("charge", "quoted"), [(321, 0.29), (-321, 0.07)])
def test_first_generation_of_decaying_kaons(charge, quoted):
    """The interaction-length model, summed by hand over the table, and how far below arXiv:2004.07974 it is.

    Kaons of the first interaction alone give about a hundredth of the number of a full simulation.
    """
    (table,) = (
        t
        for t in load_species("sps-400gev:Mo", "pythia8", 321, "paper-absorbed")
        if t.pdg == charge
    )
    kaon, reach = meson("K"), 0.180909  # m, molybdenum
    length = kaon.c_tau * centres(table) / kaon.mass
    decaying = float(table.cross_section.sum(axis=1) @ (reach / (reach + length)))
    assert 0.001 < decaying < 0.005
    assert 20 < quoted / decaying < 200


@pytest.mark.parametrize("generator", ["pythia8-forward", "pythia8"])
def test_yields_at_13_6_tev_against_those_at_14(generator):
    """Lower by 0 to 4%, more so for hard processes; within 5 standard errors of the two samples."""
    run_3, design = (read_set(SHIPPED / tag / generator) for tag in ("lhc-13.6tev", "lhc-14tev"))
    for pdg in run_3.sources:
        ours, other = run_3.load(pdg), design.load(pdg)
        error = math.hypot(
            *(t.variance.sum() ** 0.5 / t.cross_section.sum() for t in (ours, other))
        )
        ratio = ours.total / other.total
        assert 0.96 - 5 * error < ratio < 1.0 + 5 * error, pdg
        assert (10 ** ours.log10_p_edges[:-1][ours.cross_section.any(axis=1)] < 6800).all()
    light, heavy = (
        sum(run_3.load(p).total / design.load(p).total for p in pdgs) / len(pdgs)
        for pdgs in ((111, 221, 211, -211, 321, -321), (411, -411, 431, -431, 443, 521, -521, 553))
    )
    assert heavy < light < 1


def test_run_3_takes_over_the_factors_of_14_tev():
    """K-factors species by species: 3 to 15 for charm and quarkonia."""
    for pdg in (221, 411, 443):
        (paper, as_it_is), (reference, bare) = (
            [load_species(tag, "pythia8", pdg, n)[0].total for n in ("paper", "generator")]
            for tag in ("lhc-13.6tev", "lhc-14tev")
        )
        assert paper / as_it_is == approx(reference / bare, rel=1e-9)


# ---- scans -----------------------------------------------------------------------------------


def experiment_at(tmp_path, place, exposure=1e18, **changes):
    definition = {
        "title": "Dump", "facility": "SPS", "signature": "photon", "beam": place, "exposure": exposure,
        "source": "me", "volume": {"z_min": 79, "z_max": 217, "r_max": 1.2}, "selection": {"E_gamma_min": 1},
    }  # fmt: skip
    path = tmp_path / f"DUMP-{place.replace(':', '-')}-{exposure:g}.yaml"
    path.write_text(yaml.safe_dump(definition | changes))
    return search_in(models["dipole"], str(path))


def counts(searches, generators, channels, normalisation="paper", m_N=0.1):
    """Events at one mass and coupling: for each experiment by channel, one for each generator."""
    model = models["dipole"]
    axes = {"generator": tuple(generators), "flavor": ("e",), "m_N": (m_N,), "d_gamma": (1e-6,)}
    options = model.complete_options({"normalisation": normalisation})
    sampling = {"points": 2048, "replicas": 8, "seed": 1}
    found = []
    for task in make_tasks(
        model, searches, axes, options, sampling, chosen_channels(model, channels)
    ):
        whole = {"generator": slice(None), "m_N": slice(None)}
        for filled in make_kernel(task).evaluate(whole).values():
            by_channel = np.moveaxis(filled["counts"][:, 0, 0, :, 0], 1, 0)
            found.append(dict(zip(task.channels, by_channel, strict=True)))
    return found


@pytest.mark.parametrize("tag", sorted({folder.parent.name for folder in FIXED}))
def test_scans_load_every_set(tmp_path, tag):
    """All generators of a beam in one axis: counts positive, between generators within a factor 3."""
    generators = [folder.name for folder in FIXED if folder.parent.name == tag]
    search = experiment_at(tmp_path, f"{tag}:{TARGET[tag]}")
    (found,) = counts([search], generators, ["eta", "rho", "K", "Upsilon"], "generator")
    for channel in ("eta", "rho", "K"):
        assert found[channel].size == len(generators) >= 2
        assert 0 < found[channel].max() < 3 * found[channel].min()
    assert (found["Upsilon"] > 0).all() == (tag != "u70-70gev")
    assert (found["Upsilon"] >= 0).all()


def test_counts_scale_with_protons_and_targets(tmp_path):
    """Linear in protons on target; W over Cu is (183.84/63.546)^0.29 = 1.3608 for D, 1 for rho (1e-9)."""
    places = [("sps-400gev:Cu", 1e18), ("sps-400gev:Cu", 5e18), ("sps-400gev:W", 1e18)]
    searches = [experiment_at(tmp_path, place, exposure) for place, exposure in places]
    once, five, tungsten = counts(searches, ["pythia8"], ["rho", "D"])
    for channel, factor in (("rho", 1.0), ("D", (183.84 / 63.546) ** 0.29)):
        assert five[channel] == approx(5 * once[channel], rel=1e-9)
        assert tungsten[channel] == approx(factor * once[channel], rel=1e-9)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("sps-400gev", r"DUMP.*: the beam sps-400gev needs a target; write one of: sps-400gev:Cu"),
        ("sps-400gev:Be", r"DUMP.*: the beam sps-400gev has no target 'Be'; there are: Cu, Mo, W"),
        ("sps-400gev:Kryptonite", r"DUMP.*: unknown target: the beam sps-400gev has no target"),
    ],
)
def test_experiments_with_wrong_targets(tmp_path, place, message):
    with pytest.raises(InputError, match=message) as error:
        experiment_at(tmp_path, place)
    assert "\n" not in str(error.value)


def test_exposure_counts_protons(tmp_path):
    search = experiment_at(tmp_path, "u70-70gev:Fe")
    assert exposure_units(models["dipole"], search) == "protons on target"
    assert exposure_units(models["dipole"], search_in(models["dipole"], "FASER2")) == "1/fb"


def test_absorbed_kaons_give_fewer_events(tmp_path):
    """What the published kaons and the interaction-length model differ by in counts: more than a factor 20."""
    search = experiment_at(tmp_path, "sps-400gev:W")
    (paper,) = counts([search], ["pythia8"], ["K"])
    (absorbed,) = counts([search], ["pythia8"], ["K"], "paper-absorbed")
    assert paper["K"][0] > 20 * absorbed["K"][0] > 0


# ---- generators ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("pdg", [111, 211, -211, 221, 113, 321, -321])
def test_particle_list_of_pythia_against_the_table(pdg):
    """4000 events of another seed: numbers per event, and their momenta, within five standard errors.

    The spread of a number from event to event is below twice its root, that of log10(p) below 0.8.
    """
    pytest.importorskip("pythia8mc")
    pytest.importorskip("awkward")
    from physics.spectra.generators import pythia8

    place, events = beams()["sps-400gev"], 4000
    batches = pythia8.generate(
        ["SoftQCD:inelastic = on"], place.sqrt_s, events, seed=777, momentum=place.momentum
    )
    p = np.concatenate([batch.unfolded(pdg)[0] for batch, _ in batches])
    table = read_set(SHIPPED / "sps-400gev" / "pythia8").load(pdg)
    assert p.size / events == approx(table.total, abs=10 * math.sqrt(table.total / events))
    inside = p[p > 0.1]
    rows = table.cross_section.sum(axis=1)
    mean = rows @ np.log10(centres(table)) / rows.sum()
    assert np.log10(inside).mean() == approx(mean, abs=5 * 0.8 / math.sqrt(inside.size))


def test_a_generator_that_the_beam_of_published_yields_lacks(tmp_path, monkeypatch):
    """The set of the other beam was called missing, as if the spec had asked for it."""
    shutil.copytree(find("lhc-13.6tev", "pythia8").folder, tmp_path / "lhc-13.6tev" / "mine")
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path))
    words = r"no set lhc-14tev/mine; use normalisation: generator, or build or import that set$"
    with pytest.raises(SpectrumError, match=words):
        references("lhc-13.6tev", "mine", 221, "paper")
    assert references("lhc-13.6tev", "mine", 221, "generator") is None
