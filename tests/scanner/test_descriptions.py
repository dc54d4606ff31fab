"""Descriptions and coordinates of a new store are those that Zarr would write, byte for byte."""

import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec, GzipCodec

from scanner.scans import descriptions
from scanner.scans.creation import create
from scanner.scans.plan import make_plan
from scanner.scans.rounding import precision
from scanner.scans.spec import load_spec

NAMES = {"name": "default", "separator": "."}
SPECS = {
    "several searches": ("quickstart", ("axes.m_N.num=7", "sampling.points=256")),
    "several tasks": (
        "landscape",
        ("axes.m_N.num=5", "experiments=[FASER2, FACET, Borexino, CEPC-Z]"),
    ),
    "many blocks": ("quickstart", ("axes.m_N.num=300", "axes.d_gamma.num=2000")),
}


@pytest.fixture(scope="module", params=SPECS, ids=lambda name: name.replace(" ", "-"))
def stores(request, tmp_path_factory):
    """A store, and the same made by Zarr."""
    name, overrides = SPECS[request.param]
    plan = make_plan(load_spec(name, overrides))
    assert (len(plan.tasks) > 1) == (request.param == "several tasks")
    folder = tmp_path_factory.mktemp("made")
    create(folder / "ours.zarr", plan, {})
    made_by_zarr(folder / "zarr.zarr", plan)
    return folder / "ours.zarr", folder / "zarr.zarr"


def made_by_zarr(path, plan):
    root = zarr.open_group(path, mode="w-", zarr_format=3)
    for t, task in enumerate(plan.tasks):
        made_record(root, t, task)
        for experiment in task.task.experiments:
            made_arrays(root.create_group(experiment.tag), task)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Consolidated metadata is currently not part")
        for group in (*plan.spec.experiments, None):
            zarr.consolidate_metadata(path, path=group, zarr_format=3)


def made_record(root, t, task):
    blocks = task.blocks_per_dim
    dims = tuple(f"task_{t}_{dim}" for dim in task.block_dims)
    root.create_array(
        f"status/{t}", shape=blocks, chunks=blocks, dtype="int8", fill_value=0, dimension_names=dims,
        compressors=[GzipCodec(level=1)], attributes={"long_name": "0 to do, 1 done, 2 failed"},
        chunk_key_encoding=NAMES,
    )  # fmt: skip
    files = (len(task.task.experiments), len(task.variables))
    root.create_array(
        f"digests/{t}", shape=(*blocks, *files), chunks=(*(1 for _ in blocks), *files), dtype="<u8", fill_value=0,
        dimension_names=(*dims, f"task_{t}_experiment", f"task_{t}_variable"), compressors=None,
        attributes={"long_name": "digest of each file of a block"}, chunk_key_encoding=NAMES,
    )  # fmt: skip


def made_arrays(group, task):
    for name, variable in task.variables.items():
        shards, pieces = task.shards(name), task.pieces(name)
        group.create_array(
            name,
            shape=task.shape(name),
            chunks=pieces,
            shards=None if shards == pieces else shards,
            dtype=variable.dtype,
            fill_value=np.nan,
            compressors=[BloscCodec(cname="lz4", shuffle="shuffle"), Crc32cCodec()],
            dimension_names=variable.dims,
            attributes={**variable.attrs, **precision(name, 20)},
            chunk_key_encoding=NAMES,
        )
    for dim, values in [*task.task.axes.items(), ("channel", task.task.channels)]:
        data = np.array(values, dtype="T" if isinstance(values[0], str) else "float64")
        array = group.create_array(
            dim, shape=data.shape, chunks=data.shape, dtype=data.dtype, dimension_names=(dim,),
            chunk_key_encoding=NAMES, config={"write_empty_chunks": True},
        )  # fmt: skip
        array[...] = data


def files_of(path):
    own = ("status/0/copy", "zarr.json")
    found = {str(p.relative_to(path)): p for p in path.rglob("*") if p.is_file()}
    return {key: p.read_bytes() for key, p in found.items() if key not in own}


def test_files_are_those_of_zarr(stores):
    ours, theirs = map(files_of, stores)
    states = {key for key in ours if key.startswith("status/") and not key.endswith("zarr.json")}
    assert states  # what binds them to the store is the product's own: they are read below
    for key in states:
        ours.pop(key)
    assert ours == theirs


def test_the_root_has_all_descriptions(stores):
    ours, theirs = (json.loads((path / "zarr.json").read_bytes()) for path in stores)
    assert list(ours) == list(theirs)
    assert ours | {"attributes": {}} == theirs
    own, other = (x["consolidated_metadata"]["metadata"] for x in (ours, theirs))
    assert list(own) == list(other)
    assert json.dumps(own) == json.dumps(other)


def test_zarr_reads_the_empty_record(stores):
    root = zarr.open_group(stores[0], mode="r")
    assert not root["status/0"][...].any()


@pytest.mark.parametrize(
    "values", [[0.1], [1.0, np.pi, 1e-300], ["e"], ["e", "µ", "", "τ" * 300]], ids=len
)
def test_coordinates(values, tmp_path):
    text = isinstance(values[0], str)
    data = np.array(values, dtype="T" if text else "float64")
    array = zarr.create_array(
        tmp_path / "x", shape=data.shape, chunks=data.shape, dtype=data.dtype, dimension_names=("x",),
        chunk_key_encoding=NAMES, config={"write_empty_chunks": True},
    )  # fmt: skip
    array[...] = data
    description, content = descriptions.coordinate("x", values)
    assert (tmp_path / "x" / "c.0").read_bytes() == content
    assert (tmp_path / "x" / "zarr.json").read_bytes() == descriptions.written(description)


def test_zarr_is_not_imported_to_make_a_store():
    script = "import sys, scanner.scans.creation; print('zarr' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert found.stdout.strip() == "False", found.stderr
