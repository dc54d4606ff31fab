"""Published limits in the planes of the models, read offline of the data that HNLimits ships.

HNLimits (PyPI, MIT; arXiv:2304.06772) has the curves as text files in several units. Which file is read, its units,
the model and the values of its axes that it holds for, confidence level and source, and what those were checked
against, is in ``published_limits.yaml``; other files of the package are never opened, nor is its code run (it goes to
the network). It is an optional extra: ``pip install '.[limits]'`` in the clone.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import InputError, from_clone
from physics.nature.constants import D_PER_BOHR_MAGNETON
from physics.numerics.arrays import Array
from physics.reading import parse_yaml

PACKAGE = "HNLimits"
_ADVICE = f"the catalogue was made for {PACKAGE} 1.2.0, reinstall that version"

MASS_UNIT = {"GeV": 1.0, "MeV": 1e-3}  # in GeV
COUPLING_UNIT = {"1/GeV": 1.0, "mu_B": D_PER_BOHR_MAGNETON}  # in 1/GeV


@dataclass(frozen=True, eq=False)
class PublishedLimit:
    """One published curve in the plane of mass and coupling.

    Attributes
    ----------
    name : str
        The experiment or observation.
    model : str
        Tag of the model.
    applies : dict
        Other axes of the model, and the values of each that the curve holds for. None among them means a scan
        without this axis.
    mass, coupling : numpy.ndarray
        Mass [GeV] and coupling [1/GeV] along the curve, 1-d and read-only.
    closed : bool
        Whether the curve bounds a region. Otherwise everything above it is excluded.
    confidence_level : float or str
        Such as 0.90, or ``unstated``.
    source, note : str
        Where it is from; what was checked, assumed or left open.
    frame : tuple of (float, float)
        Corners (mass, coupling) where the plot of the source, not physics, ends a closed region.
    collection : str
        That it was read from, which is cited with it; empty for a file of the user's.
    doubt : float
        Factor in the coupling by which publications of the same limit disagree; 1 if none is known.
    """

    name: str
    model: str
    applies: Mapping[str, tuple[Any, ...]]
    mass: Array
    coupling: Array
    closed: bool
    confidence_level: float | str
    source: str
    note: str
    frame: tuple[tuple[float, float], ...] = ()
    collection: str = PACKAGE
    doubt: float = 1.0

    def holds_for(self, selection: Mapping[str, Any]) -> bool:
        """Whether the curve holds for labels and values of axes; those that are not named are left open."""
        return all(
            any(_same(selection[axis], value) for value in values)
            for axis, values in self.applies.items()
            if axis in selection
        )

    def polygon(self, top: float) -> Array:
        """Return the excluded region as a polygon that can be filled.

        Parameters
        ----------
        top : float
            Upper end of an open region [1/GeV]; curves above it are cut there. Closed regions
            do not depend on it.

        Returns
        -------
        numpy.ndarray
            Corners (mass [GeV], coupling [1/GeV]), shape (n, 2); the last is joined to the first.

        Raises
        ------
        InputError
            If `top` is not a positive number.

        Examples
        --------
        >>> curve = [np.array([0.1, 0.2]), np.array([1e-5, 2e-5])]
        >>> PublishedLimit("X", "dipole", {}, *curve, False, 0.9, "", "").polygon(1e-3).tolist()
        [[0.1, 1e-05], [0.2, 2e-05], [0.2, 0.001], [0.1, 0.001]]
        """
        if not 0 < top < math.inf:
            raise InputError(f"top of a region is {top}; give a positive coupling in 1/GeV")
        curve = np.column_stack([self.mass, self.coupling])
        if self.closed:
            return np.vstack([curve, np.reshape(self.frame, (-1, 2))])
        lid = [[self.mass[-1], top], [self.mass[0], top]]
        corners: Array = np.minimum(np.vstack([curve, lid]), [math.inf, top])
        return corners


def is_available() -> bool:
    """Whether HNLimits is installed."""
    return importlib.util.find_spec(PACKAGE) is not None


def published_limits(model: str | None = None, **selection: Any) -> list[PublishedLimit]:
    """Read the published limits that apply to a model and to values of its axes.

    Parameters
    ----------
    model : str, optional
        Tag of a model; by default of all.
    **selection
        Axis to label or value, ``flavor="tau"``; an axis that is not named is left open. A curve for one flavour
        and one for every flavour (BBN, SN1987A, solar neutrinos, LEP; as the figures of arXiv:2308.16608 have them)
        both come with that flavour. For a single flavour the latter are approximate: see the notes.

    Returns
    -------
    list of PublishedLimit
        In the order of ``published_limits.yaml``.

    Raises
    ------
    InputError
        If there is no limit of this model, none depends on an axis or knows its label, HNLimits is not installed, or a
        file is missing or unreadable.
    """
    entries = [x for x in _catalogue() if model in (None, x["model"])]
    if not entries:
        known = sorted({x["model"] for x in _catalogue()})
        raise InputError(
            f"no published limits of the model {model!r}; there are: {', '.join(known)}"
        )
    for axis, value in selection.items():
        _check_known(entries, axis, value)
    folder = _data_folder()
    found = [_limit(entry, folder) for entry in entries]
    return [x for x in found if x.holds_for(selection)]


def _check_known(entries: list[dict[str, Any]], axis: str, value: Any) -> None:
    """Refuse an axis on which no limit depends, and a label that no limit has."""
    axes = sorted({name for entry in entries for name in entry["applies"]})
    if axis not in axes:
        raise InputError(f"no published limit depends on {axis!r}; they do on: {', '.join(axes)}")
    values = {v: None for entry in entries for v in entry["applies"].get(axis, ())}  # in order
    if isinstance(value, str) and value not in values:
        raise InputError(
            f"unknown {axis} {value!r}; there are: {', '.join(str(v) for v in values)}"
        )


def _same(value: Any, other: Any) -> bool:
    """Whether two labels are the same, or two numbers but for rounding."""
    if any(x is None or isinstance(x, str) for x in (value, other)):
        return bool(value == other)
    return math.isclose(value, other, rel_tol=1e-9)


@cache
def _catalogue() -> list[dict[str, Any]]:
    """Read ``published_limits.yaml``."""
    text = Path(__file__).with_name("published_limits.yaml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = parse_yaml(text)["limits"]
    return entries


def _data_folder() -> Traversable:
    """Folder of the dipole limits in HNLimits, found without running its code."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        raise InputError(
            f"published limits need {PACKAGE}, which is not installed: "
            f"add it {from_clone('limits')}"
        )
    package = importlib.util.module_from_spec(spec)  # an empty module: nothing is executed
    return files(package).joinpath("include", "data", "dipole")


def _limit(entry: dict[str, Any], folder: Traversable) -> PublishedLimit:
    """One curve of the catalogue, in GeV and 1/GeV."""
    scale = [MASS_UNIT[entry["mass_unit"]], COUPLING_UNIT[entry["coupling_unit"]]]
    points = np.vstack([_read(folder, **file) for file in entry["files"]])
    low, high = entry.get("coupling_range", (0.0, math.inf))
    points = points[(points[:, 1] >= low) & (points[:, 1] <= high)]
    new = np.ones(len(points), dtype=bool)
    new[1:] = np.any(points[1:] != points[:-1], axis=1)  # where files join they share a point
    points = points[new]
    if len(points) < 2:
        names = ", ".join(file["path"] for file in entry["files"])
        raise InputError(f"{PACKAGE} file {names} has no curve in the known range; {_ADVICE}")
    points = points * scale
    points.flags.writeable = False
    return PublishedLimit(
        name=entry["name"],
        model=entry["model"],
        applies={axis: tuple(values) for axis, values in entry["applies"].items()},
        mass=points[:, 0],
        coupling=points[:, 1],
        closed=entry["closed"],
        confidence_level=entry["confidence_level"],
        source=entry["source"],
        note=entry["note"],
        frame=tuple((m * scale[0], d * scale[1]) for m, d in entry.get("frame", ())),
        doubt=float(entry.get("doubt", 1.0)),
    )


def _read(folder: Traversable, path: str, reverse: bool = False) -> Array:
    """Mass and coupling of one file in its own units, shape (n, 2).

    Lines have two numbers; what follows ``#`` is a comment.

    Raises
    ------
    InputError
        If the file is missing or unreadable, or a line is not two positive numbers.
    """
    try:
        text = folder.joinpath(*path.split("/")).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{PACKAGE} file {path} cannot be read ({error}); {_ADVICE}") from error
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split("#")[0].split()
        if not fields:
            continue
        try:
            mass, coupling = (float(field) for field in fields)
        except ValueError:
            mass = coupling = math.nan
        if not (0 < mass < math.inf and 0 < coupling < math.inf):
            raise InputError(
                f"{PACKAGE} file {path}, line {number}: {line.strip()!r} is not a mass and "
                f"a coupling; {_ADVICE}"
            )
        rows.append((mass, coupling))
    points = np.array(rows).reshape(-1, 2)
    return points[::-1] if reverse else points


def _every(model: str) -> list[PublishedLimit]:
    """Limits of a model: published and computed ones where HNLimits is installed, and the user's own."""
    from scanner.queries.own_limits import own_limits  # which need this module
    from scanner.queries.tabulated_limits import tabulated

    own = own_limits(model)
    if not is_available() or all(entry["model"] != model for entry in _catalogue()):
        return own
    return [*published_limits(model), *tabulated(model), *own]


def overlays(model: str, selection: Mapping[str, Any]) -> list[PublishedLimit]:
    """Limits to draw behind a curve of a model, the user's own last; none if HNLimits is not installed or nothing fits.

    Parameters
    ----------
    model : str
        Tag of the model.
    selection : mapping
        Labels and values of the curve. An axis that is missing must be one without which the limit holds.

    Returns
    -------
    list of PublishedLimit
    """
    return [
        x for x in _every(model) if x.holds_for({axis: selection.get(axis) for axis in x.applies})
    ]


def drawn_behind(model: str, axes: Mapping[str, Sequence[Any]]) -> list[PublishedLimit]:
    """Limits to draw behind any of the curves of a cube; as :func:`overlays` for all values of its axes.

    Parameters
    ----------
    model : str
        Tag of the model.
    axes : mapping
        Axis to all of its values.
    """
    return [
        limit
        for limit in _every(model)
        if all(
            any(_same(there, value) for there in axes.get(axis, (None,)) for value in values)
            for axis, values in limit.applies.items()
        )
    ]
