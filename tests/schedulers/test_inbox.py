"""The inbox: whatever lies there, reading it gives a request or one clear sentence, and nothing is executed."""

import json
import os
import stat
from pathlib import Path

import pytest
import toys
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedulers import inbox
from schedulers.errors import QueueError

GOOD = {"format": 1, "request": "submit", "id": "a-1", "spec": {}, "priority": 3}


@pytest.fixture
def home(tmp_path):
    inbox.make_folders(tmp_path / "queue")
    return tmp_path / "queue"


def placed(home, content, name="x.json"):
    path = home / "inbox" / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def refused(path):
    """Why a file is no request: one sentence."""
    with pytest.raises(QueueError) as error:
        inbox.read(path)
    assert toys.one_sentence(str(error.value))
    return str(error.value)


def test_a_request_comes_through(home):
    path = inbox.put(home, "submit", "a-1", spec={"x": [1.5, float("inf")]}, priority=3)
    assert inbox.waiting(home) == [path]
    request = inbox.read(path)
    assert (request.what, request.id, request.uid) == ("submit", "a-1", os.getuid())
    assert request.content == {"spec": {"x": [1.5, float("inf")]}, "priority": 3}
    assert request.time == path.stat().st_mtime
    assert request.who == inbox.user_name(os.getuid())
    inbox.accept(path)
    assert inbox.waiting(home) == []
    (kept,) = inbox.accepted(home)
    assert inbox.read(kept).content == request.content
    inbox.forget_accepted(home, [kept])
    assert inbox.accepted(home) == []


def test_requests_in_the_order_of_their_coming(home):
    paths = [inbox.put(home, "cancel", f"a-{i}") for i in range(9)]
    for i, path in enumerate(paths):
        os.utime(path, ns=(0, 10**18 + i))
    assert inbox.waiting(home) == paths


def test_half_a_request_is_not_seen(home):
    (home / "inbox" / "x.json.part").write_text("{")
    assert inbox.waiting(home) == []


@pytest.mark.parametrize("shared", [True, False])
def test_a_request_can_be_read_by_the_service_of_another_if_that_is_wanted(home, shared):
    inbox.make_folders(home, shared)
    before = os.umask(0o077 if shared else 0)
    try:
        path = inbox.put(home, "cancel", "a-1")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == (0o644 if shared else 0o600)


@pytest.mark.parametrize("umask", [0o022, 0o077])
@pytest.mark.parametrize("shared", [False, True])
def test_folders(tmp_path, shared, umask):
    before = os.umask(umask)
    try:
        inbox.make_folders(tmp_path / "q", shared)
    finally:
        os.umask(before)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "q").iterdir()}
    if shared:
        open_to_read = ("accepted", "refused", "results", "logs")
        assert modes == {"inbox": 0o1777, **dict.fromkeys(open_to_read, 0o755)}
        assert stat.S_IMODE((tmp_path / "q").stat().st_mode) == 0o755
    else:
        assert set(modes.values()) == {0o700}


def test_no_queue(tmp_path):
    with pytest.raises(QueueError, match="inbox cannot be written"):
        inbox.put(tmp_path / "nothing", "cancel", "a-1")
    (tmp_path / "file").touch()
    with pytest.raises(QueueError, match="no queue can be made at"):
        inbox.make_folders(tmp_path / "file")


def test_a_request_that_is_too_large_is_not_written(home):
    with pytest.raises(QueueError, match="larger than 8 MB"):
        inbox.put(home, "submit", "a-1", spec="x" * 9_000_000)
    assert list((home / "inbox").iterdir()) == []


# ---- what is none ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe", b"\0" * 100, b"[]", b"null", b"1", b'"x"', b"[" * 100_000,
        b'{"a":' * 100_000, b"!!python/object/apply:os.system ['touch /tmp/x']", b"1" * 10_000,
        b"__import__('os').system('touch x')",
    ],
)  # fmt: skip
def test_content_that_is_none(home, content):
    refused(placed(home, content))


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2}, {"format": None}, {"format": [1]}, {"request": "run"}, {"request": ["submit"]},
        {"request": {}}, {"request": None}, {"request": "__init__"}, {"request": "take"}, {"id": None},
        {"id": 1}, {"id": ""}, {"id": "../../x"}, {"id": "a/b"}, {"id": ".hidden"}, {"id": "-x"},
        {"id": "a\n"}, {"id": "a\0"}, {"id": "a b"}, {"id": "x" * 122}, {"id": "\x1b[31mred"},
        {"id": "<script>"}, {"id": "ä"}, {"id": "a';DROP TABLE scans;--"}, {"id": ["a"]},
    ],
)  # fmt: skip
def test_wrong_fields(home, changes):
    refused(placed(home, GOOD | changes))
    assert inbox.read(placed(home, GOOD)).id == "a-1"


@pytest.mark.parametrize("inner", [False, True])
def test_a_key_that_stands_twice(home, inner):
    """The last one would count without a word: another priority, another axis."""
    twice = '{"a": 1, "b": 2, "a": 3}'
    text = (
        json.dumps({**GOOD, "spec": 0}).replace('"spec": 0', f'"spec": {twice}') if inner else twice
    )
    assert refused(placed(home, text.encode())) == "the key 'a' stands twice; remove one of them"


def test_a_huge_file_is_not_read(home):
    path = placed(home, b"")
    with path.open("wb") as stream:
        stream.truncate(2**40)
    assert "larger than 8 MB" in refused(path)


def test_files_that_are_not_plain(home, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(json.dumps(GOOD))
    folder = home / "inbox"
    (folder / "symlink.json").symlink_to(secret)
    (folder / "dangling.json").symlink_to(tmp_path / "nothing")
    os.link(secret, folder / "hardlink.json")
    os.mkfifo(folder / "fifo.json")
    (folder / "folder.json").mkdir()
    (folder / "folder.json" / "inside").touch()
    paths = inbox.waiting(home)
    assert len(paths) == 5
    for path in paths:
        inbox.refuse(path, refused(path))
    assert inbox.waiting(home) == []
    assert len(inbox.refusals(home)) == 5
    assert secret.read_text() == json.dumps(GOOD)
    assert "cannot be read" in refused(folder / "gone.json")


@pytest.mark.parametrize(
    "name", ["a\nb.json", "\x1b]0;title\x07.json", "<b>.json", "ä.json", b"\xff.json".decode("utf8", "surrogateescape"),
             "x" * 250 + ".json", "-rf.json", "..json"],
)  # fmt: skip
def test_names_of_files_are_made_harmless(home, name):
    path = placed(home, b"{", name)
    inbox.refuse(path, "it\x1b[31m is\nno\ud800 request ä" + "x" * 9999)
    ((kept, reason),) = inbox.refusals(home)
    assert (kept + reason).isascii()
    assert (kept + reason).isprintable()
    assert reason.startswith("it?[31m is no? request ?xxx")
    assert len(reason) == 1000
    assert (home / "refused" / kept).read_bytes() == b"{"
    assert inbox.waiting(home) == []


def test_what_is_gone_already(home):
    inbox.refuse(home / "inbox" / "gone.json", "it was not there")
    inbox.accept(home / "inbox" / "gone.json")
    assert inbox.refusals(home) == []
    assert inbox.accepted(home) == []


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
requests = st.fixed_dictionaries(
    {},
    optional={
        "format": st.just(1) | values, "request": st.sampled_from(inbox.REQUESTS) | values,
        "id": st.just("a-1") | values, "spec": values,
    },
)  # fmt: skip


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(content=st.binary(max_size=200) | (requests | values).map(lambda v: json.dumps(v).encode()))
def test_anything(home, content):
    path = placed(home, content)
    try:
        request = inbox.read(path)
    except QueueError:
        refused(path)
        return
    assert request.what in inbox.REQUESTS
    assert Path(request.id).name == request.id


def test_a_clock_that_was_set_back_hides_no_scan(tmp_path):
    """A request about a scan is read after the one that submits it, whatever the files' times."""
    inbox.make_folders(tmp_path)
    first = inbox.put(tmp_path, "submit", "toy-1")
    second = inbox.put(tmp_path, "cancel", "toy-1")
    os.utime(second, (1, 1))
    assert inbox.waiting(tmp_path) == [first, second]
