"""Clusters: backends by name, running ones by address, and errors that say what to do."""

import errno
import gc
import multiprocessing
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from urllib.error import HTTPError
from urllib.request import urlopen

import dask
import psutil
import pytest
import toys
from distributed import Client, LocalCluster

import scanner
from physics.errors import InputError
from scanner.scans.spec import ScanSpec
from schedulers.clusters import address as addresses
from schedulers.clusters import base
from schedulers.clusters.base import Backend, backend
from schedulers.clusters.choice import backend_of, backends, connect, describe
from schedulers.clusters.scale import Scale
from schedulers.errors import ClusterError
from schedulers.runner import Runner


@pytest.fixture
def impatient(monkeypatch):
    """Where nobody will answer; a cluster that is there may take its time."""
    monkeypatch.setattr(addresses, "TIMEOUT", 0.5)


def refused(cluster, match):
    with pytest.raises(ClusterError, match=match) as error, connect(cluster):
        pytest.fail("connected")
    assert toys.one_sentence(str(error.value))


def double(x):
    return 2 * x


# ---- names -----------------------------------------------------------------------------------


def test_backends_are_found():
    assert "local" in backends()
    assert backends() == sorted(backends())


def test_an_unknown_cluster():
    refused(
        "slurmy",
        r"unknown cluster 'slurmy'; there are: .*local, .*slurm, or give the address of a scheduler such as tcp:",
    )
    refused("", "unknown cluster ''")
    refused("127.0.0.1:8786", "unknown cluster '127.0.0.1:8786'")


class Mine(Backend):
    name = "mine"
    title = "a backend of a test"

    def __init__(self):
        self.asked = []

    @contextmanager
    def start(self, request):
        self.asked.append(request)
        yield "client"

    def describe(self, request):
        return {"does": f"asks for {request.workers}"}


def test_two_backends_of_one_name(monkeypatch):
    monkeypatch.setattr(base, "registered", {})
    assert backend(Mine) is Mine
    with pytest.raises(ValueError, match="two cluster backends named 'mine'"):
        backend(Mine)


def test_a_backend_is_asked_for_workers(monkeypatch):
    mine = Mine()
    monkeypatch.setitem(base.registered, "mine", mine)
    with connect("mine", 7, block_seconds=3.0) as client:
        assert client == "client"
    with connect("mine"):
        pass
    assert [(r.workers, r.block_seconds) for r in mine.asked] == [(7, 3.0), (None, None)]
    assert describe("mine", Scale(1, 2)) == {"does": "asks for 1 to 2"}


@pytest.mark.parametrize("name", backends())
def test_every_backend_says_what_it_is(name):
    chosen = backend_of(name)
    assert chosen.name == name
    assert chosen.title
    described = describe(name, Scale(2, 6))
    assert (described["minimum"], described["maximum"]) == (2, 6)
    assert described["cluster"] == name


# ---- addresses -------------------------------------------------------------------------------


def test_nothing_is_listening(impatient):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
    refused(f"tcp://127.0.0.1:{free}", rf"no Dask scheduler answers at tcp://127\.0\.0\.1:{free}")


def test_something_else_is_listening(impatient):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused("tcp://{}:{}".format(*other.getsockname()), "no Dask scheduler answers at")


@pytest.mark.parametrize(
    "cluster",
    [
        "tcp://", "tcp:///", "tcp://127.0.0.1", "tcp://:8786", "tcp://127.0.0.1:", "tcp://127.0.0.1:none", "tcp://[::1",
        "foo://127.0.0.1:1", "tcp://127.0.0.1:99999", "tcp://127.0.0.1:0", "tls://a b:1", "tls://", "inproc://",
    ],
)  # fmt: skip
def test_addresses_that_are_none(cluster):
    words = "is no address of a scheduler; give one with|Dask knows no protocol of"
    refused(cluster, words)
    with pytest.raises(ClusterError, match=words):
        describe(cluster)


@pytest.mark.parametrize("cluster", ["tcp://node17:8786", "tls://[::1]:1", "wss://h:8786/path"])
def test_addresses_that_are_described(cluster):
    assert describe(cluster)["cluster"] == cluster


def test_a_failed_connection_leaves_nothing_behind(impatient):
    """Dask's clients that failed would be collected at any time, and stop the loop that starts just then."""
    before = set(threading.enumerate())
    gc.collect()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused("tcp://{}:{}".format(*other.getsockname()), "does not speak Dask's protocol")
    refused("tcp://127.0.0.1:1", "no Dask scheduler answers")
    assert not [o for o in gc.get_objects() if type(o) is Client and o.status != "closed"]
    assert not [t for t in set(threading.enumerate()) - before if "loop" in t.name.lower()]


def test_a_scheduler_without_workers():
    with LocalCluster(
        n_workers=0, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0"
    ) as cluster:
        refused(cluster.scheduler_address, r"has no worker; start one with 'dask worker tcp://")


def test_joining_leaves_the_cluster_as_it_was(address):
    with Client(address, set_as_default=False) as watcher:
        before = watcher.scheduler_info()["workers"].keys()
        with connect(address, workers=5) as client:
            assert client.submit(double, 21).result() == 42
            with pytest.raises(ValueError, match="No clients found"):
                Client.current()
        assert watcher.scheduler_info()["workers"].keys() == before
        assert watcher.submit(double, 2).result() == 4
    assert client.status == "closed"


def test_a_scan_on_a_running_cluster(address, spectra, finished, tmp_path):
    """End to end; the cube is that of the workers of a local cluster, bit for bit."""
    seen = []
    result = scanner.run(
        ScanSpec(toys.SPEC), tmp_path / "s.zarr", cluster=address, progress=seen.append
    )
    assert (result.computed, result.blocks, result.points) == (10, 10, 38376)
    assert toys.arrays(tmp_path / "s.zarr") == toys.arrays(finished)
    assert (seen[0].blocks_done, seen[-1].blocks_done) == (0, 10)
    assert (seen[0].points_done, seen[-1].points_done) == (0, 38376)
    assert all(p.workers == 1 and p.blocks == 10 for p in seen)


def test_a_worker_lives_longer_than_a_store(address, spectra, finished, tmp_path):
    """What it remembers of a store is not used for the next one in its place, cut in another way."""
    path = tmp_path / "s.zarr"
    other = toys.changed(toys.SPEC, execution__block_size=5, axes__m_N__num=7)
    for content in (other, toys.SPEC):
        scanner.run(ScanSpec(content), path, cluster=address)
        if content is other:
            shutil.rmtree(path)
    assert toys.arrays(path) == toys.arrays(finished)
    shutil.rmtree(path)
    again = toys.changed(toys.SPEC, execution__block_size=9)  # of the same fingerprint
    scanner.run(ScanSpec(again), path, cluster=address)
    assert toys.arrays(path)["FACET/counts"] == toys.arrays(finished)["FACET/counts"]


def test_a_scan_without_a_cluster_makes_no_store(impatient, spectra, tmp_path):
    for cluster in ("slurmy", "tcp://127.0.0.1:1"):
        with pytest.raises(InputError) as error:
            scanner.run(ScanSpec(toys.SPEC), tmp_path / "s.zarr", cluster=cluster)
        assert toys.one_sentence(str(error.value))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_workers_with_other_spectra_do_not_mix(spectra, spectra_root, tmp_path, monkeypatch):
    """A worker that reads other tables than the runner has verified ends the run."""
    toys.write_spectra(tmp_path / "others", slope=0.9)
    code = (
        "from distributed import LocalCluster\n"
        "c = LocalCluster(n_workers=1, threads_per_worker=1, processes=False, protocol='tcp', host='127.0.0.1',"
        " dashboard_address='127.0.0.1:0', silence_logs=50)\n"
        "print(c.scheduler_address, flush=True); input()"
    )
    root = str(scanner.__path__[0] + "/..")
    monkeypatch.setenv("PYTHONPATH", root)
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path / "others"))
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
            address = process.stdout.readline().strip()
            with pytest.raises(InputError, match=r"is refused \(spectra lhc-14tev/toy ") as error:
                scanner.run(ScanSpec(toys.SPEC), tmp_path / "s.zarr", cluster=address)
            assert toys.one_sentence(str(error.value))
        finally:
            process.communicate("\n")
    assert not (tmp_path / "s.zarr").exists()


# ---- local -----------------------------------------------------------------------------------


def has_page(client):
    """Whether Dask's page is there; without it the address still tells whether the scheduler lives."""
    server = f"http://127.0.0.1:{client.scheduler_info()['services']['dashboard']}"
    with urlopen(f"{server}/health") as answer:
        assert answer.read() == b"ok"
    with suppress(HTTPError), urlopen(f"{server}/status"):
        return True
    return False


@pytest.mark.slow
def test_a_local_cluster_comes_and_goes():
    before = set(psutil.Process().children(recursive=True))
    with dask.config.set({"dipolescan.local.dashboard": True}), connect("local", 2) as client:
        assert len(client.nthreads()) == 2
        assert set(client.nthreads().values()) == {1}
        assert client.scheduler.address.startswith("tls://127.0.0.1:")
        assert client.submit(double, 21).result() == 42
        assert has_page(client)
        assert Runner(client).dashboard.startswith("http://127.0.0.1:")
    left = set(psutil.Process().children(recursive=True)) - before
    assert not [p for p in left if "spawn_main" in " ".join(p.cmdline())]


@pytest.mark.slow
def test_a_local_cluster_grows_with_the_work():
    quiet = dask.config.set({"dipolescan.local.dashboard": False})
    with quiet, connect("local", Scale(1, 2)) as client:
        assert not has_page(client)
        assert Runner(client).dashboard == ""
        assert len(client.nthreads()) == 1
        futures = client.map(time.sleep, [0.5] * 40, pure=False)
        end = time.monotonic() + 60
        while len(client.nthreads()) < 2:
            assert time.monotonic() < end, "it never grows"
            time.sleep(0.1)
        client.cancel(futures)


def test_a_page_is_there_or_not():
    with dask.config.set({"dipolescan.local.dashboard": "of"}):
        refused("local", r"dipolescan\.local\.dashboard .* must be true or false, not 'of'")


def test_a_worker_that_imports_the_script_starts_no_cluster(monkeypatch):
    """A script that calls ``run`` without a guard is told what to write, by the worker that imports it."""
    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)
    refused("local", "put what the script runs under 'if __name__ ==")


def test_no_semaphores(monkeypatch):
    """As in a container whose /dev/shm is read-only."""

    class Context:
        def __init__(self, _):
            pass

        def Semaphore(self):
            raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("schedulers.clusters.local.get_context", Context)
    refused("local", r"\(Read-only file system: /dev/shm\); mount it writable")
