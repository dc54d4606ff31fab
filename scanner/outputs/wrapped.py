"""Words in lines that are no wider than there is room for, measured in the font in which they are drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import TextToPath

_WORD = re.compile(
    r"(?:(?<!\\)\$(?:[^$\\]|\\.)*\$|\S)+"
)  # what lies between dollars stays together
DOTS, LINE = "...", 1.25  # what is left out; height of a line over the size of its letters
LEAST = 20.0  # points: a panel that is narrower has no room for words


def in_lines(words: str, room: float, font: FontProperties) -> str:
    """Words in lines that are no wider than some points; a word that is wider by itself is broken.

    Parameters
    ----------
    words : str
        With mathematics between dollars.
    room : float
        Points.
    font : matplotlib.font_manager.FontProperties
        With its size.
    """
    fonts = (*mpl.rcParams["font.serif"], mpl.rcParams["mathtext.fontset"])
    return _in_lines(words, round(room, 1), font, fonts)


@lru_cache(maxsize=256)
def _in_lines(words: str, room: float, font: FontProperties, fonts: tuple[str, ...]) -> str:
    measure = TextToPath().get_text_width_height_descent

    def wide(word: str) -> float:
        math = len(re.findall(r"(?<!\\)\$", word)) % 2 == 0 and "$" in word
        return float(measure(word, font, ismath=math)[0])

    gap = wide("a b") - wide("ab")
    lines: list[list[str]] = [[]]
    left = room
    for word in _WORD.findall(words):
        for part in _parts(word, room, wide):
            needs = wide(part) + gap
            if lines[-1] and needs > left:
                lines.append([])
                left = room
            lines[-1].append(part)
            left -= needs
    return "\n".join(" ".join(line) for line in lines)


def _parts(word: str, room: float, wide: Callable[[str], float]) -> list[str]:
    """A word in parts that fit, broken behind a hyphen where there is one."""
    found = []
    while "$" not in word and len(word) > 1 and wide(word) > room:
        most = next((n for n in range(len(word) - 1, 1, -1) if wide(word[:n]) <= room), 1)
        hyphen = max(word.rfind(sign, 0, most) for sign in "-_/") + 1
        most = hyphen if hyphen > most // 2 else most
        found.append(word[:most])
        word = word[most:]
    return [*found, word]


class Wrapped(Text):
    """A text of a panel in lines that are no wider than it, whenever it is drawn.

    Made of a text that is there already, by :func:`wrap`. Above a panel of a figure without a layout, what is higher
    than the room there ends with three dots.
    """

    def _get_wrapped_text(self) -> str:
        ax, figure = cast(Axes, self.axes), self.get_figure(root=True)
        assert figure is not None
        point = figure.dpi / 72
        room = ax.bbox.width / point
        if room < LEAST or self.get_usetex():
            return self.get_text()
        font = self.get_fontproperties()
        found = [
            line
            for one in self.get_text().split("\n")
            for line in in_lines(one, room, font).split("\n")
        ]
        above = (figure.bbox.height - ax.bbox.y1) / point - mpl.rcParams["axes.titlepad"]
        most = max(1, int(above / (LINE * float(self.get_fontsize()))))
        if (
            self in (ax.title, *_sides(ax))
            and figure.get_layout_engine() is None
            and len(found) > most
        ):
            dots = in_lines(f"{found[most - 1]} {DOTS}", room, font)
            found[most - 1 :] = [_shorter(dots) if "\n" in dots else dots]
        return "\n".join(found)


def _shorter(lines: str) -> str:
    """A line without its last word, for three dots."""
    first = lines.split("\n")[0]
    words = _WORD.findall(first)
    return " ".join([*words[:-1], DOTS]) if len(words) > 1 else first[: -len(DOTS)] + DOTS


def _sides(ax: Axes) -> tuple[Text, ...]:
    """Titles of a panel that stand at its sides."""
    return tuple(getattr(ax, name) for name in ("_left_title", "_right_title"))


def wrap(text: Text) -> None:
    """Make a text of a panel one whose lines are no wider than the panel."""
    text.__class__ = Wrapped
