"""What all results of queries have in common."""

from __future__ import annotations

import html
import io
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from physics.errors import InputError
from scanner.outputs.arrays import ARRAYS, as_netcdf, as_npz
from scanner.outputs.export import FIGURE, TEXT, as_csv, dump, kind_of, write_file
from scanner.outputs.json_text import json_text
from scanner.queries.about import About
from scanner.queries.assumptions import Assumptions

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.axes import Axes

    from scanner.outputs.documented import Documented

FIRST_ROWS = 12  # of a table that is shown


class Result(ABC):
    """What a query found; see the classes below it.

    Attributes
    ----------
    kind : str
        What it is, in a word.
    figures : bool
        Whether it can be drawn.
    """

    kind: str
    figures: bool = True

    @property
    @abstractmethod
    def selection(self) -> Mapping[str, Any]:
        """Axes of the cube, and their values, that all of it has."""

    @property
    @abstractmethod
    def assumptions(self) -> Assumptions:
        """What was assumed beside the cube."""

    @property
    @abstractmethod
    def about(self) -> About:
        """All that decides its numbers."""

    @abstractmethod
    def table(self) -> tuple[list[str], list[list[Any]]]:
        """Header, with units, and rows."""

    @abstractmethod
    def as_data(self) -> dict[str, Any]:
        """All of it as plain data, with what decides the numbers."""

    @abstractmethod
    def to_xarray(self) -> xr.Dataset:
        """As a dataset, whose attribute ``provenance`` says in YAML what decides the numbers."""

    def shown(self) -> tuple[list[str], list[list[Any]]]:
        """Header and rows of the table that is printed; the whole one unless a shorter one says more."""
        return self.table()

    def notes(self) -> list[str]:
        """What a reader must know, in sentences."""
        return []

    def headline(self) -> str:
        """What it found, in a line."""
        return ""

    def draw(self, ax: Axes) -> None:
        """Draw it into a panel that is there already.

        Raises
        ------
        TypeError
            If it cannot be drawn.
        """
        raise TypeError(f"a {self.kind} is not drawn")

    def as_figure(self) -> Documented:
        """A figure with what decides the numbers below it.

        Raises
        ------
        TypeError
            If it cannot be drawn.
        """
        raise TypeError(f"a {self.kind} is not drawn")

    def plot(
        self,
        ax: Axes | None = None,
        *,
        width: str | None = None,
        style: str | Path | None = None,
        legend: bool = True,
    ) -> Documented | Axes:
        """Draw it: into a panel that is given, which is returned, or as a figure of its own.

        What is set in ``matplotlib.rcParams`` is kept. Curves of the user's lie behind all others with ``zorder=1.3``,
        in front with ``zorder=3``.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
        width : str, optional
            ``one`` (8.6 cm) or ``two`` (17.8 cm) columns of a paper, of a figure of its own.
        style : str or Path, optional
            File of a matplotlib style, or the name of one that matplotlib has.
        legend : bool
            Whether a panel that is given has a legend: in it where it covers no line, else below it if the figure has
            a layout (``layout="constrained"``). Regions without room for their names have numbers, which it explains.
            Without it, :meth:`key` has what a legend of yours needs.

        Raises
        ------
        InputError
            If there is no such width, or the style is none.
        """
        from scanner.outputs.dark import suit
        from scanner.outputs.look import drawn_in, look

        if ax is None:
            with look(width, style):
                return self.as_figure()
        if width is not None:
            raise InputError("a panel has the size of its figure: leave out either ax or width")
        with drawn_in(style):
            before = set(ax.get_children())
            self.draw(ax)
            suit(ax, [a for a in ax.get_children() if a not in before])
            if legend:
                self.draw_legend(ax)
        return ax

    def draw_legend(self, ax: Axes) -> None:
        """Draw the legend of a panel into which this was drawn."""
        from scanner.outputs.legends import legend_within

        legend_within(ax)

    @staticmethod
    def key(*axes: Axes) -> dict[str, Any]:
        """What is in panels of yours, for a legend of yours: label to handle, each once.

        The figure is laid out as it is now. A region without room for its name gets a number, alike in all these
        panels, and an entry here; so ask when all panels are drawn.

        Parameters
        ----------
        *axes : matplotlib.axes.Axes
            Into which results were drawn, with ``legend=False``; rows of them are taken, too.

        Returns
        -------
        dict
            ``figure.legend(key.values(), key.keys(), loc="outside lower center")`` shows it.
        """
        from scanner.outputs.legends import key_of

        every = [ax for one in axes for ax in np.ravel(np.asarray(one, dtype=object))]
        return key_of(every) if every else {}

    # ---- data ------------------------------------------------------------------------------------

    def to_pandas(self) -> pd.DataFrame:
        """The table as a frame, whose ``attrs["provenance"]`` says in YAML what decides the numbers."""
        import pandas as pd

        header, rows = self.table()
        frame = pd.DataFrame(rows, columns=header)
        frame.attrs["provenance"] = self.about.text
        return frame

    def to_csv(self, path: str | Path | None = None) -> str | None:
        """CSV, headed by what decides the numbers (lines with ``#``): into a file, or as text without one."""
        return self._put(as_csv(*self.table(), self.about), path)

    def to_json(self, path: str | Path | None = None) -> str | None:
        """JSON with what decides the numbers: into a file, or as text without one."""
        return self._put((json_text(self.as_data()) + "\n").encode(), path)

    def to_netcdf(self, path: str | Path) -> None:
        """NetCDF of :meth:`to_xarray`."""
        write_file(Path(path), as_netcdf(self.to_xarray()))

    def to_npz(self, path: str | Path) -> None:
        """The arrays of :meth:`to_xarray`, with ``provenance`` and ``units``, for ``numpy.load``."""
        write_file(Path(path), as_npz(self.to_xarray()))

    def _put(self, content: bytes, path: str | Path | None) -> str | None:
        if path is None:
            return content.decode()
        write_file(Path(path), content)
        return None

    def save(self, path: str | Path) -> None:
        """Write a file whose kind its ending says: csv, json, yaml, nc, npz, or a figure (png, pdf, svg).

        Raises
        ------
        InputError
            If the ending is another, or the file cannot be written; an older file is then untouched.
        """
        path = Path(path)
        kind = kind_of(path, (*TEXT, *ARRAYS, *FIGURE) if self.figures else (*TEXT, *ARRAYS))
        if kind in FIGURE:
            from scanner.outputs.plots import save_figure

            save_figure(self.as_figure(), path)
        elif kind == "csv":
            self.to_csv(path)
        elif kind == "nc":
            self.to_netcdf(path)
        elif kind == "npz":
            self.to_npz(path)
        else:
            write_file(path, dump(self.as_data(), kind))

    # ---- shown -----------------------------------------------------------------------------------

    def __repr__(self) -> str:
        header, rows = self.shown()
        few = rows[:FIRST_ROWS]
        lines = [f"<{self.kind}> {self.headline()}".rstrip(), *(f"# {x}" for x in self.about.lines)]
        lines += _columns(header, [[cell(v) for v in row] for row in few])
        lines += [f"... {len(rows)} rows"] if len(rows) > len(few) else []
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes())])

    def _repr_html_(self) -> str:
        header, rows = self.shown()
        text = io.StringIO()
        text.write(f"<b>{html.escape(self.kind)}</b> {html.escape(self.headline())}")
        for line in self.about.lines:
            text.write(f"<br><small>{html.escape(line)}</small>")
        for note in self.notes():
            text.write(f"<br><i>{html.escape(note)}</i>")
        text.write("<table><thead><tr>")
        text.write("".join(f"<th>{html.escape(name)}</th>" for name in header))
        text.write("</tr></thead><tbody>")
        for row in rows[:FIRST_ROWS]:
            cells = "".join(f"<td>{html.escape(cell(v))}</td>" for v in row)
            text.write(f"<tr>{cells}</tr>")
        text.write("</tbody></table>")
        if len(rows) > FIRST_ROWS:
            text.write(f"<small>{len(rows)} rows</small>")
        return text.getvalue()


def cell(value: Any) -> str:
    """A value in a table: a number in five digits, what is true in a word, what is not known as a dash."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else ""
    if isinstance(value, float | np.floating):
        return "–" if np.isnan(value) else f"{value:.5g}"
    return str(value)


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in lines of text."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip()
            for r in (header, *rows)]  # fmt: skip
