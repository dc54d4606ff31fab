"""What a page shows as plain data: links there and back, and what of a link a cube can show."""

import math
from dataclasses import replace

import pytest

from physics.errors import InputError
from scanner.explorer.view import View, from_link
from scanner.explorer.watched import Watched

WHOLE = View(
    "toy:0123456789abcdef", ("FASER2", "a b&c=d"), {"flavor": "e", "a": math.inf, "delta": 0.1}, "cls",
    None, 0.9, 2.5, 4.0, 0.2, 3.7, (0.1, 1.23e-6),
)  # fmt: skip


def words(view):
    """The same with values of axes as a link has them."""
    return replace(view, axes={k: str(v) for k, v in view.axes.items()})


@pytest.mark.parametrize(
    "view", [View(), WHOLE, View(searches=()), replace(WHOLE, method="fixed-count", events=2.3)]
)
def test_a_link_restores_a_view(view):
    assert words(from_link(view.link())) == words(view)
    assert from_link(f"http://127.0.0.1:5016/?{view.link()}") == from_link(view.link())


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("nonsense", "has 'nonsense', which no view has"),
        ("colour=red", "has 'colour', which no view has"),
        ("events=1&events=2", "has events twice"),
        ("axis.a=1&axis.a=2", "has 'axis.a' twice"),
        ("events=many", "events in the link is 'many' and no number"),
        ("exposure=-1", "must be above zero"),
        ("exposure=inf", "must be above zero"),
        ("at=0.1", "the point in the link is ''"),
        ("at=1,2,3", "no number"),
        ("method=%ff", "cannot be read"),
        ("search=" + "x" * 30_000, "more than 20,000 characters"),
    ],
)
def test_what_is_no_link_is_told_in_a_sentence(link, said):
    with pytest.raises(InputError, match=said) as error:
        from_link(link)
    assert len(str(error.value)) < 300


def test_a_cube_says_what_of_a_link_it_has_not(small):
    cube = Watched([small])
    view, said = cube.fitted(View())
    assert said == []
    assert view.searches == ("FASER2", "FACET")
    assert view.axes == {"generator": "toy", "flavor": "e"}
    assert view.cube == cube.name
    assert cube.name.startswith("toy:")
    assert cube.fitted(from_link(view.link())) == (view, [])
    other, said = cube.fitted(
        View(
            "other:123", ("FACET", "MINE"), {"flavor": "charm", "a": "1"}, "guess", 5.0, exposure=2.0,
            at=(1e9, 1e-5),
        )
    )  # fmt: skip
    assert [sentence.split(";")[0] for sentence in said] == [
        "The link is of another cube, other:123",
        "This cube has no flavor 'charm'",
        "This cube has no axis 'a'.",
        "This cube has no search 'MINE'.",
        "There is no limit method 'guess'.",
        "events is nothing that the method of each search reads.",
        "The point of the link lies outside of this cube.",
    ]
    assert other == replace(view, searches=("FACET",), exposure=2.0)
