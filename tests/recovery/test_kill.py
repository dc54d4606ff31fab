"""Death at the worst moment: in a write, while a store is made, of the runner, the scheduler, a worker, the disk."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import dask
import psutil
import pytest
import toys
from distributed import LocalCluster
from toys import SPEC, arrays, changed, fill, one_sentence, remounted, tree
from waiting import PATIENCE

import scanner
from physics.errors import InputError
from physics.forward.counts import ForwardKernel
from scanner.scans.packed import PackedBlock
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DONE, FAILED, TODO, Store
from scanner.scans.verify import verify

ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL
LONG = [pytest.mark.slow, pytest.mark.long]
LESS_COMMON = [pytest.param(code, marks=LONG) for code in (errno.EDQUOT, errno.EACCES)]


@pytest.fixture(scope="module")
def whole(finished):
    """What every store must be in the end."""
    return arrays(finished)


@pytest.fixture
def resume(address, spectra, whole):
    """Finish a store and compare it, bit for bit; returns how many blocks that took."""

    def run(path, content=SPEC):
        result = scanner.run(ScanSpec(content), path, cluster=address)
        assert arrays(path) == whole
        assert not list(path.rglob("*.partial"))
        assert verify(path).damaged == {}
        return result.computed

    return run


def python(code, *words, status):
    """Run code in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], env=environment, check=False
    )
    assert done.returncode == status


# ---- in a write ------------------------------------------------------------------------------

KILL_IN_WRITE = """
import os, signal, sys
from pathlib import Path
import toys
from scanner.scans.plan import Block
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DONE, Store
from scanner.scans.work import run_block

path, moment = sys.argv[1], int(sys.argv[2])
store = Store(path, writable=True)
real, calls = Path.replace, []

def replace(self, target):
    calls.append(self)
    if len(calls) == moment:
        assert self.suffix == ".partial" and self.stat().st_size > 0
        os.truncate(self, self.stat().st_size // 2)
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, target)

Path.replace = replace
run_block(path, store.identity, Block(0, (1, 0)))
store.mark([Block(0, (1, 0))], DONE)
"""


@pytest.mark.parametrize(
    "moment", [pytest.param(6, marks=pytest.mark.slow), 10]
)  # a block has 8 files and their digests; the 10th write is the record
def test_killed_in_a_write(partial, resume, moment):
    before = Store(partial).blocks(DONE)
    python(KILL_IN_WRITE, partial, moment, status=KILLED)
    assert list(partial.rglob("*.partial"))
    assert Store(partial).blocks(DONE) == before
    assert scanner.open_cube(partial)["counts"].isel(generator=1).isnull().all()
    assert resume(partial) == 7


KILL_IN_CREATE = """
import os, signal, sys
from pathlib import Path
import toys

moment, real = sys.argv[2], Path.rename

def rename(self, target):
    if moment == "after":
        real(self, target)
    os.kill(os.getpid(), signal.SIGKILL)

Path.rename = rename
toys.fill(toys.SPEC, Path(sys.argv[1]), blocks=[])
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_while_the_store_is_made(resume, tmp_path, moment):
    path = tmp_path / "s.zarr"
    python(KILL_IN_CREATE, path, moment, status=KILLED)
    (left,) = tmp_path.iterdir()
    assert path.exists() == (left == path) == (moment == "after")
    assert resume(path) == 10
    assert [p.name for p in tmp_path.iterdir()] == ["s.zarr"]


@pytest.mark.parametrize("seed", [0, *(pytest.param(i, marks=LONG) for i in range(1, 9))])
def test_whatever_unfinished_blocks_have_left_behind(resume, store, seed):
    """Chunks that are absent, cut, altered, empty, or of nobody's making."""
    draw = random.Random(seed)
    path, store = store, Store(store, writable=True)
    lost = draw.sample(store.plan.blocks, draw.randint(1, 9))
    store.mark(lost, draw.choice([TODO, FAILED]))
    for block in lost:
        for chunk in toys.chunk_files(store, block):
            how = draw.choice(["missing", "altered", "cut", "empty", "none"])
            if how != "none":
                toys.damage(chunk, how)
            if draw.random() < 0.2:
                chunk.with_suffix(f".{draw.getrandbits(64):x}.partial").write_bytes(b"half")
    assert resume(path) == len(lost)


# ---- damage of finished blocks ---------------------------------------------------------------


@pytest.mark.parametrize("how", ["missing", "altered"])
def test_damage_is_told_recorded_and_mended(store, resume, cli, how):
    finished_arrays = toys.chunk_files(Store(store), Store(store).plan.blocks[3])
    chunk = sorted(finished_arrays)[5]
    toys.damage(chunk, how)
    experiment, name = chunk.relative_to(store).parts[:2]
    with pytest.raises(InputError, match=r"is damaged: .* 'dipolescan verify'"):
        scanner.open_cube(store)[name].sel(experiment=experiment).load()
    status, out, err = cli("verify", store)
    assert status == 1
    assert "10 finished blocks read, 1 damaged" in out
    assert one_sentence(err.strip())
    assert resume(store) == 1
    assert cli("verify", store)[0] == 0


# ---- the runner, the scheduler, a block ------------------------------------------------------


def test_interrupted_in_this_process(address, spectra, resume, tmp_path):
    """What was finished is recorded, and the lock is free."""
    path = tmp_path / "s.zarr"

    def stop(progress):
        if progress.blocks_done >= 4:  # two may end between two looks
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scanner.run(ScanSpec(SPEC), path, cluster=address, progress=stop)
    kept = len(Store(path).blocks(DONE))
    assert kept >= 4
    assert resume(path) == 10 - kept


@pytest.mark.slow
def test_a_lost_scheduler(spectra, resume, cli, tmp_path):
    path, spec = tmp_path / "s.zarr", toys.write_spec(tmp_path / "s.yaml")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, protocol="tcp",
            dashboard_address="127.0.0.1:0", silence_logs=50,
        ) as cluster,
        pytest.MonkeyPatch.context() as patch,
    ):  # fmt: skip
        done = []
        real = Store.mark

        def mark(self, blocks, state):
            real(self, blocks, state)
            if state == DONE and not done:
                done.extend(blocks)
                cluster.sync(cluster.scheduler.close)

        patch.setattr("scanner.scans.job.MARK_SECONDS", 0.0)
        patch.setattr("schedulers.engine.FIRST_PAUSE", 0.01)
        patch.setattr(Store, "mark", mark)
        patch.setattr("schedulers.clusters.address.TIMEOUT", 1)
        words = ("run", spec, "--store", path, "--cluster", cluster.scheduler_address)
        status, out, err = cli(*words)
    assert (status, out) == (1, "")
    assert (
        "Error: the cluster is lost, and there is no other (no Dask scheduler answers at tcp" in err
    )
    assert "finished blocks are kept, run again to go on" in err
    assert "Traceback" not in err
    kept = len(Store(path).blocks(DONE))
    assert 1 <= kept < 10
    assert resume(path) == 10 - kept


def test_a_block_that_fails_is_set_aside(address, spectra, resume, cli, tmp_path, monkeypatch):
    path, spec = tmp_path / "s.zarr", toys.write_spec(tmp_path / "s.yaml")
    real, calls = ForwardKernel.evaluate, []

    def evaluate(self, selection):
        if selection["generator"].start == 1 and selection["m_N"].start == 4:
            calls.append(1)
            raise ArithmeticError("no\nconvergence")
        return real(self, selection)

    monkeypatch.setattr(ForwardKernel, "evaluate", evaluate)
    status, out, err = cli("run", spec, "--store", path, "--cluster", address)
    assert (status, out) == (1, "")
    sentence = err.splitlines()[-1]
    assert sentence.startswith("Error: 1 of 10 blocks failed (generator toy2, m_N 0.3")
    assert "ArithmeticError: no convergence); the others are stored; run again to retry" in sentence
    assert len(calls) == 3  # two retries
    assert [b.index for b in Store(path).blocks(FAILED)] == [(1, 2)]
    assert len(Store(path).blocks(DONE)) == 9
    monkeypatch.undo()
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(spectra))
    assert resume(path) == 1


def test_a_second_run_at_the_same_time(partial, address, spectra, resume, cli, tmp_path):
    spec = toys.write_spec(tmp_path / "s.yaml")
    with Store(partial, writable=True).locked():
        before = tree(partial)
        status, out, err = cli("run", spec, "--store", partial, "--cluster", address)
        assert (status, out) == (1, "")
        note, error = err.strip().splitlines()
        assert "does not use TLS" in note
        assert one_sentence(error)
        assert "is being filled by another run; wait for it or stop it first" in error
        assert tree(partial) == before
    assert resume(partial) == 7


# ---- the disk --------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, *LESS_COMMON])
def test_a_disk_that_fails_ends_the_run_at_once(
    address, spectra, partial, resume, monkeypatch, code
):
    real, calls = PackedBlock.write, []

    def write(self):
        calls.append(self)
        if len(calls) > 2:
            raise OSError(code, os.strerror(code))
        real(self)

    monkeypatch.setattr(PackedBlock, "write", write)
    with pytest.raises(InputError) as error:
        scanner.run(ScanSpec(SPEC), partial, cluster=address)
    assert one_sentence(str(error.value))
    expected = "no space left for" if code in (errno.ENOSPC, errno.EDQUOT) else "cannot be written"
    assert expected in str(error.value)
    assert "finished blocks are kept" in str(error.value)
    assert len(calls) < 7  # neither retries nor the rest
    monkeypatch.undo()
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(spectra))
    assert Store(partial).blocks(FAILED) == []
    assert resume(partial) == 5


def occupy(place):
    """Leave no byte free."""
    with suppress(OSError), (place / "fill").open("ab", buffering=0) as stream:
        while stream.write(b"x" * 4096):
            pass


def test_a_full_disk(mount, address, spectra, resume, cli, tmp_path):
    """Full while the store is made, while it is filled, and while a finished block is recorded."""
    spec = toys.write_spec(tmp_path / "s.yaml")
    place = mount("size=48k")
    path = place / "s.zarr"
    words = ("run", spec, "--store", path, "--cluster", address, "--no-summary")
    status, out, err = cli(*words)
    assert (status, out) == (1, "")
    assert f"no store can be made at {path} (No space left on device)" in err
    assert os.listdir(place) == []

    remounted(place, "size=420k")
    status, out, err = cli(*words)
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].startswith(
        f"Error: no space left for {path}; free some and run again"
    )
    assert "Traceback" not in err
    kept = len(Store(path).blocks(DONE))
    assert kept < 10
    assert verify(path, mark=False).damaged == {}

    remounted(place, "size=8m")
    assert resume(path) == 10 - kept


@pytest.mark.slow
def test_a_disk_that_is_full_when_a_block_is_recorded(mount, address, spectra, resume):
    place = mount("size=8m")
    path = place / "s.zarr"
    fill(SPEC, path, blocks=range(4))
    store = Store(path)
    for block in store.plan.blocks[
        4:
    ]:  # their chunks are there already, and are replaced one by one
        for chunk in toys.chunk_files(store, block):
            chunk.parent.mkdir(parents=True, exist_ok=True)
            chunk.write_bytes(b"x" * 8192)
    real = Store.mark

    def mark(self, blocks, state):
        occupy(place)
        real(self, blocks, state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "mark", mark)
        with pytest.raises(InputError, match=r"No space left|no space left") as error:
            scanner.run(ScanSpec(SPEC), path, cluster=address)
    assert one_sentence(str(error.value))
    kept = len(Store(path).blocks(DONE))
    assert kept >= 4
    (place / "fill").unlink()
    assert resume(path) == 10 - kept


# ---- blocks and places -----------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, pytest.param(9, marks=pytest.mark.slow)])
def test_results_do_not_depend_on_the_cut(spectra, whole, tmp_path, size):
    path = fill(changed(SPEC, execution__block_size=size), tmp_path / "s.zarr").path
    other = arrays(path)
    record = ("status/0", "digests/0")
    assert {n: v for n, v in other.items() if n not in record} == {
        n: v for n, v in whole.items() if n not in record
    }


@pytest.mark.slow
def test_results_do_not_depend_on_the_order(spectra, whole, tmp_path):
    path = tmp_path / "s.zarr"
    for i in random.Random(1).sample(range(10), 10):
        fill(SPEC, path, blocks=[i])
    fill(SPEC, path, blocks=[3, 7])  # twice
    assert arrays(path) == whole


# ---- as processes ----------------------------------------------------------------------------


@pytest.fixture
def start(spectra, tmp_path):
    """Start the command in a process group of its own, and wait until blocks are recorded."""
    spec = toys.write_spec(tmp_path / "long.yaml", toys.LONG)
    running = []

    def begin(path, blocks):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            [sys.executable, "-m", "scanner", "run", str(spec), "--store", str(path), "--workers", "2",
             "--no-summary"],
            env=environment, start_new_session=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        running.append(process)
        while process.poll() is None and recorded(path) < blocks:
            time.sleep(0.02)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def recorded(path):
    return len(Store(path).blocks(DONE)) if path.exists() else 0


def workers_of(process):
    children = psutil.Process(process.pid).children(recursive=True)
    return [c for c in children if "spawn_main" in " ".join(c.cmdline())]


def finish(path, kept, address, long_arrays):
    """On a cluster that is there already."""
    assert scanner.run(ScanSpec(toys.LONG), path, cluster=address).computed == 20 - kept
    assert arrays(path) == long_arrays


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
def test_the_runner_alone_dies(start, address, tmp_path, long_arrays, how):
    """Its workers end by themselves, and nothing keeps the next run out."""
    path = tmp_path / "s.zarr"
    process = start(path, 3)
    workers = workers_of(process)
    assert len(workers) == 2
    os.kill(process.pid, how)
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert alive == []
    kept = recorded(path)
    assert 3 <= kept <= 20  # after SIGTERM blocks in flight end, which may be the last ones
    finish(path, kept, address, long_arrays)


@pytest.mark.slow
def test_ctrl_c_in_a_terminal(start, tmp_path):
    """The signal goes to the runner and to its workers."""
    path = tmp_path / "s.zarr"
    process = start(path, 3)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "Interrupted; what was finished is stored, run again to go on."
    assert "Traceback" not in err
    assert out == ""
    assert 3 <= recorded(path) < 20
    assert verify(path, mark=False).damaged == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "later", [0.0, *(pytest.param(later, marks=pytest.mark.long) for later in (0.2, 0.6))]
)
def test_ctrl_c_before_workers_are_up(start, tmp_path, later):
    """They are deaf from their first moment: Python would print a traceback for each."""
    process = start(tmp_path / "s.zarr", 0)
    while not workers_of(process):
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(later)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    said = "Interrupted; what was finished is stored, run again to go on."
    assert err.splitlines()[-1] in (said, "Interrupted.")  # which of both, its store decides
    assert "Traceback" not in err
    assert out == ""


@pytest.mark.slow
@pytest.mark.long
def test_every_worker_dies_again_and_again(start, tmp_path, long_arrays):
    path = tmp_path / "s.zarr"
    process = start(path, 1)
    for blocks in (2, 6):
        while process.poll() is None and recorded(path) < blocks:
            time.sleep(0.02)
        for worker in workers_of(process):
            worker.kill()
        time.sleep(1)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert arrays(path) == long_arrays
