"""Stores made by the code of 2026-11-28 (format 2), before the house was rebuilt: they open and answer what they did.

``tests/golden/stores-of-2026-11-28.tar.gz`` and the reach beside it were made by that code.
"""

import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from toys import one_sentence, tree

import scanner
from physics.errors import InputError
from scanner.scans.spec import ScanSpec
from scanner.scans.store import Store
from scanner.scans.verify import verify

GOLDEN = Path(__file__).parents[1] / "golden"
REACH = json.loads((GOLDEN / "reach-of-2026-11-28.json").read_text(encoding="utf-8"))
CHOSEN = {"old": {"flavor": "e", "a": 0.0}, "olddark": {"delta": 0.1}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("older")
    with tarfile.open(GOLDEN / "stores-of-2026-11-28.tar.gz") as archive:
        archive.extractall(found, filter="data")
    return found


def straight_reach(counts, level):
    """Reach as that code interpolated: log N is straight in the logarithm of the coupling."""
    d = np.log(counts[counts.dims[1]].values)
    found = {name: np.full(len(counts), np.nan) for name in ("low", "high")}
    for i, row in enumerate(np.log(np.maximum(counts.values, 1e-12 * level) / level)):
        above = np.flatnonzero(row >= 0)
        for name, at, step in (("low", 0, -1), ("high", -1, 1)):
            if above.size:
                inside = above[at]
                place = d[inside]
                if 0 <= inside + step < len(d):
                    part = row[inside] / (row[inside] - row[inside + step])
                    place += part * (d[inside + step] - d[inside])
                found[name][i] = np.exp(place)
    return found


@pytest.mark.parametrize("name", REACH)
def test_older_cubes_answer_as_they_did(folder, name):
    """To the last digits where they are interpolated as they were then; today's curve is better on so few couplings."""
    cube, experiment = name.split("/")
    ds = scanner.open_cube(folder / f"{cube}.zarr")
    chosen = {"experiment": experiment, **CHOSEN[cube]}
    found = ds.scan.reach(chosen).to_xarray()
    counts = ds.scan.counts(chosen)
    straight, d = straight_reach(counts, ds.scan.contour(chosen).level), counts[counts.dims[1]]
    for variable, values in REACH[name].items():
        exact = variable not in straight
        then = found[variable].values if exact else straight[variable]
        np.testing.assert_allclose(then, values, rtol=1e-12, err_msg=variable)
        between = [np.searchsorted(d, x) for x in (found[variable], values)]
        assert exact or np.array_equal(*between)


@pytest.mark.parametrize("cube", CHOSEN)
def test_older_stores_are_whole_and_keep_their_spec(folder, cube):
    path = folder / f"{cube}.zarr"
    found = verify(path)
    assert found.damaged == {}
    assert found.pending == 0
    store = Store(path)
    assert ScanSpec(store.spec.canonical()).canonical_json() == store.spec.canonical_json()


def test_older_stores_are_not_continued_by_other_code(folder, tmp_path):
    """One sentence, and the store stays as it is."""
    path = shutil.copytree(folder / "old.zarr", tmp_path / "old.zarr")
    before = tree(path)
    with pytest.raises(
        InputError, match="format 2: it answers queries, but this version goes on with"
    ) as error:
        scanner.run(Store(path).spec, store=path)
    assert one_sentence(str(error.value))
    assert tree(path) == before
