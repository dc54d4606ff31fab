"""Counts of the dipole model: responses of all channels turned into events along the coupling axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from physics.beams import beam
from physics.constants import FLAVORS, HBAR_C
from physics.coupling_axis import CouplingAxis
from physics.decay_law import TauGrid, decay_table
from physics.decays.base import decay_channels
from physics.experiments.base import Experiment
from physics.mesons import meson
from physics.models.base import Kernel, KernelTask, Variable
from physics.options import DipoleOptions
from physics.parents import ParentSpectrum
from physics.production.base import ProductionChannel, production_channels, single_flavors
from physics.quasirandom import Sampling
from physics.response import Response, grid_for, produce, respond
from physics.spectra.normalisation import load_species

ERRORS_PER_OCTAVE = (
    2  # of the coupling: there the integration error is evaluated, between them interpolated
)


@dataclass(frozen=True)
class Counts:
    """Counts at one mass and flavor.

    Attributes
    ----------
    counts : (channels, d) array
        Events.
    relative_error : (d,) array
        Integration error of the sum over channels; NaN where the sum is zero.
    table_error : float
        Statistical error of the spectra's tables in the limit of long lifetime; NaN if nothing is expected.
    """

    counts: np.ndarray
    relative_error: np.ndarray
    table_error: float


class MesonDecayKernel(Kernel):
    """Counts of forward searches for N from meson decays.

    Parameters
    ----------
    task : KernelTask
        With the axes generator, flavor, m_N [GeV] and d_gamma [1/GeV]; options of DipoleOptions and
        ``normalisation``.
    """

    block_dims = ("generator", "m_N")

    def __init__(self, task: KernelTask):
        options = dict(task.options)
        self.normalisation = options.pop("normalisation")
        self.options = DipoleOptions(**options)
        self.sampling = Sampling(**task.sampling)
        self.experiments: list[Experiment] = list(task.experiments)
        self.beam = beam(self.experiments[0].beam)
        self.axes = task.axes
        self.axis = CouplingAxis(np.asarray(task.axes["d_gamma"], dtype=float))
        self.channels = tuple(task.channels)
        self.production = [production_channels[tag] for tag in self.channels]
        self.variables = meson_decay_variables()
        self._spectra: dict[str, dict[str, ParentSpectrum]] = {}

    def evaluate(self, selection: Mapping[str, slice]) -> dict[str, dict[str, np.ndarray]]:
        """Fill a block of generators and masses; see :class:`physics.models.base.Kernel`."""
        generators = self.axes["generator"][selection["generator"]]
        masses = self.axes["m_N"][selection["m_N"]]
        flavors = self.axes["flavor"]
        shape = (len(generators), len(flavors), len(masses))
        result = {
            e.tag: {
                "counts": np.empty((*shape, len(self.channels), self.axis.d.size)),
                "relative_error": np.empty((*shape, self.axis.d.size)),
                "table_error": np.empty(shape),
            }
            for e in self.experiments
        }
        # one BLAS thread: the sum of products then does not depend on the machine's load
        with threadpool_limits(limits=1, user_api="blas"):
            for i, generator in enumerate(generators):
                for k, m_N in enumerate(masses):
                    filled = self.counts_at(generator, float(m_N), flavors)
                    for (name, flavor), counts in filled.items():
                        j = flavors.index(flavor)
                        result[name]["counts"][i, j, k] = counts.counts
                        result[name]["relative_error"][i, j, k] = counts.relative_error
                        result[name]["table_error"][i, j, k] = counts.table_error
        return result

    def counts_at(
        self, generator: str, m_N: float, flavors: Sequence[str]
    ) -> dict[tuple[str, str], Counts]:
        """Counts of all experiments and flavors at one mass.

        Parameters
        ----------
        generator : str
        m_N : float
            [GeV]
        flavors : sequence of str

        Returns
        -------
        dict
            (experiment, flavor) to :class:`Counts`.
        """
        singles = [f for f in FLAVORS if any(f in single_flavors(flavor) for flavor in flavors)]
        grids = {e.tag: grid_for(e, self.beam, m_N) for e in self.experiments}
        responses = self._responses(generator, m_N, singles, grids)
        whole = TauGrid.spanning(list(grids.values()))
        rates = {f: self._rate(m_N, f) for f in flavors}
        tables = {key: decay_table(whole.nodes, rate) for key, rate in _distinct(rates).items()}
        filled = {}
        for e in self.experiments:
            part = whole.slice_of(grids[e.tag])
            for flavor in flavors:
                table = tables[_key(rates[flavor])][part]
                rows = [self._combined(responses, e.tag, c, flavor) for c in self.production]
                filled[e.tag, flavor] = self._fill(rows, table)
        return filled

    def _rate(self, m_N: float, flavor: str) -> np.ndarray:
        """K = m_N Gamma/(hbar c) [GeV/m] along the coupling axis."""
        width = decay_channels["nu_gamma"].width(m_N, flavor, self.options)
        return m_N * width / HBAR_C * self.axis.nodes**2

    def _responses(
        self, generator: str, m_N: float, singles: Sequence[str], grids: Mapping[str, TauGrid]
    ) -> dict[tuple[str, str, str], Response]:
        """(experiment, channel, flavor) to response; neutral mesons under the flavor ''."""
        found = {}
        spectra = self.spectra(generator)
        for channel in self.production:
            spectrum = spectra[channel.tag]
            for flavor in singles if channel.flavor_dependent else singles[:1]:
                label = flavor if channel.flavor_dependent else ""
                for cut, searches in self._by_cut(m_N).items():
                    made = produce(
                        channel, spectrum, self.beam, m_N, flavor, cut, self.options, self.sampling
                    )
                    for e in searches:
                        found[e.tag, channel.tag, label] = respond(
                            made, e, spectrum, grids[e.tag], self.sampling
                        )
        return found

    def _by_cut(self, m_N: float) -> dict[float, list[Experiment]]:
        cuts: dict[float, list[Experiment]] = {}
        for e in self.experiments:
            cuts.setdefault(e.selection.momentum_min(m_N), []).append(e)
        return cuts

    def spectra(self, generator: str) -> dict[str, ParentSpectrum]:
        """Spectra of all parents, loaded and verified once."""
        if generator not in self._spectra:
            self._spectra[generator] = {
                c.tag: self._spectrum(c, generator) for c in self.production
            }
        return self._spectra[generator]

    def _spectrum(self, channel: ProductionChannel, generator: str) -> ParentSpectrum:
        charges = channel.charges(self.options)
        tables = load_species(self.beam.tag, generator, channel.meson.pdg, self.normalisation)
        kept = tuple(t for t in tables if t.pdg in charges)
        return ParentSpectrum(meson(channel.tag), kept)

    def _combined(
        self, responses: Mapping, name: str, channel: ProductionChannel, flavor: str
    ) -> Response:
        """Response of a channel to one flavor, or to three at once."""
        singles = single_flavors(flavor)
        if not channel.flavor_dependent:
            one = responses[name, channel.tag, ""]
            return Response(one.weights * len(singles), one.table_variance)
        parts = [responses[name, channel.tag, f] for f in singles]
        weights = np.sum([p.weights for p in parts], axis=0)
        sums = np.array([p.weights.sum() for p in parts])
        # one table behind all flavors: errors add linearly
        errors = sums @ np.sqrt([p.table_variance for p in parts])
        return Response(weights, (errors / sums.sum()) ** 2 if sums.sum() > 0 else 0.0)

    def _errors(self, nodes: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Relative errors along the coupling axis, at most one; NaN if nothing is expected anywhere."""
        known = np.isfinite(error)
        if not known.any():
            return np.full(self.axis.d.size, np.nan)
        logs = np.log(nodes[known])
        return np.interp(np.log(self.axis.d), logs, np.minimum(error[known], 1.0))

    def _fill(self, rows: Sequence[Response], table: np.ndarray) -> Counts:
        nodes = self.axis.nodes
        counts = np.stack([r.weights.sum(axis=0) for r in rows]) @ table
        counts = np.maximum(counts, 0.0) * nodes**2
        few = np.unique(np.floor(np.log2(nodes) * ERRORS_PER_OCTAVE), return_index=True)[1]
        few = np.unique(np.append(few, nodes.size - 1))
        replicas = np.sum([r.weights for r in rows], axis=0) @ np.ascontiguousarray(table[:, few])
        total = replicas.sum(axis=0)
        n = self.sampling.replicas
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.where(total > 0, replicas.std(axis=0, ddof=1) * np.sqrt(n) / total, np.nan)
        sums = np.array([r.weights.sum() for r in rows])
        variance = (sums**2 * [r.table_variance for r in rows]).sum()
        return Counts(
            counts=self.axis.fill(counts),
            relative_error=self._errors(nodes[few], error),
            table_error=float(np.sqrt(variance) / sums.sum()) if sums.sum() > 0 else np.nan,
        )


def _key(rate: np.ndarray) -> bytes:
    return rate.tobytes()


def _distinct(rates: Mapping[str, np.ndarray]) -> dict[bytes, np.ndarray]:
    return {_key(rate): rate for rate in rates.values()}


def meson_decay_variables() -> dict[str, Variable]:
    """What the kernel stores."""
    outer = ("generator", "flavor", "m_N")
    return {
        "counts": Variable(
            (*outer, "channel", "d_gamma"),
            "float64",
            {"units": "events", "long_name": "expected signal events"},
        ),
        "relative_error": Variable(
            (*outer, "d_gamma"),
            "float32",
            {"units": "1", "long_name": "relative integration error of the sum over channels"},
        ),
        "table_error": Variable(
            outer,
            "float32",
            {
                "units": "1",
                "long_name": "relative statistical error of the spectra, limit of long lifetime",
            },
        ),
    }
