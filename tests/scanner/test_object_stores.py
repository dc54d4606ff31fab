"""Stores in a bucket: the same bytes and the same answers as on a disk, or a sentence."""

import os
import signal
import socket
import threading
import time
import warnings
from functools import partial
from pathlib import Path

import pytest
import s3_server
import toys

import scanner
from physics.errors import InputError
from physics.places import local_path
from scanner.cli.run import _summary_folder
from scanner.scans import leases, objects
from scanner.scans.addresses import Address, store_path
from scanner.scans.creation import open_or_create
from scanner.scans.lock import BusyError
from scanner.scans.opening import DamagedStoreError
from scanner.scans.plan import make_plan
from scanner.scans.record import DONE
from scanner.scans.spec import ScanSpec
from scanner.scans.store import Store
from scanner.scans.tables import all_resources
from scanner.scans.verify import verify
from scanner.scans.work import run_block

pytest.importorskip("obstore", reason="obstore is not installed")
WORDS = ("--experiment", "FASER2", "--flavor", "tau")


@pytest.fixture
def copied(bucket, small):
    """A finished store in the bucket."""
    for key, content in toys.tree(small).items():
        bucket.objects[f"a/small.zarr/{key}"] = content
    return store_path("s3://scans/a/small.zarr")


def data(files):
    """Contents of the files of blocks, by key."""
    names = {"counts", "total_counts", "relative_error", "table_error"}
    return {
        key: content
        for key, content in files.items()
        if key.split("/")[-1].startswith("c.") and key.split("/")[-2] in names
    }


def started(name="small.zarr", blocks=()):
    """A store in the bucket whose worker has finished some blocks that nobody recorded."""
    spec, path = ScanSpec(toys.SMALL), store_path(f"s3://scans/{name}")
    store = open_or_create(path, make_plan(spec), all_resources(spec))
    for number in blocks:
        run_block(str(path), store.identity, store.plan.blocks[number])
    return store


# ---- addresses -------------------------------------------------------------------------------


def test_an_address_has_names_like_a_path():
    found = store_path("s3://scans/2026/one.zarr/")
    assert (str(found), found.name, found.bucket, found.key) == (
        "s3://scans/2026/one.zarr", "one.zarr", "scans", "2026/one.zarr",
    )  # fmt: skip
    assert str(found / "zarr.json") == "s3://scans/2026/one.zarr/zarr.json"
    assert store_path(found) is found
    assert store_path(str(found.parent / "one.zarr")) == found


@pytest.mark.parametrize(
    "text",
    [
        "s3://", "s3://scans", "s3://scans/", "s3://scans/../x", "s3://scans/a//b", "s3://b/a#b",
        "s3://ab/x", "s3://Scans/x", "s3://my_scans/x", "s3://-scans/x", "s3://a..b/x", "s3://scans./x",
        f"s3://{64 * 'a'}/x",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InputError, match="is no address of a store") as error:
        store_path(text)
    assert toys.one_sentence(str(error.value))


@pytest.mark.parametrize(
    "text",
    [
        "s3://key:hidden@scans/x", "s3://scans/x?X-Amz-Signature=hidden", "s3://scans/x&x-amz-signature=hidden",
        "s3://AKIAX:ab/hidden@scans/x.zarr", "s3://AKIAX:hidden%2FX/x", "s3://AKIAX:hidden/x",
        "S3:/key:a/hidden@scans/x",
    ],
)  # fmt: skip
def test_a_secret_in_an_address_is_not_repeated(text, cli):
    with pytest.raises(InputError) as error:
        store_path(text)
    assert "hidden" not in str(error.value)
    assert toys.one_sentence(str(error.value))
    for words in (
        ("info", text),
        ("archive", text, "-o", "x.zip"),
        ("run", "quickstart", "--store", text),
    ):
        status, out, err = cli(*words)
        assert status in (1, 2)
        assert "hidden" not in out + err


@pytest.mark.parametrize(
    "text", ["s3://key:a/hidden@scans/x", "https://h/x?X-Amz-Signature=hidden"]
)
def test_a_secret_in_an_address_of_something_else_is_not_repeated(text, cli):
    for words in (("run", text), ("plan", text), ("export", "x.zarr", "-o", text)):
        status, out, err = cli(*words)
        assert status in (1, 2)
        assert "hidden" not in out + err, words


def test_an_address_is_never_taken_for_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Address("s3:", "scans", "x")
    for action in (place.mkdir, place.stat, place.unlink, place.open, partial(open, place)):
        with pytest.raises(InputError, match="path on a file system is needed"):
            action()
    with pytest.raises(InputError, match="path on a file system is needed"):
        local_path(place)
    assert not list(tmp_path.iterdir())


# ---- filling ---------------------------------------------------------------------------------


def test_a_run_stores_the_same_bytes_as_on_a_disk(bucket, small):
    result = scanner.run(ScanSpec(toys.SMALL), "s3://scans/b/small.zarr")
    stored = bucket.below("b/small.zarr")
    assert data(stored) == data(toys.tree(small))
    assert len(data(stored)) > 20
    assert result.computed == result.blocks
    assert str(result.store) == "s3://scans/b/small.zarr"
    assert not [key for key in stored if "probe" in key or "partial" in key]
    assert scanner.run(ScanSpec(toys.SMALL), "s3://scans/b/small.zarr").computed == 0
    secret = s3_server.SECRET.encode()
    assert not [key for key, content in stored.items() if secret in content]


def test_a_runner_that_was_killed_before_it_recorded(bucket, small):
    store = started(blocks=[0, 1, 3])
    assert len(Store(store.path).blocks(DONE)) == 0
    result = scanner.run(ScanSpec(toys.SMALL), store.path)
    assert result.computed == result.blocks
    assert data(bucket.below("small.zarr")) == data(toys.tree(small))


def test_recorded_blocks_are_not_computed_again(bucket, small):
    store = started(blocks=[0, 1])
    with store.locked():
        store.mark(list(store.plan.blocks)[:2], DONE)
    assert scanner.run(ScanSpec(toys.SMALL), store.path).computed == len(store.plan.blocks) - 2
    assert data(bucket.below("small.zarr")) == data(toys.tree(small))


def test_a_store_that_was_half_made_is_made_anew(bucket):
    def fault(method, key):
        return 500 if method == "PUT" and key.endswith("FACET/zarr.json") else None

    bucket.fault = fault
    with pytest.raises(InputError, match="fails"):
        started()
    assert bucket.below("small.zarr")
    assert "zarr.json" not in bucket.below("small.zarr")
    with pytest.raises(InputError, match="is not a store"):
        Store("s3://scans/small.zarr")
    bucket.fault = lambda method, key: None
    assert started().is_there()


def test_a_place_with_other_objects_is_refused(bucket):
    bucket.objects["small.zarr/letters.txt"] = b"mine"
    with pytest.raises(InputError, match="is not a store of dipolescan"):
        scanner.run(ScanSpec(toys.SMALL), "s3://scans/small.zarr")
    assert bucket.below("small.zarr") == {"letters.txt": b"mine"}


def test_two_makers_make_one_store(bucket):
    found, errors = [], []

    def make():
        try:
            found.append(started().identity)
        except InputError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found
    assert len(found) + len(errors) == 3
    assert {started().identity} == set(found)
    kept_out = ("filled by", "exists already")
    assert [words for words in errors if not any(each in words for each in kept_out)] == []


# ---- one runner fills a store ----------------------------------------------------------------


def test_a_second_runner_is_kept_out(bucket, monkeypatch):
    store = started()
    with store.locked(), monkeypatch.context() as other_process:
        other_process.setattr(leases, "_held", {})
        with pytest.raises(BusyError, match="being filled by another run"), store.locked():
            pass
    with store.locked():
        pass


def test_a_runner_that_was_superseded_records_nothing(bucket, monkeypatch):
    """It slept; the next one found its lease void, and the record is not what it wrote last."""
    late, next_one = started(blocks=[0]), started(blocks=[1])
    monkeypatch.setattr(leases.Lease, "renew", lambda self: None)
    first, second = {}, {}
    monkeypatch.setattr(leases, "_held", first)
    with late.locked():
        late.mark([late.plan.blocks[0]], DONE)
        monkeypatch.setattr(leases, "_held", second)
        with next_one.locked():
            next_one.mark([next_one.plan.blocks[1]], DONE)
            monkeypatch.setattr(leases, "_held", first)
            with pytest.raises(BusyError, match="taken over by another run"):
                late.mark([late.plan.blocks[2]], DONE)
            monkeypatch.setattr(leases, "_held", second)
        monkeypatch.setattr(leases, "_held", first)
    assert list(Store(late.path).blocks(DONE)) == list(late.plan.blocks)[:2]


def test_a_runner_that_is_slow_and_records_while_it_is_superseded(bucket, monkeypatch):
    """What it recorded between the look and the write of the next one is kept, and the next one goes on."""
    late, next_one = started(blocks=[0, 1]), started()
    monkeypatch.setattr(leases.Lease, "renew", lambda self: None)
    first, second = {}, {}
    monkeypatch.setattr(leases, "_held", first)
    with late.locked():
        late.mark([late.plan.blocks[0]], DONE)
        get, looks = objects.get, []

        def get_and_then(address):
            found = get(address)
            if address.name.startswith("c.") and not looks:
                looks.append(address)
                with monkeypatch.context() as other_process:
                    other_process.setattr(leases, "_held", first)
                    late.mark([late.plan.blocks[1]], DONE)
            return found

        monkeypatch.setattr(leases, "_held", second)
        monkeypatch.setattr(objects, "get", get_and_then)
        with next_one.locked():
            next_one.mark([next_one.plan.blocks[2]], DONE)
        assert looks
        monkeypatch.setattr(leases, "_held", first)
    assert list(Store(late.path).blocks(DONE)) == list(late.plan.blocks)[:3]


def test_a_lease_that_is_of_no_use_is_given_back(bucket, caplog):
    store = started(blocks=[0])
    with store.locked():
        store.mark([store.plan.blocks[0]], DONE)
    bucket.fault = lambda method, key: (
        403 if method == "PUT" and key.endswith("status/0/c.0.0") else None
    )
    with pytest.raises(InputError, match="does not allow it"), store.locked():
        pass
    bucket.fault = lambda method, key: None
    with store.locked():
        pass
    assert "was killed" not in caplog.text


def test_who_waits_for_a_void_lease_says_so(bucket, monkeypatch, caplog):
    store = started()
    monkeypatch.setattr(leases.Lease, "renew", lambda self: None)
    monkeypatch.setattr(leases.Lease, "give_back", lambda self: None)
    with store.locked():
        pass
    with store.locked():
        pass
    assert "this one begins if the other says nothing for" in caplog.text


def test_a_probe_disturbs_no_other_scan(bucket):
    """A record is written in the middle of a probe of another scan of this process."""
    bucket.marks = False
    store = started(blocks=[0, 1])
    with store.locked():
        store.mark([store.plan.blocks[0]], DONE)
        said = []

        def meanwhile(method, key):
            if method == "PUT" and "others/status/0/probe" in key:
                said.append(objects._WITHOUT_MARKS[objects._server()])

        bucket.fault = meanwhile
        objects.check_conditions(store_path("s3://scans/others"))
    assert len(said) > 2
    assert set(said) == {True}


def test_probes_of_runs_that_were_killed_are_swept(bucket):
    store = started()
    for name in ("old", "new"):
        bucket.objects[f"small.zarr/status/0/probe.{name}"] = b"0"
    bucket.old = {"small.zarr/status/0/probe.old"}
    with store.locked():
        assert [k for k in bucket.objects if "probe" in k] == ["small.zarr/status/0/probe.new"]


def test_nothing_is_recorded_without_the_lease(bucket):
    store = started(blocks=[0])
    with pytest.raises(BusyError, match="not being filled by this process"):
        store.mark([store.plan.blocks[0]], DONE)


def test_an_answer_that_was_lost_is_no_failure(bucket):
    """The server wrote, and the client, which did not hear of it, asks again."""
    place = store_path("s3://scans/x")
    etag = objects.put(place, b"1", objects.NEW)
    after = objects.put(place, b"2", etag)
    assert objects.put_once(place, b"2", etag) == after
    with pytest.raises(objects.ConditionError):
        objects.put_once(place, b"3", etag)


def test_a_server_that_wants_etags_without_marks(bucket):
    bucket.marks = False
    store = started(blocks=[0])
    with store.locked():
        store.mark([store.plan.blocks[0]], DONE)
    assert len(Store(store.path).blocks(DONE)) == 1


def test_a_server_without_conditions_is_refused(bucket):
    bucket.conditions = False
    with pytest.raises(InputError, match="ignores conditions of writes") as error:
        started()
    assert toys.one_sentence(str(error.value))
    assert not bucket.objects


# ---- what workers write ----------------------------------------------------------------------


def test_a_worker_does_not_fill_a_store_that_was_replaced(bucket):
    old = started()
    block = old.plan.blocks[0]
    run_block(str(old.path), old.identity, block)
    bucket.objects.clear()
    with pytest.raises(InputError, match="removed or replaced"):
        run_block(str(old.path), old.identity, old.plan.blocks[1])
    assert not bucket.objects
    started()
    with pytest.raises(InputError, match=r"removed or replaced|not the store"):
        run_block(str(old.path), old.identity, old.plan.blocks[1])
    assert not data(bucket.below("small.zarr"))


# ---- damage ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["missing", "altered"])
def test_damaged_blocks_are_found_and_computed_again(bucket, copied, small, how):
    key = sorted(data(bucket.below("a/small.zarr")))[0]
    raw = bucket.objects.pop(f"a/small.zarr/{key}")
    if how == "altered":
        bucket.objects[f"a/small.zarr/{key}"] = raw[:-1] + bytes([raw[-1] ^ 1])
    assert len(verify(copied, mark=False).damaged) == 1
    found = verify(copied)
    assert len(found.damaged) == 1
    assert found.checked == len(Store(copied).plan.blocks)
    assert scanner.run(ScanSpec(toys.SMALL), copied).computed == 1
    assert data(bucket.below("a/small.zarr")) == data(toys.tree(small))
    assert verify(copied).sound


@pytest.mark.parametrize("key", ["zarr.json", "FASER2/counts/zarr.json", "status/0/c.0.0"])
def test_descriptions_and_the_record_are_put_back(bucket, copied, small, key):
    del bucket.objects[f"a/small.zarr/{key}"]
    assert not verify(copied).sound
    assert verify(copied).sound
    assert len(Store(copied).blocks(DONE)) == len(Store(copied).plan.blocks)
    if key.endswith("zarr.json"):
        assert bucket.below("a/small.zarr")[key] == (small / key).read_bytes()


def test_what_else_is_asked_of_a_store_in_a_bucket_is_refused_in_its_words(cli):
    with pytest.raises(InputError, match="filled, verified, asked, archived and removed, nothing"):
        os.fspath(store_path("s3://scans/x.zarr"))
    status, _, err = cli("run", "s3://scans/x.yaml")
    assert status in (1, 2)
    assert "only stores may lie elsewhere" in err
    assert "is taken for" not in err


@pytest.mark.parametrize("status", [500, 403])
def test_a_server_that_fails_is_no_damage(bucket, copied, status):
    """An answer that does not come must never be taken for an object that is not there."""
    before = dict(bucket.objects)

    def only(method, key):
        return lambda m, k: status if m in method and k.endswith(key) else None

    for fault in (
        only(("GET", "HEAD"), "status/0/c.0.0"),
        only(("GET",), "status/0/copy"),
        only(("GET",), "digests/0/c.0.0.0.0"),
        only(("GET", "HEAD"), "FASER2/counts/c.0.0.0.0.0"),
        only(("GET",), "zarr.json"),
    ):
        bucket.fault = fault
        with pytest.raises(InputError) as error:
            verify(copied)
        assert not isinstance(error.value, DamagedStoreError)
        assert "damaged" not in str(error.value)
        assert toys.one_sentence(str(error.value))
    bucket.fault = lambda method, key: None
    changed = {k for k, v in bucket.objects.items() if before.get(k) != v}
    assert changed <= {"a/small.zarr/status/0/lock", "a/small.zarr/status/0/c.0.0"}
    assert verify(copied).sound


# ---- questions -------------------------------------------------------------------------------


def test_commands_say_the_same_as_of_a_store_on_a_disk(bucket, copied, small, cli):
    for words in (("reach", *WORDS), ("contour", *WORDS), ("verify", "--no-mark")):
        name, *more = words
        _, wanted, _ = cli(name, small, *more)
        status, out, err = cli(name, copied, *more)
        assert (status, toys.rows_of(out)) == (0, toys.rows_of(wanted)), err
    status, out, err = cli("info", copied)
    assert status == 0
    assert "s3://scans/a/small.zarr" in out
    assert s3_server.SECRET not in out + err


def test_what_a_page_looks_at_is_opened_again_when_it_was_filled_further(bucket):
    pytest.importorskip("bokeh", reason="bokeh is not installed")
    from scanner.explorer.watched import Watched

    store = started(blocks=[0, 1])
    with store.locked():
        store.mark(list(store.plan.blocks)[:1], DONE)
    page = Watched([str(store.path)])
    assert page.filling.startswith("1 of")
    with store.locked():
        assert page.refresh() == ""
        before = page.openings
        for name in ("lock", "probe.1"):  # no reason
            bucket.objects[f"small.zarr/status/0/{name}"] = b"changed"
        assert page.refresh() == ""
        assert page.openings == before
        store.mark(list(store.plan.blocks)[1:2], DONE)
    assert page.refresh() == ""
    assert (page.openings, page.filling[:4]) == (before + 1, "2 of")
    bucket.fault = lambda method, key: 503
    assert "cannot be read now" in page.refresh()
    bucket.fault = lambda method, key: None
    assert page.refresh() == ""
    bucket.objects.clear()
    assert page.refresh() == "There is no store at s3://scans/small.zarr any more."


def test_a_page_is_written_of_a_store_in_a_bucket(bucket, copied, cli, tmp_path):
    pytest.importorskip("bokeh", reason="bokeh is not installed")
    status, _, err = cli("explore", copied, "-o", tmp_path / "x.html")
    assert status == 0, err
    assert (tmp_path / "x.html").stat().st_size > 1000
    status, out, err = cli("cite", copied)
    assert status == 0, err
    assert "@" in out


def test_a_cube_is_the_same(bucket, copied, small):
    here, there = scanner.open_cube(small), scanner.open_cube(copied)
    assert there.drop_attrs().identical(here.drop_attrs())
    assert there.attrs["store"] == "s3://scans/a/small.zarr"


def test_a_file_that_is_sound_is_read_in_parts_then(bucket, copied):
    store = Store(copied)
    key = "FASER2/counts/c.0.0.0.0.0"
    whole = store._checked.content(key)
    bucket.asked.clear()
    assert store._checked.content(key, 10, 20) == whole[10:20]
    assert store._checked.content(key, -7) == whole[-7:]
    assert [method for method, _ in bucket.asked].count("GET") == 2


# ---- a server that is away for a while ---------------------------------------------------------


@pytest.mark.parametrize("how", ["fails", "refuses connections"])
def test_a_server_that_is_away_for_some_seconds(bucket, copied, monkeypatch, how):
    monkeypatch.setattr(objects, "TRYING", 20.0)
    end = time.monotonic() + 1.5  # s; a few tries at once after each other took less
    if how == "fails":
        bucket.fault = lambda method, key: 503 if time.monotonic() < end else None
        assert Store(copied).is_there()
        return
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    threading.Timer(1.5, s3_server.listen_too, (bucket, port)).start()
    assert Store(copied).is_there()
    bucket.second.shutdown()
    bucket.second.server_close()


def test_a_wrong_address_is_told_sooner_than_a_server_that_was_there(bucket, copied, monkeypatch):
    asked = []
    monkeypatch.setattr(objects, "_opened", lambda name, settings, trying: asked.append(trying))
    monkeypatch.setattr(objects, "TRYING", 60.0)
    objects._ANSWERED.clear()
    objects._bucket("scans")
    objects._ANSWERED.add(objects._server())
    objects._bucket("scans")
    assert asked == [objects.FIRST, objects.TRYING]


def test_a_block_is_tried_again_that_a_server_did_not_take(bucket, small):
    fails = []

    def fault(method, key):
        if method == "PUT" and "/counts/c." in key and len(fails) < 2:
            fails.append(key)
            return 503
        return None

    bucket.fault = fault
    result = scanner.run(ScanSpec(toys.SMALL), "s3://scans/small.zarr")
    assert len(fails) == 2
    assert result.computed == result.blocks
    assert data(bucket.below("small.zarr")) == data(toys.tree(small))


def test_a_server_that_refuses_ends_a_run(bucket):
    bucket.fault = lambda method, key: 403 if method == "PUT" and "/counts/c." in key else None
    with pytest.raises(InputError, match="does not allow it"):
        scanner.run(ScanSpec(toys.SMALL), "s3://scans/small.zarr")


def test_a_forked_process_is_told_that_it_cannot(bucket, copied):
    assert Store(copied).is_there()
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Python 3.12, which warns of forks beside threads
        child = os.fork()
    if not child:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(5)  # it would wait for ever
        try:
            objects.head(copied / "zarr.json")
        except BaseException as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as said:
        assert "start processes with spawn" in said.read()


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("http://[::1]:9000", True), ("http://my_minio:9000", True), ("https://h/", True), ("http://[::1", False),
        ("http://a b:9", False), ("http://:9", False), ("http://[a:b]:9", False), ("http://h:99999", False),
    ],
)  # fmt: skip
def test_addresses_of_servers(address, fits):
    assert objects._is_endpoint(address) is fits


# ---- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"AWS_ACCESS_KEY_ID": None}, "no credentials; set AWS_ACCESS_KEY_ID"),
        ({"AWS_ACCESS_KEY_ID": "OTHER"}, "does not know this AWS_ACCESS_KEY_ID"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "cannot be reached"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "AWS_ENDPOINT_URL"),
    ],
)
def test_errors_of_the_server_are_sentences(bucket, copied, cli, monkeypatch, changes, words):
    for name, value in changes.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    status, out, err = cli("reach", copied, *WORDS)
    assert status == 1
    assert words in err
    assert toys.one_sentence(err.strip()), err
    assert s3_server.SECRET not in out + err


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("s3://others/x.zarr", "no bucket 'others'"),
        ("s3://scans/x.zarr", "there is no store at s3://scans/x.zarr"),
        ("gs://scans/x.zarr", "is not on this machine"),
    ],
)
def test_where_there_is_no_store(bucket, cli, address, words):
    status, _, err = cli("info", address)
    assert status in (1, 2)
    assert words in err
    assert toys.one_sentence(err.strip().splitlines()[-1])


def test_the_extra_is_named_where_it_is_missing(monkeypatch, cli):
    monkeypatch.setitem(__import__("sys").modules, "obstore", None)
    status, _, err = cli("info", "s3://scans/x.zarr")
    assert status == 1
    assert "needs the extra 'objects'" in err


def test_what_the_documentation_says_of_patience():
    text = Path(__file__).parents[2].joinpath("docs", "scaling.md").read_text()
    assert f"tried again for {objects.TRYING:.0f} s, others for {objects.FIRST:.0f} s" in text
    assert f"not changed for {leases.SECONDS:.0f} s while another one watches" in text
    assert f"written anew every {leases.SECONDS / 3:.0f} s" in text


def test_a_summary_of_a_scan_in_a_bucket_lies_here():
    assert _summary_folder(store_path("s3://scans/c/small.zarr")) == Path("results", "small")
