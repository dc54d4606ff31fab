"""Searches for displaced pairs of leptons at a Z factory: Z -> N nu, N -> nu l+ l-.

arXiv:2301.08592 eqs. (4.8), (4.9):

    counts = modes N_Z BR(Z -> N nu) sum over l = e, mu of BR(N -> nu l+ l-) efficiency_l(p hbar c/(m Gamma)),

with N nubar and Nbar nu (two modes) and the total width of N. Width and efficiency of N -> nu l+ l- are those of
gamma*, Z*, W* and their interference, for each a: six tables of what passes, one for each product of couplings, are
summed before the decay length is put in. alpha of gamma* -> f fbar is that at the mass of the pair in the convention
``exact``, and 1/127.9 in ``paper``. The paper averages the decay probability evenly over the polar angle, which is
not isotropic; here N has its own angular distribution and polarisation.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from physics.detectors.dilepton_cuts import LEPTONS
from physics.kernel import KernelTask, Variable
from physics.models.countings import countings
from physics.nature.constants import HBAR_C
from physics.nature.electroweak import ELECTROWEAK, RUNNING
from physics.nature.flavors import single_flavors
from physics.neutrino_dipole.annihilation.quadratic import EXACT, Convention
from physics.neutrino_dipole.bosons import z_momentum, z_total_width
from physics.neutrino_dipole.counting.mass_by_mass import OUTER, PerMassCounting, PerMassKernel
from physics.neutrino_dipole.couplings import TERMS, bilinears, coupling_ratio_arrays
from physics.neutrino_dipole.dileptons.efficiency import efficiency_table
from physics.neutrino_dipole.widths.totals import branching_ratio, total_width
from physics.numerics.arrays import Array
from physics.numerics.sampling import Sampling
from physics.searches.displaced_dilepton import DisplacedDilepton
from physics.searches.search import Search

SECONDS_PER_SAMPLE = 2e-7  # per point, lepton and mass; one core of a small machine
SECONDS_PER_TABLE = 7e-7  # per point of a selection
SECONDS_PER_COUNT = 2e-8


class DisplacedDileptonKernel(PerMassKernel[DisplacedDilepton]):
    """Counts of searches that share the decays of the Z, from tables of efficiency."""

    def __init__(
        self,
        task: KernelTask[DisplacedDilepton],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.sampling = Sampling(**task.sampling)

    def counts_at(
        self, search: DisplacedDilepton, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[Array, Array]]:
        """Counts (a, d) and their relative error (a, d) at one mass, for each flavor."""
        return {flavor: self.counts_of_flavor(search, chosen, flavor, m_N) for flavor in flavors}

    def counts_of_flavor(
        self, search: DisplacedDilepton, chosen: Convention, flavor: str, m_N: float
    ) -> tuple[Array, Array]:
        """Counts (a, d) and their relative error of one flavor."""
        shape = (self.a.size, self.d2.size)
        if m_N >= ELECTROWEAK.m_Z:
            return np.zeros(shape), np.zeros(shape)
        made = z_total_width([m_N], self.a, flavor, self.options)[0] / ELECTROWEAK.width_Z
        electroweak = RUNNING if chosen == EXACT else ELECTROWEAK
        width = total_width([m_N], self.a, flavor, self.options.nature, chosen.z_sign, electroweak)[
            0
        ]
        with np.errstate(divide="ignore"):
            length = z_momentum(m_N) * HBAR_C / (m_N * np.multiply.outer(width, self.d2))
        # a Majorana N decays to nu l l and nubar l l, which prefer opposite directions
        polarised = chosen.photon == "spin" and self.options.nature == "dirac"
        products = bilinears(1.0, *coupling_ratio_arrays(self.a), chosen.z_sign)
        seen, error = np.zeros(shape), np.zeros(shape)
        for lepton in search.leptons:
            table = efficiency_table(
                search.selection,
                search.detector,
                lepton,
                m_N,
                self.sampling,
                polarised,
                electroweak,
            )
            efficiency, relative = table(length, products * _sharing(flavor, lepton)[:, None])
            pairs = f"nu_{lepton}_{lepton}"
            part = branching_ratio([m_N], self.a, flavor, pairs, chosen.z_sign, electroweak)[0]
            seen += part[:, None] * efficiency
            error += part[:, None] * efficiency * relative  # the same points: errors add linearly
        counts = search.exposure * np.multiply.outer(made, self.d2) * seen
        return counts, np.divide(error, seen, out=np.zeros(shape), where=seen > 0)


def _sharing(flavor: str, lepton: str) -> Array:
    """How many of the flavors that N couples to have each product of couplings in N -> nu l+ l-, (6,)."""
    flavors = single_flavors(flavor)
    return np.array([flavors.count(lepton) if "W" in term else len(flavors) for term in TERMS])


@countings.instance
class DisplacedDileptonsOfN(PerMassCounting[DisplacedDilepton]):
    """Displaced pairs of leptons from decays of the Z."""

    kind = "displaced-dilepton"
    channel = "Z"
    kernel_type = DisplacedDileptonKernel
    error_dims = (*OUTER, "d_gamma")

    def group(self, search: Search) -> Hashable:
        """All share their events: N from the Z at rest."""
        return self.channel

    def seconds_per_cell(self, task: KernelTask[DisplacedDilepton]) -> float:
        """Guess of the time of one mass [s]."""
        searches = len(task.experiments)
        points = len(LEPTONS) * task.sampling["points"]
        rows = len(task.axes["convention"]) * len(task.axes["flavor"]) * len(LEPTONS)
        cells = rows * len(task.axes["a"]) * len(task.axes["d_gamma"])
        tables = points * (SECONDS_PER_SAMPLE + searches * SECONDS_PER_TABLE)
        seconds: float = tables + searches * cells * SECONDS_PER_COUNT
        return seconds
