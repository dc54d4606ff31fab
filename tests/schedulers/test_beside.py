"""What a block leaves to be done, beside the next one: told, let go of, in forked processes too."""

import gc
import multiprocessing
import threading
import weakref
from dataclasses import dataclass

import pytest
from waiting import PATIENCE

from schedulers.batches import BatchError, packed, run_batch
from schedulers.beside import told


class Filled:
    """What a block holds until its rest has ended."""


HELD: list = []
THREADS: list = []


def with_rest(block):
    """A block that holds something; some fail in their computing, some in what they leave to be done."""
    number, how = block
    if how == "computing":
        raise ValueError(f"{number} cannot be computed")
    filled = Filled()
    HELD.append(weakref.ref(filled))

    def rest():
        THREADS.append(threading.current_thread().name)
        assert filled is not None
        most = sum(one() is not None for one in HELD)
        if most > 2:
            raise AssertionError(f"{most} blocks are in memory")
        if how == "ending":
            raise SystemExit(3)
        if how == "writing":
            raise OSError(28, "No space left on device")

    return rest


@pytest.fixture(autouse=True)
def nothing_held():
    HELD.clear()
    THREADS.clear()


def test_what_fails_beside_is_told_with_its_place():
    blocks = [(0, ""), (1, "writing"), (2, "computing"), (3, ""), (4, "writing")]
    with pytest.raises(BatchError) as caught:
        run_batch(with_rest, packed(blocks))
    failures = {number: (error, text) for number, error, text in caught.value.failures}
    assert list(failures) == [1, 2, 4]
    assert failures[1][0].errno == failures[4][0].errno == 28
    assert "raise OSError" in failures[4][1]
    assert str(failures[2][0]) == "2 cannot be computed"
    assert len(THREADS) == 4
    assert all(name.startswith("writing") for name in THREADS)


@pytest.mark.parametrize("how", ["", "writing"])
def test_no_more_than_two_blocks_are_in_memory(how):
    """Nor is any of them when all is done: errors keep no frames."""
    failures = []
    try:
        run_batch(with_rest, packed([(i, how) for i in range(20)]))
    except BatchError as error:
        failures = error.failures
    assert [type(each) for _, each, _ in failures] == [OSError] * (20 if how else 0)
    gc.collect()
    assert [one for one in HELD if one() is not None] == []


def test_the_end_of_the_process_is_no_failed_block():
    with pytest.raises(SystemExit):
        run_batch(with_rest, packed([(0, ""), (1, "ending")]))
    run_batch(with_rest, packed([(2, "")]))


def test_a_forked_process_writes_too():
    """Its parent's thread is not there."""
    run_batch(with_rest, packed([(0, "")]))
    child = multiprocessing.get_context("fork").Process(
        target=run_batch, args=(with_rest, packed([(1, ""), (2, "")]))
    )
    child.start()
    child.join(PATIENCE)
    ended = child.exitcode
    child.kill()
    assert ended == 0


def test_an_error_that_cannot_travel_is_told_in_words():
    class OwnError(Exception):
        pass

    error, text = told(OwnError("of a kind that is known here only"))
    assert type(error) is RuntimeError
    assert str(error) == "OwnError: of a kind that is known here only"
    assert "OwnError" in text


def test_an_error_that_cannot_be_changed_is_told_too():
    @dataclass(frozen=True)
    class FrozenError(Exception):
        number: int

    error, text = told(FrozenError(3))
    assert type(error) is RuntimeError
    assert str(error).startswith("FrozenError: ")
    assert "FrozenError" in text
