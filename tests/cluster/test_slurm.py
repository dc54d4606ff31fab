"""Workers that a real Slurm starts, ends, refuses and loses."""

import contextlib
import functools
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import dask
import pytest
import toys
from waiting import PATIENCE, until

import scanner
from scanner.scans.fingerprint import environment_check
from scanner.scans.spec import ScanSpec
from schedulers.clusters.batch_jobs import JobWatch
from schedulers.clusters.choice import connect, describe
from schedulers.clusters.scale import Scale
from schedulers.errors import ClusterError, QueueError
from schedulers.ledger import Ledger


def test_workers_come_and_go(slurm):
    with connect("slurm", 2, check=environment_check()) as client:
        until(lambda: len(client.nthreads()) == 2)
        assert set(client.nthreads().values()) == {1}
        assert client.submit(abs, -42).result(timeout=PATIENCE) == 42
        assert len(slurm.jobs("RUNNING")) == 2
        names = {w["name"] for w in client.scheduler_info()["workers"].values()}
        assert names == {"dipolescan-0", "dipolescan-1"}
    until(lambda: slurm.jobs() == [])


def test_a_scan_gives_the_same_cube(slurm, spectra, finished, tmp_path):
    """Bit for bit that of a local cluster."""
    seen = []
    result = scanner.run(
        ScanSpec(toys.SPEC), tmp_path / "s.zarr", cluster="slurm", workers=2, progress=seen.append
    )
    assert (result.computed, result.blocks) == (10, 10)
    assert seen[-1].blocks_done == 10
    assert toys.arrays(tmp_path / "s.zarr") == toys.arrays(finished)


def test_the_script_shown_is_the_script_submitted(slurm, cli):
    status, out, _ = cli("clusters", "show", "slurm", "--workers", "1", "--json")
    shown = json.loads(out)["script"]
    assert status == 0
    with connect("slurm", 1) as client:
        (job,) = slurm.jobs()
        submitted = slurm.command("scontrol", "write", "batch_script", job, "-")
        address = client.scheduler.address
        (folder,) = Path.cwd().glob(".dipolescan-tls-*")
    shown = shown.replace("tls://SCHEDULER:PORT", address)
    assert submitted.strip() == shown.replace("FOLDER-OF-THE-RUN", str(folder)).strip()


def test_all_workers_are_cancelled_half_way(slurm, spectra, finished, tmp_path):
    """New jobs finish the scan, and the cube is the same."""
    struck, last = [], []

    def strike(progress):
        if progress.blocks_done and not struck:
            struck.extend(slurm.jobs())
            slurm.command("scancel", *struck)
            until(lambda: not set(struck) & set(slurm.jobs()))
        last[:] = slurm.jobs()

    spec = ScanSpec(toys.SPEC)
    scanner.run(spec, tmp_path / "s.zarr", cluster="slurm", workers=2, progress=strike)
    assert struck
    assert last
    assert not set(struck) & set(last)
    assert toys.arrays(tmp_path / "s.zarr") == toys.arrays(finished)


@pytest.mark.long
def test_jobs_that_end_are_replaced(slurm):
    with connect("slurm", Scale(1, 2)) as client:
        before = slurm.jobs()
        slurm.command("scancel", *before)
        until(lambda: not set(slurm.jobs()) & set(before))
        assert client.submit(abs, -42).result(timeout=PATIENCE) == 42
        assert slurm.jobs()


def test_no_jobs_while_there_is_no_work(slurm):
    with connect("slurm", Scale(0, 2)) as client:
        until(lambda: slurm.jobs() == [])
        assert client.submit(abs, -42).result(timeout=PATIENCE) == 42


def test_jobs_cancelled_before_they_start_are_replaced(slurm, monkeypatch):
    """Dask does not know of them: no worker of theirs was ever seen."""
    looks, look = [], JobWatch.look

    async def noted(self):
        await look(self)
        looks.append(self)

    monkeypatch.setattr(JobWatch, "look", noted)
    with connect("slurm", 6) as client:  # more than the node takes at once
        until(lambda: len(slurm.jobs("PENDING")) == 2)
        pending = slurm.jobs("PENDING")
        before = len(looks)
        until(lambda: len(looks) > before + 1)  # the watch has seen them
        slurm.command("scancel", *pending)
        until(lambda: len(set(slurm.jobs("PENDING")) - set(pending)) == 2)
        assert len(client.nthreads()) <= 4


def test_a_partition_that_is_none(slurm):
    with (
        dask.config.set({"jobqueue.slurm.queue": "nowhere"}),
        pytest.raises(ClusterError, match=r"Slurm refuses the job: .*invalid partition") as error,
        connect("slurm", 1),
    ):
        pytest.fail("connected")
    assert toys.one_sentence(str(error.value))


def test_jobs_that_fail(slurm, tmp_path):
    """The environment is not there on the node, say."""
    with (
        dask.config.set({"jobqueue.slurm.python": "/no/such/python"}),
        pytest.raises(
            ClusterError, match=r"jobs of Slurm ended before a worker came; .* dipolescan-logs"
        ) as error,
        connect("slurm", 1),
    ):
        pytest.fail("connected")
    assert toys.one_sentence(str(error.value))
    logs = [p.read_text() for p in Path("dipolescan-logs").glob("*.err")]
    assert any("/no/such/python" in log for log in logs)


def test_several_workers_in_a_job(slurm):
    with (
        dask.config.set({"jobqueue.slurm.cores": 2}),
        connect("slurm", 3) as client,
    ):
        until(lambda: len(client.nthreads()) == 4)  # whole jobs
        assert len(slurm.jobs()) == 2
        assert set(client.nthreads().values()) == {1}
        # and it stays so: Dask does not close one half of a job
        time.sleep(3)
        assert len(client.nthreads()) == 4


def test_a_worker_ends_before_its_job(slurm):
    """Slurm would kill it at the walltime; the worker that replaces it comes from a new job."""
    with (
        dask.config.set(
            {
                "jobqueue.slurm.walltime": "00:01:00",
                "dipolescan.slurm.block-seconds": 5,
                "dipolescan.slurm.margin": 44,
            }
        ),
        connect("slurm", 1) as client,
    ):
        assert "--lifetime 8s --lifetime-stagger 3s" in describe("slurm")["command"]
        (before,) = slurm.jobs()
        until(lambda: before not in slurm.jobs("RUNNING", "PENDING"))
        assert "JobState=TIMEOUT" not in slurm.command("scontrol", "show", "job", before)
        (log,) = Path("dipolescan-logs").glob(f"*-{before}.err")
        assert "Reason: worker-lifetime-reached" in log.read_text()
        assert client.submit(abs, -42).result(timeout=PATIENCE) == 42


def test_a_runner_is_killed(slurm, spectra, finished, tmp_path):
    """Its jobs end by themselves, and the next run finishes the scan."""
    store = tmp_path / "s.zarr"
    words = [
        "run",
        toys.write_spec(tmp_path / "toy.yaml"),
        "--cluster",
        "slurm",
        "--workers",
        "2",
        "--store",
        store,
    ]
    variables = {"DASK_JOBQUEUE__SLURM__INTERFACE": "lo", "DASK_JOBQUEUE__SLURM__MEMORY": "1 GiB"}
    with subprocess.Popen(
        [sys.executable, "-m", "scanner", *map(str, words), "--no-summary"],
        env=os.environ | variables,
    ) as process:
        until(lambda: store.exists() or process.poll() is not None)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    until(lambda: slurm.jobs() == [])
    scanner.run(ScanSpec(toys.SPEC), store, cluster="slurm", workers=1)
    assert toys.arrays(store) == toys.arrays(finished)


def test_workers_with_another_environment(slurm):
    check = functools.partial(os.getenv, "DIPOLESCAN_TEST", "test: here")
    with (
        dask.config.set(
            {"jobqueue.slurm.job-script-prologue": ["export DIPOLESCAN_TEST='test: there'"]}
        ),
        pytest.raises(ClusterError, match=r"is refused .test there instead of here") as error,
        connect("slurm", 1, check=check),
    ):
        pytest.fail("connected")
    assert toys.one_sentence(str(error.value))


def test_encrypted(slurm, certificates):
    """Scheduler and workers speak TLS where Dask's configuration has certificates."""
    with (
        dask.config.set(certificates.configuration()),
        connect("slurm", 1, check=environment_check()) as client,
    ):
        assert client.scheduler.address.startswith("tls://")
        assert all(a.startswith("tls://") for a in client.nthreads())
        assert client.submit(abs, -42).result(timeout=PATIENCE) == 42
        (job,) = slurm.jobs()
        submitted = slurm.command("scontrol", "write", "batch_script", job, "-").strip()
        shown = describe("slurm", 1)["script"]
        assert submitted == shown.replace("tls://SCHEDULER:PORT", client.scheduler.address).strip()


# ---- the queue -------------------------------------------------------------------------------


@pytest.fixture
def serve(slurm, tmp_path):
    """Start a service whose workers are Slurm's."""
    running = []
    options = {"jobqueue": {"slurm": {"memory": "1 GiB", "interface": "lo"}},
               "dipolescan": {"slurm": {"check-seconds": 1}},
               "distributed": {"deploy": {"lost-worker-timeout": "2s"}, "adaptive": {"interval": "500ms"}}}  # fmt: skip
    (tmp_path / "dask.yaml").write_text(json.dumps(options))

    def begin(queue, *words):
        process = subprocess.Popen(
            [sys.executable, "-m", "scanner", "serve", "--queue", str(queue), "--cluster", "slurm",
             "--workers", "2", *words],
            env={**os.environ, "DASK_CONFIG": str(tmp_path), "OMP_NUM_THREADS": "1"}, cwd=tmp_path,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def blocks_done(queue, id):
    with contextlib.suppress(QueueError), Ledger(queue / "ledger.sqlite") as ledger:
        return ledger.scan(id).blocks_done
    return 0  # not taken yet


@pytest.mark.long
def test_a_queue_whose_workers_are_cancelled_half_way(slurm, serve, spectra, long_arrays, tmp_path):
    """Submitted, run by jobs of Slurm, all of them cancelled: the same cube, bit for bit."""
    queue = tmp_path / "queue"
    id = scanner.submit(ScanSpec(toys.LONG), tmp_path / "s.zarr", queue=queue)
    process = serve(queue, "--until-empty")
    until(lambda: blocks_done(queue, id) >= 2 or process.poll() is not None)
    struck = slurm.jobs()
    slurm.command("scancel", *struck)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert struck
    assert "Traceback" not in err
    with Ledger(queue / "ledger.sqlite") as ledger:
        scan = ledger.scan(id)
    assert (scan.state, scan.blocks_done, scan.blocks_failed) == ("done", 20, 0)
    assert toys.arrays(tmp_path / "s.zarr") == long_arrays
    until(lambda: slurm.jobs() == [])


@pytest.mark.long
def test_a_service_that_is_preempted(slurm, serve, spectra, long_arrays, tmp_path):
    """SIGTERM, as a batch system sends it, ends it in good order; the next one goes on."""
    queue = tmp_path / "queue"
    id = scanner.submit(ScanSpec(toys.LONG), tmp_path / "s.zarr", queue=queue)
    process = serve(queue)
    until(lambda: blocks_done(queue, id) >= 2 or process.poll() is not None)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert "SIGTERM" in err
    until(lambda: slurm.jobs() == [])
    with Ledger(queue / "ledger.sqlite") as ledger:
        scan = ledger.scan(id)
    assert scan.state in ("queued", "done")  # blocks in flight end, which may be the last ones
    assert 2 <= scan.blocks_done <= 20
    process = serve(queue, "--until-empty")
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert toys.arrays(tmp_path / "s.zarr") == long_arrays
    until(lambda: slurm.jobs() == [])


def test_another_user_gets_nothing_of_a_batch_job(slurm, address, tmp_path):
    """Neither by the ports of scheduler and workers nor by the files that hold their credentials."""
    with connect("slurm", 1, check=environment_check()) as client:
        (folder,) = tmp_path.glob(".dipolescan-tls-*")
        files = list(folder.iterdir())
        assert {stat.S_IMODE(p.stat().st_mode) for p in [folder, *files]} == {0o700, 0o600}
        assert client.scheduler.address.startswith("tls://")
        info = client.scheduler_info()["workers"].items()
        places = [client.scheduler.address, *(a for a, _ in info), *(w["nanny"] for _, w in info)]
        ports = [place.rpartition(":")[2] for place in places]
        words = [
            sys.executable,
            str(Path(__file__).parents[1] / "attacker.py"),
            address,
            *ports,
            *map(str, files),
        ]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.splitlines() == [f"open {address}"]
    assert list(tmp_path.glob(".dipolescan-tls-*")) == []
