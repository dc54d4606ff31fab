"""The stored sum over channels stands for the counts only where it is their sum."""

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from approx import approx

import scanner
from scanner.queries.totals import total_of

SELECTIONS = {
    "whole": lambda ds: ds,
    "isel": lambda ds: ds.isel(m_N=3),
    "sel": lambda ds: ds.sel(flavor="tau", experiment="FACET"),
    "slices": lambda ds: ds.isel(m_N=slice(1, 7, 2), d_gamma=slice(None, None, -1)),
    "lists": lambda ds: ds.isel(m_N=[4, 1], flavor=[1]),
    "transpose": lambda ds: ds.transpose("d_gamma", ...),
    "reindexed labels": lambda ds: ds.reindex(flavor=["tau", "e"]),
    "deep copy": lambda ds: ds.copy(deep=True),
    "cut otherwise": lambda ds: ds.chunk(
        m_N=2
    ),  # as cubes are whose searches have files of different sizes
    "expanded": lambda ds: ds.isel(generator=0).expand_dims("generator"),
}
CHANGES = {
    "scaled": lambda ds: ds * 0.5,
    "only the counts": lambda ds: ds.assign(counts=ds["counts"] * 0.5),
    "cut": lambda ds: ds.where(ds["d_gamma"] < 1e-4),
    "filled": lambda ds: ds.fillna(0.0),
    "a channel": lambda ds: ds.sel(channel="pi"),
    "some channels": lambda ds: ds.isel(channel=slice(0, 5)),
    "loaded": lambda ds: ds.load(),
    "another order": lambda ds: ds.assign(counts=ds["counts"].copy(data=ds["counts"].data[::-1])),
    "another sum": lambda ds: ds.assign(total_counts=ds["total_counts"] * 2),
    "joined": lambda ds: xr.concat([ds.isel(m_N=[0]), ds.isel(m_N=[3])], "m_N"),
    "in memory": lambda ds: ds.assign(counts=ds["counts"].copy(data=da.zeros(ds["counts"].shape))),
    "no sum": lambda ds: ds.drop_vars("total_counts"),
    "no attributes": lambda ds: ds.drop_attrs(),
}


@pytest.mark.parametrize("select", SELECTIONS.values(), ids=SELECTIONS)
def test_a_selection_has_its_sum_stored(finished, select):
    ds = select(scanner.open_cube(finished))
    total = total_of(ds)
    assert total is not None
    wanted = ds["counts"].sum("channel").transpose(*total.dims)
    # both were rounded after they were summed
    np.testing.assert_allclose(total, wanted, rtol=1e-6, atol=0)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_was_changed_is_summed_anew(finished, change):
    assert total_of(change(scanner.open_cube(finished))) is None


def test_the_counts_of_another_cube_are_not_meant(finished, small):
    first, other = scanner.open_cube(finished), scanner.open_cube(finished)
    assert total_of(first.assign(counts=other["counts"])) is None
    assert float(total_of(first).sum()) == approx(float(total_of(other).sum()), rel=1e-12)
