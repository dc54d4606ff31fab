"""Removing a store: nobody fills it meanwhile, and no moment shows a part of it that looks whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from physics.errors import InputError, one_of
from scanner.scans import metadata, objects
from scanner.scans.addresses import Address
from scanner.scans.files import place_of
from scanner.scans.leases import LOCK
from scanner.scans.lock import locked
from scanner.scans.opening import root_of
from scanner.scans.store import Store
from scanner.scans.uploads import half_made


def remove_store(
    path: Path, holder: str = "", supersedes: Callable[[str], bool] = lambda _: False
) -> None:
    """Remove a store with all that it holds, if there is one.

    Parameters
    ----------
    path : Path
        A folder, or an address in a bucket.
    holder, supersedes
        See :func:`scanner.scans.lock.locked`.

    Raises
    ------
    InputError
        If another run fills it, what is there is no store, or a bucket has objects of others there.
    OSError
        If it cannot be removed.
    """
    if not path.exists():
        return
    if isinstance(path, Address):
        own = _folders_in(path)  # before a lease is written into what may be of others
        with locked(path, holder, supersedes):
            _remove_objects(path, own)
        return
    with Store(path, lenient=True).locked(holder, supersedes):
        aside = path.with_name(f".{path.name}.{uuid4().hex}.removed")
        path.rename(aside)
    shutil.rmtree(aside)


def _folders_in(address: Address) -> set[str]:
    """What lies at the top of a store, or of what is left of one.

    Raises
    ------
    InputError
        If there is no store, or there are objects of others, which may be a store within it.
    """
    tops = {name.split("/")[0] for name, _ in objects.below(address)}
    if half_made(address):
        return tops
    described = root_of(place_of(address)).get("consolidated_metadata") or {}
    own = {metadata.ROOT, *(key.split("/")[0] for key in described.get("metadata", {}))}
    if not tops <= own:
        raise InputError(
            f"there are objects that are no part of the store ({one_of(sorted(tops - own), 120)}); move them away first"
        )
    return own


def _remove_objects(address: Address, own: set[str]) -> None:
    """Remove the record first, so that nothing counts as done any more; what makes it a store, and its lease, last.

    Whoever is killed meanwhile leaves a store whose record is damaged, which is removed in the same way.
    """

    def there() -> list[str]:
        found = (name for name, _ in objects.below(address))
        return [name for name in found if name.split("/")[0] in own and name != LOCK]

    names = there()
    records = [name for name in names if name.startswith("status/") and name != metadata.COPY]
    kept = {*records, metadata.ROOT}
    objects.delete_all(address, records)
    objects.delete_all(address, [n for n in names if n not in kept])
    objects.delete_all(address, [metadata.ROOT])
    objects.delete_all(address, there())  # of workers that did not know it yet
    objects.delete_all(address, [LOCK])
