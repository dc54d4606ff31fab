"""A thousand and more bad inputs: each ends in exit status 1 or 2 with one short sentence, nothing is half done."""

import re
from pathlib import Path

import nonsense
import pytest

from physics.errors import LONGEST, InputError
from physics.nature.beams import beam
from physics.reading import parse_yaml
from physics.searches import catalogue
from scanner.scans.spec import load_spec

LONG = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def refused(cli, spectra, tmp_path, monkeypatch):
    """Runs command lines; what is wrong with how one ends, in words, or nothing."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(tmp_path / "queue"))
    monkeypatch.chdir(tmp_path)

    def problem(*words, naming=""):
        status, out, err = cli(*words)
        lines = err.strip().splitlines()
        last = lines[-1] if lines else ""
        if status not in (1, 2):
            return f"exit status {status}: {out[:200]}"
        if "Traceback" in err + out or "unexpected" in err:
            return err[-500:]
        if not last.startswith("Error: ") or len(last) > LONGEST + len("Error: ") or len(err) > 700:
            return f"no short sentence ({len(err)}): {err[:300]}"
        if naming not in err:
            return f"{naming} is not named: {last}"
        return ""

    return problem


def told(cases):
    """Fails with the cases that ended otherwise than they should."""
    wrong = [f"{case}\n    {problem}" for case, problem in cases if problem]
    assert not wrong, f"{len(wrong)} of them:\n" + "\n".join(wrong[:40])


def files(refused, tmp_path, command, name, cases):
    for case, text in cases:
        (tmp_path / name).write_text(text, encoding="utf-8", errors="replace")
        yield case, refused(*command, name)


def test_the_good_ones_are_good(cli, spectra, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(nonsense.SPEC.format(**nonsense.GOOD_SPEC))
    assert cli("plan", "s.yaml")[::2] == (0, "")
    monkeypatch.delenv("DIPOLESCAN_SPECTRA")
    (tmp_path / "e.yaml").write_text(nonsense.EXPERIMENT.format(**nonsense.GOOD_EXPERIMENT))
    (tmp_path / "b.yaml").write_text(nonsense.BEAM.format(**nonsense.GOOD_BEAM))
    assert catalogue.experiment("e.yaml").tag == "e"
    assert beam("b.yaml").tag == "b"


def test_specs(refused, tmp_path):
    cases = nonsense.one_by_one(nonsense.SPEC, nonsense.GOOD_SPEC, nonsense.BAD_SPEC)
    told(files(refused, tmp_path, ["plan"], "s.yaml", cases))


def test_experiments(refused, tmp_path):
    cases = nonsense.one_by_one(
        nonsense.EXPERIMENT, nonsense.GOOD_EXPERIMENT, nonsense.BAD_EXPERIMENT
    )
    told(files(refused, tmp_path, ["check"], "e.yaml", cases))


def test_beams(refused, tmp_path):
    used = {**nonsense.GOOD_EXPERIMENT, "beam": "b.yaml"}
    (tmp_path / "e.yaml").write_text(nonsense.EXPERIMENT.format(**used))
    cases = nonsense.one_by_one(nonsense.BEAM, nonsense.GOOD_BEAM, nonsense.BAD_BEAM)
    told(files(refused, tmp_path, ["check", "e.yaml"], "b.yaml", cases))


def test_files_that_are_none(refused, tmp_path):
    def cases():
        for command, name in ((("plan",), "s.yaml"), (("check",), "e.yaml")):
            for raw in nonsense.RAW:
                (tmp_path / name).write_bytes(raw)
                yield (name, raw[:40]), refused(*command, name)

    told(cases())


def only_sentences(read, path, texts):
    """Fails where reading a text raises anything but a short InputError."""
    said = []
    for text in texts:
        path.write_text(text, encoding="utf-8", errors="replace")
        try:
            read(path)
        except InputError as error:
            said.append((str(error), text))
    assert said
    for sentence, text in said:
        assert 10 < len(sentence) <= LONGEST, text
        assert "\n" not in sentence, text


@pytest.mark.parametrize("number", [150, pytest.param(1500, marks=LONG)])
@pytest.mark.parametrize("what", ["spec", "experiment", "beam"])
def test_broken_texts(spectra, tmp_path, what, number):
    template, good, read = {
        "spec": (nonsense.SPEC, nonsense.GOOD_SPEC, load_spec),
        "experiment": (nonsense.EXPERIMENT, nonsense.GOOD_EXPERIMENT, lambda p: catalogue.experiment(str(p))),
        "beam": (nonsense.BEAM, nonsense.GOOD_BEAM, lambda p: beam(str(p))),
    }[what]  # fmt: skip
    texts = nonsense.broken(template.format(**good), number, seed=number)
    only_sentences(read, tmp_path / "x.yaml", texts)


def test_numbers_of_options(refused, small):
    told((w, refused(*w, naming=w[-2].rpartition("-")[2])) for w in nonsense.numbers(small))


def test_words(refused, small):
    told((w, refused(*w)) for w in nonsense.words(small))


def test_places(refused, small, tmp_path):
    told((w, refused(*w)) for w in nonsense.places(small))
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"state"}, left


def test_parameters_of_calc(refused):
    told((w, refused(*w)) for w in nonsense.parameters())


def test_tables(refused, tmp_path):
    def cases():
        for name, text in nonsense.tables():
            path = tmp_path / name
            path.write_text(text, encoding="utf-8")
            yield text[:60], refused("spectra", "import", path, "--out", tmp_path / "sets")
            path.unlink()

    told(cases())
    assert not (tmp_path / "sets").exists()


def test_a_good_table_is_good(cli, tmp_path):
    path = tmp_path / "Mine_14TeV_221.txt"
    path.write_text("\n".join(nonsense.rows()))
    assert cli("spectra", "import", path, "--out", tmp_path / "sets")[0] == 0


def test_surroundings(refused, tmp_path, monkeypatch):
    for name, content in nonsense.DASK_FILES.items():
        (tmp_path / f"{name}.yaml").write_bytes(content)

    def cases():
        for words, variables in nonsense.SURROUNDINGS:
            with monkeypatch.context() as patch:
                for name, value in variables.items():
                    patch.setenv(name, value)
                if "XDG_DATA_HOME" in variables:
                    patch.delenv("DIPOLESCAN_SPECTRA")
                yield (words, variables), refused(*words)

    told(cases())


# ---- nothing of this is accepted in silence ----------------------------------------------------

SPEC, EXPERIMENT = nonsense.SPEC, nonsense.EXPERIMENT
SILENT = {
    "a key twice": (SPEC + "name: other\n", "'name' stands twice, in line 2 and in line 13"),
    "a key of an axis twice": (
        "axes:\n  m_N: {start: 1, stop: 2,\n    start: 2}", "'start' stands twice, in line 2 and in line 3",
    ),
    "an octal number": ({"num": "021"}, "axes.m_N.num: '021' is not a number, since it begins with a zero"),
    "a truth": ({"num": "true"}, "axes.m_N.num: true is not a number"),
    "a sexagesimal number": ({"num": "1:30"}, "'1:30' is not a number"),
    "an underscored number": ({"num": "1_0"}, "'1_0' is not a number; write it without underscores"),
    "a stop that is ignored": ({"num": "1"}, "with num: 1 only start = 0.1 is computed, and stop = 1 is not"),
    "values that differ in the last bit": (
        {"couplings": "[0.1, 0.10000000000000002]"}, "0.1 and 0.10000000000000002 are the same value",
    ),
    "a unit with a number": ({"start": "10 MeV"}, "'10 MeV' is not a number; .* units: MeV"),
    "a key that is mistyped": (SPEC + "axs: 3\n", "axs: unknown key; did you mean 'axes'"),
}  # fmt: skip


@pytest.mark.parametrize(("what", "words"), SILENT.values(), ids=SILENT)
def test_of_specs(refused, cli, tmp_path, what, words):
    text, values = (SPEC, what) if isinstance(what, dict) else (what, {})
    text = text if "{name}" not in text else text.format(**{**nonsense.GOOD_SPEC, **values})
    (tmp_path / "s.yaml").write_text(text)
    assert refused("plan", "s.yaml") == ""
    assert re.search(words, cli("plan", "s.yaml")[2])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("calc decay-length m_N=.1 m_N=.2 d_gamma=1e-6 energy=3", "'m_N' is given twice"),
        ("calc decay-length m_N=100MeV d_gamma=1e-6 energy=3", "m_N must be a number, not '100MeV'.* unit is GeV"),
        ("calc branching-ratio meson=J_psi m_N=0.1 d_gamma=1e3", "branching ratio would be 1.25e.07, more than one"),
        ("calc dark-events experiment=FASER2 M_1=.1 delta=.1 d=1e-4 E_gamma_min=-5", "E_gamma_min must lie between"),
        ("calc lifetime m_N=0.1 d_gamma=1e-300", "d_gamma must be above 1e-60"),
        ("calc branching-rato", "unknown quantity 'branching-rato'; did you mean 'branching-ratio'"),
        ("check FASSER2", "unknown experiment 'FASSER2'; did you mean 'FASER2'"),
        ("plan quickstrat", "no spec file 'quickstrat' .* did you mean 'quickstart'"),
        ("plan quickstart --set name=a --set name=b", "--set name is given twice"),
        ("plan quickstart --workers 1 --workers 2", "--workers is given twice; give it once"),
        ("reach nope.zarr --events 3 --flavor e --events=5", "--events is given twice; give it once"),
        ("verify nope.zarr --mark --no-mark", "--mark or --no-mark is given twice"),
        ("spectra show lhc-14tev/toy eta -o a.png --output b.png", "--output is given twice"),
        ("run quickstart --store a --workers 1 --store b", "--store is given twice"),
        ("serve --idle nan", "'--idle': 'nan' is not a number"),
        ("lst", "no command 'lst'; did you mean 'list'"),
        ("list experimens", "did you mean 'experiments'"),
        ("run quickstart --store gs://bucket/x", "is not on this machine"),
        ("run quickstart --store s3://bucket", "is no address of a store"),
    ],
)  # fmt: skip
def test_of_the_command_line(cli, line, words):
    status, out, err = cli(*line.split())
    assert status in (1, 2)
    assert out == ""
    assert re.search(words, err), err


def test_an_own_experiment_under_the_label_of_another(cli, tmp_path, monkeypatch):
    monkeypatch.delenv("DIPOLESCAN_SPECTRA", raising=False)
    shipped = Path(catalogue.__file__).parent / "experiments" / "FASER2.yaml"
    own = tmp_path / "FASER2.yaml"
    own.write_bytes(shipped.read_bytes())
    assert catalogue.experiment(str(own)) == catalogue.experiment("FASER2")
    own.write_text(shipped.read_text(encoding="utf-8").replace("exposure:", "exposure: 1\n#"))
    status, _, err = cli("check", own)
    assert status == 1
    assert "there is an experiment 'FASER2' in the product, and this one differs from it" in err


def test_curves(cli, small):
    assert "--flavor is given twice" in cli("reach", small, "--flavor", "e", "--flavor", "tau")[2]
    err = cli("reach", small, "--parameter", "events=3", "--events", "3")[2]
    assert "'events' is given twice" in err


def test_numbers_are_numbers_everywhere(spectra, cli, tmp_path):
    """1e18 and 2e1 were texts to YAML 1.1; << still merges, and an own key goes before a merged one."""
    text = SPEC.format(**{**nonsense.GOOD_SPEC, "num": "2e1", "start": "1E-1", "points": "1024e0"})
    path = tmp_path / "s.yaml"
    path.write_text(text + "", encoding="utf-8")
    spec = load_spec(path, ["axes.d_gamma={start: 1e-7, stop: 1e-6, num: 1e1}"])
    assert [len(spec.axes[name]) for name in ("m_N", "d_gamma")] == [20, 10]
    merged = "a: &a {start: 1e0, num: 3}\nb: {<<: *a, num: 4}"
    assert parse_yaml(merged)["b"] == {"start": 1.0, "num": 4}
    assert parse_yaml("[1e18, 3e3, .5, 5., -1E5, .inf, 021, yes]") == [
        *(1e18, 3e3, 0.5, 5.0, -1e5, float("inf"), "021", True)
    ]


def test_there_are_a_thousand():
    made = [
        *nonsense.one_by_one(nonsense.SPEC, nonsense.GOOD_SPEC, nonsense.BAD_SPEC),
        *nonsense.one_by_one(nonsense.EXPERIMENT, nonsense.GOOD_EXPERIMENT, nonsense.BAD_EXPERIMENT),
        *nonsense.one_by_one(nonsense.BEAM, nonsense.GOOD_BEAM, nonsense.BAD_BEAM),
        *nonsense.numbers("s"), *nonsense.words("s"), *nonsense.places("s"), *nonsense.parameters(),
    ]  # fmt: skip
    assert len(made) > 1000, len(made)
