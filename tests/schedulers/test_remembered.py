"""Files are read once, and again when they change."""

import os

from schedulers import inbox, report
from schedulers.remembered import Remembered


def test_a_file_is_read_once_until_it_changes(tmp_path):
    read = []
    known = Remembered(lambda path: read.append(path.name) or path.read_text())
    paths = [tmp_path / name for name in ("a", "b")]
    for path in paths:
        path.write_text("1")
    assert [known.of(paths) for _ in range(3)] == [["1", "1"]] * 3
    assert read == ["a", "b"]
    new = tmp_path / "new"
    new.write_text("2")
    os.utime(new, ns=(0, paths[0].stat().st_mtime_ns))
    new.replace(paths[0])  # of the same size and time
    assert known.of(paths) == ["2", "1"]
    paths[1].unlink()
    assert known.of(paths) == ["2"]
    assert read == ["a", "b", "a"]
    assert len(known._known) == 1


def test_the_page_reads_each_request_once(tmp_path, monkeypatch):
    inbox.make_folders(tmp_path)
    for i in range(5):
        inbox.put(tmp_path, "submit", f"a-{i}", spec={"big": "x" * 1000})
    (tmp_path / "inbox" / "broken.json").write_text("{")
    read = []
    real = inbox.read
    monkeypatch.setattr(inbox, "read", lambda path: read.append(path) or real(path))
    for _ in range(3):
        found = report.pending(tmp_path)
        assert sorted(request.id for request in found) == [f"a-{i}" for i in range(5)]
    assert len(read) == 6
    assert all(request.content == {} for request in found)
