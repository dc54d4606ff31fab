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


@pytest.mark.parametrize("name", REACH)
def test_older_cubes_answer_as_they_did(folder, name):
    cube, experiment = name.split("/")
    ds = scanner.open_cube(folder / f"{cube}.zarr")
    found = ds.scan.reach(experiment=experiment, **CHOSEN[cube])
    for variable, values in REACH[name].items():
        np.testing.assert_allclose(found[variable].values, values, rtol=1e-12, err_msg=variable)


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
