"""``logs ID``: what the service's log says of one scan is kept with the queue."""

import json
import logging
import stat

import dipolescan
import pytest
import toys

from physics.errors import InputError
from schedulers import inbox, scan_logs
from schedulers.scan_logs import ScanLogs, lines_of


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(tmp_path / "queue"))
    inbox.make_folders(tmp_path / "queue")
    return tmp_path / "queue"


@pytest.fixture
def log(home):
    """A log of a service, kept beside."""
    found = logging.getLogger("dipolescan.test_queue_logs")
    found.propagate, found.handlers = False, [ScanLogs(home)]
    found.setLevel(logging.INFO)
    yield found
    found.handlers = []


def test_lines_of_a_scan_that_is_served(cli, home, tmp_path, monkeypatch, spectra):
    """One that cannot be run, so that no cluster is needed."""
    from scanner.cli import serve

    def drive(service, connect, stop):
        for path in service._requests.waiting():
            service._take(path)
        for scan in service.ledger.scans("queued"):
            service._fail(scan, "no store can be made")

    monkeypatch.setattr(serve, "drive", drive)
    spec = toys.write_spec(tmp_path / "toy.yaml")
    ids = [cli("submit", spec)[1].strip() for _ in range(2)]
    for id in ids:
        assert "no service has read its submission yet" in cli("logs", id)[2]
    assert cli("serve", "--http", "off")[0] == 0
    for id in ids:
        status, out, err = cli("logs", id)
        assert (status, err) == (0, "")
        first, second = out.splitlines()
        assert first.split()[1:3] == ["INFO", "submit"]
        assert second.endswith('error="no store can be made"')
        assert second.split()[1:3] == ["ERROR", "failed"]
        data = json.loads(cli("logs", id, "--json")[1])
        assert data == dipolescan.logs(id)
        assert [line["event"] for line in data] == ["submit", "failed"]
        assert all("scan" not in line and line["time"].endswith("Z") for line in data)
    assert stat.S_IMODE((home / "logs" / f"{ids[0]}.jsonl").stat().st_mode) == 0o600
    assert cli("logs", ids[0], "--queue", tmp_path / "other")[0] == 1


def test_where_there_is_none(cli, home, log):
    for words, reason in (
        (("logs", "a-1"), "there is no queue"),
        (("logs", "a-1", "--queue", home / "no"), "there is no queue"),
    ):
        status, out, err = cli(*words)
        assert (status, out) == (1, "")
        assert reason in err
        assert toys.one_sentence(err.strip())
    from schedulers import lease
    from schedulers.ledger import Ledger

    with Ledger(home / "ledger.sqlite", writable=True, create=True) as ledger:
        lease.acquire(ledger)
        ledger.add(
            "ada", id="old-1", name="toy", uid=1, owner="ada", priority=0, state="done", spec="{}", store="/x",
            submitted=1.0, finished=2.0,
        )  # fmt: skip
    with pytest.raises(InputError, match="no line of the log is kept of old-1: an older service"):
        dipolescan.logs("old")
    with pytest.raises(InputError, match="there is no scan 'new'"):
        dipolescan.logs("new")
    log.info("removed", extra={"scan": "gone-1"})
    assert [line["event"] for line in dipolescan.logs("gone")] == ["removed"]


def test_what_is_written(home, log, monkeypatch):
    log.info("no scan")
    log.info("of another", extra={"scan": "b"})
    for odd in ("../a", "", 3, "a/b", ".a"):
        log.info("hostile", extra={"scan": odd})
    try:
        raise ValueError("a defect")
    except ValueError:
        log.exception("not %s", "understood", extra={"scan": "a", "user": "ada", "error": ""})
    (line,) = lines_of(home, "a")
    assert (line["level"], line["event"], line["user"]) == ("error", "not understood", "ada")
    assert "ValueError: a defect" in line["traceback"]
    assert "error" not in line
    assert {p.name for p in (home / "logs").iterdir()} == {"a.jsonl", "b.jsonl"}
    with (home / "logs" / "a.jsonl").open("a") as stream:
        stream.write('{"time": "cut o')
    assert lines_of(home, "a") == [line]
    monkeypatch.setattr(scan_logs, "MAX_BYTES", 10)
    size = (home / "logs" / "b.jsonl").stat().st_size
    log.info("too much", extra={"scan": "b"})
    assert (home / "logs" / "b.jsonl").stat().st_size == size


def test_a_log_that_cannot_be_written_or_read(home, log, cli):
    (home / "logs" / "a.jsonl").mkdir()
    log.info("left out", extra={"scan": "a"})
    assert "the log of a cannot be read (Is a directory)" in cli("logs", "a")[2]
    (home / "logs" / "a.jsonl").rmdir()
    (home / "logs").rmdir()
    log.info("left out", extra={"scan": "a"})
    assert lines_of(home, "a") == []
