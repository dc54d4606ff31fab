"""A thousand and more bad inputs: each ends in exit status 1 or 2 with one short sentence, nothing is half done."""

import nonsense
import pytest
import toys

from physics.errors import LONGEST


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
    from physics.nature.beams import beam
    from physics.searches.catalogue import experiment

    assert experiment("e.yaml").tag == "e"
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


def test_numbers_of_options(refused, small):
    told((w, refused(*w, naming=w[-2])) for w in nonsense.numbers(small))


def test_words(refused, small):
    told((w, refused(*w)) for w in nonsense.words(small))


def test_places(refused, small, tmp_path):
    told((w, refused(*w)) for w in nonsense.places(small))
    left = {path.name for path in tmp_path.iterdir()}
    assert left <= {"state"}, left


def test_parameters_of_calc(refused):
    told((w, refused(*w)) for w in nonsense.parameters())


def test_there_are_a_thousand():
    made = [
        *nonsense.one_by_one(nonsense.SPEC, nonsense.GOOD_SPEC, nonsense.BAD_SPEC),
        *nonsense.one_by_one(nonsense.EXPERIMENT, nonsense.GOOD_EXPERIMENT, nonsense.BAD_EXPERIMENT),
        *nonsense.one_by_one(nonsense.BEAM, nonsense.GOOD_BEAM, nonsense.BAD_BEAM),
        *nonsense.numbers("s"), *nonsense.words("s"), *nonsense.places("s"), *nonsense.parameters(),
    ]  # fmt: skip
    assert len(made) > 1000, len(made)
