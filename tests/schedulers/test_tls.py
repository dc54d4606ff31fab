"""Encrypted clusters, with certificates made for the test; what is wrong with others is said in one sentence."""

import shutil
import socket
import stat
import subprocess
from pathlib import Path

import authorities
import dask
import pytest
import toys
from distributed import Client, LocalCluster, Security

import scanner
from scanner.scans.fingerprint import environment_check
from scanner.scans.spec import ScanSpec
from schedulers.clusters import address as addresses
from schedulers.clusters import tls
from schedulers.clusters.batch_jobs import quoted
from schedulers.clusters.choice import connect, describe
from schedulers.errors import ClusterError


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(addresses, "TIMEOUT", 3)


@pytest.fixture(scope="module")
def encrypted(certificates):
    """Address of a scheduler with one worker that speak TLS only."""
    with dask.config.set(certificates.configuration()):
        security = Security(require_encryption=True)
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tls", host="127.0.0.1",
        security=security, dashboard_address="127.0.0.1:0",
    ) as cluster:  # fmt: skip
        yield cluster.scheduler_address


def refused(cluster, match):
    with pytest.raises(ClusterError, match=match) as error, connect(cluster):
        pytest.fail("connected")
    assert toys.one_sentence(str(error.value))


def test_a_scan_over_tls(encrypted, certificates, spectra, finished, tmp_path):
    with dask.config.set(certificates.configuration()):
        scanner.run(ScanSpec(toys.SPEC), tmp_path / "s.zarr", cluster=encrypted)
    assert toys.arrays(tmp_path / "s.zarr") == toys.arrays(finished)


def test_the_connection_is_encrypted(encrypted, certificates):
    with (
        dask.config.set(certificates.configuration()),
        connect(encrypted, check=environment_check()) as client,
    ):
        assert client.scheduler.address.startswith("tls://")
        assert client.submit(abs, -42).result() == 42
        described = describe(encrypted)
        assert described["encrypted"]
        assert described["ca_file"] == str(certificates.ca)


def test_the_key_may_follow_the_certificate(encrypted, certificates, tmp_path):
    both = tmp_path / "both.pem"
    folder = certificates.folder
    both.write_text((folder / "client.key").read_text() + (folder / "client.cert").read_text())
    changes = {"client.cert": both, "client.key": None}
    with dask.config.set(certificates.configuration(**changes)), connect(encrypted) as client:
        assert client.submit(abs, -42).result() == 42


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_certificates_as_documented(tmp_path):
    """The script, as docs/clusters.md calls it but for the folder."""
    root = Path(scanner.__path__[0]).parent
    text = (root / "docs" / "clusters.md").read_text("utf-8")
    (line,) = [w for w in text.split("\n") if w.startswith("deploy/tls/make-certificates.sh")]
    script, _, *names = line.split()
    subprocess.run([root / script, tmp_path, *names], check=True, capture_output=True)
    keys = {"ca-file": "ca.pem"}
    for role in ("client", "scheduler", "worker"):
        keys |= {f"{role}.cert": f"{role}.pem", f"{role}.key": f"{role}.key"}
    with (
        dask.config.set({f"distributed.comm.tls.{k}": str(tmp_path / v) for k, v in keys.items()}),
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, protocol="tls", host="127.0.0.1",
            security=Security(require_encryption=True), dashboard_address="127.0.0.1:0",
        ) as cluster,
        connect(cluster.scheduler_address) as client,
    ):  # fmt: skip
        assert client.submit(abs, -42).result() == 42


def test_another_authority(encrypted, certificates, tmp_path):
    """The client does not trust the scheduler."""
    other = authorities.Authority(tmp_path)
    changes = {"ca-file": other.ca}
    with dask.config.set(certificates.configuration(**changes)):
        refused(encrypted, r"its certificate is not trusted: .*; distributed\.comm\.tls\.ca-file")


def test_a_certificate_of_another_authority(encrypted, certificates, tmp_path):
    """The scheduler does not trust the client."""
    other = authorities.Authority(tmp_path)
    folder = other.folder
    changes = {"client.cert": folder / "client.cert", "client.key": folder / "client.key"}
    with dask.config.set(certificates.configuration(**changes)):
        refused(encrypted, r"TLS failed: .*distributed\.comm\.tls\.client\.cert")


def test_certificate_and_key_of_two(encrypted, certificates):
    changes = {"client.key": certificates.folder / "worker.key"}
    with dask.config.set(certificates.configuration(**changes)):
        refused(encrypted, r"TLS failed: .*are .*client\.cert and \.key .* a pair")


def test_no_certificates(encrypted):
    refused(encrypted, r"TLS needs distributed\.comm\.tls\.ca-file in Dask's configuration")


@pytest.mark.parametrize("key", ["ca-file", "client.cert", "client.key"])
def test_certificates_that_are_not_there(encrypted, certificates, key):
    with dask.config.set(certificates.configuration(**{key: "/no/such/file"})):
        refused(encrypted, rf"/no/such/file of distributed\.comm\.tls\.{key} .* cannot be read")


def test_a_file_that_is_no_certificate(encrypted, certificates):
    for key in ("ca-file", "client.cert"):
        with dask.config.set(certificates.configuration(**{key: Path(__file__)})):
            refused(encrypted, "no Dask scheduler answers|TLS failed")


def test_no_certificate_of_the_client(encrypted, certificates):
    with dask.config.set(certificates.configuration(**{"client.cert": None, "client.key": None})):
        refused(encrypted, r"TLS needs distributed\.comm\.tls\.client\.cert")


def test_plain_words_to_an_encrypted_scheduler(encrypted):
    refused(encrypted.replace("tls://", "tcp://"), "no Dask scheduler answers")


def test_encrypted_words_to_a_plain_scheduler(address, certificates):
    with dask.config.set(certificates.configuration()):
        refused(address.replace("tcp://", "tls://"), "no Dask scheduler answers")


def test_encryption_required(address, certificates):
    """A plain connection is not made where Dask's configuration forbids it."""
    with dask.config.set(
        certificates.configuration() | {"distributed.comm.require-encryption": True}
    ):
        refused(address, "no Dask scheduler answers .*encryption")


def test_nobody_there(certificates):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        free = taken.getsockname()[1]
    with dask.config.set(certificates.configuration()):
        refused(f"tls://127.0.0.1:{free}", "no Dask scheduler answers")


@pytest.mark.slow
def test_a_local_cluster_with_certificates_of_its_user(certificates):
    with (
        dask.config.set(
            certificates.configuration() | {"distributed.comm.require-encryption": True}
        ),
        connect("local", 1, check=environment_check()) as client,
    ):
        assert client.scheduler.address.startswith("tls://")
        assert client.submit(abs, -42).result() == 42


def test_a_job_with_certificates(certificates):
    describe("slurm")
    with dask.config.set(certificates.configuration()):
        command = describe("slurm")["command"]
    folder = certificates.folder
    assert "tls://SCHEDULER:PORT" in command
    for words in (
        "--protocol tls://",
        f"--tls-ca-file {certificates.ca}",
        f"--tls-cert {folder}/worker.cert",
    ):
        assert words in command
    with (
        dask.config.set(certificates.configuration(**{"worker.cert": None})),
        pytest.raises(ClusterError, match=r"TLS needs distributed\.comm\.tls\.worker\.cert"),
    ):
        describe("slurm")


def test_credentials_of_a_run_lie_in_files_of_its_user_alone(tmp_path):
    with tls.in_files(tmp_path) as security:
        (folder,) = tmp_path.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert sorted(p.name for p in folder.iterdir()) == ["certificate.pem", "key.pem"]
        assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}
        assert security.require_encryption
        assert security.tls_worker_key == str(folder / "key.pem")
        security.get_connection_args("worker")  # they are a pair
    assert list(tmp_path.iterdir()) == []


def test_no_two_runs_have_the_same_credentials():
    first, second = tls.of_run(), tls.of_run()
    assert first.tls_client_key != second.tls_client_key
    assert "Temporary (In-memory)" in repr(first)
    assert "PRIVATE" not in repr(first)


def test_credentials_that_cannot_be_written(tmp_path):
    with (
        pytest.raises(
            ClusterError, match=r"certificates of this run cannot be written in .*missing"
        ),
        tls.in_files(tmp_path / "missing"),
    ):
        pass


def test_paths_of_credentials_are_quoted_for_the_shell():
    found = quoted(tls.placeholders("/my runs/$HOME"))
    assert found.tls_worker_key == "'/my runs/$HOME/key.pem'"
    assert found.tls_scheduler_key == "/my runs/$HOME/key.pem"


def test_an_open_scheduler_is_told_in_one_sentence(address):
    said = []
    with connect(address, say=said.append):
        pass
    (sentence,) = said
    assert toys.one_sentence(sentence)
    assert "does not use TLS: whoever reaches its port can run code there" in sentence


def test_a_shared_queue_wants_tls(cli, tmp_path, address):
    status, out, err = cli("serve", "--queue", tmp_path / "q", "--shared", "--cluster", address)
    assert (status, out) == (1, "")
    assert f"--shared is not possible with {address}: without TLS" in err
    assert not (tmp_path / "q").exists()


def test_clients_are_left_closed(encrypted, certificates):
    with dask.config.set(certificates.configuration()), connect(encrypted) as client:
        pass
    assert client.status == "closed"
    with pytest.raises(ValueError, match="No clients found"):
        Client.current()
