"""Workers with another environment are refused, at the start and later, in one sentence with their host."""

import functools
import os
import socket
import subprocess
import sys
import time
import types

import pytest
import toys
from distributed import LocalCluster
from waiting import PATIENCE, until

import scanner
from scanner.scans.fingerprint import environment, environment_check
from schedulers.clusters.choice import connect
from schedulers.clusters.environment import differences
from schedulers.errors import ClusterError

ROOT = str(scanner.__path__[0] + "/..")
HERE, THERE = "test: 1\nnumpy: 2", "test: 3\nnumpy: 2"
CHECK = functools.partial(os.getenv, "DIPOLESCAN_TEST", HERE)


def joining(client, folder):
    """The command of a worker that joins a cluster with the credentials of its run."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", client.scheduler.address]
    security = client.security
    for name, text in {
        "ca-file": security.tls_ca_file,
        "cert": security.tls_worker_cert,
        "key": security.tls_worker_key,
    }.items():
        (folder / name).write_text(text)
        command += [f"--tls-{name}", str(folder / name)]
    return command


def refused(address, check, match):
    with pytest.raises(ClusterError, match=match) as error, connect(address, check=check):
        pytest.fail("connected")
    assert toys.one_sentence(str(error.value))


def test_what_differs():
    assert differences(HERE, HERE) == ""
    assert differences(HERE, THERE) == "test 3 instead of 1"
    assert differences("a: 1", "b: 2") == "a missing instead of 1, b 2 instead of none"
    assert differences("a: 1", "") == "a missing instead of 1"


def test_what_a_process_computes_with(spectra, spectra_root, tmp_path, monkeypatch):
    check = environment_check()
    lines = dict(line.split(": ") for line in check().splitlines())
    assert lines["Python"] == "{}.{}".format(*sys.version_info)
    assert {"numpy", "dipolescan", "physics code"} < lines.keys()
    assert "spectra lhc-14tev/toy" in lines
    assert check() == check()
    toys.write_spectra(tmp_path / "more", generators=("toy", "toy2", "toy3"))
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path / "more"))
    assert [line for line in check().splitlines() if "/toy" in line] == [
        f"spectra lhc-14tev/{g}: {lines[f'spectra lhc-14tev/{g}']}" for g in ("toy", "toy2")
    ]
    toys.write_spectra(tmp_path / "others", slope=0.9, generators=("toy",))
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(tmp_path / "others"))
    found = differences("\n".join(f"{k}: {v}" for k, v in lines.items()), check())
    assert "spectra lhc-14tev/toy2 missing instead of" in found
    assert "spectra lhc-14tev/toy " in found
    assert "Python" not in found
    assert "spectra" not in environment()


def test_the_same_environment(address):
    with connect(address, check=environment_check()) as client:
        assert client.submit(abs, -42).result() == 42


@pytest.mark.slow
def test_another_environment(monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_TEST", THERE)
    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as cluster:
        monkeypatch.delenv("DIPOLESCAN_TEST")
        host = "127.0.0.1"
        refused(
            cluster.scheduler_address,
            CHECK,
            rf"a worker on {host} is refused \(test 3 instead of 1\)",
        )
        missing = types.ModuleType("not_there")
        exec("def check(): return 'a: 1'", missing.__dict__)
        monkeypatch.setitem(sys.modules, "not_there", missing)
        refused(
            cluster.scheduler_address,
            missing.check,
            rf"a worker on {host} is refused \(it cannot import .*not_there",
        )
        refused(
            cluster.scheduler_address,
            raises,
            rf"on {host} is refused \(OSError: the tables are gone",
        )


def raises():
    if os.getenv("DIPOLESCAN_TEST"):
        raise OSError("the tables are gone")
    return "a: 1"


@pytest.mark.slow
def test_workers_that_come_later(tmp_path):
    """One with the same environment stays; others go, and their nannies bring no other."""
    said = []
    with connect("local", 1, check=CHECK, say=said.append) as client:
        command = joining(client, tmp_path)
        here = os.environ | {"PYTHONPATH": ROOT}
        with subprocess.Popen(
            [*command, "--no-nanny"], env=here, stderr=subprocess.DEVNULL
        ) as process:
            client.wait_for_workers(2, timeout=PATIENCE)
            time.sleep(1)
            assert len(client.nthreads()) == 2
            process.terminate()
        until(lambda: len(client.nthreads()) == 1)
        assert said == []
        there = here | {"DIPOLESCAN_TEST": THERE}
        for words in (["--no-nanny"], []):
            with subprocess.Popen(
                [*command, *words], env=there, stderr=subprocess.DEVNULL
            ) as process:
                assert process.wait(PATIENCE) == 0
        until(lambda: len(said) >= 2)
        assert len(client.nthreads()) == 1
        assert client.submit(abs, -42).result() == 42
    reason = f"a worker on {socket.gethostname()} is refused (test 3 instead of 1); "
    assert all(s.startswith(reason) for s in said)
    assert toys.one_sentence(said[0])
