"""Numbers in words: the largest unit that suits, at the ends of each."""

import pytest

from schedulers.words import about, duration, one_line, percent, rate, size


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
        (0, "under a second"),
        (0.8, "about 1 second"),
        (19.4, "about 19 seconds"),
        (26.4, "about 26 seconds"),
        (56, "about 55 seconds"),
        (75.9, "about 75 seconds"),
        (80, "about 1.5 minutes"),
        (120, "about 2 minutes"),
        (4500, "about 75 minutes"),
        (7200, "about 2 hours"),
        (86400, "about 24 hours"),
        (172800, "about 2 days"),
        (864000, "about 10 days"),
        (3.2e8, "about 3,705 days"),
    ],
)
def test_about(seconds, words):
    assert about(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (0.36, "0.36"),
        (99.6, "100"),
        (12_345, "12,000"),
        (999_999, "1 million"),
        (2.34e8, "230 million"),
    ],
)
def test_rate(number, words):
    assert rate(number) == words


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
