"""The unit and its snippets: checked by systemd's own tools, and its command run."""

import os
import re
import shlex
import subprocess
import sys

import deployed
import pytest
import toys
from waiting import PATIENCE, until

processes = deployed.processes
FOLDER = deployed.DEPLOY / "systemd"
UNIT = (FOLDER / "dipolescan.service").read_text()
PROGRAM = "/opt/dipolescan/bin/dipolescan"


def value(key):
    return re.search(rf"^{key}=(.*)$", UNIT, re.MULTILINE)[1]


def command():
    """The command of the unit with the values of its own Environment=."""
    variables = dict(w.split("=") for w in value("Environment").split())
    return [
        re.sub(r"\$\{(\w+)\}", lambda m: variables[m[1]], w)
        for w in shlex.split(value("ExecStart"))
    ]


def test_verify(tmp_path):
    """The program need not be installed here: another stands in for it."""
    unit = tmp_path / "dipolescan.service"
    unit.write_text(UNIT.replace(PROGRAM, sys.executable))
    out = deployed.checked(deployed.tool("systemd-analyze"), "verify", "--man=no", unit)
    assert out == ""


def test_hardening(tmp_path):
    """systemd's own measure of exposure, 0 to 10; below 2 is good."""
    unit = tmp_path / "dipolescan.service"
    unit.write_text(UNIT)
    words = ["security", "--offline=yes", "--no-pager", "--threshold=20", unit]
    out = deployed.checked(deployed.tool("systemd-analyze"), *words)
    assert re.search(r"exposure level .*: [01]\.\d", out), out


def test_users_stay_apart():
    """PrivateUsers= would make all users nobody, and a queue tells them apart by who owns a request."""
    assert not re.search(r"^PrivateUsers=", UNIT, re.MULTILINE)


def test_it_has_time_to_stop():
    words = command()
    grace = float(words[words.index("--grace") + 1])
    assert float(value("TimeoutStopSec")) > 1.5 * grace
    assert value("KillMode") == "mixed"  # else the workers get the signal, too
    assert value("Restart") == "on-failure"


@pytest.mark.skipif(os.getuid() != 0, reason="making users and folders needs root")
def test_user_and_folders(tmp_path):
    """In a root of their own."""
    checked = deployed.checked
    with_user = deployed.tool("systemd-sysusers")
    (tmp_path / "etc").mkdir()
    subprocess.run([with_user, f"--root={tmp_path}", str(FOLDER / "sysusers.conf")], check=True)
    account = (tmp_path / "etc" / "passwd").read_text().split(":")
    assert (account[0], account[5]) == ("dipolescan", "/srv/dipolescan")
    assert account[6].strip().endswith("nologin")
    checked(
        deployed.tool("systemd-tmpfiles"),
        "--create",
        f"--root={tmp_path}",
        FOLDER / "tmpfiles.conf",
    )
    queue = tmp_path / "srv" / "dipolescan" / "queue"
    assert queue.stat().st_uid == int(account[2])
    assert queue.stat().st_mode & 0o777 == 0o755


@pytest.mark.slow
def test_the_command(processes, tmp_path):
    """It serves, others may submit, and SIGTERM ends it in good order."""
    words = [w.replace("/srv/dipolescan", str(tmp_path)) for w in command()]
    port = words.index("--http")
    words[port + 1] = f"127.0.0.1:{toys.free_ports(1)[0]}"
    service = processes.start("service", *words)
    until(lambda: '"serving"' in processes.log("service"), lambda: processes.log("service"))
    assert (tmp_path / "queue" / "inbox").stat().st_mode & 0o7777 == 0o1777
    service.terminate()
    assert service.wait(PATIENCE) == 0
    assert '"reason": "SIGTERM"' in processes.log("service")
