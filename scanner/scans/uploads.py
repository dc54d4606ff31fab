"""A store that appears whole in a bucket: ``zarr.json``, which makes it one, comes last, where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from physics.errors import InputError
from scanner.scans import objects
from scanner.scans.addresses import Address
from scanner.scans.leases import LOCK, leased
from scanner.scans.metadata import COPY, ROOT

_OWN = re.compile(r"(.+/)?(zarr\.json|c([./]\d+)*)|status/0/(lock|probe\..+)")


def make(address: Address, fill: Callable[[Path], None]) -> None:
    """Make a new store.

    Parameters
    ----------
    address : Address
    fill : callable
        Makes the store in a folder.

    Raises
    ------
    InputError
        If the place is taken, another run makes a store there, or the server cannot do what is needed.
    """
    with leased(address, "", lambda _: False), TemporaryDirectory(prefix="dipolescan-") as folder:
        part = Path(folder, address.name)
        fill(part)
        upload(part, [p for p in part.rglob("*") if p.is_file()], address)


def upload(folder: Path, files: Iterable[Path], address: Address) -> None:
    """Put the files of a whole store in a bucket, of which the lease is held.

    Parameters
    ----------
    folder : Path
    files : iterable of Path
        In the folder, without the lock.
    address : Address

    Raises
    ------
    InputError
        If there is a store already, or something cannot be written.
    """
    names = {path.relative_to(folder).as_posix(): path for path in files}
    root, copy = names.pop(ROOT), names.pop(COPY)
    if objects.head(address / ROOT) is not None:
        raise _taken(address)
    with ThreadPoolExecutor(objects.AT_ONCE) as pool:
        for _ in pool.map(lambda n: objects.put(address / n, names[n].read_bytes()), names):
            pass
    objects.put(address / COPY, copy.read_bytes())
    try:
        objects.put_once(address / ROOT, root.read_bytes(), objects.NEW)
    except objects.ConditionError:
        raise _taken(address) from None


def half_made(address: Address) -> bool:
    """Whether a store was begun at an address and not finished; its copy of all descriptions comes late, too.

    Whoever begins asks first what the server can do, before there is a lease.
    """
    names = [name for name, _ in objects.below(address)]
    whole = ROOT in names or COPY in names
    begun = LOCK in names or all(name.startswith(objects.PROBE) for name in names)
    return begun and not whole and all(_OWN.fullmatch(name) for name in names)


def _taken(address: Address) -> InputError:
    return InputError(f"{address} exists already; choose another place")
