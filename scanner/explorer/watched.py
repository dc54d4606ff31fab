"""The cubes that a page looks at: what they offer, and whether they are still what they were."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import xarray as xr

from physics.errors import InputError, one_of, quoted
from scanner.explorer.view import View
from scanner.limits.methods.base import methods
from scanner.outputs.accessor import open_cube, open_cubes
from scanner.queries.query import Query
from scanner.scans.addresses import Address, store_path
from scanner.scans.leases import LOCK
from scanner.scans.objects import ObjectsError, below, head

SHORT = 16  # characters of a fingerprint
FEW = 12  # searches that are shown when nothing was chosen


class Watched:
    """One cube, or several as one.

    Parameters
    ----------
    paths : sequence of str or Path
        Stores.

    Attributes
    ----------
    ds : xarray.Dataset
        As it was opened last.
    query : Query
        Of it.
    trouble : str
        What is wrong with the stores now, in a sentence; empty if nothing is.
    openings : int
        How often it was opened.

    Raises
    ------
    InputError
        If there is none, or they make no whole.
    """

    def __init__(self, paths: Sequence[str | Path]):
        if not paths:
            raise InputError("give a store to explore, results/quickstart.zarr")
        self.paths = [store_path(path) for path in paths]
        self.trouble, self.openings = "", 1
        self._lock = Lock()
        self._seen = self._signature()
        self.ds = together(self.paths)
        self.query = Query(self.ds)

    @property
    def name(self) -> str:
        """Name and the beginning of the fingerprint, as links have it."""
        return name_of(self.ds)

    @property
    def searches(self) -> list[str]:
        """Labels of all experiments."""
        return [str(label) for label in np.atleast_1d(self.ds["experiment"].values)]

    @property
    def axes(self) -> dict[str, list[Any]]:
        """Axes that have to be chosen, and their values."""
        return {
            name: np.atleast_1d(self.ds[name].values).tolist()
            for name in self.query.axes()
            if name != "experiment"
        }

    @property
    def filling(self) -> str:
        """How much of the cube is computed, in words; empty if all is."""
        done, blocks = self.ds.attrs.get("blocks_done", 0), self.ds.attrs.get("blocks", 0)
        return "" if done == blocks else f"{done:,} of {blocks:,} blocks are computed"

    def refresh(self) -> str:
        """Look whether the stores are as they were, and open them again if they were filled further.

        Returns
        -------
        str
            :attr:`trouble`. What was opened last is then kept, and nothing more may be read from the stores.
        """
        with self._lock:
            try:
                now = self._signature()
                gone = [path for path in self.paths if not path.exists()]
            except ObjectsError as error:
                self.trouble = f"The store cannot be read now: {error}"
                return self.trouble
            if gone:
                self.trouble = f"There is no store at {gone[0]} any more."
            elif self.trouble or now != self._seen:
                self.trouble = self._again(now)
            return self.trouble

    def _again(self, signature: tuple[Any, ...]) -> str:
        """Open the stores again; whatever is wrong with them, in a sentence."""
        try:
            ds = together(self.paths)
            query = Query(ds)
        except (InputError, OSError) as error:
            return f"The store cannot be read now: {error}"
        if name_of(ds) != self.name:
            return (
                f"Another cube lies there now, {name_of(ds)} in place of {self.name}. "
                "Start 'dipolescan explore' again to look at it."
            )
        self._seen, self.ds, self.query = signature, ds, query
        self.openings += 1
        return ""

    def _signature(self) -> tuple[Any, ...]:
        """Of files that change whenever a store does."""
        found: list[Any] = []
        for path in self.paths:
            if isinstance(path, Address):
                names = [f"status/{name}" for name, _ in below(path / "status")]
                kept = [name for name in names if name != LOCK and "/probe." not in name]
                found += [(str(path / key), head(path / key)) for key in ("zarr.json", *kept)]
                continue
            for file in [path, path / "zarr.json", *sorted((path / "status").rglob("*"))]:
                with suppress(OSError):
                    told = file.stat()
                    found.append((str(file), told.st_ino, told.st_mtime_ns, told.st_size))
        return tuple(found)

    def fitted(self, view: View) -> tuple[View, list[str]]:
        """A view that this cube can show, and in sentences what it cannot.

        Parameters
        ----------
        view : View
            Of a link, or of another cube.
        """
        said = []
        if view.cube and view.cube != self.name:
            said.append(
                f"The link is of another cube, {view.cube}; this is {self.name}. "
                "What both have was taken from it."
            )
        axes = {}
        for name, values in self.axes.items():
            axes[name] = values[0]
            if name in view.axes:
                wanted = _same(values, view.axes[name])
                axes[name] = values[0] if wanted is None else wanted
                if wanted is None:
                    said.append(
                        f"This cube has no {name} {quoted(view.axes[name])}; there is {one_of(values, 200)}."
                    )
        for name in view.axes:
            if name not in axes:
                said.append(f"This cube has no axis {quoted(name)}.")
        searches = tuple(self.searches[:FEW])
        if view.searches is not None:
            searches = tuple(label for label in view.searches if label in self.searches)
            absent = [label for label in view.searches if label not in self.searches]
            if absent:
                said.append(f"This cube has no search {one_of(map(quoted, absent), 200)}.")
            if absent and not searches:
                searches = tuple(self.searches[:FEW])
        method, given = view.method, {}
        if method and method not in methods:
            said.append(f"There is no limit method {quoted(method)}.")
            method = ""
        for name in ("events", "confidence_level"):
            value = getattr(view, name)
            if value is not None and name not in (methods[method].defaults if method else ()):
                said.append(
                    f"{name} is nothing that the method {method or 'of each search'} reads."
                )
                value = None
            given[name] = value
        at = view.at
        if at is not None and not all(
            low <= value <= high
            for value, (low, high) in zip(
                at, (self.range("mass"), self.range("coupling")), strict=True
            )
        ):
            said.append("The point of the link lies outside of this cube.")
            at = None
        return View(
            self.name, searches, axes, method, background=view.background, observed=view.observed,
            background_uncertainty=view.background_uncertainty, exposure=view.exposure, at=at, **given,
        ), said  # fmt: skip

    def range(self, role: str) -> tuple[float, float]:
        """Lowest and highest value of the axis ``mass`` or ``coupling``."""
        axis = self.query.mass if role == "mass" else self.query.coupling
        values = self.ds[axis.name].values.astype(float)
        return float(values.min()), float(values.max())


def name_of(ds: xr.Dataset) -> str:
    """Name and the beginning of the fingerprint of a cube."""
    prints = str(ds.attrs.get("fingerprint", "")).split("+")
    return f"{ds.attrs.get('name', '')}:{'+'.join(print_[:SHORT] for print_ in prints)}"


def together(paths: Sequence[Path]) -> xr.Dataset:
    """One store, or several: along what they differ in, else side by side."""
    if len(paths) == 1:
        return open_cube(paths[0])
    try:
        return open_cubes(paths)
    except InputError as error:
        try:
            return open_cubes(paths, along="store")
        except InputError:
            raise error from None


def _same(values: Sequence[Any], wanted: Any) -> Any:
    """The value of an axis that a word of a link means; None if there is none."""
    for value in values:
        if value == wanted:
            return value
    if any(isinstance(value, str) for value in values):
        return None
    try:
        number = float(wanted)
    except (TypeError, ValueError):
        return None
    close = [value for value in values if np.isclose(value, number, rtol=1e-9, atol=0)]
    return close[0] if close else None
