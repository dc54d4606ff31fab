"""A queue whose worker, scheduler, runner or whole machine is killed at any moment loses nothing and ends the same.

The machine here is a scheduler, two workers and a service, each a process; what is killed and when is drawn from the
seed of each test.
"""

import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import toys
from waiting import PATIENCE, until

import scanner.scans.submission
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DONE, Store
from scanner.scans.verify import verify
from schedulers import inbox
from schedulers.errors import QueueError
from schedulers.ledger import Ledger
from schedulers.records import ACTIVE, FINISHED

ROOT = Path(__file__).parents[2]
PARTS = ("worker", "scheduler", "runner", "machine")
BLOCKS = 16
SMALL = toys.changed(
    toys.SPEC,
    axes__m_N={"start": 0.01, "stop": 1.0, "num": BLOCKS},
    axes__generator=["toy"],
    sampling={"points": 2048, "replicas": 4},
    execution={"block_size": 1},
)
# of three models, each in as many blocks as the other
MIXED = {
    "neutrino": SMALL,
    "dark": {
        "model": "dark_dipole",
        "experiments": ["NA62", "FASER2"],
        "axes": {
            "delta": [0.1],
            "M_1": {"start": 0.02, "stop": 1.0, "num": BLOCKS // 2},
            "d": {"start": 1e-8, "stop": 1e-1, "num": 41},
        },
        "sampling": {"points": 1024, "replicas": 4},
        "execution": {"block_size": 1},
    },
    "leptons": {
        "model": "dilepton-efficiency",
        "experiments": ["FCC-ee-displaced-0.1mm", "FCC-ee-displaced-d0"],
        "axes": {
            "m_N": {"start": 0.1, "stop": 90.0, "num": BLOCKS},
            "decay_length": {"start": 1e-5, "stop": 1e3, "num": 31, "units": "m"},
        },
        "sampling": {"points": 2048, "replicas": 4},
        "execution": {"block_size": 1},
    },
}
MIXED = {name: {**spec, "name": name} for name, spec in MIXED.items()}
ENDLESS = toys.changed(SMALL, axes__m_N={"start": 0.01, "stop": 1.0, "num": 4000})
# the service as it is, but that it asks sooner for a scheduler that was lost
SERVE = "from schedulers import engine; engine.FIRST_PAUSE = 0.02; from scanner.cli import run_main; run_main()"
# a service that takes over sooner from one that is stopped
IMPATIENT = "from schedulers import lease, service; service.Service.__init__.__kwdefaults__['patience'] = 3.0; "


@pytest.fixture(scope="module")
def references(spectra_root, tmp_path_factory):
    """The arrays of each scan, never interrupted, computed in this process, by its name."""
    folder = tmp_path_factory.mktemp("mixed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        stores = {name: toys.fill(spec, folder / f"{name}.zarr") for name, spec in MIXED.items()}
    assert {len(s.plan.blocks) for s in stores.values()} == {BLOCKS}
    return {name: toys.arrays(store.path) for name, store in stores.items()}


@pytest.fixture(scope="module")
def reference(references):
    """The arrays of what is submitted unless a test says otherwise."""
    return references["neutrino"]


class Machine:
    """Processes that serve a queue, and what they have recorded."""

    def __init__(self, home, folder):
        self.home, self.folder = home, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.running = {}
        self.seen = {}
        self.next = itertools.cycle(MIXED)

    def start(self, name, *command):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        with (self.folder / f"{name}.log").open("a") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, *command], env=environment, cwd=self.folder,
                start_new_session=True, stdout=log, stderr=log,
            )  # fmt: skip

    def up(self):
        """Start what does not run."""
        port = self.address.rpartition(":")[2]
        commands = {
            "scheduler": ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", port,
                          "--no-dashboard"],
            **{f"worker {i}": ["-m", "distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-nanny",
                               "--no-dashboard", "--host", "127.0.0.1", "--death-timeout", "60"] for i in (1, 2)},
            "runner": ["-c", SERVE, "serve", "--queue", str(self.home), "--cluster", self.address],
        }  # fmt: skip
        for name, command in commands.items():
            if name not in self.running or self.running[name].poll() is not None:
                self.start(name, *command)

    def kill(self, *names):
        """All at once, then wait for their end."""
        for name in names:
            if self.running[name].poll() is None:
                os.killpg(self.running[name].pid, signal.SIGKILL)
        for name in names:
            self.running[name].wait()

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()

    # ---- what is recorded ----

    def submit(self, spec=SMALL):
        return scanner.scans.submission.submit(ScanSpec(spec), queue=self.home)

    def submit_next(self):
        """A scan of the next model, in turn."""
        return self.submit(MIXED[next(self.next)])

    def scans(self, *states):
        try:
            ledger = Ledger(self.home / "ledger.sqlite")
        except QueueError:  # not made yet
            return []
        try:
            return ledger.scans(*states)
        finally:
            ledger.close()

    def stores(self):
        return [Store(p) for p in sorted((self.home / "results").glob("[!.]*.zarr"))]

    def done(self):
        return sum(len(s.blocks(DONE)) for s in self.stores())

    def files(self):
        """Chunk files of blocks that are recorded as finished, with what a second writing would change."""
        found = {}
        for store in self.stores():
            for block in store.blocks(DONE):
                for path in toys.chunk_files(store, block):
                    about = path.stat()
                    found[path] = (about.st_ino, about.st_mtime_ns)
        return found

    def check_nothing_is_computed_twice(self):
        now = self.files()
        assert {path: now.get(path) for path in self.seen} == self.seen
        self.seen |= now


@pytest.fixture
def machine(spectra, tmp_path):
    made = Machine(tmp_path / "queue", tmp_path)
    yield made
    made.kill(*made.running)


def strike(machine, part, draw):
    """Kill one part at a moment that is drawn: soon after the start, or after some blocks."""
    machine.up()
    if len(machine.scans(*ACTIVE)) + len(list((machine.home / "inbox").glob("*.json"))) < 2:
        machine.submit_next()
    if draw.random() < 0.3:
        time.sleep(draw.uniform(0, 2.5))
    else:
        wanted = machine.done() + draw.randint(1, 4)
        try:
            until(lambda: machine.done() >= wanted)
        except AssertionError:
            raise AssertionError(machine.log("runner")) from None
        time.sleep(draw.uniform(0, 0.2))
    machine.check_nothing_is_computed_twice()
    workers = ["worker 1", "worker 2"]
    machine.kill(
        *{"worker": [draw.choice(workers)], "scheduler": ["scheduler", *workers],
          "runner": ["runner"], "machine": ["scheduler", *workers, "runner"]}[part]
    )  # fmt: skip


def rounds(machine, seed, number, references):
    draw = random.Random(seed)
    ids = {machine.submit_next() for _ in MIXED}
    for i in range(number):
        strike(machine, PARTS[i % len(PARTS)] if number < 5 else draw.choice(PARTS), draw)
    machine.up()
    try:
        until(lambda: len(machine.scans("done")) >= len(ids) and not machine.scans(*ACTIVE))
        until(lambda: not list((machine.home / "inbox").glob("*.json")))
    except AssertionError:
        raise AssertionError(machine.log("runner")) from None
    machine.check_nothing_is_computed_twice()
    scans = machine.scans()
    assert ids <= {s.id for s in scans}
    assert {(s.state, s.blocks_done, s.blocks_failed) for s in scans} == {("done", BLOCKS, 0)}
    assert {s.name for s in scans} == set(MIXED)
    for scan in scans:
        assert toys.arrays(Path(scan.store)) == references[scan.name]
        assert not verify(scan.store).damaged
    assert "Traceback" not in machine.log("runner")


@pytest.mark.slow
def test_each_part_is_killed_once(machine, references):
    rounds(machine, 2026, len(PARTS), references)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("seed", [1120, 1121, 1122, 1123, 1124])
def test_fifty_kills(machine, references, seed):
    """Ten in each of five queues."""
    rounds(machine, seed, 10, references)


# ---- the service alone, with workers of its own ----------------------------------------------


def serve(machine, name, before="", *words):
    machine.start(
        name, "-c", before + SERVE, "serve", "--queue", str(machine.home), "--workers", "1", *words
    )
    return machine.running[name]


@pytest.mark.slow
def test_a_killed_service_leaves_no_workers_and_keeps_nobody_out(machine, reference):
    id = machine.submit()
    process = serve(machine, "first")
    until(lambda: machine.done() >= 2)
    children = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == []
    machine.check_nothing_is_computed_twice()
    assert serve(machine, "second", "", "--until-empty").wait(PATIENCE) == 0
    machine.check_nothing_is_computed_twice()
    (scan,) = machine.scans()
    assert (scan.id, scan.state) == (id, "done")
    assert toys.arrays(Path(scan.store)) == reference


@pytest.mark.slow
@pytest.mark.parametrize("how", ["SIGTERM", pytest.param("walltime", marks=pytest.mark.long)])
def test_a_stop_in_good_order(machine, reference, how):
    machine.submit()
    endless = machine.submit(ENDLESS)
    words = ("--grace", "2", "--walltime", "10") if how == "walltime" else ("--grace", "30")
    first = serve(machine, "first", "", *words)
    if how == "SIGTERM":
        until(lambda: machine.done() >= 1)
        first.terminate()
    assert first.wait(PATIENCE) == 0
    assert f'stopped reason="{how}"' in machine.log("first")
    assert "Traceback" not in machine.log("first")
    states = {s.state for s in machine.scans()}
    assert states <= {"queued", "done"}
    assert "queued" in states
    ledger = Ledger(machine.home / "ledger.sqlite")
    assert ledger.lease().holder == ""
    ledger.close()
    machine.check_nothing_is_computed_twice()
    if how == "SIGTERM":
        inbox.put(machine.home, "cancel", endless)
        assert serve(machine, "second", "", "--until-empty").wait(PATIENCE) == 0
        machine.check_nothing_is_computed_twice()
        (scan,) = machine.scans("done")
        assert toys.arrays(Path(scan.store)) == reference


@pytest.mark.long
@pytest.mark.slow
def test_a_service_that_was_stopped_and_goes_on_writes_nothing(machine, reference):
    """The second takes over after the lease; the first finds that out before it records anything."""
    for _ in range(2):
        machine.submit()
    first = serve(machine, "first")
    until(lambda: machine.done() >= 2)
    os.kill(first.pid, signal.SIGSTOP)
    second = serve(machine, "second", IMPATIENT)
    until(lambda: machine.done() >= 8 and "serving queue" in machine.log("second"))
    os.kill(first.pid, signal.SIGCONT)
    assert first.wait(PATIENCE) == 1
    (line,) = [li for li in machine.log("first").splitlines() if li.startswith("Error")]
    assert line == "Error: another runner has taken over this queue"
    assert "Traceback" not in machine.log("first")
    ledger = Ledger(machine.home / "ledger.sqlite")
    lease = ledger.lease()
    ledger.close()
    assert lease.token == 2
    assert f'"pid": {second.pid}' in lease.holder
    machine.check_nothing_is_computed_twice()
    until(lambda: len(machine.scans(*FINISHED)) == 2)
    machine.check_nothing_is_computed_twice()
    for scan in machine.scans():
        assert scan.state == "done"
        assert toys.arrays(Path(scan.store)) == reference
    assert "Traceback" not in machine.log("second")


@pytest.mark.long  # once more in tests/scanner/test_queue_cli.py
@pytest.mark.slow
def test_a_second_service_is_refused(machine):
    first = serve(machine, "first")
    until(lambda: "serving" in machine.log("first"))
    assert serve(machine, "second").wait(PATIENCE) == 1
    assert f"another runner serves this queue (process {first.pid} on " in machine.log("second")
    assert "Traceback" not in machine.log("second")
    assert first.poll() is None
