"""Which scan of a queue is meant, also before a service has read it and after its submission was refused."""

import json
import os
from contextlib import closing

import pytest
import toys

from physics.errors import InputError
from scanner.scans.queue import status
from scanner.scans.submission import submit
from schedulers import inbox, lease
from schedulers.errors import QueueError
from schedulers.ledger import Ledger
from schedulers.naming import chosen
from schedulers.records import Scan

IDS = ("ada-0a1b2c3d", "ada2-4e5f6a7b", "bob-11111111", "bob-22222222")


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("ada", "ada-0a1b2c3d"),
        ("ada2", "ada2-4e5f6a7b"),
        ("ada-0", "ada-0a1b2c3d"),
        ("bob-1", "bob-11111111"),
    ],
)
def test_a_name_goes_before_a_beginning(text, id):
    assert chosen(text, IDS) == chosen(id, IDS) == id


@pytest.mark.parametrize(
    ("text", "why"),
    [("a", "several"), ("bob", "several"), ("", "several"), ("carl", "there is no")],
)
def test_what_names_none_or_several(text, why):
    with pytest.raises(QueueError, match=why):
        chosen(text, IDS)


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """A queue with two scans, which this process could serve."""
    home = tmp_path / "queue"
    inbox.make_folders(home)
    with closing(Ledger(home / "ledger.sqlite", writable=True, create=True)) as ledger:
        lease.acquire(ledger)
        for id in IDS[:2]:
            ledger.add(
                "ada", id=id, name=id[:-9], uid=os.getuid(), owner="ada", priority=0, state="done", spec="{}",
                store="/s", submitted=1.0,
            )  # fmt: skip
        ledger.take(ledger.lease(), "")  # nobody serves
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(home))
    return home


def fails(cli, *words):
    code, out, err = cli(*words)
    assert (code, out) == (1, "")
    assert toys.one_sentence(err.strip())
    return err


def test_a_submission_that_waits(queue, cli):
    inbox.put(queue, "submit", "late-33333333", spec={}, priority=7)
    code, out, _ = cli("status", "late")
    assert code == 0
    assert "late-33333333\n  state        submitted: no service has read it yet" in out
    listed = cli("status")[1]
    assert "1 submitted" in listed
    assert next(w for w in listed.splitlines() if w.startswith("late")).split()[2] == "7"
    found = status("late", queue=queue)
    assert set(found) == {*Scan.__annotations__} - {"spec"} | {"events", "failures"}
    assert [e["what"] for e in found["events"]] == ["submitted"]
    assert "no service is running" in fails(cli, "watch", "late")
    assert json.loads(cli("status", "ada", "--json")[1])["id"] == "ada-0a1b2c3d"


def test_only_submissions_in_an_empty_queue(tmp_path, cli, monkeypatch):
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(tmp_path))
    inbox.make_folders(tmp_path)
    inbox.put(tmp_path, "submit", "late-33333333", spec={})
    assert "late-33333333" in cli("status", "late-3")[1]
    assert cli("status")[1].splitlines()[-1].startswith("1 submitted; no service is running")


def test_a_beginning_of_one_that_waits_and_of_another_names_none(queue, cli):
    """A request was put for the one that waits."""
    inbox.put(queue, "submit", "adam-33333333", spec={})
    assert "several scans begin with 'ad'" in fails(cli, "cancel", "ad")
    assert [p.name[:6] for p in (queue / "inbox").iterdir()] == ["submit"]


def test_a_submission_that_was_refused(queue, cli):
    path = inbox.put(queue, "submit", "lost-44444444", spec={})
    inbox.refuse(path, "it holds no complete spec")
    (queue / "refused" / "other.json").write_text("{")
    (queue / "refused" / "other.json.txt").write_text("it is not JSON")
    for words in (
        ("status", "lost"),
        ("watch", "lost-44444444"),
        ("logs", "lost"),
        ("cancel", "lost"),
    ):
        assert "lost-44444444 was refused: it holds no complete spec" in fails(cli, *words)
    assert "there is no scan 'none'" in fails(cli, "status", "none")


@pytest.mark.skipif(os.getuid() != 0, reason="other users need root")
def test_a_place_in_another_users_queue_is_refused_at_once(queue, tmp_path, spectra):
    os.chown(queue / "results", 65534, 65534)
    with pytest.raises(InputError, match="leave out --store"):
        submit(toys.write_spec(tmp_path / "toy.yaml"), tmp_path / "x.zarr", queue=queue)
    assert not any((queue / "inbox").iterdir())
    assert submit(toys.write_spec(tmp_path / "toy.yaml"), queue=queue)
