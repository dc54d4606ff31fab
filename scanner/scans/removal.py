"""Removing a store: nobody fills it meanwhile, and no moment shows a part of it that looks whole."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from physics.errors import InputError, one_of
from scanner.scans import leases, metadata, objects
from scanner.scans.addresses import Address
from scanner.scans.files import place_of
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
        If another run fills it, what is there is no store or a link to one, or a bucket has objects of others there.
    OSError
        If it cannot be removed.
    """
    if not isinstance(path, Address):
        _remove_folder(path, holder, supersedes)
    elif path.exists():
        own = _folders_in(path)  # before a lease is written into what may be of others
        with locked(path, holder, supersedes):
            _remove_objects(path, own)


def _remove_folder(path: Path, holder: str, supersedes: Callable[[str], bool]) -> None:
    """Move it aside first, and remove with it what removals that were killed have left of others in its place."""
    if path.exists():
        if path.is_symlink():
            raise InputError(f"it is a link; remove the store where it lies, in {path.resolve()}")
        with Store(path, lenient=True).locked(holder, supersedes):
            path.rename(path.with_name(f".{path.name}.{uuid4().hex}.removed"))
    if not path.parent.is_dir():
        return
    ours = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{32}}\.removed")
    for aside in [p for p in path.parent.iterdir() if ours.fullmatch(p.name)]:
        while aside.is_dir() and not aside.is_symlink():
            with suppress(FileNotFoundError):  # another one removes it, too
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

    Raises
    ------
    BusyError
        If another run has taken over meanwhile.
    """

    def there() -> list[str]:
        found = (name for name, _ in objects.below(address))
        return [name for name in found if name.split("/")[0] in own and name != leases.LOCK]

    def remove(some: list[str]) -> None:
        leases.check(address)
        objects.delete_all(address, some)

    names = there()
    records = [name for name in names if name.startswith("status/") and name != metadata.COPY]
    kept = {*records, metadata.ROOT}
    remove(records)
    remove([n for n in names if n not in kept])
    remove([metadata.ROOT])
    remove(there())  # of workers that did not know it yet
    remove([leases.LOCK])
