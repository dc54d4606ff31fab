"""What a table that ends below pi/2 lacks, measured in a shipped set of Pythia 8."""

from __future__ import annotations

from dataclasses import dataclass

from physics.nature.beams import Beam
from physics.spectra import library
from physics.spectra.library import SpectrumError, read_set

_REFERENCE, _NEAREST = "pythia8", "lhc-14tev"


@dataclass(frozen=True)
class Missing:
    """Share of a species that lies above an angle.

    Attributes
    ----------
    share : float
        Of all mesons of the species in one hemisphere.
    measured_in : str
        The set, ``lhc-14tev/pythia8``.
    """

    share: float
    measured_in: str


def share_above(angle: float, pdg: int, beam: Beam) -> Missing | None:
    """Measure how much of a species lies above an angle.

    Parameters
    ----------
    angle : float
        [rad]
    pdg : int
        PDG number.
    beam : Beam
        Its own set of Pythia 8 is taken if there is one, else that of the LHC at 14 TeV.

    Returns
    -------
    Missing or None
        None if there is no such set. Mesons outside its grid (below 1 GeV) count as if they were below the angle.
    """
    for label in dict.fromkeys((beam.label, _NEAREST)):
        try:
            table = read_set(library.SHIPPED / label / _REFERENCE).load(pdg)
        except SpectrumError:
            continue
        lowest = 10 ** float(table.log10_p_edges[0])
        above = float(table.cross_section.sum()) - table.within(lowest, angle)
        return Missing(above / table.total, f"{label}/{_REFERENCE}")
    return None
