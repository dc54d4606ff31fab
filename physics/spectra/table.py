"""A meson spectrum: cross-section on a (momentum, polar angle) grid."""

from __future__ import annotations

import math
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from physics.numerics.arrays import Array

MOST_BINS = 10_000_000

# What NumPy and zipfile raise for files that are cut, altered or of another kind.
UNREADABLE = (
    AttributeError,
    EOFError,
    MemoryError,
    KeyError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class SpectrumTable:
    """Cross-section of one species into one hemisphere, or its number per interaction in a fixed target.

    Attributes
    ----------
    pdg : int
        PDG number of the species.
    log10_p_edges : (n_p + 1,) float array
        Edges in log10(p / GeV).
    log10_theta_edges : (n_theta + 1,) float array
        Edges in log10(theta / rad).
    cross_section : (n_p, n_theta) float array
        Content per bin [unit].
    variance : (n_p, n_theta) float array
        Sum of squared weights per bin [unit^2].
    total : float
        Content of the hemisphere (at a fixed target of all directions), the part outside the grid included [unit].
    unit : str
        ``pb``, or ``mesons per interaction`` at a fixed target (``unit`` of a :class:`physics.nature.beams.base.Beam`).
    decaying : bool
        Only mesons that decay before they are stopped are counted (pions and kaons).
    largest_angle : float
        Polar angle that ``total`` ends at [rad]; infinite if it has all that the beam's frame has.
    """

    pdg: int
    log10_p_edges: Array
    log10_theta_edges: Array
    cross_section: Array
    variance: Array
    total: float
    unit: str = "pb"
    decaying: bool = False
    largest_angle: float = math.inf

    def scaled(self, factor: float) -> SpectrumTable:
        """Keep the shape, change the normalisation."""
        return replace(
            self,
            cross_section=self.cross_section * factor,
            variance=self.variance * factor**2,
            total=self.total * factor,
        )

    def same_grid(self, other: SpectrumTable) -> bool:
        """Whether two tables have the same bins."""
        return np.array_equal(self.log10_p_edges, other.log10_p_edges) and np.array_equal(
            self.log10_theta_edges, other.log10_theta_edges
        )

    def within(self, p_min: float, theta_max: float) -> float:
        """Content above a momentum and below a polar angle.

        Bins that the limits cut count in part, as if flat in log p and log theta.

        Parameters
        ----------
        p_min : float
            [GeV]
        theta_max : float
            [rad]

        Returns
        -------
        float
            [unit]
        """
        p, theta = self.log10_p_edges, self.log10_theta_edges
        above = np.clip((p[1:] - np.log10(p_min)) / np.diff(p), 0, 1)
        below = np.clip((np.log10(theta_max) - theta[:-1]) / np.diff(theta), 0, 1)
        return float(above @ self.cross_section @ below)

    def check(self) -> None:
        """Refuse a table that cannot be counted with.

        Raises
        ------
        ValueError
            If it is empty, negative, not finite, or its shapes do not fit.
        """
        shape = (self.log10_p_edges.size - 1, self.log10_theta_edges.size - 1)
        if self.cross_section.shape != shape or self.variance.shape != shape:
            raise ValueError(
                f"the table of {self.pdg} has the shape {self.cross_section.shape} "
                f"on a grid of {shape}"
            )
        for edges in (self.log10_p_edges, self.log10_theta_edges):
            if not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
                raise ValueError(f"the table of {self.pdg} has a grid whose edges do not increase")
        for values in (self.cross_section, self.variance):
            if not np.isfinite(values).all() or (values < 0).any():
                raise ValueError(f"the table of {self.pdg} has negative or non-finite bins")
        if not self.cross_section.sum() > 0:
            raise ValueError(f"the table of {self.pdg} is empty: all its bins are zero")
        if not self.largest_angle > 0:
            raise ValueError(f"the table of {self.pdg} ends at no angle above zero")
        if not self.cross_section.sum() * (1 - 1e-9) <= self.total < np.inf:
            raise ValueError(
                f"the table of {self.pdg} has a total that is infinite or below the sum of its bins"
            )

    def save(self, path: Path) -> None:
        """Write the table as a compressed NumPy archive."""
        arrays = {
            "pdg": np.array(self.pdg),
            "log10_p_edges": self.log10_p_edges,
            "log10_theta_edges": self.log10_theta_edges,
            "cross_section": self.cross_section,
            "variance": self.variance,
            "total": np.array(self.total),
        }
        if self.unit != "pb":  # tables of colliders stay as they were, byte by byte
            arrays["unit"] = np.array(self.unit)
        if self.largest_angle < math.inf:
            arrays["largest_angle"] = np.array(self.largest_angle)
        with path.open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> SpectrumTable:
        """Read a table written by :meth:`save`.

        Raises
        ------
        ValueError
            If the file is not such a table.
        """
        try:
            # An own stream: NumPy leaves its file open where the archive is damaged.
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                check_sizes(stored)
                table = cls(
                    pdg=int(stored["pdg"]),
                    total=float(stored["total"]),
                    unit=str(stored["unit"]) if "unit" in stored else "pb",
                    largest_angle=float(stored.get("largest_angle", math.inf)),
                    **{
                        name: stored[name].astype(float)
                        for name in (
                            "log10_p_edges",
                            "log10_theta_edges",
                            "cross_section",
                            "variance",
                        )
                    },
                )
        except UNREADABLE as error:
            reason = " ".join(str(error).split())
            raise ValueError(f"{path} is not a readable spectrum table ({reason})") from None
        table.check()
        return table


def check_sizes(stored: Any) -> None:
    """Refuse arrays that are larger than any table, before NumPy makes room for what their headers claim."""
    for name in stored.zip.namelist():
        with stored.zip.open(name) as member:
            version = np.lib.format.read_magic(member)
            read = np.lib.format.read_array_header_1_0
            shape, _, kind = (read if version == (1, 0) else np.lib.format.read_array_header_2_0)(
                member
            )
        if math.prod(shape) > MOST_BINS or kind.itemsize > 1000:
            raise ValueError(f"{name} claims to hold {shape} values of {kind.itemsize} bytes")
