"""A scan that is killed at any moment ends, after the same command, as the same cube bit for bit."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import toys
from toys import remounted
from waiting import PATIENCE

import scanner
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DONE, Store
from scanner.scans.verify import verify

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start(spectra, tmp_path):
    """Start the command in a process group of its own."""
    spec = toys.write_spec(tmp_path / "long.yaml", toys.LONG)
    running = []

    def begin(store, workers=2):
        command = [sys.executable, "-m", "scanner", "run", str(spec), "--store", str(store),
                   "--workers", str(workers), "--no-summary"]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            command, env=environment, cwd=tmp_path, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def done(path: Path) -> int:
    """Blocks that the store records as finished."""
    return len(Store(path).blocks(DONE)) if path.exists() else 0


def wait_for(condition, process, seconds=PATIENCE):
    """Wait until something is so, or the process ends."""
    end = time.monotonic() + seconds
    while not condition() and process.poll() is None:
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def finish(begin, path, **options):
    """Run the command to its end."""
    process = begin(path, **options)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    return out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "kills"),
    [(0, 1), *(pytest.param(s, 2, marks=pytest.mark.long) for s in (0, 1, 2))],
)
def test_killed_as_a_whole(start, tmp_path, long_arrays, cli, address, seed, kills):
    draw = random.Random(seed)
    path = tmp_path / "killed.zarr"
    for _ in range(kills):
        process = start(path)
        target = done(path) + draw.randint(1, 8)
        wait_for(lambda target=target: done(path) >= target, process)
        time.sleep(draw.uniform(0, 0.3))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    kept = done(path)
    words = ("run", tmp_path / "long.yaml", "--store", path, "--no-summary")
    status, out, err = cli(*words, "--cluster", address)
    assert status == 0, err
    assert kept >= 1
    assert kept == 20 or f"in {20 - kept} of 20 blocks" in out
    assert toys.arrays(path) == long_arrays


@pytest.mark.long
@pytest.mark.slow
def test_killed_before_the_store_is_complete_leaves_none(start, tmp_path, long_arrays):
    path = tmp_path / "early.zarr"
    for delay in (0.5, 1.0, 1.5, 2.0):
        process = start(path)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if path.exists():
            Store(path)  # whole, or not there
    finish(start, path)
    assert toys.arrays(path) == long_arrays
    assert not list(tmp_path.glob(".early.zarr*"))


@pytest.mark.slow
def test_a_killed_worker_costs_nothing_but_time(start, tmp_path, long_arrays):
    path = tmp_path / "worker.zarr"
    process = start(path)
    wait_for(lambda: done(path) >= 2, process)
    children = psutil.Process(process.pid).children(recursive=True)
    workers = [c for c in children if "spawn_main" in " ".join(c.cmdline())]
    assert workers
    workers[-1].kill()
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert toys.arrays(path) == long_arrays


@pytest.mark.long
@pytest.mark.slow
def test_ctrl_c_stops_with_a_word_and_the_next_run_goes_on(start, tmp_path, long_arrays):
    path = tmp_path / "interrupted.zarr"
    process = start(path)
    wait_for(lambda: done(path) >= 2, process)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "run again to go on" in err
    assert "Traceback" not in err
    kept = done(path)
    assert 2 <= kept < 20
    finish(start, path)
    assert toys.arrays(path) == long_arrays


@pytest.mark.long
@pytest.mark.slow
def test_a_full_disk_stops_with_a_word_and_loses_nothing(start, mount, tmp_path, long_arrays):
    place = mount("size=400k")
    path = place / "full.zarr"
    process = start(path)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "no space left" in err
    assert "Traceback" not in err
    remounted(place, "size=64m")
    kept = done(path)
    assert kept < 20
    finish(start, path)
    assert toys.arrays(path) == long_arrays


@pytest.mark.parametrize("how", ["missing", "altered", "cut", "empty"])
def test_a_damaged_chunk_is_found_and_mended(store, spectra, address, how):
    whole = toys.arrays(store)
    opened = Store(store)
    block = opened.blocks(DONE)[4]
    chunk = next(f for f in toys.chunk_files(opened, block) if "counts" in f.parts)
    toys.damage(chunk, how)
    looked = verify(store, mark=False)
    assert list(looked.damaged) == [block]
    assert done(store) == 10  # nothing recorded yet
    assert list(verify(store).damaged) == [block]
    assert done(store) == 9
    result = scanner.run(ScanSpec(toys.SPEC), store, cluster=address)
    assert result.computed == 1
    assert toys.arrays(store) == whole
    assert not verify(store).damaged


def test_killed_in_the_middle_of_a_write(partial, spectra, finished, address):
    opened = Store(partial)
    todo = [b for b in opened.plan.blocks if b not in opened.blocks(DONE)]
    files = list(toys.chunk_files(opened, todo[0]))
    files[0].parent.mkdir(parents=True, exist_ok=True)
    files[0].with_suffix(".0123.partial").write_bytes(b"half a chunk")
    files[1].parent.mkdir(parents=True, exist_ok=True)
    files[1].write_bytes(b"not a chunk")
    result = scanner.run(ScanSpec(toys.SPEC), partial, cluster=address)
    assert result.computed == len(todo)
    assert toys.arrays(partial) == toys.arrays(finished)
    assert not list(partial.rglob("*.partial"))


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize(("size", "workers"), [(1, 2), (3, 1), (9, 2)])
def test_results_do_not_depend_on_blocks_or_workers(spectra, finished, tmp_path, size, workers):
    path = tmp_path / "other.zarr"
    spec = ScanSpec(toys.changed(toys.SPEC, execution={"block_size": size}))
    scanner.run(spec, path, workers=workers)
    ours, theirs = toys.arrays(path), toys.arrays(finished)
    for name in theirs:
        if not name.startswith(("status", "digests")):
            assert ours[name] == theirs[name], name


def test_another_scan_is_refused_and_nothing_is_touched(store, spectra):
    before = toys.tree(store)
    other = ScanSpec(toys.changed(toys.SPEC, options={"nature": "majorana"}))
    with pytest.raises(
        scanner.scans.spec.InputError, match="holds another scan: its spec differs in options"
    ):
        scanner.run(other, store, workers=1)
    after = {k: v for k, v in toys.tree(store).items() if not k.endswith(".lock")}
    assert after == {k: v for k, v in before.items() if not k.endswith(".lock")}


def test_a_moved_store_goes_on(partial, spectra, finished, tmp_path, address):
    moved = tmp_path / "elsewhere" / "moved.zarr"
    moved.parent.mkdir()
    shutil.move(partial, moved)
    scanner.run(ScanSpec(toys.SPEC), moved, cluster=address)
    assert toys.arrays(moved) == toys.arrays(finished)
