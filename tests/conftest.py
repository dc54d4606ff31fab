"""Fixtures of scanner, schedulers and recovery: toy spectra, one finished store, one cluster in this process."""

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import authorities
import costs
import pytest
import s3_server
import skipped
import toys
from distributed import LocalCluster
from hypothesis import HealthCheck, settings

import scanner
from scanner.cli import run_main
from scanner.scans import leases, objects
from scanner.scans.spec import ScanSpec

os.environ.setdefault("OMP_NUM_THREADS", "1")
# what is compiled is kept, here and in the hundreds of processes that tests start, whatever the user's habit
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# of processes that tests start: nobody looks at the page, for which Bokeh is imported
os.environ["DASK_DIPOLESCAN__LOCAL__DASHBOARD"] = "False"
# a busy machine takes long for what is quick
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
SLOW_SECONDS = 900  # of a test that is marked slow, in place of pyproject.toml's timeout


def hear_signals():
    """Ctrl-C and SIGTERM act here, and in what is started here, also below 'nohup ... &' and cron."""
    for number, handler in {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
    }.items():
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})


@pytest.hookimpl(trylast=True)  # other conftest files mark tests as slow
def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))


def pytest_addoption(parser):
    group = parser.getgroup("costs", "Cost of tests (tests/costs.py)")
    group.addoption(
        "--fast", action="store_true", help="only tests that are fast by tests/costs.txt"
    )
    group.addoption("--measure", action="store_true", help="write the cost of what is run there")


def pytest_configure(config):
    hear_signals()
    # the order of collection also for --dist loadfile: files of few long tests would be the last, one worker idle
    config.option.loadscopereorder = False
    config.pluginmanager.register(skipped)
    if config.getoption("--measure", False):
        config.pluginmanager.register(costs.Measure())
    elif config.getoption("--fast", False):
        config.pluginmanager.register(costs.Fast())


@pytest.fixture(scope="session")
def spectra_root(tmp_path_factory):
    """A folder with the sets ``toy`` and ``toy2``."""
    return toys.write_spectra(tmp_path_factory.mktemp("spectra"))


@pytest.fixture
def spectra(spectra_root, monkeypatch):
    """The toy sets are the user's own; worker processes inherit the variable."""
    monkeypatch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
    return spectra_root


@pytest.fixture(scope="session")
def finished(spectra_root, tmp_path_factory):
    """A finished store, made by a run in this process; not to be changed."""
    path = tmp_path_factory.mktemp("finished") / "toy.zarr"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        result = scanner.run(ScanSpec(toys.SPEC), path)
    assert (result.computed, result.blocks) == (10, 10)
    return path


@pytest.fixture(scope="session")
def small(spectra_root, tmp_path_factory):
    """The finished store of a small scan, made in this process; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        return toys.fill(toys.SMALL, tmp_path_factory.mktemp("small") / "small.zarr").path


@pytest.fixture(scope="session")
def long_arrays(spectra_root, tmp_path_factory):
    """The arrays of the long scan, never interrupted, computed in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        return toys.arrays(toys.fill(toys.LONG, tmp_path_factory.mktemp("long") / "long.zarr").path)


@pytest.fixture
def store(finished, tmp_path):
    """A copy of the finished store, to be damaged."""
    return Path(shutil.copytree(finished, tmp_path / "toy.zarr"))


@pytest.fixture(scope="session")
def begun(spectra_root, tmp_path_factory):
    """A store with three finished blocks of ten, made in this process; not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPOLESCAN_SPECTRA", str(spectra_root))
        path = tmp_path_factory.mktemp("begun") / "partial.zarr"
        return toys.fill(toys.SPEC, path, blocks=range(3)).path


@pytest.fixture
def partial(begun, spectra, tmp_path):
    """A copy of it, to be changed: generator toy, the first six masses."""
    return Path(shutil.copytree(begun, tmp_path / "partial.zarr"))


@pytest.fixture
def cube(finished):
    return scanner.open_cube(finished)


@pytest.fixture(scope="module")
def address():
    """Address of a cluster with one worker thread in this process.

    Not longer than a module: Dask's threads draw from ``random``, which hypothesis forbids while it makes examples.
    """
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as cluster:  # fmt: skip
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def object_server():
    """A server that speaks S3's language, in this process."""
    with s3_server.serving() as found:
        yield found


@pytest.fixture
def bucket(object_server, spectra, monkeypatch):
    """The server, empty and without faults; leases are void soon."""
    pytest.importorskip("obstore", reason="obstore is not installed")
    object_server.objects.clear()
    object_server.fault = lambda method, key: None
    object_server.conditions, object_server.marks, object_server.old = True, True, set()
    objects._WITHOUT_MARKS.clear()
    monkeypatch.setattr(leases, "SECONDS", 0.3)
    monkeypatch.setattr(leases, "LOOKING", 0.1)
    monkeypatch.setattr(objects, "TRYING", 0.0)
    yield object_server
    object_server.fault = lambda method, key: None


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Of scheduler, workers and clients, signed by an authority of their own."""
    return authorities.Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def program_log():
    """The loggers are afterwards as they were.

    'serve' sends that of the program, and those of the libraries below it, to stderr: caplog would not see the one, and
    tests of what a command prints would see the others, since their cluster lives in the same process.
    """
    log = logging.getLogger("dipolescan")
    known = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    before = [(each, each.handlers, each.propagate, each.level) for each in known]
    yield log
    logging.captureWarnings(False)
    for name in list(logging.root.manager.loggerDict):
        each = logging.getLogger(name)
        if each not in known:
            each.handlers, each.propagate = [], True
            each.setLevel(logging.NOTSET)
    for each, handlers, propagate, level in before:
        each.handlers, each.propagate = handlers, propagate
        each.setLevel(level)


@pytest.fixture
def cli(monkeypatch, capsys, program_log):
    """Run the command in this process; returns (exit status, stdout, stderr)."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["dipolescan", *map(str, words)])
        capsys.readouterr()
        status = 0
        try:
            run_main()
        except SystemExit as end:
            status = end.code or 0
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def mount(tmp_path):
    """Mount small file systems; skips where that is not permitted."""
    with contextlib.ExitStack() as mounted:

        def make(options, place=None):
            place = place or tmp_path / "mounted"
            place.mkdir(exist_ok=True)
            words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
            try:
                subprocess.run(words, check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError):
                pytest.skip("mounting a file system is not permitted here")
            mounted.callback(subprocess.run, ["umount", "-l", str(place)], check=True)
            return place

        yield make
