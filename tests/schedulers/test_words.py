"""Numbers in words: the largest unit that suits, at the ends of each."""

import pytest

from schedulers.words import duration, one_line, percent, rounded_duration, size


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 bytes"),
        (1, "1 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (999_000, "999 kB"),
        (10**6, "1 MB"),
        (1.5e9, "1.5 GB"),
        (2e12, "2 TB"),
        (3e15, "3e+03 TB"),  # the largest
    ],
)
def test_size(number, words):
    assert size(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (7199, "120 minutes"),
        (7200, "2 hours"),
        (86400, "24 hours"),
        (172799, "48 hours"),
        (172800, "2 days"),
        (864000, "10 days"),
    ],
)
def test_rounded_duration(seconds, words):
    assert rounded_duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (59.6, "1 min"),
        (3600, "1 h"),
        (3601, "1 h"),  # of the two largest units the second is none
        (86400 + 59, "1 d"),
        (90061, "1 d 1 h"),
    ],
)
def test_duration(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("done", "all", "words"), [(1, 3, "33 %"), (1999, 2000, "99 %"), (5, 5, "100 %"), (0, 0, "")]
)
def test_percent(done, all, words):
    assert percent(done, all) == words


def test_one_line():
    assert one_line(ValueError(" a\n\tb ")) == "a b"
    assert one_line("abc def", 5) == "abc d"
