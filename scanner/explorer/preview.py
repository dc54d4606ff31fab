"""What the page of the queue shows of a scan: its spec in words, and first contours while the cube fills."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from physics.errors import InputError, one_of
from scanner.explorer.planes import Planes
from scanner.explorer.view import View
from scanner.explorer.watched import Watched
from scanner.explorer.words import axis_words, label_of
from scanner.outputs.curve_results import ContourResult
from scanner.outputs.curve_styles import DASHES, plain_style
from scanner.scans.spec import ScanSpec

WIDE, HIGH = 480, 360  # of the picture
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 46
STROKES = dict(zip(DASHES, ("none", "6 4", "2 3", "6 3 2 3", "9 3 2 3 2 3"), strict=True))
MOST = 8  # searches


def spec_in_words(text: str) -> list[tuple[str, str]]:
    """What a scan is of: model, experiments, axes, options.

    Parameters
    ----------
    text : str
        A spec in JSON, with its experiments by their definitions.

    Returns
    -------
    list of (str, str)
        Empty if it is no spec.
    """
    try:
        spec = ScanSpec(json.loads(text))
    except Exception:  # of a request that was made up, or of a spec of another version
        return []
    axes = [_axis(name, values, spec.model.axis(name).units) for name, values in spec.axes.items()]
    options = ", ".join(f"{name} {value}" for name, value in spec.options.items())
    return [
        ("Model", spec.model.tag),
        ("Experiments", one_of(spec.experiments, 400)),
        ("Axes", "; ".join(axes)),
        ("Channels", one_of(spec.channels, 200)),
        ("Options", options),
    ]


def _axis(name: str, values: Sequence[Any], units: str) -> str:
    if len(values) <= MOST or isinstance(values[0], str):
        each = one_of([v if isinstance(v, str) else f"{v:g}" for v in values], 120)
        return f"{name} {each} {units}".rstrip()
    return (
        f"{name}, {len(values):,} values from {min(values):g} to {max(values):g} {units}".rstrip()
    )


def first_contours(store: str) -> bytes:
    """Contours of the first searches of a cube, for the first value of every other axis, as far as it is computed.

    Parameters
    ----------
    store : str
        Path.

    Returns
    -------
    bytes
        A picture in SVG.

    Raises
    ------
    InputError
        If there is no store, or it is damaged.
    """
    watched = Watched([store])
    view = watched.fitted(View(searches=tuple(watched.searches[:MOST])))[0]
    found = Planes(watched).lines(view).found
    several = [name for name, values in watched.axes.items() if len(values) > 1]
    chosen = ", ".join(axis_words(name, view.axes[name]) for name in several)
    return picture(watched, found, chosen).encode()


def picture(watched: Watched, found: Sequence[ContourResult], chosen: str) -> str:
    """Lines in a frame; what is not computed is shaded.

    Parameters
    ----------
    watched : Watched
    found : sequence of ContourResult
    chosen : str
        Axes and their values, in words.
    """
    query = watched.query
    frame = [np.log10(watched.range(role)) for role in ("mass", "coupling")]
    for ends in frame:
        if ends[0] == ends[1]:
            ends += np.array([-0.2, 0.2])

    def x(mass: Any) -> Any:
        share = (np.log10(mass) - frame[0][0]) / (frame[0][1] - frame[0][0])
        return LEFT + share * (WIDE - LEFT - RIGHT)

    def y(coupling: Any) -> Any:
        share = (np.log10(coupling) - frame[1][0]) / (frame[1][1] - frame[1][0])
        return HIGH - BOTTOM - share * (HIGH - TOP - BOTTOM)

    parts = [f'<rect width="{WIDE}" height="{HIGH}" fill="#ffffff"/>']
    for left, right in _absent(query.ds[query.mass.name].values.astype(float), found):
        parts.append(
            f'<rect x="{x(left):.1f}" y="{TOP}" width="{x(right) - x(left):.1f}" '
            f'height="{HIGH - TOP - BOTTOM}" fill="#e9e9e9"/>'
        )
    parts.append(
        f'<rect x="{LEFT}" y="{TOP}" width="{WIDE - LEFT - RIGHT}" height="{HIGH - TOP - BOTTOM}" '
        'fill="none" stroke="#444444"/>'
    )
    for n in range(int(np.ceil(frame[0][0])), int(np.floor(frame[0][1])) + 1):
        parts.append(_text(x(10.0**n), HIGH - BOTTOM + 18, f"1e{n}", "middle"))
    for n in range(int(np.ceil(frame[1][0])), int(np.floor(frame[1][1])) + 1):
        parts.append(_text(LEFT - 6, y(10.0**n) + 4, f"1e{n}", "end"))
    parts.append(_text((LEFT + WIDE) / 2, HIGH - 12, label_of(query.mass), "middle"))
    middle = (TOP + HIGH - BOTTOM) / 2
    turned = f'<g transform="rotate(-90 14 {middle:.0f})">'
    parts.append(f"{turned}{_text(14, middle, label_of(query.coupling), 'middle')}</g>")
    parts.append(_text(WIDE - RIGHT - 8, HIGH - BOTTOM - 8, chosen, "end"))
    for n, line in enumerate(found):
        style = plain_style(n)
        for branch in line.branches:
            points = " ".join(
                f"{a:.1f},{b:.1f}" for a, b in zip(x(branch[:, 0]), y(branch[:, 1]), strict=True)
            )
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{style["color"]}" stroke-width="2" '
                f'stroke-dasharray="{STROKES[style["ls"]]}"/>'
            )
        word = "" if line.branches else f" ({line.outcome})"
        parts.append(
            _text(
                WIDE - RIGHT - 8, TOP + 18 + 16 * n, line.curve.label + word, "end", style["color"]
            )
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" '
        f'font-family="sans-serif" font-size="13">{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: str, anchor: str, color: str = "#333333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{escape(words)}</text>'


def _absent(mass: Any, found: Sequence[ContourResult]) -> list[tuple[float, float]]:
    """Intervals of the mass in which something is not computed."""
    absent = np.zeros(len(mass), dtype=bool)
    for line in found:
        absent |= line.curve.contour.missing.any(axis=1)
    edges = np.flatnonzero(np.diff(absent.astype(int), prepend=0, append=0)).reshape(-1, 2)
    return [(mass[max(0, a - 1)], mass[min(len(mass) - 1, b)]) for a, b in edges]


def shown(store: str) -> bytes:
    """As :func:`first_contours`; what is wrong in words."""
    try:
        return first_contours(store)
    except (InputError, OSError):
        words = _text(WIDE / 2, 60, "there is nothing to draw yet", "middle")
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} 120">{words}</svg>'.encode()
