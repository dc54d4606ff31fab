"""Generic checks run on every experiment of the product, and on one that is not in it."""

from dataclasses import replace

import pytest
import yaml
from inputs import installed

from physics.errors import InputError
from physics.models import checks
from physics.models.model import models
from physics.searches.catalogue import experiment, experiments, read_experiment

PAIRS = [
    (name, model.tag)
    for name, search in experiments().items()
    if installed(search)
    for model in checks.models_of(search)
]

# The search for decays behind the dump of 400 GeV protons by CHARM (Phys. Lett. B 128 (1983) 361), its fine-grained
# calorimeter excluded; on the axis here, though it stood 5 m beside it.
CHARM = {
    "title": "CHARM (dump)",
    "facility": "SPS",
    "signature": "single shower",
    "beam": "sps-400gev:Cu",
    "exposure": 2.4e18,
    "volume": {"z_min": 480, "z_max": 515, "width": 3.0, "height": 3.0},
    "selection": {"E_gamma_min": 3, "E_gamma_max": 200, "efficiency": 0.51},
    "calorimeter": {"z": 516, "width": 3.0, "height": 3.0},
    "background": 0,
    "observed": 0,
    "statistic": {"method": "feldman-cousins", "confidence_level": 0.9},
    "source": "Phys. Lett. B 128 (1983) 361",
}


@pytest.fixture
def charm(tmp_path):
    path = tmp_path / "CHARM.yaml"
    path.write_text(yaml.safe_dump(CHARM))
    return path


def assert_all_hold(search, model):
    made = list(checks.check_experiment(search, model))
    assert [c for c in made if not c.passed] == []
    assert {"source is cited", "counts are proportional to the exposure"} <= {c.name for c in made}


@pytest.mark.parametrize(("name", "model"), PAIRS)
def test_every_experiment(name, model, monkeypatch):
    """What must hold exactly holds with few points, too."""
    monkeypatch.setattr(checks, "POINTS", 256)
    assert_all_hold(experiment(name), models[model])


def test_a_new_experiment(charm):
    """One file, in both models: nothing else is to be edited."""
    search = read_experiment(charm)
    assert search.tag == "CHARM" not in experiments()
    assert [m.tag for m in checks.models_of(search)] == ["dark_dipole", "dipole"]
    for model in checks.models_of(search):
        assert_all_hold(search, model)


def test_checks_can_fail(charm, monkeypatch):
    """No source; nothing in reach; counts that do not follow the exposure, are negative, or do not vanish."""
    search, model = read_experiment(charm), models["dipole"]

    def failed(found):
        return {c.name for c in found if not c.passed}

    assert failed(checks.check_experiment(replace(search, source="somebody"), model)) == {
        "source is cited"
    }
    # photons of at least 399.9 of 400 GeV: no meson of the tables is fast enough
    deaf = replace(search, selection=replace(search.selection, E_gamma_min=399.9, E_gamma_max=None))
    assert failed(checks.check_experiment(deaf, model)) == {"something is expected somewhere"}

    true = checks.counts_of
    monkeypatch.setattr(checks, "counts_of", lambda *a: [c - 1 for c in true(*a)])
    assert failed(checks.check_experiment(search, model)) >= {
        "counts are finite and not negative",
        "counts are proportional to the exposure",
        "nothing is made above all thresholds",
    }
    monkeypatch.setattr(checks, "counts_of", lambda *a: [c**0.1 for c in true(*a)])
    assert "counts are a power of small couplings" in failed(checks.check_experiment(search, model))


def one(counts, mass, coupling, value):
    """The same with one count changed."""
    found = counts.copy()
    found[(*(0,) * (counts.ndim - 2), mass, coupling)] = value
    return found


def steeper(counts, power):
    """The second coupling is twice the first."""
    found = counts.copy()
    found[..., 1] *= 2.0**power
    return found


# counts, and those of twice the exposure, with a fault; what must not hold then, alone
SMALL_FAULTS = {
    "a part in 1e11 beside the exposure": (
        lambda n, twice: (n, twice * (1 + 1e-11)),
        "counts are proportional to the exposure",
    ),
    "one count below zero": (
        lambda n, twice: (one(n, -1, 0, -1e-30), one(twice, -1, 0, -1e-30)),
        "counts are finite and not negative",
    ),
    "one count above all thresholds": (
        lambda n, twice: (one(n, -1, -1, 1e-30), one(twice, -1, -1, 2e-30)),
        "nothing is made above all thresholds",
    ),
    "a power of 4.02": (
        lambda n, twice: (steeper(n, 0.02), steeper(twice, 0.02)),
        "counts are a power of small couplings",
    ),
    "a power of 1.8": (
        lambda n, twice: (steeper(n, -2.2), steeper(twice, -2.2)),
        "counts are a power of small couplings",
    ),
}


@pytest.mark.parametrize("what", SMALL_FAULTS)
def test_a_small_fault_is_enough(what, monkeypatch):
    """One count, or a part that rounding never makes; powers reach from 2 (production) to 4 (a late decay)."""
    search, model = experiment("FASER2"), models["dark_dipole"]
    spoil, name = SMALL_FAULTS[what]
    true = checks.counts_of
    monkeypatch.setattr(checks, "counts_of", lambda *words: spoil(*true(*words)))
    found = {c.name: c.passed for c in checks.check_experiment(search, model)}
    if what == "one count below zero":  # which is not nothing, either
        assert not found.pop("nothing is made above all thresholds")
    assert [check for check, passed in found.items() if not passed] == [name]


@pytest.mark.parametrize(
    ("source", "cited"),
    [
        ("arXiv:2308.16608", True),
        ("M. Somebody, arXiv:hep-ex/0101001", True),
        ("Phys. Lett. B 128 (1983) 361", True),
        ("doi:10.1016/x", True),
        ("a talk of 2023", False),
        ("arXiv", False),
    ],
)
def test_what_is_a_citation(source, cited):
    search = replace(experiment("FASER2"), source=source)
    assert next(checks.check_experiment(search, models["dipole"])).passed == cited


BAD = {
    "threshold above the beam": ({"selection": {"E_gamma_min": 400}}, "above the beam's 400 GeV"),
    "momentum above the beam": ({"selection": {"p_N_min": 500}}, "above the beam's 400 GeV"),
    "window turned around": (
        {"selection": {"E_gamma_min": 5, "E_gamma_max": 3}},
        "E_gamma_max must lie above E_gamma_min = 5 GeV, not 3",
    ),
    "efficiency above one": ({"selection": {"efficiency": 1.2}}, "efficiency must be above 0 and at most 1"),
    "unknown target": ({"beam": "sps-400gev:Au"}, "unknown target.*no target 'Au'; there are: Cu, Mo, W"),
    "target of another beam": ({"beam": "sps-400gev:Be"}, "has no target 'Be'"),
    "no target": ({"beam": "sps-400gev"}, "needs a target; write one of: sps-400gev:Cu"),
    "two shapes": ({"volume": CHARM["volume"] | {"r_max": 1}}, "of different shapes; keep only"),
    "half a rectangle": ({"volume": {"z_min": 480, "z_max": 515, "width": 3}}, "height is missing"),
    "no size": ({"volume": {"z_min": 480, "z_max": 515}}, "no size across the beam; add"),
    "calorimeter before the volume": ({"calorimeter": {"z": 100, "r_max": 1}}, "must stand behind the beginning"),
    "calorimeter without a size": ({"calorimeter": {"z": 516}}, "needs r_max, or width and height"),
    "calorimeter without a place": ({"calorimeter": {"r_max": 1}}, "z is missing"),
    "beam as a number": ({"beam": 5}, "beam must be text, not 5"),
    "calorimeter as text": ({"calorimeter": "behind"}, "must be a mapping"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_files_are_refused(tmp_path, what):
    changed, message = BAD[what]
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump(CHARM | changed))
    with pytest.raises(InputError, match=message) as error:
        read_experiment(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_on_the_command_line(cli, charm, tmp_path):
    code, out, _ = cli("check", charm, "BaBar")
    assert code == 0
    assert out.count(" holds ") == 18
    path = tmp_path / "uncited.yaml"
    path.write_text(yaml.safe_dump(CHARM | {"source": "somebody"}))
    code, out, err = cli("check", path)
    assert code == 0
    assert out.count("FAILS") == 0
    assert out.count("not yet") == 2
    assert err.count("\n") == 1
    assert "uncited: nobody can look its source up; a source is an arXiv number" in err
    for statistic, message in (
        ({"method": "guess"}, "unknown limit method 'guess'"),
        (
            {"method": "poisson", "confidence_level": 95},
            "confidence_level must lie between 0 and 1",
        ),
        ({"method": "poisson", "confidence": 0.9}, "has no parameter 'confidence'"),
    ):
        path.write_text(yaml.safe_dump(CHARM | {"statistic": statistic}))
        assert f"uncited: statistic: {message}" in (err := cli("check", path)[2]) or message in err
    assert "no-such.yaml" in cli("check", "no-such.yaml")[2]
