"""Counts of particles from mesons: responses of all channels turned into events along the coupling axis."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from physics.experiments.base import Experiment, Selection
from physics.forward.aimed import aim
from physics.forward.coupling_axis import CouplingAxis
from physics.forward.decay_law import TauGrid, decay_table
from physics.forward.parents import ParentSpectrum
from physics.forward.produced import produce
from physics.forward.response import Response, grid_for, respond_each
from physics.models.base import Kernel, KernelTask, Variable
from physics.nature.beams import beam
from physics.nature.constants import HBAR_C
from physics.nature.mesons import meson
from physics.neutrino_dipole.mesons.base import ProductionChannel
from physics.numerics.sampling import Sampling
from physics.signals.base import LongLived, MesonSignal
from physics.spectra.normalisation import load_species

GENERATOR, THRESHOLD = "generator", "E_gamma_min"
ERRORS_PER_OCTAVE = (
    2  # of the coupling: there the integration error is evaluated, between them interpolated
)


@dataclass(frozen=True)
class Counts:
    """Counts at one point.

    Attributes
    ----------
    counts : (channels, d) array
        Events.
    relative_error : (d,) array
        Integration error of the sum over channels; NaN where the sum is zero.
    table_error : (d,) array
        Relative error of the sum from the finite statistics of the spectra's tables; NaN if nothing is expected.
    """

    counts: np.ndarray
    relative_error: np.ndarray
    table_error: np.ndarray


@dataclass(frozen=True)
class Watch:
    """One experiment with one selection, which needs particles from a momentum on.

    Attributes
    ----------
    experiment : Experiment
    index : int
        Of the threshold, along its axis; zero without one.
    selection : Selection
    slowest : float
        Momentum from which on particles are drawn [GeV].
    grid : TauGrid
    """

    experiment: Experiment
    index: int
    selection: Selection
    slowest: float
    grid: TauGrid

    @property
    def key(self) -> tuple[str, int]:
        """Label of the experiment, and the threshold's place."""
        return self.experiment.tag, self.index


class MesonDecayKernel(Kernel):
    """Counts of forward searches for a particle from meson decays.

    Parameters
    ----------
    task : KernelTask
        With the axes ``generator``, those of the signal, perhaps ``E_gamma_min`` [GeV], and the coupling [1/GeV];
        options of the signal and ``normalisation``.
    signal : MesonSignal
        What the model makes of mesons.
    """

    def __init__(self, task: KernelTask, signal: MesonSignal):
        options = dict(task.options)
        self.normalisation = options.pop("normalisation")
        self.signal = signal
        self.options = signal.options(options)
        self.sampling = Sampling(**task.sampling)
        self.experiments: list[Experiment] = list(task.experiments)
        self.beam = beam(self.experiments[0].beam)
        self.axes = task.axes
        self.axis = CouplingAxis(np.asarray(task.axes[signal.coupling], dtype=float))
        self.channels = tuple(task.channels)
        self.block_dims = block_dims(signal, task.axes)
        self.variables = meson_decay_variables(signal, task.axes)
        self.labels = task.axes[signal.inner] if signal.inner else ("",)
        first = {name: task.axes[name][0] for name in self.block_dims if name != GENERATOR}
        somewhere = signal.particle(first, self.labels, self.channels, self.options)
        self._parents = somewhere.channels  # which mesons there are does not depend on the point
        self._spectra: dict[str, dict[str, ParentSpectrum]] = {}

    def evaluate(self, selection: Mapping[str, slice]) -> dict[str, dict[str, np.ndarray]]:
        """Fill a block; see :class:`physics.models.base.Kernel`."""
        cut = {dim: self.axes[dim][selection[dim]] for dim in self.block_dims}
        lengths = {dim: len(values) for dim, values in {**self.axes, **cut}.items()}
        lengths["channel"] = len(self.channels)
        result = {
            e.tag: {
                name: np.empty(tuple(lengths[dim] for dim in variable.dims))
                for name, variable in self.variables.items()
            }
            for e in self.experiments
        }
        # one BLAS thread: the sum of products then does not depend on the machine's load
        with threadpool_limits(limits=1, user_api="blas"):
            for place, point in _points(cut):
                generator = point.pop(GENERATOR)
                for (name, threshold, label), counts in self.counts_at(generator, point).items():
                    at = place | {THRESHOLD: threshold, self.signal.inner: self.labels.index(label)}
                    for variable, values in result[name].items():
                        dims = self.variables[variable].dims
                        index = tuple(at.get(dim, slice(None)) for dim in dims)
                        values[index] = getattr(counts, variable)
        return result

    def counts_at(
        self, generator: str, point: Mapping[str, Any]
    ) -> dict[tuple[str, int, str], Counts]:
        """Counts of all experiments, thresholds and labels of the inner axis at one point.

        Parameters
        ----------
        generator : str
        point : mapping
            Axis to value, for the parameters of the signal.

        Returns
        -------
        dict
            (experiment, number of the threshold, label) to :class:`Counts`.
        """
        particle = self.signal.particle(point, self.labels, self.channels, self.options)
        watches = self._watches(particle)
        responses = self._responses(generator, particle, watches)
        whole = TauGrid.spanning([w.grid for w in watches])
        rates = {
            label: particle.mass * particle.widths[label] / HBAR_C * self.axis.nodes**2
            for label in self.labels
        }  # K = m Gamma/(hbar c) [GeV/m]
        tables = {key: decay_table(whole.nodes, rate) for key, rate in _distinct(rates).items()}
        filled = {}
        for watch in watches:
            part = whole.slice_of(watch.grid)
            for label in self.labels:
                table = tables[rates[label].tobytes()][part]
                rows = [self._parts(responses, watch.key, c, label) for c in particle.channels]
                filled[*watch.key, label] = self._fill(rows, table, rates[label])
        return filled

    def _watches(self, particle: LongLived) -> list[Watch]:
        """Every experiment with every threshold."""
        found = []
        for e in self.experiments:
            chosen = [e.selection.with_threshold(t) for t in self.axes.get(THRESHOLD, ())]
            for i, selection in enumerate(chosen or [e.selection]):
                slowest = selection.sampled_momentum(particle.mass, particle.photon_share)
                grid = grid_for(e, self.beam, particle.mass, slowest)
                found.append(Watch(e, i, selection, slowest, grid))
        return found

    def _responses(
        self, generator: str, particle: LongLived, watches: Sequence[Watch]
    ) -> dict[tuple[tuple[str, int], str, str], Response]:
        """(watch, channel, single label) to response; what does not depend on the label under ''."""
        found = {}
        spectra = self.spectra(generator)
        singles = list(dict.fromkeys(s for x in self.labels for s in self.signal.singles(x)))
        for channel in particle.channels:
            spectrum = spectra[channel.tag]
            for single in singles if channel.flavor_dependent else singles[:1]:
                label = single if channel.flavor_dependent else ""
                for slowest, of_cut in _grouped(watches, lambda w: w.slowest):
                    made = produce(
                        channel, spectrum, self.beam, particle.mass, single, slowest, self.options,
                        self.sampling,
                    )  # fmt: skip
                    for _, same in _grouped(of_cut, lambda w: w.experiment.tag):
                        aimed = aim(made, same[0].experiment, self.sampling)
                        selections = [w.selection for w in same]
                        seen = respond_each(
                            aimed, selections, spectrum, same[0].grid, self.sampling
                        )
                        for watch, response in zip(same, seen, strict=True):
                            found[watch.key, channel.tag, label] = response
        return found

    def spectra(self, generator: str) -> dict[str, ParentSpectrum]:
        """Spectra of all parents, loaded and verified once."""
        if generator not in self._spectra:
            self._spectra[generator] = {c.tag: self._spectrum(c, generator) for c in self._parents}
        return self._spectra[generator]

    def _spectrum(self, channel: ProductionChannel, generator: str) -> ParentSpectrum:
        charges = channel.charges(self.options)
        tables = load_species(self.beam.tag, generator, channel.meson.pdg, self.normalisation)
        kept = tuple(t for t in tables if t.pdg in charges)
        return ParentSpectrum(meson(channel.tag), kept, self.beam.forward_angle)

    def _parts(
        self, responses: Mapping, watch: tuple[str, int], channel: ProductionChannel, label: str
    ) -> list[Response]:
        """Responses of a channel whose sum is that to a label: one, or one for each single label."""
        singles = self.signal.singles(label)
        if channel.flavor_dependent:
            return [responses[watch, channel.tag, s] for s in singles]
        one = responses[watch, channel.tag, ""]
        return [replace(one, weights=one.weights * len(singles))]

    def _errors(self, nodes: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Relative errors along the coupling axis, at most one; NaN if nothing is expected anywhere."""
        known = np.isfinite(error)
        if not known.any():
            return np.full(self.axis.d.size, np.nan)
        logs = np.log(nodes[known])
        return np.interp(np.log(self.axis.d), logs, np.minimum(error[known], 1.0))

    def _fill(
        self, channels: Sequence[Sequence[Response]], table: np.ndarray, rate: np.ndarray
    ) -> Counts:
        nodes = self.axis.nodes
        rows = [np.sum([p.weights for p in parts], axis=0) for parts in channels]
        counts = np.stack([weights.sum(axis=0) for weights in rows]) @ table
        counts = np.maximum(counts, 0.0) * nodes**2
        few = np.unique(np.floor(np.log2(nodes) * ERRORS_PER_OCTAVE), return_index=True)[1]
        few = np.unique(np.append(few, nodes.size - 1))
        table = np.ascontiguousarray(table[:, few])
        replicas = np.sum(rows, axis=0) @ table
        total = replicas.sum(axis=0)
        n = self.sampling.replicas
        # one table behind all flavors of a channel: errors add linearly; those of channels are independent
        of_channels = [
            np.sum(
                [
                    (p.weights.sum(axis=0) @ table) * np.sqrt(p.table_variance_at(rate[few]))
                    for p in parts
                ],
                axis=0,
            )
            for parts in channels
        ]
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.where(total > 0, replicas.std(axis=0, ddof=1) * np.sqrt(n) / total, np.nan)
            shares = np.where(total > 0, of_channels / total, np.nan)
        of_tables = np.sqrt(np.sum(shares**2, axis=0))
        return Counts(
            counts=self.axis.fill(counts),
            relative_error=self._errors(nodes[few], error),
            table_error=self._errors(nodes[few], of_tables),
        )


def _points(cut: Mapping[str, Sequence]) -> Iterator[tuple[dict[str, int], dict[str, Any]]]:
    """Places and values of all combinations of some axes."""
    for place in itertools.product(*(range(len(values)) for values in cut.values())):
        at = dict(zip(cut, place, strict=True))
        yield at, {dim: cut[dim][i] for dim, i in at.items()}


def _grouped(watches: Sequence[Watch], key: Any) -> list[tuple[Any, list[Watch]]]:
    """Watches with equal keys together, in the order of their first."""
    groups: dict[Any, list[Watch]] = {}
    for watch in watches:
        groups.setdefault(key(watch), []).append(watch)
    return list(groups.items())


def _distinct(rates: Mapping[str, np.ndarray]) -> dict[bytes, np.ndarray]:
    return {rate.tobytes(): rate for rate in rates.values()}


def block_dims(signal: MesonSignal, axes: Mapping[str, tuple]) -> tuple[str, ...]:
    """Axes along which the work may be cut: spectra, then the signal's parameters that the scan has."""
    return (GENERATOR, *(name for name in signal.parameters if name in axes))


def meson_decay_variables(signal: MesonSignal, axes: Mapping[str, tuple]) -> dict[str, Variable]:
    """What the kernel stores."""
    first = (GENERATOR, signal.inner, *signal.parameters, THRESHOLD)
    outer = tuple(name for name in first if name in axes)
    return {
        "counts": Variable(
            (*outer, "channel", signal.coupling),
            "float64",
            {"units": "events", "long_name": "expected signal events"},
        ),
        "relative_error": Variable(
            (*outer, signal.coupling),
            "float32",
            {"units": "1", "long_name": "relative integration error of the sum over channels"},
        ),
        "table_error": Variable(
            (*outer, signal.coupling),
            "float32",
            {"units": "1", "long_name": "relative error from the statistics of the meson spectra"},
        ),
    }
