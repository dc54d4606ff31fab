"""Pictures that say what they are: shortly below the panels, and in full in the file's metadata."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from scanner.outputs.dark import LOW_TEXT, ground_of, suit_figure, suited
from scanner.outputs.region_names import Names
from scanner.outputs.typeset import in_sentence, in_type
from scanner.outputs.wrapped import in_lines
from scanner.queries.about import About
from scanner.queries.citations import keys_in
from scanner.queries.published import PublishedLimit
from scanner.scans.fingerprint import code_version

NOTE_SIZE = 6.0  # points
WARNING = "#B00020"  # colour of the note of what is not complete
NOTE_MARGIN = 0.01  # of the width of the figure, on both sides of the note
MOST_ROUNDS = 4
NOTE_LINE = 1.25  # height of a line over the size of its letters


class Documented(Figure):
    """A figure that says what it is.

    Parameters
    ----------
    about : About, optional
        What it says; it can be told later, before it is saved.
    **options
        As of :class:`matplotlib.figure.Figure`.
    """

    def __init__(self, about: About | None = None, **options: Any):
        super().__init__(**options)
        self.about: About | None = None
        self._told = 0.0
        self._rows: dict[float, float] = {}
        self._settled = self._only_laid_out = False
        self._ground: tuple[float, float, float] | None = None
        if about is not None:
            self.tell(about)

    def tell(self, about: About) -> None:
        """Write it below the panels, and remember it for the file."""
        self.about = about
        self._write("")

    def _write(self, key: str) -> None:
        about = self.about
        if about is None:
            return
        size, color = (NOTE_SIZE, "0.35") if about.complete else (1.25 * NOTE_SIZE, WARNING)
        room = (1 - 2 * NOTE_MARGIN) * float(self.get_size_inches()[0]) * 72 - size
        words = in_lines(f"{key}{assumed(about)}", room, FontProperties(size=size))
        shown = suited(color, self._ground or ground_of(self), LOW_TEXT)
        self.supxlabel(words, x=NOTE_MARGIN, ha="left", fontsize=size, color=shown)
        height = NOTE_LINE * size * (words.count("\n") + 1) / 72
        self.grow(height - self._told)
        self._told = height

    def grow(self, height: float) -> None:
        """Make room for something below the panels [inches]."""
        self.set_figheight(float(self.get_size_inches()[1]) + height)

    def make_room(self, height: float, ax: Axes) -> None:
        """Make room below a row of panels, as much as the tallest thing there needs."""
        row = round(ax.get_position().y0, 3)
        more = max(0.0, height - self._rows.get(row, 0.0))
        self._rows[row] = self._rows.get(row, 0.0) + more
        self.grow(more)

    def suit(self) -> None:
        """Suit all that is drawn by now to the ground, once; what is drawn into it later is the user's."""
        if self._ground is None:
            self._ground = ground_of(self)
            suit_figure(self)

    def draw(self, renderer: RendererBase) -> None:
        """Draw it; names without room become numbers that the note explains, alike in all panels."""
        names = [a for ax in self.axes for a in ax.artists if isinstance(a, Names)]
        settled, self._settled = self._settled or not names, True
        if not settled:
            self._settle(names, renderer)
        if not self._only_laid_out:
            super().draw(renderer)
            return
        self._only_laid_out = False
        engine = self.get_layout_engine()
        if settled and engine is not None:
            engine.execute(self)
        for one in names:
            one.stays = not settled

    def save(self, stream: Any, **options: Any) -> None:
        """Write it, as ``savefig`` does, which draws a whole picture twice, and the first one only to lay it out."""
        tight = options.get("bbox_inches") or mpl.rcParams["savefig.bbox"]
        self._only_laid_out = self.get_layout_engine() is not None and tight is None
        try:
            self.savefig(stream, **options)
        finally:
            self._only_laid_out = False

    def _settle(self, names: Sequence[Names], renderer: RendererBase) -> None:
        """Explain in the note what has no room, until the room that the note takes changes nothing."""
        engine, told = self.get_layout_engine(), ""
        numbers: dict[str, int] = {}
        for _ in range(MOST_ROUNDS):
            if engine is not None:
                engine.execute(self)
            for one in names:
                one.place(renderer)
            left = dict.fromkeys(name for one in names for name in one.numbered)
            seen = {name for one in names for name in one.numbered if name in one.placed}
            for name in left:
                if name in seen:
                    numbers.setdefault(name, len(numbers) + 1)
            told_in_legend = [label for one in names for label in one.handles]
            absent = [
                n for n in left
                if n not in numbers and not any(label.startswith(f"{n},") for label in told_in_legend)
            ]  # fmt: skip
            key = ", ".join(f"{i} {name}" for name, i in numbers.items())
            if absent:
                of = f"name{'s' if len(absent) > 1 else ''} of {', '.join(absent)}"
                key = "; ".join([*([key] if key else []), f"no room for the {of}"])
            for one in names:
                one.given = dict(numbers)
                one.forced |= set(one.numbered)
            if key == told:
                break
            told = key
            self._write(f"In the panels: {key}. " if key else "")


def assumed(about: About) -> str:
    """What a picture assumes, in a short line; the file's metadata have all of it."""
    version = f"; dipolescan {code_version()}"
    words = " · ".join(line.replace(version, "").replace(", complete", "") for line in about.lines)
    return re.sub(r"(?<=flavor )\w+", lambda found: in_type(found[0]), in_sentence(words))


def metadata(about: About | None, kind: str) -> dict[str, Any]:
    """Metadata of a file of a figure, without dates: the same figure is the same file."""
    undated = {"png": "Software", "pdf": "CreationDate", "svg": "Date"}[kind]
    if about is None:
        return {undated: None}
    keys = list(about.data.get("citations", ()))
    words: dict[str, dict[str, Any]] = {
        "png": {"Description": about.text},
        "pdf": {"Subject": about.text, "Keywords": ", ".join(keys)},
        "svg": {"Description": about.text, "Keywords": keys},
    }
    return {undated: None, "Title": about.short, **words[kind]}


def keys_of(limits: Iterable[PublishedLimit]) -> tuple[str, ...]:
    """Citation keys of published limits that a picture shows, and of the collection that they are read from."""
    sources = [(limit.source, limit.collection) for limit in limits]
    return keys_in(*(s for s, _ in sources), *dict.fromkeys(c for _, c in sources))
