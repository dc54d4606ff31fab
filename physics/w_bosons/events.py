"""Events with one W boson, as a table that is drawn from.

The two beams of a pp collider are the same, so that each event stands for its mirror image as well: rapidity and
direction of the quark change sign. A file holds the events with y >= 0 in whole numbers of fine steps, which is far
below what the shower knows; what is loaded holds both images.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physics.errors import InputError
from physics.numerics.arrays import Array, Integers

MOST_EVENTS = 20_000_000  # of a file
LOWEST_P_T = 0.01  # GeV; p_T below is stored as this
STEP_LOG_P_T = 1e-3
STEP_Y = 2.0**-10
STEP_MASS = 2.0**-7  # GeV
Columns = Mapping[str, NDArray[Any]]
_COLUMNS = ("positive", "along", "y", "p_T", "mass")
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


class WEventsError(InputError):
    """Events of W bosons that are missing, altered or unusable."""


@dataclass(frozen=True, eq=False)
class WEvents:
    """W bosons of one collider, all with the same weight, in order of charge and rapidity.

    Attributes
    ----------
    charge : (n,) int array
        +1 or -1.
    p_T : (n,) array
        Transverse momentum [GeV].
    y : (n,) array
        Rapidity along the beam that comes from the left.
    mass : (n,) array
        Of the virtual W [GeV].
    quark_sign : (n,) int array
        +1 if the quark (not the antiquark) moves along +z, -1 otherwise.
    cross_section : float
        Of both charges, all decays, as generated [nb].
    mass_min, mass_max : float
        Masses that were generated [GeV].
    """

    charge: Integers
    p_T: Array
    y: Array
    mass: Array
    quark_sign: Integers
    cross_section: float
    mass_min: float
    mass_max: float

    @property
    def size(self) -> int:
        """Number of events, mirror images counted."""
        return int(self.charge.size)

    @property
    def weight(self) -> Array:
        """Weight of each event; the sum is one."""
        return np.full(self.size, 1 / self.size)

    def draw(self, u: Array) -> Integers:
        """Which events belong to uniform numbers: each has the same share of [0, 1), in the stored order.

        Parameters
        ----------
        u : array
            In [0, 1), of any shape.

        Returns
        -------
        int array
            Indices into the arrays of the events, of the shape of ``u``.

        Raises
        ------
        InputError
            If a number is not in [0, 1).

        Examples
        --------
        >>> from physics.w_bosons.library import w_events
        >>> events = w_events("lhc-14tev")
        >>> events.charge[events.draw(np.array([0.0, 0.999]))].tolist()
        [-1, 1]
        """
        u = np.asarray(u, dtype=float)
        if not ((u >= 0) & (u < 1)).all():
            raise InputError("numbers that draw W bosons must lie in [0, 1)")
        # u n may round up to n
        return np.minimum((u * self.size).astype(np.int64), self.size - 1)

    def check(self) -> None:
        """Refuse events that cannot be counted with.

        Raises
        ------
        WEventsError
            If there are none, or one is not finite or out of range.
        """
        if not self.size:
            raise WEventsError("there are no events of W bosons")
        arrays = (self.p_T, self.y, self.mass)
        if any(a.shape != self.charge.shape or not np.isfinite(a).all() for a in arrays):
            raise WEventsError("events of W bosons hold numbers that are not finite")
        if not (self.p_T > 0).all() or not self.cross_section > 0:
            raise WEventsError(
                "events of W bosons have a p_T or a cross-section that is not above zero"
            )
        if not ((self.mass >= self.mass_min) & (self.mass <= self.mass_max)).all():
            raise WEventsError("events of W bosons have masses outside of the generated range")

    @classmethod
    def load(cls, path: Path) -> WEvents:
        """Read events written by :func:`write_events`.

        Raises
        ------
        WEventsError
            If the file holds no such events.
        """
        try:
            # An own stream: NumPy leaves its file open where the archive is damaged.
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                _check_sizes(stored)
                columns = {name: stored[name] for name in _COLUMNS}
                cross_section = float(stored["cross_section_nb"])
                low, high = (float(m) for m in stored["mass_range"])
        except _UNREADABLE as error:
            reason = " ".join(str(error).split())
            raise WEventsError(f"{path} holds no events of W bosons ({reason})") from None
        events = from_columns(columns, cross_section, low, high)
        events.check()
        return events


def from_columns(
    columns: Columns, cross_section: float, mass_min: float, mass_max: float
) -> WEvents:
    """Events and their mirror images from the columns of a file.

    Parameters
    ----------
    columns : mapping
        ``positive`` (charge), ``along`` (quark with +z), and ``y``, ``p_T``, ``mass`` in steps.
    cross_section : float
        [nb]
    mass_min, mass_max : float
        [GeV]
    """
    charge = np.where(columns["positive"], 1, -1)
    quark = np.where(columns["along"], 1, -1)
    y = (columns["y"] + 0.5) * STEP_Y
    p_T = LOWEST_P_T * np.exp(columns["p_T"] * STEP_LOG_P_T)
    mass = np.minimum(mass_min + (columns["mass"] + 0.5) * STEP_MASS, mass_max)
    both = [np.concatenate(pair) for pair in ((charge, charge), (y, -y), (quark, -quark))]
    p_T, mass = np.tile(p_T, 2), np.tile(mass, 2)
    order = np.lexsort((both[2], mass, p_T, both[1], both[0]))
    return WEvents(
        charge=both[0][order],
        p_T=p_T[order],
        y=both[1][order],
        mass=mass[order],
        quark_sign=both[2][order],
        cross_section=cross_section,
        mass_min=mass_min,
        mass_max=mass_max,
    )


def columns_of(
    charge: Integers, p_T: Array, y: Array, mass: Array, quark_sign: Integers, mass_min: float
) -> dict[str, NDArray[Any]]:
    """Columns of a file from events as they were generated: turned to y >= 0, and put in order."""
    columns: dict[str, NDArray[Any]] = {
        "positive": charge > 0,
        "along": np.where(y < 0, -quark_sign, quark_sign) > 0,
        "y": np.floor(np.abs(y) / STEP_Y).astype(np.uint16),
        "p_T": np.rint(np.log(np.maximum(p_T / LOWEST_P_T, 1.0)) / STEP_LOG_P_T).astype(np.uint16),
        "mass": np.floor((mass - mass_min) / STEP_MASS).astype(np.uint16),
    }
    keys = ("mass", "p_T", "along", "y", "positive")
    order = np.lexsort([columns[key] for key in keys])
    return {name: values[order] for name, values in columns.items()}


def write_events(
    path: Path, columns: Columns, cross_section: float, mass_min: float, mass_max: float
) -> None:
    """Write a file that :meth:`WEvents.load` reads."""
    with path.open("wb") as stream:
        np.savez_compressed(
            stream,
            allow_pickle=False,
            cross_section_nb=np.array(cross_section),
            mass_range=np.array([mass_min, mass_max]),
            **columns,
        )


def _check_sizes(stored: Any) -> None:
    """Refuse arrays that are longer than any file's, before NumPy makes room for what their headers claim."""
    for name in stored.zip.namelist():
        with stored.zip.open(name) as member:
            version = np.lib.format.read_magic(member)
            first = version == (1, 0)
            read = (
                np.lib.format.read_array_header_1_0
                if first
                else np.lib.format.read_array_header_2_0
            )
            shape, _, kind = read(member)
        if math.prod(shape) > MOST_EVENTS or kind.itemsize > 8:
            raise ValueError(f"{name} claims to hold {shape} values of {kind.itemsize} bytes")
