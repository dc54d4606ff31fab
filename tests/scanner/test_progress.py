"""Progress where no terminal is: a line for each tenth, and now and then where that takes long."""

from types import SimpleNamespace

from scanner.cli import _progress
from scanner.cli._progress import Shown


def test_a_scan_of_very_many_blocks_is_not_silent(monkeypatch, capsys):
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(_progress, "time", SimpleNamespace(monotonic=lambda: clock.now))
    with Shown("long", quiet=False) as shown:
        for done in (0, 10, 6712, 6712, 20_000, 20_001):
            shown.set(done, 200_000, 0)
            clock.now += _progress.WORD_SECONDS if done == 10 else 1
            clock.now += 1
        clock.now += _progress.WORD_SECONDS
        shown.set(20_001, 200_000, 0)
        shown.set(20_001, 200_000, 0)
    lines = capsys.readouterr().err.split()  # older versions of rich end with empty lines
    assert lines[::2] == ["0/200,000", "6,712/200,000", "20,000/200,000", "20,001/200,000"]
