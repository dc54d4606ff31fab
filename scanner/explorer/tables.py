"""Text of a page in HTML; whatever a store says is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from scanner.explorer.planes import Planes
from scanner.explorer.view import View
from scanner.explorer.words import label_of
from scanner.outputs.curve_results import ContourResult, lowest_of_band
from scanner.queries.query import Query
from schedulers.words import how_many

BORDERS = {"-": "solid", ":": "dotted"}  # of dashes in CSS; all others are dashed
LEAST = 1e-6  # of the largest channel; less is not listed
STYLE = """
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 3px 8px 3px 0; border-bottom: 1px solid #e4e4e4; vertical-align: top; }
th { font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.swatch { display: inline-block; width: 1.6em; border-top: 3px solid; margin-right: .5em; vertical-align: middle; }
.message { background: #fff4d6; border-left: 4px solid #b26a00; padding: 6px 10px; margin: 0 0 6px; }
.bk-clearfix { display: block; width: 100%; }
.wide { overflow-x: auto; padding-bottom: 8px; }
small { color: #595959; }
p { margin: 4px 0; }
"""


def messages(sentences: Sequence[str]) -> str:
    """Sentences that a reader must see."""
    return "".join(f'<p class="message" role="status">{escape(said)}</p>' for said in sentences)


def legend(
    query: Query, found: Sequence[ContourResult], styles: Mapping[str, Mapping[str, Any]]
) -> str:
    """The searches that are shown: colour, critical signal, and where they reach lowest."""
    rows = []
    for line in found:
        style = styles[line.curve.label]
        swatch = (
            f'<span class="swatch" style="border-top-color: {style["color"]}; '
            f'border-top-style: {BORDERS.get(style["ls"], "dashed")}"></span>'
        )
        low, mass = line.best()
        reached = [short(low), short(mass)] if np.isfinite(low) else [line.outcome, ""]
        if line.band is not None:
            reached[0] += f" ({lowest_of_band(line.curve)})"
        limit = line.curve.provenance.criterion
        rows.append(
            [swatch + escape(line.curve.label), escape(limit.method),
             escape(f"{line.level:.4g} {line.units}"), *map(escape, reached)]
        )  # fmt: skip
    if not rows:
        return "<p>No search is chosen.</p>"
    lowest, at = f"lowest {label_of(query.coupling)}", f"at {label_of(query.mass)}"
    header = ["search", "method", "critical signal", escape(lowest), escape(at)]
    return table(header, rows, numbers=2)


def point(planes: Planes, view: View) -> str:
    """Counts at the point that is looked at: of all searches, and of the first by channel."""
    if view.at is None:
        return "<p>Move over the figure, or tap it: the events at that point are shown here.</p>"
    query = planes.watched.query
    found = planes.values(view)
    where = ", ".join(
        f"{axis.name} = {value:.4g} {axis.units}"
        for axis, value in zip((query.mass, query.coupling), view.at, strict=True)
    )
    if not found:
        return f"<p>{escape(where)}</p>"
    words = {True: "excluded", False: "not excluded", None: "not computed"}
    per_channel = {str(v.selection["experiment"]): v.by_channel for v in found}
    channels = list(dict.fromkeys(c for own in per_channel.values() for c in own))
    labels = [str(v.selection["experiment"]) for v in found]
    rows = [["all channels", *(f"{short(v.counts)} {v.units}" for v in found)]]
    rows.append(["critical signal", *(short(v.level) for v in found)])
    rows.append(["", *(words[v.excluded] for v in found)])
    most = {c: max(own.get(c, 0.0) for own in per_channel.values()) for c in channels}
    least = LEAST * max(most.values(), default=0.0)
    for channel in sorted(channels, key=lambda c: -most[c]):
        if most[channel] > least:
            own = [per_channel[label].get(channel, np.nan) for label in labels]
            rows.append([channel, *(short(value) for value in own)])
    few = sum(0 < value <= least for value in most.values())
    rest = f"<p><small>Left out: {how_many(few, 'channel')} with less than {LEAST:g} of the largest.</small></p>"
    body = table(
        [escape("events at this point"), *map(escape, labels)],
        [[escape(text) for text in row] for row in rows],
        numbers=1,
    )
    return f"<p><b>{escape(where)}</b></p>{body}{rest if few else ''}"


def short(value: float) -> str:
    """A number in three digits; a dash where it is not known."""
    return "–" if np.isnan(value) else f"{value:.3g}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers: int) -> str:
    """A table of HTML; columns from ``numbers`` on stand to the right."""

    def line(tag: str, cells: Sequence[str]) -> str:
        kinds = [' class="number"' if n >= numbers else "" for n in range(len(cells))]
        shown = [f"<{tag}{kind}>{text}</{tag}>" for kind, text in zip(kinds, cells, strict=True)]
        return f"<tr>{''.join(shown)}</tr>"

    body = "".join(line("td", row) for row in rows)
    return f'<div class="wide"><table><thead>{line("th", header)}</thead><tbody>{body}</tbody></table></div>'
