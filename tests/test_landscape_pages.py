"""README and docs/landscape.md have the tables of the file that the command wrote of a complete scan."""

import importlib.util
from pathlib import Path

import pytest
import yaml

from scanner.scans.spec import load_spec

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def script():
    place = importlib.util.spec_from_file_location(
        "update_landscape", ROOT / "docs" / "update_landscape.py"
    )
    found = importlib.util.module_from_spec(place)
    place.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def said(script):
    """What the table says of itself."""
    lines = script.TABLE.read_text(encoding="utf-8").splitlines()
    return yaml.load("\n".join(x[2:] for x in lines if x.startswith("# ")), yaml.CSafeLoader)


def test_the_tables_are_those_of_the_file(script):
    """Written by ``python docs/update_landscape.py``."""
    for page, text in script.pages(script.rows_of()).items():
        assert page.read_text(encoding="utf-8") == text
        assert text.count("1e-") + text.count("e-") > 20


def test_the_scan_was_complete(said):
    assert said["cube"]["complete"]
    assert said["plane"]["complete"]


def test_it_was_of_the_spec_of_today(said):
    spec = load_spec("landscape")
    each = {c["experiment"] for c in said["curves"]}
    assert each == set(spec.experiments)
    for name, grid in said["grid"].items():
        values = spec.axes[name]
        assert [grid["from"], grid["to"], grid["values"]] == [values[0], values[-1], len(values)]


def test_pictures_are_small(script):
    pictures = sorted(script.FIGURES.glob("landscape-*.png"))
    assert len(pictures) == 4
    assert all(picture.stat().st_size < 500_000 for picture in pictures)
