"""A neutrino flux: numbers of neutrinos of each species in bins of energy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from physics.errors import InputError, one_of
from physics.fluxes.species import NEUTRINOS, name_of
from physics.numerics.arrays import Array
from physics.numerics.gauss import unit_gauss_legendre
from physics.spectra.table import UNREADABLE, check_sizes

HIGHEST = 1e12  # GeV; no neutrino with more was ever seen
EXPOSURE_UNITS = ("1/fb", "protons on target", "s")
RULES = ("centre", "flat")
NODES_PER_BIN = 4  # of the rule "flat"


class FluxError(InputError):
    """A flux that is missing, altered or unusable."""


@dataclass(frozen=True)
class NeutrinoFlux:
    """Neutrinos through an area, per unit of exposure, in bins of energy.

    Attributes
    ----------
    energies : (n,) float array
        Energy at which the neutrinos of a bin are counted [GeV], as the source gives it.
    edges : (n + 1,) float array
        Edges of the bins [GeV]; the first may be zero.
    numbers : mapping
        PDG number (12, 14, 16 and their negatives, those that there are) to the neutrinos per bin, (n,), per m^2 and
        per unit of exposure.
    errors : mapping
        PDG number to the relative statistical error of each bin, (n,); zero where it is unknown.
    exposure_units : str
        ``1/fb``, ``protons on target`` or ``s``.
    area : float
        Area over which the flux is averaged [m^2]; nan where the source does not say.
    centre : (float, float)
        Centre of that area from the beam's axis [m].
    """

    energies: Array
    edges: Array
    numbers: Mapping[int, Array]
    errors: Mapping[int, Array]
    exposure_units: str
    area: float
    centre: tuple[float, float] = (0.0, 0.0)

    @property
    def species(self) -> tuple[int, ...]:
        """PDG numbers of the neutrinos that the flux has, in the order of :data:`NEUTRINOS`."""
        return tuple(pdg for pdg in NEUTRINOS if pdg in self.numbers)

    def nodes(self, pdg: int, rule: str = "centre") -> tuple[Array, Array]:
        """Energies and numbers for a sum over the neutrinos of a species.

        Parameters
        ----------
        pdg : int
            PDG number.
        rule : str
            ``centre``: the neutrinos of a bin have its energy in ``energies``. ``flat``: they are flat in ln E inside
            the bin (in E, if it begins at zero), in four Gauss-Legendre nodes.

        Returns
        -------
        energies : (k,) array
            [GeV]
        numbers : (k,) array
            Per m^2 and per unit of exposure; their sum is that of the bins.

        Raises
        ------
        FluxError
            If the flux does not have the species, or there is no such rule.
        """
        if pdg not in self.numbers:
            there = one_of(f"{name_of(found)} ({found})" for found in self.species)
            raise FluxError(f"the flux has no neutrinos {pdg}; it has: {there}")
        if rule == "centre":
            return self.energies, self.numbers[pdg]
        if rule != "flat":
            raise FluxError(f"the rule {rule!r} is not possible; choose {' or '.join(RULES)}")
        at, weights = unit_gauss_legendre(NODES_PER_BIN)
        low, high = self.edges[:-1, None], self.edges[1:, None]
        safe = np.where(low > 0, low, high)
        energies = np.where(low > 0, safe * (high / safe) ** at, high * at)
        numbers = self.numbers[pdg][:, None] * weights
        return energies.ravel(), numbers.ravel()

    def check(self) -> None:
        """Refuse a flux that cannot be counted with.

        Raises
        ------
        FluxError
            If bins are negative, not finite or not in order, or shapes do not fit.
        """
        n = self.energies.size
        if self.energies.ndim != 1 or not n or self.edges.shape != (n + 1,):
            raise FluxError(f"the flux has {n} energies and {self.edges.size} edges of bins")
        for values in (self.energies, self.edges):
            if not np.isfinite(values).all() or not (np.diff(values) > 0).all() or values[0] < 0:
                raise FluxError("the flux has energies that do not increase from zero or above")
        if self.edges[-1] > HIGHEST:
            raise FluxError(
                f"the flux has energies up to {self.edges[-1]:g} GeV, above {HIGHEST:g}; are their units right?"
            )
        if self.energies[0] == 0:
            raise FluxError("the flux has a bin at zero energy")
        outside = (self.energies < self.edges[:-1]) | (self.energies > self.edges[1:])
        if outside.any():
            energy = self.energies[np.argmax(outside)]
            raise FluxError(f"the flux has the energy {energy:g} GeV outside its bin")
        if not self.numbers:
            raise FluxError("the flux has no species")
        for pdg, values in self.numbers.items():
            errors = self.errors.get(pdg, np.full(0, np.nan))
            if pdg not in NEUTRINOS:
                raise FluxError(f"the flux has a species {pdg}, which is no neutrino")
            for array in (values, errors):
                if array.shape != (n,) or not np.isfinite(array).all() or (array < 0).any():
                    raise FluxError(f"the flux of {pdg} has bins that are negative or no numbers")
            if not values.sum() > 0:
                raise FluxError(f"the flux of {pdg} is empty: all its bins are zero")
        if self.exposure_units not in EXPOSURE_UNITS:
            raise FluxError(
                f"the flux is per {self.exposure_units!r}; there are: {', '.join(EXPOSURE_UNITS)}"
            )
        if not (self.area > 0 or math.isnan(self.area)) or math.isinf(self.area):
            raise FluxError(f"the flux is averaged over {self.area} m^2")
        if not all(map(math.isfinite, self.centre)):
            raise FluxError(f"the flux is centred at {self.centre} m")

    def save(self, path: Path) -> None:
        """Write the flux as a compressed NumPy archive."""
        arrays = {
            "energies": self.energies,
            "edges": self.edges,
            "exposure_units": np.array(self.exposure_units),
            "area": np.array(self.area),
            "centre": np.array(self.centre),
        }
        for pdg in self.species:
            arrays |= {f"numbers {pdg}": self.numbers[pdg], f"errors {pdg}": self.errors[pdg]}
        with path.open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, path: Path) -> NeutrinoFlux:
        """Read a flux written by :meth:`save`.

        Raises
        ------
        FluxError
            If the file is not such a flux.
        """
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                check_sizes(stored)
                there = [pdg for pdg in NEUTRINOS if f"numbers {pdg}" in stored]
                x, y = stored["centre"].astype(float)
                flux = cls(
                    energies=stored["energies"].astype(float),
                    edges=stored["edges"].astype(float),
                    numbers={pdg: stored[f"numbers {pdg}"].astype(float) for pdg in there},
                    errors={pdg: stored[f"errors {pdg}"].astype(float) for pdg in there},
                    exposure_units=str(stored["exposure_units"]),
                    area=float(stored["area"]),
                    centre=(float(x), float(y)),
                )
        except UNREADABLE as error:
            reason = " ".join(str(error).split())
            raise FluxError(f"{path} is not a readable neutrino flux ({reason})") from None
        flux.check()
        return flux
