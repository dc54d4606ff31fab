"""Notices of scans that ended, to real commands and a real HTTP server: nothing is injected, every failure is told."""

import json
import os
import shlex
import sys

import pytest
import toys
from listening import listening
from waiting import until

from schedulers import inbox, lease, notice, notices
from schedulers.errors import QueueError
from schedulers.ledger import Ledger
from schedulers.notice import Notice, check_target, check_targets, send, shown
from schedulers.notices import Notices
from schedulers.requests import Requests

HOSTILE = Notice("a-1", "$(touch x) `touch x` '; touch x", "failed", "/s/$HOME a.zarr", "line\0; x")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder, and no proxy before this machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(scope="module")
def server():
    with listening() as found:
        yield found


def python(code):
    """A command line that runs a line of Python."""
    return shlex.join([sys.executable, "-c", code])


# ---- one notice ------------------------------------------------------------------------------


def test_a_command_has_everything_in_its_environment(tmp_path):
    code = "import os, json; json.dump({k: v for k, v in os.environ.items() if '_SCAN_' in k}, open('said', 'w'))"
    assert send(python(code), HOSTILE) == ""
    said = json.loads((tmp_path / "said").read_text())
    assert said == {
        "DIPOLESCAN_SCAN_ID": "a-1",
        "DIPOLESCAN_SCAN_NAME": HOSTILE.name,
        "DIPOLESCAN_SCAN_STATE": "failed",
        "DIPOLESCAN_SCAN_STORE": "/s/$HOME a.zarr",
        "DIPOLESCAN_SCAN_MESSAGE": "line; x",
    }
    assert [p.name for p in tmp_path.iterdir()] == ["said"]


def test_a_command_is_run_without_a_shell(tmp_path):
    assert send("touch 'a b;' $DIPOLESCAN_SCAN_STATE && >x", HOSTILE) == ""
    names = {p.name for p in tmp_path.iterdir()}
    assert names == {"a b;", "$DIPOLESCAN_SCAN_STATE", "&&", ">x"}


def test_a_command_that_fails_is_told(tmp_path):
    found = send(python("import sys; print('first'); print('last words'); sys.exit(3)"), HOSTILE)
    assert found == f"{sys.executable} ... ended with status 3 (last words)"
    assert send("no-such-program --x", HOSTILE).startswith(
        "no-such-program ... cannot be started (No such"
    )
    (tmp_path / "plain").write_text("x")
    assert "cannot be started (Permission denied)" in send(f"{tmp_path}/plain", HOSTILE)


def test_a_command_that_does_not_end_is_ended_with_its_children(monkeypatch, tmp_path):
    monkeypatch.setattr(notice, "COMMAND_SECONDS", 0.5)
    code = "import subprocess; p = subprocess.Popen(['sleep', '60']); open('pid', 'w').write(str(p.pid)); p.wait()"
    assert "was still running after 0.5 s and was ended" in send(python(code), HOSTILE)
    pid = int((tmp_path / "pid").read_text())
    until(lambda: not os.path.exists(f"/proc/{pid}") or _is_dead(pid))


def _is_dead(pid):
    try:
        with open(f"/proc/{pid}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_an_address_gets_json(server):
    server.heard.clear()
    assert send(f"{server.address}/hook?a=b", HOSTILE) == ""
    ((method, path, headers, body),) = server.heard
    assert (method, path) == ("POST", "/hook?a=b")
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == vars(HOSTILE)


def test_an_address_that_fails_is_told_without_its_path(server, monkeypatch):
    host = server.address
    assert send(f"{host}/secret/error", HOSTILE) == f"{host}/... answers with status 500"
    server.heard.clear()
    assert send(f"{host}/secret/moved", HOSTILE) == f"{host}/... answers with status 302"
    assert [path for _, path, *_ in server.heard] == ["/secret/moved"]  # and is not followed
    (port,) = toys.free_ports(1)
    nobody = send(f"http://127.0.0.1:{port}/secret", HOSTILE)
    assert "cannot be reached" in nobody
    assert "Connection refused" in nobody
    monkeypatch.setattr(notice, "URL_SECONDS", 0.3)
    silent = send(f"{host}/secret/silent", HOSTILE)
    assert "gives no answer" in silent or "cannot be reached" in silent
    assert "secret" not in nobody + silent


@pytest.mark.parametrize(
    "target",
    [
        "", "  ", None, 3, "a" * 3000, "say 'it", "''", "a\nb", "a\0b", "ftp://h/x", "file:///etc/passwd",
        "http://", "http://user:word@h/x", "http://h:port/", "http://h/a b", "http://[::1/x", "://x y'",
    ],
)  # fmt: skip
def test_what_is_no_target(target):
    with pytest.raises(QueueError) as error:
        check_target(target)
    assert len(str(error.value)) < 400
    assert "word" not in str(error.value).replace("password", "")


def test_targets():
    assert check_targets(["a", "http://h/x", "a"]) == ["a", "http://h/x"]
    for bad in ("a", ["a"] * 11, {"a": 1}, None):
        with pytest.raises(QueueError, match="at most 10 commands and addresses, as a list"):
            check_targets(bad)
    assert shown("HTTPS://h.example:8/x?token=1") == "HTTPS://h.example:8/..."
    assert shown("mail") == "mail"


# ---- those of a queue ------------------------------------------------------------------------


@pytest.fixture
def ledger(tmp_path):
    inbox.make_folders(tmp_path / "queue")
    with Ledger(tmp_path / "queue" / "ledger.sqlite", writable=True, create=True) as found:
        lease.acquire(found)
        yield found


def add(ledger, id, *notify, uid=None, **columns):
    about = {
        "name": "toy", "owner": "ada", "priority": 0, "state": "queued", "spec": "{}", "store": f"/{id}.zarr",
        "submitted": 1.0,
    }  # fmt: skip
    assert ledger.add(
        "ada", notify, id=id, uid=os.getuid() if uid is None else uid, **about | columns
    )


def ends(ledger, id, state="done", finished=10.0, **columns):
    ledger.update(id, state, "service", state=state, finished=finished, **columns)


def settle(found):
    """Until nothing is due or under way."""
    found.look()
    until(lambda: not found.busy() or found.step())


def history(ledger, id):
    return [(e["what"], e["detail"]) for e in ledger.events(id) if "notified" in e["what"]]


def test_each_end_is_told_once(ledger, server):
    server.heard.clear()
    add(ledger, "a", f"{server.address}/a", f"{server.address}/error")
    add(ledger, "b")
    found = Notices(ledger)
    settle(found)
    assert server.heard == []
    ends(ledger, "a", "failed", message="a block failed")
    ends(ledger, "b")
    settle(found)
    assert sorted(path for _, path, *_ in server.heard) == ["/a", "/error"]
    said = json.loads(server.heard[0][3])
    assert said == {
        "id": "a",
        "name": "toy",
        "state": "failed",
        "store": "/a.zarr",
        "message": "a block failed",
    }
    host = server.address
    assert sorted(history(ledger, "a")) == [
        ("not notified", f"{host}/... answers with status 500"),
        ("notified", f"{host}/..."),
    ]
    settle(found)
    settle(Notices(ledger))  # of the next service
    assert len(server.heard) == 2
    ledger.update("a", state="queued", finished=None)
    settle(found)
    assert len(server.heard) == 2
    ends(ledger, "a", finished=20.0)  # after a resume
    settle(found)
    assert [json.loads(body)["state"] for *_, body in server.heard[2:]] == ["done", "done"]


def test_one_that_was_not_recorded_is_sent_again(ledger, server):
    server.heard.clear()
    add(ledger, "a", f"{server.address}/a")
    ends(ledger, "a")
    killed = Notices(ledger)
    killed.step()
    until(lambda: server.heard)
    settle(Notices(ledger))
    assert len(server.heard) == 2
    assert len(history(ledger, "a")) == 1


def test_closing_waits_for_what_is_under_way(ledger, server):
    server.heard.clear()
    add(ledger, "a", f"{server.address}/a")
    ends(ledger, "a")
    found = Notices(ledger)
    found.step()
    found.close()
    assert history(ledger, "a") == [("notified", f"{server.address}/...")]


def test_many_at_once(ledger, server):
    server.heard.clear()
    for i in range(12):
        add(ledger, f"a-{i}", f"{server.address}/{i}")
        ends(ledger, f"a-{i}")
    settle(Notices(ledger))
    assert len(server.heard) == 12


def test_commands_need_leave_and_are_of_the_own_user_only(ledger, tmp_path):
    add(ledger, "mine", "touch mine")
    add(ledger, "theirs", "touch theirs", uid=os.getuid() + 1)
    ends(ledger, "mine")
    ends(ledger, "theirs")
    settle(Notices(ledger))
    assert history(ledger, "mine") == [
        ("not notified", "touch ... is not run: the service was started without --allow-commands")
    ]
    for id in ("mine", "theirs"):
        ends(ledger, id, finished=20.0)
    settle(Notices(ledger, commands=True))
    assert (tmp_path / "mine").exists()
    assert not (tmp_path / "theirs").exists()
    assert history(ledger, "theirs")[1] == (
        "not notified", "touch ... is not run: the service runs no commands of other users",
    )  # fmt: skip


def test_what_nobody_foresaw_is_told_too(ledger, monkeypatch):
    def broken(*_):
        raise RuntimeError("a defect")

    monkeypatch.setattr(notices, "send", broken)
    add(ledger, "a", "http://h/x")
    ends(ledger, "a")
    settle(Notices(ledger))
    assert history(ledger, "a") == [("not notified", "http://h/...: RuntimeError")]


def test_a_scan_that_is_removed_is_forgotten(ledger):
    add(ledger, "a", "http://h/x")
    ends(ledger, "a")
    ledger.remove("a")
    assert ledger.due() == []


class Opener:
    """Takes whatever there is beside the notices."""

    def check(self, request):
        assert set(request.content) == {"spec"}
        return {"name": "toy", "spec": "{}", "store": "/a.zarr", "priority": 0}


@pytest.mark.parametrize("notify", ["http://h/x", ["ftp://h/x"], ["x"] * 11, [["x"]], [""]])
def test_a_request_with_bad_targets_is_refused(ledger, tmp_path, notify):
    home = tmp_path / "queue"
    asked = Requests(home, ledger, Opener(), lambda _: None)
    asked.take(inbox.put(home, "submit", "good", spec={}, notify=["http://h/x", "mail me"]))
    asked.take(inbox.put(home, "submit", "bad", spec={}, notify=notify))
    assert [scan.id for scan in ledger.scans()] == ["good"]
    ((_, reason),) = inbox.refusals(home)
    assert "notice" in reason
    ends(ledger, "good")
    assert [due.target for due in ledger.due()] == ["http://h/x", "mail me"]


def test_a_ledger_of_an_older_version_gets_the_table(tmp_path, ledger):
    ledger._db.execute("DROP TABLE notices")
    with Ledger(ledger.path, writable=True, create=True) as again:
        assert again.due() == []
