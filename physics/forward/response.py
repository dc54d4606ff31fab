"""Responses: what an experiment sees of a production channel at one mass, before any coupling is chosen.

:mod:`physics.forward.produced` draws the particles, :mod:`physics.forward.aimed` follows them through an
experiment; here their windows become weights on the nodes of the decay law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from physics.forward.aimed import Aimed
from physics.forward.decay_law import TauGrid
from physics.forward.joined import Joined, Part
from physics.forward.parents import ParentSpectrum
from physics.nature.beams import Beam
from physics.numerics.arrays import Array, Integers
from physics.numerics.sampling import Sampling
from physics.searches.forward_decay import ForwardDecay, Selection

# Rates k at which the statistics of a table are followed, in units of 1/tau of the shortest windows of an experiment:
# from long lifetimes, where all windows count alike, to short ones, where the fastest particles are all that is left.
TABLE_RATES = np.array([0.0, 1 / 16, 1.0, 4.0, 12.0])


@dataclass(frozen=True)
class Response:
    """Weights on the nodes of a :class:`TauGrid`, in replicas.

    Attributes
    ----------
    weights : (replicas, nodes) array
        Their sum over replicas is the response [events m/GeV per unit d^2].
    table_rates : (n,) array
        Rates k = m Gamma/(hbar c) [GeV/m], from zero on.
    table_variance : (n,) array
        Relative variance of the counts at these rates from the finite statistics of the spectrum's table.
    """

    weights: Array
    table_rates: Array
    table_variance: Array

    @cached_property
    def total(self) -> Array:
        """The sum over replicas, (nodes,)."""
        total: Array = self.weights.sum(axis=0)
        return total


def table_errors(responses: Sequence[Response], rate: Array) -> list[Array]:
    """Relative errors from the tables' statistics at other rates [GeV/m]: their squares are linear in log k.

    Parameters
    ----------
    responses : sequence of Response
        Of one search, so that they know their variances at the same rates.
    rate : (n,) array
        k = m Gamma/(hbar c) [GeV/m].

    Returns
    -------
    list of (n,) arrays
    """
    known = responses[0].table_rates
    shift = known[1] / 4  # so that zero has a place
    at, known = np.log(rate + shift), np.log(known + shift)
    return [np.sqrt(np.interp(at, known, one.table_variance)) for one in responses]


def respond_each(
    aimed: Aimed | None,
    selections: Sequence[Selection],
    spectrum: ParentSpectrum,
    grid: TauGrid,
    sampling: Sampling,
) -> list[Response]:
    """Responses to what crosses the volume, for several selections at once.

    Parameters
    ----------
    aimed : Aimed or None
        None gives responses of zero.
    selections : sequence of Selection
        That all accept no particle slower than those drawn.
    spectrum : ParentSpectrum
    grid : TauGrid
        Of the experiment (:func:`grid_for`).
    sampling : Sampling

    Returns
    -------
    list of Response
        One for each selection, the same as if it were alone.
    """
    if aimed is None:
        return [no_response(grid, sampling) for _ in selections]
    joined = Joined([Part(aimed.made, spectrum, sampling)])
    points = [[sampling.points]] * len(selections)
    return [found for (found,) in respond_parts(aimed, selections, joined, points, grid)]


def no_response(grid: TauGrid, sampling: Sampling) -> Response:
    """Nothing is seen."""
    rates = TABLE_RATES / grid.lowest
    empty = np.zeros((sampling.replicas, grid.nodes.size))
    return Response(empty, rates, np.zeros(rates.size))


def respond_parts(
    aimed: Aimed,
    selections: Sequence[Selection],
    joined: Joined,
    points: Sequence[Sequence[int]],
    grid: TauGrid,
    tables: bool = True,
) -> list[list[Response]]:
    """Responses to several decays at once.

    Parameters
    ----------
    aimed : Aimed
        Of the particles of ``joined``.
    selections : sequence of Selection
    joined : Joined
    points : sequence of sequences of int
        For each selection how many points of each part it takes, the first of each replica.
    grid : TauGrid
    tables : bool
        Whether the statistics of the spectra's tables are followed.

    Returns
    -------
    list of lists of Response
        For each selection one for each part, the same as if they were alone.
    """
    plane, shares = aimed.experiment.calorimeter, [joined.shares(n) for n in points]
    if plane is None:
        weights = [
            _shared(aimed.seen(selection), share, aimed.where)
            for selection, share in zip(selections, shares, strict=True)
        ]
        return _deposited(aimed, aimed.enter, aimed.leave, weights, joined, grid, tables)
    u = aimed.made.uniforms[aimed.where, 8:10]
    found = []
    for selection, share in zip(selections, shares, strict=True):  # photons, and windows, differ
        enter, leave, weight = aimed.caught(selection, plane, u)
        weight = _shared(weight, share, aimed.where)
        found += _deposited(aimed, enter, leave, [weight], joined, grid, tables)
    return found


def _shared(weight: Array, share: Array | None, where: Integers) -> Array:
    return weight if share is None else weight * share[where]


def _deposited(
    aimed: Aimed,
    enter: Array,
    leave: Array,
    weights: Sequence[Array],
    joined: Joined,
    grid: TauGrid,
    tables: bool,
) -> list[list[Response]]:
    """Responses, for each of the weights and then of the parts, from windows of the path [m]."""
    counted = weights[0] > 0
    for weight in weights[1:]:
        counted |= weight > 0
    counted &= leave > enter
    where = aimed.where
    if not counted.all():
        some = np.flatnonzero(counted)
        where, enter, leave = where.take(some), enter.take(some), leave.take(some)
        weights = [weight.take(some) for weight in weights]
    momentum = aimed.made.momentum.take(where)
    enter, leave = enter / momentum, leave / momentum
    rows = len(joined.parts) * joined.replicas
    deposits = grid.deposits(enter, leave, weights, joined.row.take(where), rows)
    rates = TABLE_RATES / grid.lowest
    if not tables:
        none = np.zeros(rates.size)
        return [
            [Response(w, rates, none) for w in np.split(deposit, len(joined.parts))]
            for deposit in deposits
        ]
    cell, length = aimed.made.parents.cell.take(where), leave - enter
    decays = [length, *(_decayed(enter, length, rate) for rate in rates[1:])]
    ends = np.searchsorted(where, joined.ends)
    found = []
    for deposit, weight in zip(deposits, weights, strict=True):
        of_parts = np.split(deposit, len(joined.parts))
        variances = [
            _table_variance(
                cell[begin:end], weight[begin:end], [d[begin:end] for d in decays], part.spectrum
            )
            for part, begin, end in zip(joined.parts, ends, ends[1:], strict=False)
        ]
        found.append([Response(w, rates, v) for w, v in zip(of_parts, variances, strict=True)])
    return found


def _decayed(enter: Array, length: Array, rate: float) -> Array:
    """Probability to decay in short windows, over the rate: one exponential is enough for a variance."""
    decayed = enter * -rate
    np.exp(decayed, out=decayed)
    decayed *= length
    short = length * rate
    short += 1
    decayed /= short
    return decayed


def _table_variance(
    cell: Integers, weight: Array, decays: Sequence[Array], spectrum: ParentSpectrum
) -> Array:
    """Relative variances from the statistics of the table's bins, for probabilities to decay at several rates."""
    found: list[float] = []
    part = np.empty_like(weight)
    for decay in decays:
        np.multiply(weight, decay, out=part)
        # NumPy's stub says integers, which is so without weights
        parts = cast("Array", np.bincount(cell, part, minlength=spectrum.cross_section.size))
        # beyond what counts as a number the last that was known
        variance = spectrum.relative_variance(parts)
        found.append((found or [0.0])[-1] if variance is None else variance)
    return np.array(found)


def grid_for(
    experiment: ForwardDecay, beam: Beam, mass: float, slowest: float | None = None
) -> TauGrid:
    """The stretch of tau that windows of this experiment can fill (bins of spectra may end 1.2% above the beam).

    Of particles with the momentum ``slowest`` [GeV] or more; by default what the experiment's selection needs.
    """
    volume = experiment.volume
    nearest = volume.z_min - beam.absorber_distance
    farthest = np.hypot(volume.z_max, volume.r_max + beam.pipe_radius)
    if slowest is None:
        slowest = experiment.selection.momentum_min(mass)
    return TauGrid(0.98 * nearest / beam.momentum, 1.01 * farthest / slowest)
