"""What the pages show is so: specs and experiments are read, Python is run, tables have the product's own defaults."""

import ast
import importlib.util
import math
import re
from dataclasses import fields
from pathlib import Path

import dipolescan
import pytest
import yaml
from approx import approx

import scanner
from physics.dipole.conventions import CHOICES
from physics.models.countings import models_that_count
from physics.models.model import models
from physics.nature.beams import beam, beams
from physics.searches.catalogue import read_experiment
from physics.searches.search import search_kinds
from physics.spectra.normalisation import NORMALISATIONS
from scanner.scans.spec import ScanSpec, check_statistic
from scanner.scans.spec_file import AxisRange, Execution, ScanFile

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "deploy" / "README.md",
    ROOT / "benchmarks" / "README.md",
]
SPECS = (ROOT / "docs" / "specs.md").read_text(encoding="utf-8")


def blocks(language, pages=PAGES):
    """(page, number among those of the page, text) of every block of code in a language."""
    return [
        pytest.param(text, id=f"{page.name}-{i}")
        for page in pages
        for i, text in enumerate(
            re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
        )
    ]


def yaml_blocks(*keys):
    return [
        block for block in blocks("yaml") if set(keys) <= set(yaml.safe_load(block.values[0]) or ())
    ]


SCANS, SEARCHES = yaml_blocks("axes", "experiments"), yaml_blocks("facility", "exposure")


# ---- specs and experiments -------------------------------------------------------------------


def test_there_are_some_to_read():
    assert len(SCANS) >= 2
    assert yaml_blocks("momentum", "spectra")
    shown = {yaml.safe_load(block.values[0]).get("kind", "forward-decay") for block in SEARCHES}
    assert shown >= set(search_kinds) - {"thermal-relic", "pair-mono-photon"}


@pytest.mark.parametrize("text", SCANS)
def test_a_spec_is_read(text, tmp_path, monkeypatch):
    """In a folder with the files that pages show by name."""
    for block in blocks("yaml"):
        if name := re.match(r"# ([\w-]+\.yaml)\n", block.values[0]):
            (tmp_path / name[1]).write_text(block.values[0])
    monkeypatch.chdir(tmp_path)
    content = yaml.safe_load(text)
    spec = ScanSpec(content)
    assert set(spec.axes) >= set(content["axes"])


@pytest.mark.parametrize("text", SEARCHES)
def test_an_experiment_is_read(text, tmp_path):
    """And the method that it names suits it, in a model that counts it."""
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    search = read_experiment(path)
    tags = models_that_count(search.kind)
    check_statistic(models["dipole" if "dipole" in tags else tags[0]], search)


@pytest.mark.parametrize("text", yaml_blocks("momentum", "spectra"))
def test_a_beam_is_read(text, tmp_path):
    """By the name that the page gives it, on a target of its own where it has some."""
    name = re.match(r"# ([\w-]+\.yaml)\n", text)[1]
    (tmp_path / name).write_text(text)
    found = beam(str(tmp_path / name))
    named = re.findall(rf"{re.escape(name)}:(\w+)", SPECS)
    assert bool(named) == found.fixed_target
    for target in named:
        assert beam(f"{tmp_path / name}:{target}").target.tag in found.targets


def test_the_first_spec_has_every_key_with_its_default():
    """But for block sizes, which have none, and channels, all of which are the default."""
    (first, *_) = (yaml.safe_load(b.values[0]) for b in SCANS if b.id.startswith("specs.md"))
    assert set(first) == {field.name for field in fields(ScanFile)}
    model = models["dipole"]
    assert first["options"] == model.complete_options({})
    assert set(first["axes"]) == {axis.name for axis in model.axes}
    bare = {k: v for k, v in first.items() if k not in ("sampling", "options", "execution")}
    assert ScanSpec(bare).sampling == first["sampling"]
    assert set(first["execution"]) == {field.name for field in fields(Execution)}
    spacings = [
        set(values) for values in first["axes"].values() if isinstance(values, dict)
    ]  # a range
    assert set.union(*spacings) == {field.name for field in fields(AxisRange)} - {"values"}


def test_beams_are_those_that_there_are():
    """``sps-400gev:Cu``, ``:Mo``, ... in the table of keys."""
    row = next(line for line in SPECS.splitlines() if line.startswith("| `beam` |"))
    shown, last = set(), ""
    for word in re.findall(r"`([\w.:-]+)`", row.removeprefix("| `beam` |")):
        last = last.partition(":")[0] + word if word.startswith(":") else word
        shown.add(last)
    every = {
        f"{tag}:{target}" if target else tag
        for tag, found in beams().items()
        for target in found.targets or ("",)
    }
    assert shown == every
    assert all(beam(tag).tag == tag for tag in shown)


def test_units_are_those_that_are_read():
    sentence = re.search(r"; units: (.*) for masses, (.*) for couplings", SPECS)
    model = models["dipole"]
    for words, name in zip(sentence.groups(), ("m_N", "d_gamma"), strict=True):
        units = model.axis(name).accepted_units
        assert set(words.split(", ")) == {unit for unit in units if "^" not in unit}


# ---- tables ----------------------------------------------------------------------------------


def rows(text, heading):
    """Cells of the first table under a heading."""
    part = text.partition(f"{heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_options_have_their_defaults_and_alternatives():
    """Default first; every other value of an option is among the alternatives."""
    text = (ROOT / "docs" / "physics.md").read_text(encoding="utf-8")
    shown = {row[0].strip("`"): row for row in rows(text, "## Options and their defaults")}
    every = {**CHOICES, "normalisation": NORMALISATIONS}
    assert set(shown) - {name for name in shown if name.startswith("axis ")} == set(every)
    for name, (default, *others) in every.items():
        words = [str(value).lower() for value in (default, *others)]
        _, first, rest = shown[name]
        assert first.startswith(f"`{words[0]}`"), name
        assert [word for word in re.findall(r"`([\w-]+)`", rest) if word in words] == words[1:]


# ---- Python ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", blocks("python"))
def test_python_is_python(text):
    ast.parse(text)


def test_what_readme_shows_runs(finished, tmp_path, monkeypatch):
    """On a small cube in place of the quickstart's, which has one set of spectra."""
    (code,) = re.findall(
        r"^```python\n(import .*?)^```",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.M | re.S,
    )
    monkeypatch.chdir(tmp_path)
    asked = []

    def opened(path):
        asked.append(path)
        return scanner.open_cube(finished).sel(generator="toy")

    monkeypatch.setattr(dipolescan, "open_cube", opened)
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert asked == ["results/quickstart.zarr"]
    assert (tmp_path / "channels.pdf").read_bytes().startswith(b"%PDF")
    values = [
        eval(compile(ast.Expression(node.value), "README.md", "eval"), names)
        for node in ast.parse(code).body
        if isinstance(node, ast.Expr)
    ]
    assert set(values[0].to_xarray().data_vars) >= {"low", "high"}
    assert values[1].level == approx(math.log(10))


# ---- places ----------------------------------------------------------------------------------

PLACE = re.compile(
    r"`((?:physics|scanner|schedulers|tests|docs|deploy|benchmarks)/[\w./*-]+)(?:::\w+)?`"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_places_in_the_repository_are_there(page):
    """What a page names in code by its path; a star stands for any name. The changelog tells of what was, too."""
    if page.name == "CHANGELOG.md":
        return
    for place in PLACE.findall(page.read_text(encoding="utf-8")):
        assert list(ROOT.glob(place.rstrip("/"))), f"{page.name}: {place}"


def test_the_table_of_radiation_is_what_its_script_writes():
    """The rates; the limits are tests of their own (tests/physics/test_ee_radiated.py)."""
    path = ROOT / "docs" / "radiation_table.py"
    module = importlib.util.module_from_spec(
        found := importlib.util.spec_from_file_location("radiation_table", path)
    )
    found.loader.exec_module(module)
    page = (ROOT / "docs" / "reproduction-2301.06050.md").read_text(encoding="utf-8")
    assert module.rates() in page
