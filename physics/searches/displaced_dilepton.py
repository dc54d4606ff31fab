"""Searches for displaced pairs of leptons at a Z factory: Z -> N nu, N -> nu l+ l-.

arXiv:2301.08592 eqs. (4.8), (4.9):

    counts = modes N_Z BR(Z -> N nu) sum over l = e, mu of BR(N -> nu l+ l-) efficiency_l(p hbar c/(m Gamma)),

with N nubar and Nbar nu (two modes) and the total width of N. BR(N -> nu l+ l-) is the full one of
:mod:`physics.neutrino_dipole.widths`, with gamma*, Z*, W* and their interference; the efficiency is that of gamma*,
which is nearly all of it where decays are displaced. The paper averages the decay probability evenly over the polar
angle, which is not isotropic; here N has its own angular distribution and polarisation.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from physics.detectors.dilepton_cuts import Detector, DileptonCuts
from physics.errors import InputError
from physics.models.base import KernelTask, Variable
from physics.nature.constants import HBAR_C
from physics.nature.electroweak import ELECTROWEAK
from physics.neutrino_dipole.annihilation.quadratic import Convention
from physics.neutrino_dipole.bosons import z_momentum, z_total_width
from physics.neutrino_dipole.dileptons.efficiency import LEPTONS, efficiency_table
from physics.neutrino_dipole.widths.totals import branching_ratio, total_width
from physics.numerics.sampling import Sampling
from physics.reading import mapping, number
from physics.searches.base import search_kinds
from physics.searches.definition import SearchDefinition
from physics.searches.per_mass import OUTER, PerMassKernel, PerMassSearch

SECONDS_PER_SAMPLE = 2e-7  # per point, lepton and mass; one core of a small machine
SECONDS_PER_TABLE = 7e-7  # per point of a selection
SECONDS_PER_COUNT = 2e-8


@dataclass(frozen=True, kw_only=True)
class DisplacedDilepton(SearchDefinition):
    """A search for displaced pairs of leptons; the exposure is decays of the Z.

    Attributes
    ----------
    detector : Detector
    selection : DileptonCuts
    leptons : tuple of str
        Pairs that are looked for, of e and mu.
    """

    detector: Detector
    selection: DileptonCuts
    leptons: tuple[str, ...] = LEPTONS
    kind: str = "displaced-dilepton"

    def __post_init__(self):
        if not self.leptons or set(self.leptons) - set(LEPTONS):
            raise InputError(f"leptons must be of {', '.join(LEPTONS)}, not {list(self.leptons)}")
        if len(set(self.leptons)) < len(self.leptons):
            raise InputError("leptons: one is listed twice; list each once")


class DisplacedDileptonKernel(PerMassKernel):
    """Counts of searches that share the decays of the Z, from tables of efficiency."""

    def __init__(self, task: KernelTask, variables: dict[str, Variable]):
        super().__init__(task, variables)
        self.sampling = Sampling(**task.sampling)

    def counts_at(
        self, search: DisplacedDilepton, chosen: Convention, m_N: float, flavors: tuple[str, ...]
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Counts (a, d) and their relative error (a, d) at one mass, for each flavor."""
        return {flavor: self.counts_of_flavor(search, chosen, flavor, m_N) for flavor in flavors}

    def counts_of_flavor(
        self, search: DisplacedDilepton, chosen: Convention, flavor: str, m_N: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Counts (a, d) and their relative error of one flavor."""
        shape = (self.a.size, self.d2.size)
        if m_N >= ELECTROWEAK.m_Z:
            return np.zeros(shape), np.zeros(shape)
        made = z_total_width([m_N], self.a, flavor, self.options)[0] / ELECTROWEAK.width_Z
        width = total_width([m_N], self.a, flavor, self.options.nature, chosen.z_sign)[0]
        with np.errstate(divide="ignore"):
            length = z_momentum(m_N) * HBAR_C / (m_N * np.multiply.outer(width, self.d2))
        # a Majorana N decays to nu l l and nubar l l, which prefer opposite directions
        polarised = chosen.photon == "spin" and self.options.nature == "dirac"
        seen, error = np.zeros(shape), np.zeros(shape)
        for lepton in search.leptons:
            table = efficiency_table(
                search.selection, search.detector, lepton, m_N, self.sampling, polarised
            )
            efficiency, relative = table(length)
            pairs = f"nu_{lepton}_{lepton}"
            part = branching_ratio([m_N], self.a, flavor, pairs, chosen.z_sign)[0]
            seen += part[:, None] * efficiency
            error += part[:, None] * efficiency * relative  # the same points: errors add linearly
        counts = search.exposure * np.multiply.outer(made, self.d2) * seen
        return counts, np.divide(error, seen, out=np.zeros(shape), where=seen > 0)


@search_kinds.instance
class DisplacedDileptonSearch(PerMassSearch):
    """Displaced pairs of leptons from decays of the Z."""

    tag = "displaced-dilepton"
    title = "displaced pairs of leptons from Z -> N nu, N -> nu l+ l-"
    source = "arXiv:2301.08592 eqs. (4.5)-(4.9) and table 3"
    exposure_units = "decays of the Z"
    channel = "Z"
    kernel_type = DisplacedDileptonKernel
    error_dims = (*OUTER, "d_gamma")

    def read(self, tag: str, content: Mapping[str, Any]) -> DisplacedDilepton:
        """An experiment with ``detector``, ``selection`` and perhaps ``leptons``."""
        content = dict(content)
        if "detector" not in content:
            raise KeyError("detector")
        lengths = {k: number(v, f"detector {k}") for k, v in mapping(content, "detector").items()}
        cuts = mapping(content, "selection")
        given: dict[str, Any] = {
            k: v if k == "tracks" else number(v, f"selection {k}") for k, v in cuts.items()
        }
        leptons = content.get("leptons", LEPTONS)
        if isinstance(leptons, str) or not all(isinstance(x, str) for x in leptons):
            raise InputError(f"leptons must be a list of {', '.join(LEPTONS)}, not {leptons!r}")
        content |= {
            "detector": Detector(**lengths),
            "selection": DileptonCuts(**given),
            "leptons": tuple(leptons),
        }
        return DisplacedDilepton(tag=tag, **content)

    def restore(self, definition: Mapping[str, Any]) -> DisplacedDilepton:
        """A search from its stored definition."""
        content = dict(definition)
        detector, cuts = Detector(**content.pop("detector")), content.pop("selection")
        leptons = tuple(content.pop("leptons"))
        return DisplacedDilepton(
            detector=detector, selection=DileptonCuts(**cuts), leptons=leptons, **content
        )

    def describe(self, definition: DisplacedDilepton) -> str:
        """Detector and cuts."""
        cuts, detector = definition.selection, definition.detector
        words = [f"{' or '.join(definition.leptons)} pairs"]
        words += [f"within r {detector.radius:g} m, L {detector.length:g} m"]
        words += [f"p_miss > {cuts.p_miss_min:g} GeV"] if cuts.p_miss_min else []
        words += [f"cos θ_ll > {cuts.cos_min:g}"] if cuts.cos_min > -1 else []
        words += [f"E_l > {cuts.E_min:g} GeV"] if cuts.E_min else []
        words += [f"r > {cuts.displacement_min * 1e3:g} mm"] if cuts.displacement_min else []
        if cuts.d0_min:
            words += [f"|d0| > {cuts.d0_min * 1e3:g} mm of {cuts.tracks}"]
        return ", ".join(words)

    def group(self, definition: DisplacedDilepton) -> Hashable:
        """All share their events: N from the Z at rest."""
        return self.channel

    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one mass [s]."""
        searches = len(task.experiments)
        points = len(LEPTONS) * task.sampling["points"]
        rows = len(task.axes["convention"]) * len(task.axes["flavor"]) * len(LEPTONS)
        cells = rows * len(task.axes["a"]) * len(task.axes["d_gamma"])
        tables = points * (SECONDS_PER_SAMPLE + searches * SECONDS_PER_TABLE)
        return tables + searches * cells * SECONDS_PER_COUNT
