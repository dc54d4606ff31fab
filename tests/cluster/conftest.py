"""A real Slurm for the session. DIPOLESCAN_REQUIRE_SLURM=1 makes its absence an error."""

import os

import dask
import one_node
import pytest

import scanner


def pytest_collection_modifyitems(items):
    for item in items:
        if "slurm" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slurm)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def slurm_daemons(tmp_path_factory):
    problem = one_node.missing()
    if problem and os.environ.get("DIPOLESCAN_REQUIRE_SLURM"):
        pytest.fail(f"a Slurm is required here: {problem}")
    if problem:
        pytest.skip(problem)
    node = one_node.OneNode(tmp_path_factory.mktemp("slurm"))
    try:
        node.start()
        yield node
    finally:
        node.stop()


@pytest.fixture
def slurm(slurm_daemons, tmp_path, monkeypatch):
    """A Slurm that nobody else uses; jobs run in ``tmp_path`` with this clone's code."""
    monkeypatch.setenv("SLURM_CONF", slurm_daemons.environment["SLURM_CONF"])
    monkeypatch.setenv("PYTHONPATH", str(scanner.__path__[0] + "/.."))
    monkeypatch.chdir(tmp_path)
    options = {
        "jobqueue.slurm.memory": "1 GiB",
        "jobqueue.slurm.interface": "lo",
        "dipolescan.slurm.check-seconds": 1,
        "distributed.deploy.lost-worker-timeout": "2s",
        "distributed.adaptive.interval": "500ms",
    }
    from schedulers.clusters.choice import describe

    describe("slurm")  # so that the defaults are there before they are changed
    with dask.config.set(options):
        yield slurm_daemons
    assert slurm_daemons.jobs("PENDING", "RUNNING") == []
