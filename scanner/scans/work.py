"""What a worker does: compute one block and write it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from socket import gethostname
from typing import Any

from physics.errors import InputError
from physics.kernel import Kernel
from scanner.scans.fingerprint import fingerprint
from scanner.scans.packed import PackedBlock
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


def begin_block(path: str, identity: str, block: Block) -> Callable[[], None] | None:
    """Compute a block, and give what writes it. Twice gives the same bytes, and what is recorded as done is left alone.

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
    callable or None
        Writes it, in any thread: it is stored when that returns. None if it is recorded as done.
    """
    store = _store(path, identity)
    _check_there(store)
    if store.is_done(block):
        return None
    selection = store.plan.tasks[block.task].selection(block.index)
    found = _kernel(path, identity, block.task).evaluate(selection)
    return partial(_write, store, block, store.packed(block, found))


def run_block(path: str, identity: str, block: Block) -> Block:
    """Compute a block into its store; see :func:`begin_block`.

    Returns
    -------
    Block
        The same.
    """
    write = begin_block(path, identity, block)
    if write is not None:
        write()
    return block


def _write(store: Store, block: Block, packed: PackedBlock) -> None:
    _check_there(store)  # nothing is to be left where a store was removed
    if not store.is_done(block):
        packed.write()


def _check_there(store: Store) -> None:
    if not store.is_there():
        raise InputError(f"{store.path} was removed or replaced while it was being filled")
