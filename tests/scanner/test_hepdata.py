"""HEPData submissions: HEPData's validator accepts them, and they say and hold all that the result does."""

import shutil
import warnings

import numpy as np
import pytest
import yaml

from physics.errors import InputError
from scanner.outputs import accessor
from scanner.outputs.hepdata import flat

CHOSEN = {"experiment": "FACET", "flavor": "e"}


@pytest.fixture(scope="module")
def ds(small):
    return accessor.open_cube(small)


@pytest.fixture(scope="module")
def folder(ds, tmp_path_factory):
    place = tmp_path_factory.mktemp("hepdata") / "contour"
    ds.scan.contour(CHOSEN, events=5).to_hepdata(place)
    return place


def problems(folder):
    """What HEPData's validator has to say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of jsonschema, which the validator uses as it was before
        from hepdata_validator.full_submission_validator import FullSubmissionValidator, SchemaType

        validator = FullSubmissionValidator()
        passed = validator.validate(directory=str(folder))
        checked = validator.valid_files
        found = validator.get_messages()
    assert passed == (not found)
    assert found or {SchemaType.SUBMISSION} < set(checked)  # something was looked at
    return found


def documents(folder):
    return list(yaml.safe_load_all((folder / "submission.yaml").read_text(encoding="utf-8")))


def columns(folder, table):
    data = yaml.safe_load((folder / table["data_file"]).read_text(encoding="utf-8"))
    every = [*data["independent_variables"], *data["dependent_variables"]]
    return {v["header"]["name"]: [x["value"] for x in v["values"]] for v in every}, every


def test_a_contour(ds, folder):
    found = ds.scan.contour(CHOSEN, events=5)
    assert problems(folder) == {}
    comment, *tables = documents(folder)
    assert len(tables) == len(found.branches)
    for table, branch in zip(tables, found.branches, strict=True):
        values, (mass, coupling) = columns(folder, table)
        assert np.array_equal(np.column_stack([values["m_N"], values["d_gamma"]]), branch)
        assert (mass["header"]["units"], coupling["header"]["units"]) == ("GeV", "1/GeV")
        said = {q["name"]: q["value"] for q in coupling["qualifiers"]}
        assert said == dict(flat(found.about.data))  # the file of one table tells every assumption
        assert said["limit.parameters.events"] == 5.0
        assert yaml.safe_load(table["description"].split("numbers:\n\n")[1]) == found.about.data
        phrases = next(k["values"] for k in table["keywords"] if k["name"] == "phrases")
        assert {"FACET", "fixed-count"} <= set(phrases)
        for resource in table["additional_resources"]:
            assert (folder / resource["location"]).read_bytes().startswith(b"\x89PNG")
    assert yaml.safe_load(comment["comment"].split("numbers:\n\n")[1]) == found.about.data


def test_the_validator_would_notice(folder, tmp_path):
    broken = shutil.copytree(folder, tmp_path / "broken")
    (broken / "table_1.yaml").write_text("independent_variables: []\n")
    assert problems(broken)


def test_a_reach(ds, tmp_path):
    found = ds.scan.reach(CHOSEN, method="poisson", background=2, observed=3)
    found.to_hepdata(tmp_path / "reach")
    assert problems(tmp_path / "reach") == {}
    values, every = columns(tmp_path / "reach", documents(tmp_path / "reach")[1])
    low = [np.nan if v == "-" else v for v in values["lowest d_gamma"]]
    assert np.array_equal(low, found.low, equal_nan=True)
    assert np.array_equal([v == "yes" for v in values["open_high"]], found.curve.reach.open_high)
    assert {"name": "limit.observed", "value": 3.0} in every[1]["qualifiers"]


def test_a_comparison_names_what_is_not_reached(ds, tmp_path):
    found = ds.scan.compare("experiment", {"flavor": "e"})
    most = [curve.contour.maximum for curve in found]
    between = ds.scan.compare("experiment", {"flavor": "e"}, events=float(np.sqrt(np.prod(most))))
    for name, result in (("all", found), ("one", between)):
        result.to_hepdata(tmp_path / name)
        assert problems(tmp_path / name) == {}
        comment, *tables = documents(tmp_path / name)
        reached = [c for c in result if not c.contour.empty]
        assert len(tables) == sum(len(c.contour.branches) for c in reached)
        for table, curve in zip(tables, reached, strict=False):
            said = yaml.safe_load(table["description"].split("numbers:\n\n")[1])
            assert said["experiment"] == curve.label
    assert f"No line: {found[int(np.argmin(most))].label}: not reached" in comment["comment"]


def test_nothing_is_overwritten_and_nothing_is_not_submitted(ds, folder, tmp_path):
    before = (folder / "submission.yaml").read_bytes()
    with pytest.raises(InputError, match="is there already"):
        ds.scan.contour(CHOSEN).to_hepdata(folder)
    assert (folder / "submission.yaml").read_bytes() == before
    for ask in (ds.scan.contour, ds.scan.reach):
        with pytest.raises(InputError, match="nothing to submit: the level of 1e"):
            ask(CHOSEN, events=1e30).to_hepdata(tmp_path / "never")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        ds.scan.contour(CHOSEN).to_hepdata(tmp_path / "file" / "inside")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_on_the_command_line(cli, small, tmp_path):
    chosen = ("--experiment", "FACET", "--flavor", "e")
    for words in (
        ("contour", *chosen),
        ("reach", *chosen),
        ("compare", "--by", "flavor", *chosen[:2]),
    ):
        command, *rest = words
        status, out, err = cli(command, small, *rest, "--hepdata", tmp_path / command)
        assert status == 0, err
        assert len(documents(tmp_path / command)) > 1
        assert ("#" in out) == (command == "compare")  # a table only where the file has another
    status, _, err = cli("contour", small, *chosen, "--hepdata", tmp_path / "contour")
    assert status == 1
    assert "is there already" in err
