"""What the page of the queue shows of a scan: its spec in words, and first contours."""

from xml.etree import ElementTree

import pytest
import toys

from scanner.explorer.preview import first_contours, shown, spec_in_words
from scanner.scans.spec import ScanSpec
from scanner.scans.store import Store


def test_a_spec_in_words(spectra):
    found = dict(spec_in_words(ScanSpec(toys.SMALL).canonical_json()))
    assert found["Model"] == "dipole"
    assert found["Experiments"] == "FASER2, FACET"
    assert "m_N, 9 values from 0.01 to 12 GeV; " in found["Axes"]
    assert "flavor e, tau" in found["Axes"]
    assert "nature dirac" in found["Options"]


@pytest.mark.parametrize("text", ["{}", "none", "[1]", '{"experiments": {"<b>": 1}}'])
def test_what_is_no_spec_has_no_words(text):
    assert spec_in_words(text) == []


def test_first_contours_while_a_cube_fills(spectra, tmp_path):
    path = toys.fill(toys.SMALL, tmp_path / "toy.zarr", blocks=range(3)).path
    part = ElementTree.fromstring(first_contours(str(path)))
    grey = [e for e in part.iter() if e.get("fill") == "#e9e9e9"]
    assert len(grey) == 1
    toys.fill(toys.SMALL, path)
    whole = ElementTree.fromstring(first_contours(str(path)))
    assert [e for e in whole.iter() if e.get("fill") == "#e9e9e9"] == []
    lines = [e for e in whole.iter() if e.tag.endswith("polyline")]
    assert len(lines) >= 2
    words = " ".join(e.text or "" for e in whole.iter())
    assert all(word in words for word in ("FASER2", "FACET", "flavor = e", "m_N [GeV]"))


def test_a_store_that_is_none_has_no_picture(tmp_path):
    assert b"there is nothing to draw yet" in shown(str(tmp_path / "<b>.zarr"))
    assert b"<b>" not in shown(str(tmp_path / "<b>.zarr"))


def test_looking_changes_nothing(small):
    before = Store(small).attrs
    first_contours(str(small))
    assert Store(small).attrs == before
