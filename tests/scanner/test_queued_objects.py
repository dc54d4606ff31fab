"""Stores in a bucket that a queue fills and removes, and that are archived: the promises of a disk, or a sentence."""

import json
import os
import shutil
import threading
import zipfile
from pathlib import Path

import pytest
import toys

import scanner
from physics.errors import InputError
from scanner.outputs.archive import archive
from scanner.outputs.landscape import landscape, landscape_spec
from scanner.scans import leases, objects
from scanner.scans.addresses import store_path
from scanner.scans.creation import open_or_create
from scanner.scans.lock import BusyError
from scanner.scans.plan import make_plan
from scanner.scans.queued import ScanOpener
from scanner.scans.record import DONE
from scanner.scans.removal import remove_store
from scanner.scans.spec import ScanSpec
from scanner.scans.store import Store
from scanner.scans.tables import all_resources
from scanner.scans.work import run_block
from schedulers import lease
from schedulers.errors import FencedError, NotYetError, QueueError
from schedulers.inbox import Request
from schedulers.ledger import Ledger

PLACE = "s3://scans/q/small.zarr"


def put(bucket, folder, name="q/small.zarr"):
    """A copy of a finished store in the bucket."""
    bucket.objects |= {f"{name}/{key}": content for key, content in toys.tree(folder).items()}
    return store_path(f"s3://scans/{name}")


def filled(blocks=(0, 1)):
    """A store in the bucket with some finished blocks."""
    spec = ScanSpec(toys.SMALL)
    store = open_or_create(store_path(PLACE), make_plan(spec), all_resources(spec))
    for number in blocks:
        run_block(PLACE, store.identity, store.plan.blocks[number])
    with store.locked():
        store.mark([store.plan.blocks[number] for number in blocks], DONE)
    return store


# ---- archives ----------------------------------------------------------------------------------


def test_an_archive_of_a_bucket_is_that_of_a_disk(bucket, small, tmp_path, cli):
    copied = put(bucket, small)
    with Store(copied, writable=True).locked():  # its record is then signed
        bucket.objects["q/small.zarr/status/0/probe.1"] = b"0"
    status, out, err = cli("archive", copied, "-o", tmp_path / "there.zip", "--json")
    assert status == 0, err
    here = archive(small, tmp_path / "here.zip")
    assert json.loads(out)["sha256"] == here["sha256"]
    assert json.loads(out)["files"] == here["files"]
    assert scanner.open_cube(tmp_path / "there.zip").attrs["blocks_done"] == 5


@pytest.mark.parametrize(
    ("key", "content", "words"),
    [
        ("FASER2/counts/c.0.0.0.0.0", b"x", "is damaged; 'dipolescan verify' says where"),
        ("FASER2/notes.txt", b"mine", r"no part of a store \(FASER2/notes.txt\)"),
    ],
)
def test_damage_and_objects_of_others_are_not_archived(
    bucket, small, tmp_path, key, content, words
):
    copied = put(bucket, small)
    bucket.objects[f"q/small.zarr/{key}"] = content
    with pytest.raises(InputError, match=words) as error:
        archive(copied, tmp_path / "a.zip")
    assert toys.one_sentence(str(error.value))
    assert list(tmp_path.iterdir()) == []


def test_what_vanishes_while_it_is_archived_is_told(bucket, small, tmp_path):
    copied, key = put(bucket, small), "q/small.zarr/FASER2/counts/c.0.0.0.0.0"
    seen = []

    def gone(method, asked):
        seen.append(asked)
        return 404 if asked == key and method == "GET" else None

    bucket.fault = gone
    with pytest.raises(InputError, match="was removed while the store was read") as error:
        archive(copied, tmp_path / "a.zip")
    assert toys.one_sentence(str(error.value))
    assert key in seen
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_not_complete_is_not_archived(bucket, tmp_path):
    with pytest.raises(InputError, match="2 of 5 blocks computed"):
        archive(filled().path, tmp_path / "a.zip")


# ---- removing ----------------------------------------------------------------------------------


def test_nothing_is_left_of_a_store_that_is_removed(bucket, small):
    copied = put(bucket, small)
    put(bucket, small, "q/small.zarr2")
    remove_store(copied)
    assert {key.split("/")[1] for key in bucket.objects} == {"small.zarr2"}
    remove_store(copied)  # there is none


def test_a_store_is_not_removed_under_a_run(bucket, monkeypatch):
    store, before = filled(), dict(bucket.objects)
    with store.locked(), monkeypatch.context() as other_process:
        other_process.setattr(leases, "_held", {})
        with pytest.raises(BusyError, match="being filled by another run"):
            remove_store(store.path)
    assert bucket.objects.keys() >= before.keys()
    assert len(Store(store.path).blocks(DONE)) == 2


@pytest.mark.parametrize("name", ["notes.txt", "inner.zarr/zarr.json"])
def test_objects_of_others_keep_a_store(bucket, small, name):
    copied = put(bucket, small)
    bucket.objects[f"q/small.zarr/{name}"] = b"{}"
    before = dict(bucket.objects)
    with pytest.raises(InputError, match="no part of the store") as error:
        remove_store(copied)
    assert toys.one_sentence(str(error.value))
    assert bucket.objects == before


def test_what_is_no_store_is_not_removed(bucket):
    bucket.objects["q/small.zarr/letters.txt"] = b"mine"
    with pytest.raises(InputError, match="is not a store of dipolescan"):
        remove_store(store_path(PLACE))
    assert bucket.objects == {"q/small.zarr/letters.txt": b"mine"}


@pytest.mark.parametrize("times", [2, 3, 4])
def test_a_removal_that_is_cut_off_is_done_again(bucket, small, times):
    """Until then the store answers nothing as if it were whole."""
    copied, asked = put(bucket, small), []

    def cut(method, key):
        if method == "POST":
            asked.append(key)
        return 403 if method == "POST" and len(asked) > times else None

    bucket.fault = cut  # the first removes a probe
    with pytest.raises(InputError):
        remove_store(copied)
    bucket.fault = lambda method, key: None
    if copied.exists():
        with pytest.raises(InputError):
            Store(copied).status(0)
    remove_store(copied)
    assert not bucket.objects


def test_nothing_is_removed_of_a_store_that_another_run_has_taken_over(bucket, small):
    copied, taken = put(bucket, small), []
    lock = "q/small.zarr/status/0/lock"

    def take_over(method, key):
        if method == "POST" and len(taken) < 2:
            taken.append(key)
            if len(taken) == 2:  # the first removes a probe
                bucket.objects[lock] = b'{"token": "of another"}'

    bucket.fault = take_over
    with pytest.raises(BusyError, match="taken over by another run"):
        remove_store(copied)
    bucket.fault = lambda method, key: None
    assert bucket.objects[lock] == b'{"token": "of another"}'
    assert {"q/small.zarr/zarr.json", "q/small.zarr/FASER2/counts/c.0.0.0.0.0"} <= {*bucket.objects}


def test_what_a_killed_removal_has_left_is_removed_by_the_next(small, tmp_path, monkeypatch):
    place = shutil.copytree(small, tmp_path / "a[1].zarr")
    others = [tmp_path / name for name in (
        ".a1.zarr.0123456789abcdef0123456789abcdef.removed", ".a[1].zarr.mine.removed", ".a[1].zarr.removed",
    )]  # fmt: skip
    for other in others:
        other.mkdir()

    def killed(path):
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            remove_store(place)
    assert len(list(tmp_path.iterdir())) == len(others) + 1
    assert not place.exists()
    remove_store(place)
    assert sorted(tmp_path.iterdir()) == sorted(others)
    remove_store(tmp_path / "nowhere" / "a.zarr")


def test_a_link_to_a_store_is_not_removed(small, tmp_path):
    place, link = shutil.copytree(small, tmp_path / "a.zarr"), tmp_path / "b.zarr"
    link.symlink_to(place)
    before = toys.tree(tmp_path)
    with pytest.raises(
        InputError, match=r"it is a link; remove the store where it lies, in .*a\.zarr"
    ):
        remove_store(link)
    assert link.is_symlink()
    assert toys.tree(tmp_path) == before


# ---- the queue ---------------------------------------------------------------------------------


@pytest.fixture
def ledger(tmp_path):
    found = Ledger(tmp_path / "ledger.sqlite", writable=True, create=True)
    assert found.take(found.lease(), lease.this_process())
    spec = json.dumps(ScanSpec(toys.SMALL).canonical())
    found.add("me", id="a-1", name="small", uid=0, owner="me", priority=0, state="queued", spec=spec,
              store=PLACE, submitted=0.0)  # fmt: skip
    yield found
    found.close()


@pytest.fixture
def opener(tmp_path):
    return ScanOpener(tmp_path)


def asked(store, uid):
    content = {"spec": ScanSpec(toys.SMALL).canonical(), "store": store}
    return Request("submit", "a-1", uid, content, Path("x.json"))


def test_an_address_may_be_submitted_by_the_services_user(opener, spectra):
    assert opener.check(asked(PLACE, os.getuid()))["store"] == PLACE
    with pytest.raises(QueueError, match="leave out --store"):
        opener.check(asked(PLACE, 65534))
    for wrong, words in (("s3://scans", "no address"), ("s3:/k:x@scans/x", "absolute path")):
        with pytest.raises(QueueError, match=words):
            opener.check(asked(wrong, os.getuid()))


def test_a_queue_fills_a_store_in_a_bucket(bucket, small, tmp_path, cli, address):
    home = tmp_path / "queue"
    spec = toys.write_spec(tmp_path / "small.yaml", **toys.SMALL)
    status, id, err = cli("submit", spec, "--store", PLACE, "--queue", home)
    assert status == 0, err
    words = ("serve", "--queue", home, "--cluster", address, "--until-empty")
    assert cli(*words)[0] == 0
    said = json.loads(cli("status", id.strip(), "--queue", home, "--json")[1])
    assert (said["state"], said["store"]) == ("done", PLACE)
    assert len(Store(PLACE).blocks(DONE)) == 5
    stored = {k: v for k, v in bucket.below("q/small.zarr").items() if "/c." in k and "counts" in k}
    assert stored.items() <= toys.tree(small).items()
    assert stored
    assert cli("remove", id.strip(), "--store", "--yes", "--queue", home)[0] == 0
    assert cli(*words)[0] == 0
    assert not bucket.objects


def test_the_next_service_takes_the_lease_of_one_that_was_killed_at_once(
    bucket, ledger, opener, monkeypatch
):
    monkeypatch.setattr(leases, "SECONDS", 1000.0)
    monkeypatch.setattr("scanner.scans.job.MARK_SECONDS", 0)  # each block is recorded at once
    first, second = {}, {}
    monkeypatch.setattr(leases, "_held", first)
    scan = ledger.scan("a-1", whole=True)
    late = opener.open(scan, ledger)
    (block, *_) = late.waiting()
    monkeypatch.setattr(leases, "_held", second)
    with pytest.raises(NotYetError, match="being filled by another run"):
        opener.open(scan, ledger)  # the same token
    next_one = Ledger(ledger.path, writable=True)
    assert next_one.take(next_one.lease(), lease.this_process())
    job = opener.open(scan, next_one)
    monkeypatch.setattr(leases, "_held", first)
    with pytest.raises(FencedError):
        late.done(block)
    with pytest.raises(
        BusyError, match="taken over by another run"
    ):  # though its ledger were silent
        late._opened.mark([block], DONE)
    late._ended[DONE].clear()
    late.close()
    monkeypatch.setattr(leases, "_held", second)
    job.close()
    opener.remove(scan, next_one)
    assert not bucket.objects
    next_one.close()


def test_a_lease_that_may_be_void_keeps_no_service_waiting(bucket, ledger, opener, monkeypatch):
    filled()
    monkeypatch.setattr(leases.Lease, "give_back", lambda self: None)
    monkeypatch.setattr(leases.Lease, "renew", lambda self: None)
    with Store(PLACE, writable=True).locked("killed"):
        pass
    scan, slept = ledger.scan("a-1", whole=True), []
    monkeypatch.setattr(leases.time, "sleep", slept.append)
    with pytest.raises(NotYetError, match="being filled by another run"):
        opener.open(scan, ledger)
    place = store_path(PLACE) / leases.LOCK
    etag, since = leases._seen[place]
    leases._seen[place] = etag, since - 1.0
    opener.open(scan, ledger).close()
    assert slept == []


def test_a_bucket_that_is_away_ends_no_scan_of_the_queue(bucket, ledger, opener):
    scan = ledger.scan("a-1", whole=True)
    bucket.fault = lambda method, key: 503
    with pytest.raises(NotYetError, match="fails") as error:
        opener.open(scan, ledger)
    assert toys.one_sentence(str(error.value))
    with pytest.raises(QueueError, match="cannot be removed"):
        opener.remove(scan, ledger)
    bucket.fault = lambda method, key: 403
    with pytest.raises(QueueError, match="does not allow it"):
        opener.open(scan, ledger)
    bucket.fault = lambda method, key: None
    job = opener.open(scan, ledger)
    assert objects._server() in objects._ANSWERED
    job.gave_up(objects.ServerFaultError("away"))
    assert job.may_pass()
    assert objects._server() not in objects._ANSWERED, "it is waited for as long as ever"
    job.close()


def test_a_renewal_that_hangs_keeps_nobody_waiting(bucket, monkeypatch):
    answered, ended = threading.Event(), []

    def renew(self):
        answered.wait(10)
        ended.append(self)

    monkeypatch.setattr(leases.Lease, "renew", renew)
    monkeypatch.setattr(leases, "ENDING", 0.01)
    try:
        with filled().locked():
            pass
        with Store(PLACE, writable=True).locked():
            pass
        assert not ended
    finally:
        answered.set()


# ---- the landscape -----------------------------------------------------------------------------


def test_a_landscape_of_a_bucket(bucket, spectra, tmp_path):
    change = ("experiments=[FACET]", "axes.generator=[toy]", "axes.flavor=[e]", "axes.d_gamma.num=21",
              "axes.m_N={start: 0.01, stop: 1.0, num: 3}", "sampling={points: 64, replicas: 2}")  # fmt: skip
    here = toys.fill(landscape_spec(overrides=change).canonical(), tmp_path / "a.zarr").path
    put(bucket, here, "a.zarr")
    both = [
        landscape(store=place, overrides=change, compute=compute)
        for place, compute in (
            (here, False),
            ("s3://scans/a.zarr", False),
            ("s3://scans/a.zarr", True),
        )
    ]
    assert both[0].table() == both[1].table() == both[2].table()


def test_an_archive_in_a_bucket_is_none(bucket, small, tmp_path):
    archive(small, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as whole:
        assert whole.testzip() is None
    bucket.objects["a.zip"] = (tmp_path / "a.zip").read_bytes()
    with pytest.raises(InputError, match="no store at") as error:
        archive("s3://scans/a.zip", tmp_path / "b.zip")
    assert toys.one_sentence(str(error.value))
