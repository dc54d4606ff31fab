"""Numbers, names and paths on the command line, read as those of a file are."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import click

from physics.errors import InputError, quoted, unknown
from physics.places import local_path
from scanner.scans.addresses import Address, store_path

LONGEST = 1e9  # s, of a time


class Real(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A finite number between bounds.

    Parameters
    ----------
    least, most : float
        Both are allowed.
    above : float
        It lies strictly above.
    """

    name = "number"

    def __init__(self, least: float = -math.inf, most: float = math.inf, above: float = -math.inf):
        self.least, self.most, self.above = least, most, above

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | int:
        """The number that a text is."""
        from physics.reading import UnfitError, number_in  # slow to import

        try:
            found = number_in(value) if isinstance(value, str) else float(value)
        except (UnfitError, TypeError, ValueError) as error:
            self.fail(str(error), param, ctx)
        if not (math.isfinite(found) and self.least <= found <= self.most and found > self.above):
            self.fail(f"{value} is not {self._wanted()}", param, ctx)
        return found

    def _wanted(self) -> str:
        bounds = [
            words
            for bound, words in (
                (self.above, f"above {self.above:g}"),
                (self.least, f"at least {self.least:g}"),
                (self.most, f"at most {self.most:g}"),
            )
            if math.isfinite(bound)
        ]
        return " ".join(["a finite", self.name, " and ".join(bounds)]).strip()


class Whole(Real):
    """A whole number between bounds; 2e1 is 20."""

    name = "whole number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number that a text is."""
        found = super().convert(value, param, ctx)
        if found != int(found):
            self.fail(f"{value} is not {self._wanted()}", param, ctx)
        return int(found)


class Name(click.Choice):  # type: ignore[type-arg]
    """One of some names; of another one it is said which was perhaps meant."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name itself."""
        if value not in self.choices:
            self.fail(unknown("name", value, self.choices), param, ctx)
        return value


class Place(click.Path):
    """A path on this machine: ``~`` and ``file://`` are understood, other addresses refused, but for stores.

    What is relative stays so, for what is printed; the functions behind make it absolute.

    Parameters
    ----------
    file_okay, dir_okay : bool
        As of :class:`click.Path`.
    store : bool
        Whether it is of a store, which may be at ``s3://bucket/folder/name``, too.
    """

    def __init__(self, file_okay: bool = True, dir_okay: bool = True, store: bool = False):
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, path_type=Path)
        self.store = store

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        if not self.dir_okay and str(value).endswith(os.sep):
            shown = quoted(str(value))
            self.fail(f"{shown} is the name of a folder; give that of a file", param, ctx)
        try:
            path = store_path(value) if self.store else local_path(value)
            if isinstance(path, Address):
                return path
            if path == Path(os.path.abspath(value)):
                path = Path(value)
        except InputError as error:
            self.fail(str(error), param, ctx)
        return super().convert(path, param, ctx)
