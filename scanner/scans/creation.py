"""Making a store, and finding the one that a scan goes on with."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from uuid import uuid4

import numpy as np

from physics.errors import InputError
from scanner.scans import descriptions, metadata, uploads
from scanner.scans.addresses import Address
from scanner.scans.descriptions import Description
from scanner.scans.differences import difference
from scanner.scans.digests import digest, words
from scanner.scans.files import place_of
from scanner.scans.fingerprint import code_version, fingerprint
from scanner.scans.lock import locked
from scanner.scans.plan import Plan, TaskPlan
from scanner.scans.record import digests_key, new_record
from scanner.scans.rounding import precision
from scanner.scans.store import FORMAT, DamagedStoreError, Store
from scanner.scans.writing import sync, write_whole

RESERVED = ("status", "digests")  # the places of the record of blocks
MANTISSA_BITS = 20


def create(path: Path, plan: Plan, checksums: dict[str, str]) -> Store:
    """Make a store, whole and empty.

    Parameters
    ----------
    path : Path
        Must not exist, or be an empty folder, or an address where nothing is.
    plan : Plan
    checksums : dict
        Of the resources, by label.

    Raises
    ------
    InputError
        If the place is taken or cannot be written.
    """
    if path.exists() and not _is_empty(path):
        raise InputError(f"{path} exists already; choose another --store")
    for name in RESERVED:
        if name in plan.spec.experiments:
            raise InputError(f"an experiment cannot be named {name!r}; rename its file")
    if isinstance(path, Address):
        uploads.make(path, lambda part: _fill(part, plan, checksums))
        return Store(path, writable=True)
    # a folder that something is mounted on can be filled, but not replaced
    inside = path.is_dir() and os.path.ismount(path)
    part = (
        path / f".{os.getpid()}.part"
        if inside
        else path.with_name(f".{path.name}.{os.getpid()}.part")
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        _fill(part, plan, checksums)
        if inside:
            _move_out(part, path)
        else:
            part.rename(path)
        sync([path])
    except OSError as error:
        _discard(part)
        raise InputError(f"no store can be made at {path} ({error.strerror or error})") from None
    except BaseException:
        _discard(part)
        raise
    return Store(path, writable=True)


def _is_empty(path: Path) -> bool:
    if isinstance(path, Address):
        return uploads.half_made(path)
    if not path.is_dir():
        return False
    try:
        return all(p.name == "lost+found" or _abandoned(p) for p in path.iterdir())
    except OSError:
        return False


def _fill(part: Path, plan: Plan, checksums: dict[str, str]) -> None:
    part.mkdir()
    attributes = _attributes(plan, checksums)
    found: dict[str, Description] = {name: descriptions.group() for name in RESERVED}
    files: dict[str, bytes] = {}
    for t, task in enumerate(plan.tasks):
        own, record = new_record(t, task, f"{attributes['fingerprint']}-{attributes['id']}")
        found |= own
        files |= record
        for experiment in task.task.experiments:
            bits = plan.spec.execution.mantissa_bits or MANTISSA_BITS
            inside, coordinates = _arrays(task, bits)
            tag = experiment.tag
            found[tag] = descriptions.consolidated(descriptions.group(), inside)
            found |= {f"{tag}/{name}": array for name, array in inside.items()}
            files |= {f"{tag}/{key}": content for key, content in coordinates.items()}
    root = descriptions.consolidated(descriptions.group(attributes), found)
    files |= {f"{key}/zarr.json": descriptions.written(one) for key, one in found.items()}
    for key, content in (files | {metadata.ROOT: descriptions.written(root)}).items():
        path = part / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    _seal(part)
    sync(p for p in part.rglob("*") if p.is_file())


def _seal(part: Path) -> None:
    """Bind all that never changes to its place, and keep a copy of it."""
    files = {
        str(p.relative_to(part)): p.read_bytes() for p in sorted(part.rglob("*")) if p.is_file()
    }
    content = files.pop(metadata.ROOT)
    fixed = {
        key: raw
        for key, raw in files.items()
        if key.endswith("/zarr.json") or key.split("/")[0] not in RESERVED
    }
    document = json.loads(content)
    document["attributes"]["manifest"] = {k: words(digest(k, v)) for k, v in fixed.items()}
    text = metadata.text_of(metadata.sealed(document))
    write_whole(part / metadata.ROOT, text)
    write_whole(part / metadata.COPY, metadata.copied({metadata.ROOT: text, **fixed}))


def _move_out(part: Path, path: Path) -> None:
    """Fill a folder that cannot be renamed over: what makes it a store comes last."""
    for child in sorted(part.iterdir(), key=lambda p: p.name == metadata.ROOT):
        child.rename(path / child.name)
    part.rmdir()


def _discard(part: Path) -> None:
    """Remove a half-made store."""
    shutil.rmtree(part, ignore_errors=True)


def _abandoned(part: Path) -> bool:
    """Whether a half-made store is of a process that is gone."""
    words = part.name.split(".")
    if words[-1] != "part" or len(words) < 3:
        return False
    return not (words[-2].isdigit() and Path("/proc", words[-2]).exists())


def _remove_abandoned(path: Path) -> None:
    """Remove half-made stores of processes that are gone."""
    inside = path.glob(".*.part") if path.is_dir() else ()
    for part in (*path.parent.glob(f".{path.name}.*.part"), *inside):
        if _abandoned(part):
            shutil.rmtree(part, ignore_errors=True)


def _attributes(plan: Plan, checksums: dict[str, str]) -> dict[str, Any]:
    from importlib.metadata import version  # slow to import

    execution = plan.spec.execution
    return {
        "format": FORMAT,
        "id": uuid4().hex,
        "name": plan.spec.name,
        "spec": plan.spec.canonical_json(),
        "block_sizes": [task.block_size for task in plan.tasks],
        "fingerprint": fingerprint(plan.spec, checksums),
        "resources": checksums,
        "versions": {"dipolescan": code_version()}
        | {name: version(name) for name in ("numpy", "scipy", "zarr", "dask")},
        "mantissa_bits": execution.mantissa_bits or MANTISSA_BITS,
        "sync": execution.sync,
    }


def _arrays(task: TaskPlan, bits: int) -> tuple[dict[str, Description], dict[str, bytes]]:
    """Descriptions of what an experiment has, and the files of its coordinates."""
    found = {
        name: descriptions.variable(
            task.shape(name), task.shards(name), task.pieces(name), variable.dims,
            np.dtype(variable.dtype), {**variable.attrs, **precision(name, bits)},
        )
        for name, variable in task.variables.items()
    }  # fmt: skip
    files = {}
    for dim, values in [*task.task.axes.items(), ("channel", task.task.channels)]:
        found[dim], files[f"{dim}/c.0"] = descriptions.coordinate(dim, values)
    return found, files


def open_or_create(path: Path, plan: Plan, checksums: dict[str, str]) -> Store:
    """The store of a scan: continued if it is there, made if not; descriptions that are damaged are put back.

    Raises
    ------
    InputError
        If the place holds something else, or a cube of other ingredients: cubes are never mixed.
    """
    if not path.exists() or _is_empty(path):
        return create(path, plan, checksums)
    store = _opened(path, plan, checksums)
    if store.fingerprint != fingerprint(plan.spec, checksums):
        raise InputError(
            f"{path} holds another scan: {difference(store, plan.spec, checksums)}; "
            "choose another --store, or remove it if it is not needed"
        )
    bits = plan.spec.execution.mantissa_bits
    if bits not in (None, store.mantissa_bits):
        raise InputError(
            f"{path} keeps {store.mantissa_bits} bits of the mantissa of counts, and the spec asks for {bits}; choose "
            "another --store, or leave out execution.mantissa_bits"
        )
    return store


def _opened(path: Path, plan: Plan, checksums: dict[str, str]) -> Store:
    try:
        return Store(path, writable=True)
    except DamagedStoreError:
        with locked(path, "", lambda _: False):
            metadata.mend(place_of(path))
            try:
                return Store(path, writable=True)
            except DamagedStoreError:
                return _from_the_spec(path, plan, checksums)


def _from_the_spec(path: Path, plan: Plan, checksums: dict[str, str]) -> Store:
    """Make the descriptions of a store anew whose own ones and their copies are damaged.

    Raises
    ------
    DamagedStoreError
        If they do not belong to what is stored there; nothing is changed then.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    if isinstance(path, Address):
        part = Path(gettempdir(), f".{path.name}.{uuid4().hex}.part")
    try:
        _fill(part, plan, checksums)
        text = (part / metadata.ROOT).read_bytes()
        document = metadata.parsed(text)
        assert document is not None
        spare = {key: (part / key).read_bytes() for key in metadata.manifest(document)}
        store = Store(part, writable=True)
        if _some_block_is_of(store, path):
            metadata.mend(place_of(path), {metadata.ROOT: text, **spare})
            return Store(path, writable=True)
    except OSError as error:
        raise InputError(f"{path} cannot be mended ({error.strerror or error})") from None
    finally:
        _discard(part)
    raise DamagedStoreError(
        f"{path} is damaged: {metadata.ROOT} and the copy of it are lost, and no block there is of this scan, so that "
        "nothing can be mended; move it away and run again"
    )


def _some_block_is_of(store: Store, path: Path) -> bool:
    """Whether a block in another place is of the scan of a store: digests are of the scan, too."""
    for block in store.plan.blocks:
        last = digests_key(block)
        try:
            recorded = set(np.frombuffer((path / last).read_bytes(), "<u8").tolist())
        except (OSError, ValueError):
            continue
        for key in store.keys_of(block).values():
            with suppress(OSError):
                content = (path / key).read_bytes()
                if digest(f"{store.fingerprint} {key}", content) in recorded:
                    return True
    return False
