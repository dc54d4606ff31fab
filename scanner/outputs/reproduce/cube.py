"""Cubes that figures of papers are made of: complete ones, which remember what was derived from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from physics.errors import InputError
from scanner.limits.limit import Limit
from scanner.queries.about import About, about
from scanner.queries.bands import Band
from scanner.queries.cube import open_cube
from scanner.queries.provenance import Provenance
from scanner.queries.query import Curve, Query
from schedulers.words import how_many


class CompleteCube(Query):
    """Queries of a complete cube; what is derived from it is remembered for the files' headers.

    Parameters
    ----------
    path : Path
        Store of the scan.
    figure : str
        Tag of the figure that is made of it.

    Raises
    ------
    InputError
        If blocks are missing.
    """

    def __init__(self, path: Path, figure: str):
        ds = open_cube(path)
        done, blocks = ds.attrs["blocks_done"], ds.attrs["blocks"]
        if done != blocks:
            raise InputError(
                f"{figure} is not made: {path} has {done} of {how_many(blocks, 'block')}, and figures, tables and "
                f"verdicts are of complete scans only; finish it with {command(figure, path.parent)}"
            )
        super().__init__(ds)
        self._derived: dict[str, tuple[str, Provenance]] = {}
        self._file: dict[str, tuple[str, Provenance]] = {}

    def curve(
        self,
        selection: Mapping[str, Any],
        limit: Limit | None = None,
        channels: Sequence[str] | None = None,
        label: str = "",
        band: Band | None = None,
    ) -> Curve:
        """Contour and reach of one selection, and the edges of a band around them."""
        found = super().curve(selection, limit, channels, label, band)
        self.remember(found.label, found.provenance)
        return found

    def remember(self, label: str, provenance: Provenance) -> None:
        """Note something that was derived."""
        key = repr((label, provenance))
        self._derived[key] = self._file[key] = label, provenance

    def forget(self) -> None:
        """Begin a new file."""
        self._file.clear()

    def about_file(self) -> About:
        """What was derived since the last file was begun."""
        return _about(self._file)

    def about(self, *others: CompleteCube) -> About:
        """All that was derived from this cube, and from others."""
        return _about({k: v for cube in (self, *others) for k, v in cube._derived.items()})


def _about(derived: Mapping[str, tuple[str, Provenance]]) -> About:
    return about([one for _, one in derived.values()], [label for label, _ in derived.values()])


def command(figure: str, folder: Path) -> str:
    """The command that makes a figure into a folder, which is named after the paper."""
    home = folder.parent
    where = "" if home == Path("results") else f" -o {home}"
    return f"'dipolescan reproduce {figure}{where}'"
