"""Names of regions and of lines in a panel, put where they cover nothing when the picture is drawn.

A name of a region lies inside it, where fewest other regions are, off all lines, legends and other names; a name of a
line lies beside it. Where there is no room it gets smaller or stands upright, and then is a number that the picture
explains below.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform

from physics.numerics.arrays import Array, Mask
from scanner.outputs.free_places import FINE, Raster
from scanner.outputs.typeset import letters

SIZES = ((1.0, 0), (0.875, 0), (1.0, 90), (0.75, 0), (0.875, 90), (0.75, 90))  # of the font; angle
SHORT = 3  # letters of a name that never stands upright
MARGINS = (3.0, 2.0, 1.0)  # points between a name and what it must not cover
FRAME = 2.0  # points from the frame
FARTHEST = 1e9  # pixels from a line, where there is none in the panel
BESIDE = 4.0  # points between a name and its line, at most
DARK = "0.25"


@dataclass(frozen=True, eq=False)
class Named:
    """What has a name in a panel.

    Attributes
    ----------
    name : str
    outlines : sequence of (n, 2) arrays
        Corners of a region, or points of lines, in data.
    region : bool
        Whether the name lies inside.
    color : color
        As matplotlib takes it.
    as_drawn : bool
        Whether the colour suits the ground already.
    """

    name: str
    outlines: Sequence[Array]
    region: bool = True
    color: Any = DARK
    as_drawn: bool = False


class Names(Artist):
    """The names of one panel.

    Attributes
    ----------
    named : list of Named
    texts : list of matplotlib.text.Text
        The names where they are drawn, since the panel was last drawn.
    given : dict
        Name to number, alike in all panels of a figure.
    forced : set
        Names that are numbers here.
    explained : bool
        Whether numbers are explained somewhere; without that there are none.
    new_numbers : bool
        Whether names may get a number that is not given yet.
    numbered : dict
        The same of all without room, since the panel was last drawn; a number that is nowhere has no room either.
    handles : dict
        Label to handle, of what a legend of the panel has beside its lines.
    legend : Legend, optional
        Of the product, in a panel of the user's.
    """

    def __init__(self, ax: Axes):
        super().__init__()
        self.set_zorder(4.5)
        self.set_in_layout(False)
        self.named: list[Named] = []
        self.texts: list[Text] = []
        self.placed: dict[str, Text] = {}
        self.given: dict[str, int] = {}
        self.forced: set[str] = set()
        self.numbered: dict[str, int] = {}
        self.handles: dict[str, Any] = {}
        self.legend: Artist | None = None
        self.suited: Callable[[Any], Any] = _same  # colours
        self.stays = False  # where it was placed, when it is drawn next
        self.explained = self.new_numbers = True
        self._size = mpl.rcParams["font.size"]
        self._family = mpl.rcParams["font.family"]
        ax.add_artist(self)
        self.set_clip_path(None)

    @allow_rasterization  # type: ignore[untyped-decorator]
    def draw(self, renderer: RendererBase) -> None:
        """Find places and draw the names there."""
        if not self.get_visible() or not self.named:
            return
        if not self.stays:
            self.place(renderer)
        self.stays = False
        for text in self.texts:
            text.draw(renderer)

    # ---- places ----------------------------------------------------------------------------------

    def place(self, renderer: RendererBase) -> None:
        """Find a place for each name, or a number for it."""
        ax = cast(Axes, self.axes)
        point = float(cast(float, renderer.points_to_pixels(1.0)))
        raster = Raster(ax.bbox.extents, FINE * point)
        unlike = list(dict.fromkeys(n.name for n in self.named))
        regions = [n for n in self.named if n.region]
        masks = {id(n): raster.inside([_pixels(ax, o) for o in n.outlines]) for n in regions}
        lines = {
            id(n): _drawn(raster, [_closed(_pixels(ax, o), n.region) for o in n.outlines])
            for n in self.named
        }
        covered = sum(
            (masks[id(n)].astype(float) for n in regions), np.zeros(raster.nothing().shape)
        )
        away = raster.away_from(self._lines(raster) | _any(raster, list(lines.values())))
        taken = self._boxes(raster, renderer)
        edge = int(np.ceil(FRAME / FINE)) + _ticks(ax)
        taken[:edge], taken[-edge:], taken[:, :edge], taken[:, -edge:] = True, True, True, True
        self.texts, self.placed = [], {}
        left: list[str] = []
        parts = {name: [n for n in self.named if n.name == name] for name in unlike}
        order = sorted(unlike, key=lambda name: _room(parts[name], masks))
        for name in order:
            found = None
            for one in parts[name] if name not in self.forced else ():
                found = self._find(raster, one, masks, lines, covered, away, taken, renderer, point)
                if found:
                    break
            if found is None and all(n.region for n in parts[name]):
                if _visible(parts[name], masks):
                    left.append(name)
                continue
            if found:
                self._take(raster, found, taken, renderer)
                self.placed[name] = found
        following = itertools.count(max(self.given.values(), default=0) + 1)
        numbered = [n for n in left if self.explained and (self.new_numbers or n in self.given)]
        self.numbered = {n: self.given.get(n) or next(following) for n in unlike if n in numbered}
        for name, number in self.numbered.items():
            for one in parts[name]:
                short = Named(str(number), one.outlines, True, one.color, one.as_drawn)
                masks[id(short)], lines[id(short)] = masks[id(one)], lines[id(one)]
                found = self._find(
                    raster, short, masks, lines, covered, away, taken, renderer, point
                )
                if found:
                    self._take(raster, found, taken, renderer)
                    self.placed[name] = found
                    break

    def named_by_numbers(self) -> list[str]:
        """Names for which a number stands in the panel, since the panel was last drawn."""
        return [name for name in self.numbered if name in self.placed]

    def keep_numbers(self) -> bool:
        """Keep the numbers that stand in the panel for good; return whether some are new."""
        new = [name for name in self.named_by_numbers() if name not in self.forced]
        self.given = {**self.given, **{name: self.numbered[name] for name in new}}
        self.forced |= set(new)
        return bool(new)

    def _take(self, raster: Raster, text: Text, taken: Mask, renderer: RendererBase) -> None:
        extent = text.get_window_extent(renderer).extents
        taken |= raster.box(*extent)
        self.texts.append(text)

    def _find(
        self, raster: Raster, one: Named, masks: dict[int, Mask], lines: dict[int, Mask],
        covered: Array, away: Array, taken: Mask, renderer: RendererBase, point: float,
    ) -> Text | None:  # fmt: skip
        """The name in its largest size that fits, where fewest regions are; nothing if it fits nowhere."""
        own: Array | None = None
        mask = masks.get(id(one))
        if mask is not None and not mask.any():
            return None
        ways = [(size, angle) for size, angle in SIZES if not angle or letters(one.name) > SHORT]
        texts = [(self._text(one, size, angle), angle) for size, angle in ways]
        sizes = [text.get_window_extent(renderer).size for text, _ in texts]
        deepest = int(covered[mask].max()) if mask is not None else 0
        for most in range(1, deepest + 1) if mask is not None else (0,):
            within = ~taken if mask is None else mask & (covered <= most) & ~taken
            totals = [raster.summed(within & (away > margin * point)) for margin in MARGINS]
            for (text, _), (width, height) in zip(texts, sizes, strict=True):
                for total in totals:
                    places = raster.fitting(total, width, height)
                    if not places.any():
                        continue
                    own = raster.away_from(lines[id(one)]) if own is None else own
                    if mask is None:
                        places &= own < 0.5 * np.hypot(width, height) + BESIDE * point
                        places &= own < 0.5 * height + 2 * BESIDE * point
                    if places.any():
                        cost = np.where(places, np.minimum(own, FARTHEST), np.inf)
                        row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
                        text.set_position(raster.centre(int(row), int(column), width, height))
                        return text
        return None

    def _text(self, one: Named, size: float, angle: int) -> Text:
        color = one.color if one.as_drawn else self.suited(one.color)
        text = Text(
            0, 0, one.name, color=color, fontsize=self._size * size, rotation=angle, ha="center", va="center",
            transform=IdentityTransform(), fontfamily=self._family,
        )  # fmt: skip
        text.set_figure(self.get_figure(root=False))  # type: ignore[arg-type]
        return text

    # ---- what must not be covered ----------------------------------------------------------------

    def _lines(self, raster: Raster) -> Mask:
        ax = self.axes
        assert ax is not None
        found = raster.nothing()
        for line in ax.get_lines():
            data = np.asarray(line.get_xydata(), dtype=float)
            if not line.get_visible() or not len(data):
                continue
            points = line.get_transform().transform(data)
            if line.get_linestyle() != "None":
                found |= raster.along(points)
            if line.get_marker() not in (None, "", "None", " "):
                half = 0.5 * line.get_markersize() * (line.figure.dpi / 72)
                for x, y in points[np.isfinite(points).all(axis=1)]:
                    found |= raster.box(x - half, y - half, x + half, y + half)
        for collection in ax.collections:
            if collection.get_hatch():  # what is not computed: nothing is written into it
                for path in collection.get_paths():
                    found |= raster.inside([collection.get_transform().transform(path.vertices)])
        return found

    def _boxes(self, raster: Raster, renderer: RendererBase) -> Mask:
        ax = self.axes
        assert ax is not None
        found = raster.nothing()
        legends = [ax.get_legend(), *(a for a in ax.artists if type(a).__name__ == "Legend")]
        for artist in [*ax.texts, *legends]:
            if artist is not None and artist.get_visible():
                found |= raster.box(*artist.get_window_extent(renderer).extents)
        return found


def names_in(ax: Axes) -> Names:
    """The names of a panel, which there are once."""
    for artist in ax.artists:
        if isinstance(artist, Names):
            return artist
    return Names(ax)


def _same(color: Any) -> Any:
    return color


def _pixels(ax: Axes, points: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Array = ax.transData.transform(np.asarray(points, dtype=float))
    return found


def _closed(line: Array, closed: bool) -> Array:
    return np.vstack([line, line[:1]]) if closed and len(line) else line


def _drawn(raster: Raster, lines: Sequence[Array]) -> Mask:
    return _any(raster, [raster.along(line) for line in lines if len(line) > 1])


def _any(raster: Raster, masks: Sequence[Mask]) -> Mask:
    found = raster.nothing()
    for mask in masks:
        found |= mask
    return found


def _room(parts: Sequence[Named], masks: dict[int, Mask]) -> float:
    """Cells of a region: who has least comes first; lines last."""
    sizes = [float(masks[id(n)].sum()) if n.region else np.inf for n in parts]
    return max(sizes)


def _visible(parts: Sequence[Named], masks: dict[int, Mask]) -> bool:
    return any(masks[id(n)].any() for n in parts if n.region)


def _ticks(ax: Axes) -> int:
    """Cells that ticks inside the frame need."""
    return int(np.ceil(mpl.rcParams["xtick.major.size"] / FINE)) if ax.axison else 0
