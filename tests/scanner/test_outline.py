"""Questions to what was opened, without a dataset, are those to the dataset; it is made where it is needed."""

import os

import dask
import numpy as np
import pytest

import scanner
from physics.errors import InputError
from scanner.queries import computing
from scanner.queries.direct import open_stored
from scanner.queries.outline import outline_of_dataset, outline_of_store
from scanner.queries.query import Query
from scanner.queries.units import in_units

CHOSEN = {"experiment": "FACET", "flavor": "tau", "generator": "toy"}


def test_the_outline_of_a_store_is_that_of_its_dataset(finished):
    one = outline_of_store(open_stored(finished).store)
    other = outline_of_dataset(scanner.open_cube(finished))
    assert one.dims == other.dims
    assert one.sizes == dict(other.sizes)
    assert set(one.coords) == other.coords
    assert one.said == other.said
    assert one.attrs == other.attrs
    for name in one.coords:
        assert one.along[name].dims == other.along[name].dims
        assert one.values(name).dtype == other.values(name).dtype
        np.testing.assert_array_equal(one.values(name), other.values(name))


def test_a_curve_needs_no_dataset(finished, monkeypatch):
    expected = Query(scanner.open_cube(finished)).curve(CHOSEN)
    monkeypatch.setattr("scanner.queries.cube.dataset_of", None)
    query = Query(open_stored(finished))
    found = query.curve(CHOSEN)
    np.testing.assert_array_equal(found.reach.low, expected.reach.low)
    assert found.provenance == expected.provenance
    shown, (scaled,) = in_units(query, [found], "MeV")
    assert shown.values("m_N")[0] == 1e3 * query.values("m_N")[0]
    assert scaled.reach.mass[0] == shown.values("m_N")[0]


def test_a_dataset_is_made_where_it_is_needed(finished):
    query = Query(open_stored(finished))
    np.testing.assert_array_equal(
        query.plane(CHOSEN), Query(scanner.open_cube(finished)).plane(CHOSEN)
    )
    other = in_units(query, (), "MeV")[0]
    assert other.ds["m_N"].attrs["units"] == "MeV"
    assert in_units(Query(open_stored(finished)), (), "MeV")[0].ds.equals(other.ds)


def test_words_are_the_same(finished):
    for cube in (open_stored(finished), scanner.open_cube(finished)):
        with pytest.raises(InputError, match="unknown flavor 'x'; this cube has: e, tau"):
            Query(cube).curve({**CHOSEN, "flavor": "x"})


# ---- whether a scheduler is chosen, without Dask ---------------------------------------------


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        ("# scheduler: threads\ndistributed:\n  scheduler-options: {}\n", False),
        ("scheduler: synchronous\n", True),
        ("{'scheduler': threads}\n", True),
        ("distributed:\n  scheduler: {}\n", True),  # Dask says that it is another one
    ],
)
def test_dask_is_asked_if_a_file_names_a_scheduler(tmp_path, monkeypatch, content, asked):
    for name in [name for name in os.environ if name.startswith("DASK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(computing, "dask_files", lambda: [tmp_path / "x.yaml"])
    (tmp_path / "x.yaml").write_text(content, encoding="utf-8")
    monkeypatch.setenv("DASK_DIPOLESCAN__LOCAL__DASHBOARD", "False")  # says nothing of a scheduler
    assert computing._may_be_configured() == asked
    monkeypatch.setenv("DASK_SCHEDULER", "threads")
    assert computing._may_be_configured()


def test_a_process_that_has_dask_asks_it(monkeypatch):
    monkeypatch.setattr(computing, "_may_be_configured", lambda: False)
    assert not computing.has_scheduler()
    with dask.config.set(scheduler="threads"):
        assert computing.has_scheduler()
