"""A prompt and two displaced leptons at a pp collider: W -> l N, N -> nu l+ l-.

arXiv:2301.08592 eqs. (3.1), (3.2):

    counts = N_W BR(W -> l N) sum over l' = e, mu of BR(N -> nu l'+ l'-) efficiency_l'(c tau),

with N_W bosons of both charges, BR(W -> l N) of one flavor and one charge, and the total width of N. BR(N -> nu l l) is
the full one of :mod:`physics.neutrino_dipole.widths`; the efficiency is that of gamma*. N is polarised in both
conventions, which differ in the sign of d_Z in its width. A virtual W is as likely to make N as one on the mass shell.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from physics.kernel import KernelTask, Variable
from physics.models.countings import countings
from physics.nature.constants import HBAR_C
from physics.nature.electroweak import ELECTROWEAK
from physics.nature.flavors import single_flavors
from physics.neutrino_dipole.annihilation.quadratic import Convention
from physics.neutrino_dipole.bosons import w_width
from physics.neutrino_dipole.counting.mass_by_mass import OUTER, PerMassCounting, PerMassKernel
from physics.neutrino_dipole.couplings import coupling_ratio_arrays
from physics.neutrino_dipole.trileptons.decay import pair_decay
from physics.neutrino_dipole.trileptons.model import PAIRS
from physics.neutrino_dipole.widths.totals import branching_ratio, total_width
from physics.numerics.arrays import Array
from physics.searches.displaced_trilepton import DisplacedTrilepton
from physics.trileptons.efficiency import CHANNEL, SECONDS_PER_EVENT, TYPICAL_EVENTS, w_checksums
from physics.trileptons.tables import Efficiencies, matching
from physics.w_bosons.library import find_w_set

CHANNELS = {"ee": "nu_e_e", "mumu": "nu_mu_mu"}  # widths by the pair
SECONDS_PER_COUNT = 2e-8


class DisplacedTrileptonKernel(PerMassKernel[DisplacedTrilepton]):
    """Counts from efficiencies, for which events are drawn or which a stored cube has."""

    def __init__(
        self,
        task: KernelTask[DisplacedTrilepton],
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.efficiencies = Efficiencies(task)

    def counts_at(
        self, search: DisplacedTrilepton, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[Array, Array]]:
        """Counts (a, d) and their relative error (a, d) at one mass, for each flavor."""
        return {flavor: self._of_flavor(search, chosen, flavor, m_N) for flavor in flavors}

    def _of_flavor(
        self, search: DisplacedTrilepton, chosen: Convention, flavor: str, m_N: float
    ) -> tuple[Array, Array]:
        shape = (self.a.size, self.d2.size)
        counts, variance = np.zeros(shape), np.zeros(shape)
        if m_N >= ELECTROWEAK.m_W:
            return counts, variance
        nature = self.options.nature
        width = total_width([m_N], self.a, flavor, nature, chosen.z_sign)[0]
        ctau = HBAR_C / np.multiply.outer(width, self.d2)
        ratio = coupling_ratio_arrays(self.a)[1] ** 2
        for pair in PAIRS:
            part = branching_ratio([m_N], self.a, flavor, CHANNELS[pair], chosen.z_sign)[0]
            decay = pair_decay(pair, m_N, nature == "dirac")
            off = np.zeros(shape)  # flavors share the events of a pair: their errors add linearly
            for single in single_flavors(flavor):
                made = ratio * float(w_width(m_N, single)) / ELECTROWEAK.width_W
                table = self.efficiencies.of(search, decay, single, m_N)
                efficiency, error = table.efficiency(ctau)
                some = search.exposure * np.multiply.outer(made * part, self.d2) * efficiency
                counts += some
                off += some * error
            variance += off**2
        return counts, np.divide(np.sqrt(variance), counts, out=np.zeros(shape), where=counts > 0)


@countings.instance
class DisplacedTrileptonsOfN(PerMassCounting[DisplacedTrilepton]):
    """A prompt and two displaced leptons from decays of W."""

    kind = "displaced-trilepton"
    channel = CHANNEL
    kernel_type = DisplacedTrileptonKernel
    error_dims = (*OUTER, "d_gamma")
    reads = "trilepton-efficiency"

    def trial_axes(self, search: DisplacedTrilepton) -> dict[str, tuple[float, ...]]:
        """One mass: each needs events of its own."""
        return {"m_N": (2.0,)}

    def group(self, search: DisplacedTrilepton) -> Hashable:
        """Searches that share their events are counted together."""
        return self.channel

    def check_axes(
        self, search: DisplacedTrilepton, axes: Mapping[str, tuple[object, ...]]
    ) -> None:
        """The W bosons are there."""
        find_w_set(search.collider, search.w_bosons)

    def check_tables(self, task: KernelTask[DisplacedTrilepton]) -> None:
        """Efficiencies of a stored cube are those that the kernel would compute."""
        if task.tables is not None:
            matching(task.tables, task)

    def checksums(self, task: KernelTask[DisplacedTrilepton]) -> dict[str, str]:
        """Of the W bosons."""
        return w_checksums(task)

    def seconds_per_cell(self, task: KernelTask[DisplacedTrilepton]) -> float:
        """Guess of the time of one mass [s]."""
        searches = len(task.experiments)
        rows = len(task.axes["convention"]) * len(task.axes["flavor"]) * len(PAIRS)
        cells = rows * len(task.axes["a"]) * len(task.axes["d_gamma"])
        drawn = 0.0 if task.tables is not None else len(PAIRS) * TYPICAL_EVENTS * SECONDS_PER_EVENT
        seconds: float = searches * (drawn + cells * SECONDS_PER_COUNT)
        return seconds
