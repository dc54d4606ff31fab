"""How pictures look: the product's style, what the user has set instead, and the sizes of columns of a paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import matplotlib as mpl

from physics.errors import InputError
from scanner.outputs.style_files import fonts_told_once, read_style, usable

CM = 1 / 2.54  # inches
WIDTHS = {"one": 8.6, "two": 17.8}  # cm, of one and of two columns
ASPECT = {1: 0.82, 2: 0.84, 3: 1.0}  # height over width of a panel, by the panels in a row
STYLE: dict[Any, Any] = {
    "font.family": ["STIXGeneral", "DejaVu Serif"],
    "mathtext.fontset": "stix",
    "font.size": 8,
    "axes.titlesize": "medium",
    "axes.labelsize": "medium",
    "figure.titlesize": "medium",
    "figure.labelsize": 6,
    "xtick.labelsize": "medium",
    "ytick.labelsize": "medium",
    "legend.fontsize": "medium",
    "legend.title_fontsize": "medium",
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "patch.linewidth": 0.6,
    "hatch.linewidth": 0.5,
    "axes.linewidth": 0.6,
    "axes.titlepad": 4,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "legend.columnspacing": 1.2,
    "legend.labelspacing": 0.3,
    "savefig.dpi": 300,
    "svg.hashsalt": "dipolescan",
}


@dataclass(frozen=True)
class Look:
    """What is asked of pictures.

    Attributes
    ----------
    width : str, optional
        ``one`` or ``two`` columns; by default what a picture needs.
    style : mapping
        Settings of matplotlib that go before all others.
    """

    width: str | None = None
    style: Mapping[str, Any] = field(default_factory=dict)


_PLAIN = Look()
_asked: ContextVar[Look] = ContextVar("look", default=_PLAIN)


@contextmanager
def look(width: str | None = None, style: str | Path | None = None) -> Iterator[None]:
    """Draw what is drawn inside in another size or style.

    Parameters
    ----------
    width : str, optional
        ``one`` (8.6 cm) or ``two`` (17.8 cm) columns.
    style : str or Path, optional
        File of a matplotlib style, or the name of one that matplotlib has.

    Raises
    ------
    InputError
        If there is no such width, or the style is none.
    """
    if width is not None and width not in WIDTHS:
        raise InputError(f"a picture has a width of one or two columns, not {width!r:.40}")
    asked = _asked.get()
    if width is not None:
        asked = replace(asked, width=width)
    if style is not None:
        asked = replace(asked, style=read_style(style))
    token = _asked.set(asked)
    try:
        yield
    finally:
        _asked.reset(token)


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in the product's style; what the user has set in matplotlib goes before, and a chosen style before that.

    Raises
    ------
    InputError
        If these settings need a program that is not there.
    """
    default = mpl.rcParamsDefault
    settings: Any = {k: v for k, v in STYLE.items() if mpl.rcParams[k] == default[k]}
    settings |= _asked.get().style
    usable(settings)
    with mpl.rc_context(settings), fonts_told_once():
        yield


def asked_width() -> str | None:
    """Which width is asked for, if any."""
    return _asked.get().width


def columns_of(panels: int) -> int:
    """Panels in a row: one below the other in one column of a paper, else two or three."""
    if _asked.get().width == "one":
        return 1
    return 3 if panels == 3 else min(2, panels)


def figure_size(columns: int, rows: int, aspect: float | None = None) -> tuple[float, float]:
    """Width and height of a figure in inches, for panels in rows.

    A figure of one panel in a row is as wide as one column of a paper, others as two, unless something else is asked.
    """
    width = WIDTHS[_asked.get().width or ("one" if columns == 1 else "two")] * CM
    return width, rows * width / columns * (aspect or ASPECT.get(columns, 0.8))


def drawn_in(style: str | Path | None) -> AbstractContextManager[None]:
    """Draw in the user's settings of matplotlib, with a style before them if one is chosen."""
    settings: Any = {} if style is None else read_style(style)
    usable(settings)
    found: AbstractContextManager[None] = mpl.rc_context(settings)
    return found
