"""The script that makes certificates is run, and a scheduler, a worker and clients use what it made."""

import os
import shutil
import stat
import subprocess
import sys

import deployed
import pytest
import toys
import yaml
from waiting import until

processes = deployed.processes
SCRIPT = deployed.DEPLOY / "tls" / "make-certificates.sh"


def make(*words, **environment):
    return subprocess.run(
        [str(SCRIPT), *map(str, words)], capture_output=True, text=True, env=os.environ | environment
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    deployed.tool("openssl")
    folder = tmp_path_factory.mktemp("pki") / "certificates"
    done = make(folder, "node17.example.org", "10.0.0.1", "fe80::1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(folder / "tls.yaml")
    return folder


def text_of(certificate):
    return deployed.checked("openssl", "x509", "-in", certificate, "-noout", "-text")


def test_certificates(folder):
    """Signed by the authority, with all names; only scheduler and workers may be connected to."""
    for role in ("scheduler", "worker", "client"):
        deployed.checked("openssl", "verify", "-CAfile", folder / "ca.pem", folder / f"{role}.pem")
        text = text_of(folder / f"{role}.pem")
        for name in (
            "DNS:localhost",
            "DNS:node17.example.org",
            "IP Address:10.0.0.1",
            "IP Address:FE80:",
        ):
            assert name in text
        assert ("TLS Web Server Authentication" in text) == (role != "client")
        assert "CA:FALSE" in text


def test_keys_are_for_their_owner_alone(folder):
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()}
    keys = {"scheduler.key": 0o600, "worker.key": 0o600, "client.key": 0o600, "ca.key": 0o400}
    certificates = {f"{n}.pem": 0o644 for n in ("ca", "scheduler", "worker", "client")}
    assert modes == keys | certificates | {"tls.yaml": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_is_overwritten(folder):
    before = (folder / "client.pem").read_text()
    done = make(folder, "node17")
    assert done.returncode == 1
    assert "--renew" in done.stderr
    assert (folder / "client.pem").read_text() == before


def test_renewed(folder, tmp_path):
    """New certificates, the same authority."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    done = make("--renew", copy, "node18", DAYS="3")
    assert done.returncode == 0, done.stderr
    assert (copy / "ca.pem").read_text() == (folder / "ca.pem").read_text()
    assert (copy / "worker.pem").read_text() != (folder / "worker.pem").read_text()
    assert "DNS:node18" in text_of(copy / "worker.pem")
    deployed.checked("openssl", "verify", "-CAfile", copy / "ca.pem", copy / "worker.pem")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "usage:"),
        (["--renew", "new"], "no authority"),
        (["new", "a b"], "no name of a machine"),
        (["new", "999.1.1.1"], "are all of these names right"),
    ],
)
def test_bad_words(words, reason, tmp_path):
    """One sentence, and no half of a certificate is left."""
    done = make(*(tmp_path / w if w == "new" else w for w in words))
    assert done.returncode == 1
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.rglob("*.part")) + list(tmp_path.rglob("*.csr"))


CLIENT = """
import sys
from schedulers.clusters.choice import connect
from schedulers.errors import ClusterError
try:
    with connect(sys.argv[1]) as client:
        print(client.submit(abs, -42).result(timeout=240))
except ClusterError as error:
    sys.exit(str(error))
"""


def client(address, **environment):
    """A client in a process of its own, as its configuration is read at the start."""
    return subprocess.run(
        [sys.executable, "-c", CLIENT, address], capture_output=True, text=True,
        env={k: v for k, v in os.environ.items() if k != "DASK_CONFIG"}
        | {"PYTHONPATH": str(deployed.ROOT)} | environment,
    )  # fmt: skip


@pytest.mark.slow
def test_in_use(folder, processes, tmp_path):
    """With the file that the script wrote; without it, or with another authority's, a client is refused."""
    port = toys.free_ports(1)[0]
    address, configuration = f"tls://127.0.0.1:{port}", str(folder / "tls.yaml")
    processes.start(
        "scheduler", "dask", "scheduler", "--protocol", "tls", "--host", "127.0.0.1", "--port", port,
        "--dashboard-address", "127.0.0.1:0", "--no-show", DASK_CONFIG=configuration,
    )  # fmt: skip
    processes.start(
        "worker", "dask", "worker", address, "--protocol", "tls", "--nthreads", "1", "--no-dashboard",
        "--host", "127.0.0.1", DASK_CONFIG=configuration,
    )  # fmt: skip
    until(lambda: "Registered to" in processes.log("worker"), lambda: processes.log("worker"))

    good = client(address, DASK_CONFIG=configuration)
    assert (good.returncode, good.stdout) == (0, "42\n"), good.stderr

    none = client(address)
    assert none.returncode == 1
    assert "TLS needs distributed.comm.tls.ca-file" in none.stderr

    plain = client(address.replace("tls", "tcp"))
    assert plain.returncode == 1
    assert "no Dask scheduler answers" in plain.stderr

    other = tmp_path / "other"
    assert make(other).returncode == 0
    foreign = client(address, DASK_CONFIG=str(other / "tls.yaml"))
    assert foreign.returncode == 1
    assert "is not trusted" in foreign.stderr

    # trusts the scheduler, but its own certificate is another authority's
    mixed = tmp_path / "mixed.yaml"
    content = yaml.safe_load((other / "tls.yaml").read_text())
    content["distributed"]["comm"]["tls"]["ca-file"] = str(folder / "ca.pem")
    mixed.write_text(yaml.safe_dump(content))
    stranger = client(address, DASK_CONFIG=str(mixed))
    assert stranger.returncode == 1
    assert "no Dask scheduler answers" in stranger.stderr
