"""Numbers that a scan takes from the stored cube of another one: checked, as plain data, bound by a checksum.

A spec names the store (``tables``). Where it lies is no part of a scan's fingerprint, what is in it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from physics.errors import InputError
from physics.kernel import Kernel, KernelTask, StoredTables
from physics.models.tasks import counting_for, make_kernel
from scanner.scans.fingerprint import fingerprint, resources
from scanner.scans.spec import ScanSpec
from schedulers.words import how_many

if TYPE_CHECKING:
    from scanner.scans.store import Store


def all_resources(spec: ScanSpec) -> dict[str, str]:
    """Verify every resource of a scan, stored tables included, and return the checksums by label.

    Raises
    ------
    InputError
        If one is missing or altered, or the tables are unfinished or not for this scan.
    """
    found = resources(spec)
    if spec.tables:
        tables, checksum = _checked(spec)
        found[f"tables of the model {tables.model}"] = checksum
    return found


def kernel_of(spec: ScanSpec, task: int) -> Kernel[Any]:
    """The kernel of a task, with the stored tables if it reads them."""
    plain = spec.tasks[task]
    if not spec.tables or not counting_for(plain).reads:
        return make_kernel(plain)
    return make_kernel(replace(plain, tables=_checked(spec)[0]))


def _checked(spec: ScanSpec) -> tuple[StoredTables, str]:
    """Tables and their checksum, after every task that reads them has agreed."""
    readers = [task for task in spec.tasks if counting_for(task).reads]
    if not readers:
        raise InputError(
            f"tables: none of the experiments is counted from stored tables in the model {spec.model.tag}; "
            "remove this key"
        )
    from scanner.scans.store import Store  # slow to import, and most scans read no tables

    store = Store(spec.tables)
    tables, checksum = _read(str(store.path), store.identity, _states(store))
    for task in readers:
        _check(task, tables, spec.tables)
    return tables, checksum


def _states(store: Store) -> int:
    """How many blocks are missing."""
    from scanner.scans.record import FAILED, TODO

    return len(store.blocks(TODO, FAILED))


def _check(task: KernelTask[Any], tables: StoredTables, place: str) -> None:
    counting = counting_for(task)
    if tables.model != counting.reads:
        raise InputError(
            f"tables: {place} is a scan of the model {tables.model}, and {task.experiments[0].tag} takes its numbers "
            f"from one of {counting.reads}; name another store"
        )
    try:
        counting.check_tables(replace(task, tables=tables))
    except InputError as error:
        raise InputError(f"tables: {place}: {error}") from None


def _check_finished(path: str, missing: int) -> None:
    if missing:
        raise InputError(
            f"tables: {path} is not finished ({how_many(missing, 'block')} to be computed); run its spec first"
        )


@lru_cache(maxsize=2)
def _read(path: str, identity: str, missing: int) -> tuple[StoredTables, str]:
    """All arrays of a finished store that this version of the code would fill in the same way."""
    from scanner.scans.store import DamagedError, Store

    store = Store(path)
    _check_finished(path, missing)
    spec = store.spec
    if store.fingerprint != fingerprint(spec, resources(spec)):
        raise InputError(
            f"tables: {path} was made with another version of the physics code or other inputs; run its spec again, "
            "into a new store"
        )
    digest = hashlib.sha256(store.fingerprint.encode())
    arrays: dict[str, dict[str, Any]] = {}
    for number, plan in enumerate(store.plan.tasks):
        for search in plan.task.experiments:
            own = arrays[search.tag] = {}
            for name in sorted(plan.variables):
                whole = tuple(slice(0, n) for n in plan.shape(name))
                try:
                    values = store.read(number, search.tag, name, whole)
                except DamagedError as error:
                    raise InputError(
                        f"tables: {path} is damaged: {error}; mend it by running its spec again"
                    ) from None
                own[name] = values
                digest.update(f"{search.tag} {name} {values.shape}".encode())
                digest.update(np.ascontiguousarray(values).tobytes())
    _check_finished(path, _states(store))  # still
    return (
        StoredTables(
            spec.model.tag, spec.experiments, spec.axes, spec.options, spec.sampling, arrays
        ),
        digest.hexdigest(),
    )
