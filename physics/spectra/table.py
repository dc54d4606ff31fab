"""A meson spectrum: cross-section on a (momentum, polar angle) grid."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class SpectrumTable:
    """Cross-section of one species into one hemisphere.

    Attributes
    ----------
    pdg : int
        PDG number of the species.
    log10_p_edges : (n_p + 1,) float array
        Edges in log10(p / GeV).
    log10_theta_edges : (n_theta + 1,) float array
        Edges in log10(theta / rad).
    cross_section : (n_p, n_theta) float array
        Cross-section per bin [pb].
    variance : (n_p, n_theta) float array
        Sum of squared weights per bin [pb^2].
    total : float
        Cross-section of the hemisphere, the part outside the grid included [pb].
    """

    pdg: int
    log10_p_edges: np.ndarray
    log10_theta_edges: np.ndarray
    cross_section: np.ndarray
    variance: np.ndarray
    total: float

    def scaled(self, factor: float) -> SpectrumTable:
        """The same shape with another normalisation."""
        return replace(
            self,
            cross_section=self.cross_section * factor,
            variance=self.variance * factor**2,
            total=self.total * factor,
        )

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
                f"the table of {self.pdg} has the shape {self.cross_section.shape} on a grid of {shape}"
            )
        for values in (self.cross_section, self.variance):
            if not np.isfinite(values).all() or (values < 0).any():
                raise ValueError(f"the table of {self.pdg} has negative or non-finite bins")
        if not self.cross_section.sum() > 0:
            raise ValueError(f"the table of {self.pdg} is empty: all its bins are zero")
        if not self.total >= self.cross_section.sum() * (1 - 1e-9):
            raise ValueError(f"the table of {self.pdg} has a total below the sum of its bins")

    def save(self, path: Path) -> None:
        """Write the table as a compressed NumPy archive."""
        with path.open("wb") as stream:
            np.savez_compressed(
                stream,
                pdg=self.pdg,
                log10_p_edges=self.log10_p_edges,
                log10_theta_edges=self.log10_theta_edges,
                cross_section=self.cross_section,
                variance=self.variance,
                total=self.total,
            )

    @classmethod
    def load(cls, path: Path) -> SpectrumTable:
        """Read a table written by :meth:`save`.

        Raises
        ------
        ValueError
            If the file is not such a table.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                table = cls(
                    pdg=int(stored["pdg"]),
                    total=float(stored["total"]),
                    **{
                        name: stored[name]
                        for name in (
                            "log10_p_edges",
                            "log10_theta_edges",
                            "cross_section",
                            "variance",
                        )
                    },
                )
        except (KeyError, OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} is not a readable spectrum table ({error})") from None
        table.check()
        return table
