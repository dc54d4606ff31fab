"""Published limits on the dipole coupling, read offline of the data that HNLimits ships.

HNLimits (PyPI, MIT; arXiv:2304.06772) has the curves as text files in several units. Which file is
read, its units, flavour, confidence level and source, and what those were checked against, is in
``published_limits.yaml``; other files of the package are never opened, nor is its code run (it goes
to the network). It is an optional extra: ``pip install 'dipolescan[limits]'``.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from physics.constants import ALPHA, FLAVORS, LEPTON_MASS, UNIVERSAL
from physics.errors import InputError

PACKAGE = "HNLimits"
_ADVICE = f"the catalogue was made for {PACKAGE} 1.2.0, reinstall that version"

# d = mu/2 for L = (mu/2) nubar sigma N F; mu_B = e/(2 m_e) = 296.30 GeV^-1 with e^2 = 4 pi alpha
D_PER_BOHR_MAGNETON = math.sqrt(4 * math.pi * ALPHA) / (4 * LEPTON_MASS["e"])

MASS_UNIT = {"GeV": 1.0, "MeV": 1e-3}  # in GeV
COUPLING_UNIT = {"1/GeV": 1.0, "mu_B": D_PER_BOHR_MAGNETON}  # in 1/GeV


@dataclass(frozen=True, eq=False)
class PublishedLimit:
    """One published curve in the plane of mass and dipole coupling.

    Attributes
    ----------
    name : str
        The experiment or observation.
    flavor : str
        ``e``, ``mu``, ``tau``, or ``universal`` for a curve that is used for each of the three.
    m_N, d_gamma : numpy.ndarray
        Mass [GeV] and d_gamma [1/GeV] along the curve, 1-d and read-only.
    closed : bool
        Whether the curve bounds a region. Otherwise everything above it is excluded.
    confidence_level : float or str
        Such as 0.90, or ``unstated``.
    source, note : str
        Where it is from; what was checked, assumed or left open.
    frame : tuple of (float, float)
        Corners (m_N, d_gamma) where the plot of the source, not physics, ends a closed region.
    """

    name: str
    flavor: str
    m_N: np.ndarray
    d_gamma: np.ndarray
    closed: bool
    confidence_level: float | str
    source: str
    note: str
    frame: tuple[tuple[float, float], ...] = ()

    def polygon(self, top: float) -> np.ndarray:
        """Return the excluded region as a polygon that can be filled.

        Parameters
        ----------
        top : float
            Upper end of an open region [1/GeV]; curves above it are cut there. Closed regions
            do not depend on it.

        Returns
        -------
        numpy.ndarray
            Corners (m_N [GeV], d_gamma [1/GeV]), shape (n, 2); the last is joined to the first.

        Raises
        ------
        InputError
            If `top` is not a positive number.

        Examples
        --------
        >>> curve = [np.array([0.1, 0.2]), np.array([1e-5, 2e-5])]
        >>> PublishedLimit("X", "e", *curve, False, 0.9, "", "").polygon(1e-3).tolist()
        [[0.1, 1e-05], [0.2, 2e-05], [0.2, 0.001], [0.1, 0.001]]
        """
        if not 0 < top < math.inf:
            raise InputError(f"top of a region is {top}; give a positive coupling in 1/GeV")
        curve = np.column_stack([self.m_N, self.d_gamma])
        if self.closed:
            return np.vstack([curve, np.reshape(self.frame, (-1, 2))])
        lid = [[self.m_N[-1], top], [self.m_N[0], top]]
        return np.minimum(np.vstack([curve, lid]), [math.inf, top])


def is_available() -> bool:
    """Whether HNLimits is installed."""
    return importlib.util.find_spec(PACKAGE) is not None


def published_limits(flavor: str | None = None) -> list[PublishedLimit]:
    """Read the published limits that apply to a flavour.

    Parameters
    ----------
    flavor : {"e", "mu", "tau", "universal"}, optional
        With a flavour, its own curves and the flavour-universal ones (BBN, SN1987A, solar
        neutrinos, LEP), as the figures of arXiv:2308.16608 have them on the plot of each flavour.
        For a single flavour these are approximate: see the notes. By default all curves.

    Returns
    -------
    list of PublishedLimit
        In the order of ``published_limits.yaml``.

    Raises
    ------
    InputError
        If the flavour is unknown, HNLimits is not installed, or a file is missing or unreadable.
    """
    choices = (*FLAVORS, UNIVERSAL)
    if flavor is not None and flavor not in choices:
        raise InputError(f"unknown flavor {flavor!r}; there are: {', '.join(choices)}")
    folder = _data_folder()
    wanted = choices if flavor is None else (flavor, UNIVERSAL)
    return [_limit(entry, folder) for entry in _catalogue() if entry["flavor"] in wanted]


@cache
def _catalogue() -> list[dict[str, Any]]:
    """Read ``published_limits.yaml``."""
    text = Path(__file__).with_name("published_limits.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["limits"]


def _data_folder() -> Traversable:
    """Folder of the dipole limits in HNLimits, found without running its code."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        raise InputError(
            f"published limits need {PACKAGE}, which is not installed: "
            "pip install 'dipolescan[limits]'"
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
        flavor=entry["flavor"],
        m_N=points[:, 0],
        d_gamma=points[:, 1],
        closed=entry["closed"],
        confidence_level=entry["confidence_level"],
        source=entry["source"],
        note=entry["note"],
        frame=tuple((m * scale[0], d * scale[1]) for m, d in entry.get("frame", ())),
    )


def _read(folder: Traversable, path: str, reverse: bool = False) -> np.ndarray:
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


def overlays(model: str, selection: Mapping[str, Any]) -> list[PublishedLimit]:
    """Limits to draw behind a curve of a model; none if HNLimits is not installed or nothing fits.

    Parameters
    ----------
    model : str
        Tag of the model; the curves are of ``dipole``.
    selection : mapping
        Labels of the curve, ``flavor`` among them.

    Returns
    -------
    list of PublishedLimit
    """
    flavor = selection.get("flavor")
    if model != "dipole" or flavor is None or not is_available():
        return []
    # a universal coupling is subject to the limits on each flavor
    found = published_limits(None if flavor == UNIVERSAL else str(flavor))
    ratio = selection.get("a")
    # the LEP curves hold for the a in their name only
    return [x for x in found if ratio in (None, 0.0) or "a = 0" not in x.name]
