"""Files that appear whole or not at all, whatever their writer does."""

import pytest

from schedulers.whole import whole_file


@pytest.fixture
def place(tmp_path):
    return tmp_path / "a.json"


def names(place):
    return sorted(path.name for path in place.parent.iterdir())


@pytest.mark.parametrize("before", [None, "old"])
def test_a_file_is_there_at_the_end_only(place, before):
    if before:
        place.write_text(before)
    with whole_file(place) as part:
        part.write_text("ne")
        assert part.parent == place.parent  # on one file system
        assert not place.exists() if before is None else place.read_text() == before
        part.write_text("new")
    assert (place.read_text(), names(place)) == ("new", ["a.json"])


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("begun", [True, False])
def test_an_error_leaves_the_older_file(place, error, begun):
    place.write_text("old")

    def write():
        with whole_file(place) as part:
            if begun:
                part.write_text("ne")
            raise error

    with pytest.raises(error):
        write()
    assert (place.read_text(), names(place)) == ("old", ["a.json"])


def test_what_was_left_half_written_is_not_taken(place):
    with whole_file(place) as part:
        left = part
        part.touch()
    left.write_text("what a killed writer left")
    with whole_file(place) as part:
        assert part == left
        with part.open("x") as stream:
            stream.write("new")
    assert (place.read_text(), names(place)) == ("new", ["a.json"])


def test_two_writers(place):
    with whole_file(place, "1") as one, whole_file(place, "2") as two:
        one.write_text("1")
        two.write_text("2")
    assert (place.read_text(), names(place)) == ("1", ["a.json"])  # the last to end


def test_what_is_written_has_no_name_of_a_request(place):
    with whole_file(place) as part:
        part.touch()
        assert list(place.parent.glob("*.json")) == []


def test_no_place(place):
    with pytest.raises(FileNotFoundError), whole_file(place.parent / "none" / "a") as part:
        part.write_text("")
