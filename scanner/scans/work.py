"""What a worker does: compute one block and write it."""

from __future__ import annotations

from functools import lru_cache
from socket import gethostname
from typing import Any

from physics.errors import InputError
from physics.kernel import Kernel
from scanner.scans.fingerprint import fingerprint
from scanner.scans.plan import Block
from scanner.scans.store import Store
from scanner.scans.tables import all_resources, kernel_of


@lru_cache(maxsize=2)
def _store(path: str, identity: str) -> Store:
    store = Store(path, writable=True)
    if store.identity != identity:
        raise InputError(f"{path} is not the store that this scan fills; start the run again")
    if fingerprint(store.spec, all_resources(store.spec)) != store.fingerprint:
        raise InputError(
            f"a worker on {gethostname()} has other meson spectra or another version of the physics code than the "
            f"runner of {path}; give all workers the same"
        )
    return store


@lru_cache(maxsize=4)
def _kernel(path: str, identity: str, task: int) -> Kernel[Any]:
    return kernel_of(_store(path, identity).spec, task)


def run_block(path: str, identity: str, block: Block) -> Block:
    """Compute a block into its store. Doing it twice gives the same bytes, and what is recorded as done is left alone.

    A worker may go on with a block after its runner was killed, while the next runner has given it to another.

    Parameters
    ----------
    path : str
        Store, on a file system that client and workers share.
    identity : str
        Of the store that is meant; a worker that lives longer than a store must not fill the next one as the last.
    block : Block

    Returns
    -------
    Block
        The same.
    """
    store = _store(path, identity)
    _check_there(store)
    if store.is_done(block):
        return block
    selection = store.plan.tasks[block.task].selection(block.index)
    found = _kernel(path, identity, block.task).evaluate(selection)
    _check_there(store)  # nothing is to be left where a store was removed
    if not store.is_done(block):
        store.write_block(block, found)
    return block


def _check_there(store: Store) -> None:
    if not store.is_there():
        raise InputError(f"{store.path} was removed or replaced while it was being filled")
