"""Counts of particles from mesons: responses of all channels turned into events along the coupling axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from physics.forward.allocation import largest_error, meeting
from physics.forward.coupling_axis import CouplingAxis
from physics.forward.decay_law import TauGrid, decay_table
from physics.forward.decays import ALL, BoundDecay, LongLived
from physics.forward.response import Response, table_errors
from physics.forward.signal import GENERATOR, THRESHOLD, MesonSignal
from physics.forward.views import Key, Responses, View, ViewKey, views_of
from physics.kernel import Filled, Kernel, KernelTask, Variable
from physics.nature.constants import HBAR_C
from physics.numerics.arrays import Array, Integers
from physics.numerics.sampling import Sampling
from physics.searches.forward_decay import ForwardDecay

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
    largest_error : float
        Largest relative integration error of the sum at lifetimes where the sampling asks for one; NaN if it asks for
        none, or nothing is expected.
    """

    counts: Array
    relative_error: Array
    table_error: Array
    largest_error: float


class ForwardKernel(Kernel[ForwardDecay]):
    """Counts of forward searches for a particle from meson decays.

    Parameters
    ----------
    task : KernelTask
        With the axes ``generator``, those of the signal, perhaps ``E_gamma_min`` [GeV], and the coupling [1/GeV];
        options of the model and ``normalisation``.
    signal : MesonSignal
        What the model makes of mesons.
    variables, block_dims
        See :class:`physics.kernel.Kernel`.
    """

    def __init__(
        self,
        task: KernelTask[ForwardDecay],
        signal: MesonSignal,
        variables: Mapping[str, Variable],
        block_dims: tuple[str, ...],
    ):
        super().__init__(task, variables, block_dims)
        self.options = dict(task.options)
        self.normalisation = self.options.pop("normalisation")
        self.signal = signal
        self.sampling = Sampling(**task.sampling)
        self.searches = list(task.experiments)
        self.axis = CouplingAxis(np.asarray(task.axes[signal.coupling], dtype=float))
        self._few = _few(self.axis.nodes)
        self.labels = task.axes[signal.inner] if signal.inner else (ALL,)
        self.responses = Responses(self.searches[0].place, self.normalisation)

    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one cell; see :class:`physics.kernel.Kernel`."""
        place = dict(point)
        generator = place.pop(GENERATOR)
        counts = self.counts_at(generator, place)
        found = {}
        for search in self.searches:
            own = {
                at: self._over_labels(counts, search.tag, at)
                for at in range(len(self.axes.get(THRESHOLD, (0.0,))))
            }
            if THRESHOLD not in self.axes:
                found[search.tag] = own[0]
                continue
            axis = 1 if self.signal.inner else 0
            found[search.tag] = {
                name: np.stack([own[at][name] for at in own], axis=axis) for name in self.variables
            }
        return found

    def _over_labels(
        self, counts: Mapping[tuple[str, int, str], Counts], tag: str, threshold: int
    ) -> dict[str, Array]:
        """Every variable of one search and threshold, with the inner axis first if there is one."""
        of_labels = [counts[tag, threshold, label] for label in self.labels]
        if not self.signal.inner:
            return {name: getattr(of_labels[0], name) for name in self.variables}
        return {name: np.stack([getattr(c, name) for c in of_labels]) for name in self.variables}

    def counts_at(
        self, generator: str, point: Mapping[str, Any]
    ) -> dict[tuple[str, int, str], Counts]:
        """Counts of all searches, thresholds and labels of the inner axis at one point.

        Parameters
        ----------
        generator : str
        point : mapping
            Axis to value, for the parameters of the signal.

        Returns
        -------
        dict
            (search, number of the threshold, label) to :class:`Counts`.
        """
        particle = self.signal.particle(point, self.labels, self.channels, self.options)
        views = views_of(self.searches, self.axes.get(THRESHOLD, ()), particle)
        responses = self._responses(generator, particle, views)
        whole = TauGrid.spanning([view.grid for view in views])
        rates = {
            label: particle.mass * particle.widths[label] / HBAR_C * self.axis.nodes**2
            for label in self.labels
        }  # K = m Gamma/(hbar c) [GeV/m]
        tables = {key: decay_table(whole.nodes, rate) for key, rate in _distinct(rates).items()}
        filled = {}
        for view in views:
            part = whole.slice_of(view.grid)
            for label in self.labels:
                table = tables[rates[label].tobytes()][part]
                rows = [
                    self._parts(responses, view.key, tag, decays, label)
                    for tag, decays in particle.decays.items()
                ]
                filled[*view.key, label] = self._fill(rows, table, rates[label], view.grid)
        return filled

    def _responses(
        self, generator: str, particle: LongLived, views: Sequence[View]
    ) -> dict[Key, Response]:
        """Responses with as many points as the sampling has, or as its error asks for."""

        def respond(
            decays: LongLived, sampling: Sampling, points: Mapping[Key, int] | None, tables: bool
        ) -> dict[Key, Response]:
            return self.responses.of(generator, decays, views, sampling, points, tables)

        if self.sampling.error is None:
            return respond(particle, self.sampling, None, True)
        return meeting(particle, views, self.sampling, respond)

    def _parts(
        self,
        responses: Mapping[Key, Response],
        view: ViewKey,
        tag: str,
        decays: Mapping[str, BoundDecay],
        label: str,
    ) -> list[Response]:
        """Responses of a channel whose sum is that to a label: one, or one for each single label."""
        singles = self.signal.singles(label)
        if ALL not in decays:
            return [responses[view, tag, single] for single in singles]
        one = responses[view, tag, ALL]
        return [one if len(singles) == 1 else replace(one, weights=one.weights * len(singles))]

    def _errors(self, nodes: Array, error: Array) -> Array:
        """Relative errors along the coupling axis, at most one; NaN if nothing is expected anywhere."""
        known = np.isfinite(error)
        if not known.any():
            return np.full(self.axis.d.size, np.nan)
        logs = np.log(nodes[known])
        along: Array = np.interp(np.log(self.axis.d), logs, np.minimum(error[known], 1.0))
        return along

    def _fill(
        self,
        channels: Sequence[Sequence[Response]],
        table: Array,
        rate: Array,
        grid: TauGrid,
    ) -> Counts:
        nodes, few = self.axis.nodes, self._few
        rows = [_summed([p.weights for p in parts]) for parts in channels]
        totals = [
            parts[0].total if len(parts) == 1 else row.sum(axis=0)
            for parts, row in zip(channels, rows, strict=True)
        ]
        counts = np.stack(totals) @ table
        counts = np.maximum(counts, 0.0) * nodes**2
        table, rate = np.ascontiguousarray(table[:, few]), rate[few]
        weights = _summed(rows)
        replicas = weights @ table
        total = replicas.sum(axis=0)
        n = self.sampling.replicas
        # one table behind all flavors of a channel: errors add linearly; those of channels are independent
        errors = iter(table_errors([p for parts in channels for p in parts], rate))
        of_channels = [
            _summed([(p.total @ table) * next(errors) for p in parts]) for parts in channels
        ]
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.where(total > 0, replicas.std(axis=0, ddof=1) * np.sqrt(n) / total, np.nan)
            shares = np.where(total > 0, of_channels / total, np.nan)
        of_tables = np.sqrt(np.sum(shares**2, axis=0))
        return Counts(
            counts=self.axis.fill(counts),
            relative_error=self._errors(nodes[few], error),
            table_error=self._errors(nodes[few], of_tables),
            largest_error=np.nan if self.sampling.error is None else largest_error(grid, weights),
        )


def _few(nodes: Array) -> Integers:
    """Which of the couplings errors are evaluated at."""
    few = np.unique(np.floor(np.log2(nodes) * ERRORS_PER_OCTAVE), return_index=True)[1]
    return np.unique(np.append(few, nodes.size - 1))


def _summed(arrays: Sequence[Array]) -> Array:
    """The sum of arrays of one shape, which may be one of them."""
    if len(arrays) == 1:
        return arrays[0]
    total = arrays[0] + arrays[1]
    for array in arrays[2:]:
        total += array
    return total


def _distinct(rates: Mapping[str, Array]) -> dict[bytes, Array]:
    return {rate.tobytes(): rate for rate in rates.values()}
