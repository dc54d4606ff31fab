"""What a submitted scan must be: data that makes a scan, or it is refused with one sentence; nothing is executed."""

import json
import os
from pathlib import Path

import pytest
import toys
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scanner.scans.submission
from scanner.scans.plan import make_plan
from scanner.scans.queued import ScanOpener
from scanner.scans.spec import ScanSpec, load_spec
from scanner.scans.submission import cost
from schedulers.errors import QueueError
from schedulers.inbox import Request

NOBODY = 65534


@pytest.fixture
def queue(tmp_path, monkeypatch, spectra):
    """The folder of a queue that is not there yet."""
    monkeypatch.setenv("DIPOLESCAN_QUEUE", str(tmp_path / "queue"))
    return tmp_path / "queue"


@pytest.fixture
def spec(tmp_path):
    return toys.write_spec(tmp_path / "toy.yaml")


def fails(cli, *words):
    """The one sentence of a command that fails."""
    status, out, err = cli(*words)
    assert (status, out) == (1, "")
    line = err.strip().removeprefix("Error: ")
    assert toys.one_sentence(line)
    return line


CANONICAL = ScanSpec(toys.SPEC).canonical()


def request(content, uid=None):
    return Request("submit", "a-1", os.getuid() if uid is None else uid, content, Path("x.json"))


@pytest.fixture(scope="module")
def opener(tmp_path_factory):
    return ScanOpener(tmp_path_factory.mktemp("queue"))


def refused(opener, content, uid=None):
    with pytest.raises(QueueError) as error:
        opener.check(request(content, uid))
    return str(error.value)


def test_a_good_request(opener):
    found = opener.check(request({"spec": CANONICAL, "priority": 2, "confirmed": False}))
    assert (found["name"], found["priority"]) == ("toy", 2)
    assert ScanSpec(json.loads(found["spec"])).canonical() == CANONICAL


@pytest.mark.parametrize("priority", ["1", 1.5, True, None, 101, -101, [1], {}, 10**30])
def test_priorities(opener, priority):
    assert "priority must be a whole number" in refused(
        opener, {"spec": CANONICAL, "priority": priority}
    )


@pytest.mark.parametrize("store", ["x.zarr", "../x", "", 1, ["/x"], "/x\0y", "~/x"])
def test_places(opener, store):
    assert "store must be an absolute path" in refused(opener, {"spec": CANONICAL, "store": store})
    assert "store must be an absolute path" in refused(
        opener, {"spec": CANONICAL, "store": store}, NOBODY
    )


def test_places_of_other_users(opener):
    for place in ("/etc/x.zarr", str(opener.results / "b.zarr"), str(opener.results / ".." / "x")):
        words = refused(opener, {"spec": CANONICAL, "store": place}, NOBODY)
        assert "leave out --store" in words
    found = opener.check(request({"spec": CANONICAL}, NOBODY))
    assert Path(found["store"]) == opener.results / "a-1.zarr"


@pytest.mark.parametrize(
    "experiments",
    [
        ["/etc/passwd"], "/etc/passwd", ["FASER2"], [], {}, None, 1, {"x": "/etc/passwd"},
        {"x": {"tag": "/etc/passwd"}}, {"x": None}, {"x": []}, {"x": {}}, {"../x": {"tag": "../x"}},
        {"x": {"__class__": "os.system"}},
    ],
)  # fmt: skip
def test_experiments_are_definitions_never_files(opener, experiments, monkeypatch):
    def forbidden(*_, **__):
        raise AssertionError("a file was opened")

    monkeypatch.setattr(Path, "open", forbidden)
    monkeypatch.setattr(Path, "read_text", forbidden)
    words = refused(opener, {"spec": CANONICAL | {"experiments": experiments}})
    assert toys.one_sentence(words)
    assert "root:" not in words


@pytest.mark.parametrize(
    "tag", ["../../x", "/abs", "a/b", "..", ".", "status", "", "zarr.json", "a\0b", "x\n"]
)
def test_labels_of_experiments_name_no_places(opener, tag):
    """They become folders of the store."""
    definition = next(iter(CANONICAL["experiments"].values()))
    spec = CANONICAL | {"experiments": {tag: definition | {"tag": tag}}}
    assert toys.one_sentence(refused(opener, {"spec": spec}))


def test_python_in_a_spec_file_is_not_executed(queue, cli, tmp_path):
    mark = tmp_path / "executed"
    path = tmp_path / "evil.yaml"
    path.write_text(f"!!python/object/apply:os.system ['touch {mark}']\n")
    assert "not valid YAML" in fails(cli, "submit", path)
    path.write_text(f"name: !!python/object/apply:os.system ['touch {mark}']\n")
    assert "not valid YAML" in fails(cli, "submit", path)
    toys.write_spec(path, name=f"$(touch {mark})")
    assert "name" in fails(cli, "submit", path)
    assert not mark.exists()
    assert not queue.exists()


# ---- very large scans ------------------------------------------------------------------------

TEN_BILLION = ["axes.m_N.num=60000", "axes.d_gamma.num=3000", "execution.block_size=100"]


def test_ten_billion_points_are_shown_and_must_be_confirmed(queue, cli, spec, opener):
    words = [w for o in TEN_BILLION for w in ("--set", o)]
    line = fails(cli, "submit", spec, *words)
    scan = load_spec(spec, TEN_BILLION)
    points = make_plan(scan).points
    assert points > 10**10
    assert f"{points:,} points" in line
    assert "CPU-hours" in line
    assert "GB before compression" in line
    assert "add --yes" in line
    assert not queue.exists()
    assert f"{points:,} points" in refused(opener, {"spec": scan.canonical()})
    assert "--yes" in refused(opener, {"spec": scan.canonical(), "confirmed": "yes"})
    assert opener.check(request({"spec": scan.canonical(), "confirmed": True}))
    assert cli("submit", spec, *words, "--yes")[0] == 0


def test_more_blocks_than_a_store_can_have(queue, cli, spec, opener, monkeypatch):
    """A scan whose list of values fits into a request stays below the real number."""
    line = fails(cli, "submit", spec, "--set", "axes.m_N.num=1000000", "--yes")
    assert "the request is larger than 8 MB; shorten its axes" in line
    monkeypatch.setattr(scanner.scans.submission, "MAX_BLOCKS", 9)
    assert fails(cli, "submit", spec, "--yes").startswith(
        "the scan has 10 blocks, more than the 9 "
    )
    assert "more than the 9" in refused(opener, {"spec": CANONICAL, "confirmed": True})


def test_what_a_small_scan_costs():
    assert cost(make_plan(ScanSpec(toys.SPEC))) == ""


# ---- anything --------------------------------------------------------------------------------

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["/etc/passwd", "../x", "\ud800", "dipole", "toy", "e", "1e400", 10**400])
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
places = [
    ("name",), ("description",), ("model",), ("experiments",), ("axes",), ("options",), ("channels",),
    ("sampling",), ("sampling", "points"), ("sampling", "replicas"), ("sampling", "seed"), ("execution",),
    ("axes", "m_N"), ("axes", "d_gamma"), ("axes", "flavor"), ("axes", "generator"), ("unknown",),
    *[("experiments", tag) for tag in CANONICAL["experiments"]],
    *[("experiments", "FACET", key) for key in CANONICAL["experiments"]["FACET"]],
    ("options", "nature"), ("options", "unknown"), ("execution", "block_size"), ("execution", "block_seconds"),
]  # fmt: skip


@settings(deadline=None, max_examples=400, suppress_health_check=list(HealthCheck))
@given(
    changes=st.lists(st.tuples(st.sampled_from(places), values), min_size=1, max_size=3),
    more=values,
)
def test_any_spec_is_accepted_or_refused_with_a_sentence(opener, changes, more):
    spec = json.loads(json.dumps(CANONICAL))
    for place, value in changes:
        inner = spec
        for key in place[:-1]:
            inner = inner[key] if isinstance(inner.get(key), dict) else inner.setdefault("x", {})
        inner[place[-1]] = value
    spec = json.loads(json.dumps(spec))
    for content in ({"spec": spec}, {"spec": more}, {"spec": CANONICAL, "more": more}):
        try:
            found = opener.check(request(content))
        except QueueError:
            assert "\n" not in refused(opener, content)
            continue
        scanned = ScanSpec(json.loads(found["spec"]))
        assert Path(found["store"]).parent == opener.results
        assert make_plan(scanned).number_of_blocks <= scanner.scans.submission.MAX_BLOCKS
