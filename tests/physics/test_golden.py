"""Counts at a few points of every search, and every bundled spec, are what they were.

Bit for bit with the versions and the vector instructions that they were made with; elsewhere to 1e-12 of the largest
value along the coupling. What is to change on purpose is written anew by ``python -m tests.golden_cube``.
"""

import json

import numpy as np
import pytest

from tests.golden_cube import COUNTS, HASHES, canonical, computed, digest, machine, scans

STORED = json.loads(HASHES.read_text(encoding="utf-8"))
SAME = machine() == STORED["machine"]
SCANS = dict(scans())
THERE = {name.rsplit("/", 2)[0] for name in STORED["arrays"]}
ELSEWHERE = 1e-12
ODE = 1e-5  # what steps of an adaptive integrator make of another last digit (seen: 2e-6)


@pytest.fixture(scope="module")
def stored():
    with np.load(COUNTS) as arrays:
        return dict(arrays)


def test_every_search_is_there():
    assert (
        set(SCANS) >= THERE
    )  # a new one has no counts to be compared with before they are written


def test_stored_counts_are_those_of_the_hashes(stored):
    assert {name: digest(values.tobytes()) for name, values in stored.items()} == STORED["arrays"]


@pytest.mark.parametrize("name", [n for n in SCANS if n in THERE])
def test_counts_are_what_they_were(name, stored):
    expected = {k: v for k, v in STORED["arrays"].items() if k.rsplit("/", 2)[0] == name}
    found = {f"{name}/{key}": values for key, values in computed(SCANS[name]).items()}
    assert set(found) == set(expected)
    for key, values in found.items():
        assert values.shape == stored[key].shape
        if SAME:
            assert digest(values.tobytes()) == expected[key], key
        assert np.array_equal(np.isnan(values), np.isnan(stored[key])), key
        known = np.nan_to_num(stored[key])
        scale = np.abs(known).max(axis=-1, keepdims=True, initial=0.0)
        allowed = ODE if key.endswith("thermal-relic/counts") else ELSEWHERE
        worst = np.abs(np.nan_to_num(values) - known) - allowed * scale
        assert (worst <= 0).all(), f"{key}: off by {worst.max():.2g}"


def test_bundled_specs_are_stored_and_cut_as_they_were():
    found = canonical()
    assert set(STORED["specs"]) <= set(found)
    for name, value in found.items():
        if name not in STORED["specs"]:
            continue  # new
        assert value == STORED["specs"][name], name
