"""The lifetime as a weight: one sample of events for all lifetimes.

An event passes for proper times T of N between T1 and T2, with an efficiency that depends on T rho'. With

    A(T) = < w 1(T1 < T < T2) efficiency(T rho') >,    eps(c tau) = int dT/(c tau) exp(-T/(c tau)) A(T),

A is kept at fixed nodes of log T, the same for every mass, model and detector, and eps follows for every lifetime by
the trapezoidal rule in log T. Efficiencies are polynomials of T rho' piece by piece, so that an event adds to three
moments where its window begins and takes them back where it ends.

Sums are made batch by batch, each from its events in their order, so that they are the same bit for bit however the
events were cut into blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from physics.detectors.trilepton_cuts import LEPTONS, Tracker, TrileptonCuts
from physics.errors import InputError
from physics.numerics.arrays import Array
from physics.searches.displaced_trilepton import LONGEST, Precision
from physics.trileptons.staged import BLOCK, Passed, Source, passed

FIRST, LAST, STEP = 1e-9, 1e3, 0.05  # of the nodes: proper times in metres, step of the logarithm
LOG_FIRST = float(np.log(FIRST))
NODES = int(np.ceil(np.log(LAST / FIRST) / STEP)) + 1
TIMES: Array = np.exp(LOG_FIRST + STEP * np.arange(NODES))
TIMES.setflags(write=False)
REPLICAS = 32
BATCH = 65536  # events
TAU_TO_LEPTON = {"e": 0.1782, "mu": 0.1739}  # branching ratios of tau -> l nu nu, PDG


@dataclass(frozen=True, eq=False)
class Acceptance:
    """A(T), from which the efficiency at every lifetime follows.

    Attributes
    ----------
    value : (nodes,) array
        A at :data:`TIMES`.
    error : (nodes,) array
        Relative statistical error of the efficiency at the proper decay lengths :data:`TIMES`: at most one, and zero
        where nothing passes.
    events : int
        Decays that were drawn.
    """

    value: Array
    error: Array
    events: int

    def efficiency(self, ctau: ArrayLike) -> tuple[Array, Array]:
        """Efficiency and its relative statistical error at proper decay lengths [m], of any shape."""
        value = efficiency_of(self.value, ctau)
        error = np.interp(np.log(np.asarray(ctau, dtype=float)), np.log(TIMES), self.error)
        return value, np.where(value > 0, error, 0.0)


@dataclass(frozen=True, eq=False)
class Shares:
    """A(T) of one sample, in shares of its events.

    Attributes
    ----------
    parts : (32, nodes) array
        Of as many equal shares of the events.
    events : int
        Decays that were drawn.
    """

    parts: Array
    events: int

    def table(self) -> Acceptance:
        """Their mean, with the error that their spread gives."""
        return Acceptance(self.parts.mean(axis=0), self.efficiency(TIMES)[1], self.events)

    def efficiency(self, ctau: ArrayLike) -> tuple[Array, Array]:
        """Efficiency and its relative statistical error at proper decay lengths [m], of any shape."""
        seen = efficiency_of(self.parts, ctau)
        mean = seen.mean(axis=0)
        spread = seen.std(axis=0, ddof=1) / np.sqrt(len(seen))
        error = np.divide(spread, mean, out=np.zeros(mean.shape), where=mean > 0)
        return mean, np.minimum(error, 1.0)


def efficiency_of(A: Array, ctau: ArrayLike) -> Array:
    """Efficiency at proper decay lengths from A(T): (..., nodes) and any shape give (..., *shape).

    Parameters
    ----------
    A : (..., nodes) array
        At :data:`TIMES`.
    ctau : array_like
        [m]; positive.

    Raises
    ------
    InputError
        If a decay length is not positive.
    """
    ctau = np.asarray(ctau, dtype=float)
    if not (ctau > 0).all():
        raise InputError("a proper decay length must be positive [m]")
    ratio = np.minimum(np.multiply.outer(TIMES, 1 / ctau.ravel()), 1e5)
    found: Array = np.asarray(A) @ (STEP * ratio * np.exp(-ratio))
    return np.reshape(found, (*np.shape(A)[:-1], *ctau.shape))


class _Sums:
    """Moments of the windows of one prompt flavor, over replicas and nodes."""

    def __init__(self, cuts: TrileptonCuts, leptons: tuple[str, str]):
        self.pieces = cuts.efficiency_pieces(leptons)
        self.scale = cuts.prompt_efficiency
        self.moments = np.zeros((len(self.pieces), 3, REPLICAS, NODES + 1))
        self.active = np.zeros((len(self.pieces), REPLICAS, NODES + 1), dtype=np.int64)

    def add(self, sample: Passed, flavor: str, first: int) -> None:
        """Add a batch whose first event is number ``first``."""
        chosen = sample.prompt[flavor] > 0
        weight, rho = (sample.weight * sample.prompt[flavor])[chosen], sample.rho[chosen]
        least, most = sample.least[chosen], sample.most[chosen]
        row = (sample.index[chosen] - first) // (BATCH // REPLICAS) * (NODES + 1)
        size = REPLICAS * (NODES + 1)
        for moments, active, (end, (start, *_)) in zip(
            self.moments, self.active, self.pieces, strict=True
        ):
            begins = row + _node(np.maximum(least, start / rho))
            ends = row + _node(np.minimum(most, end / rho))
            some = ends > begins
            begins, ends = begins[some], ends[some]
            active += (
                np.bincount(begins, minlength=size) - np.bincount(ends, minlength=size)
            ).reshape(REPLICAS, -1)
            part, distance = weight[some], rho[some]
            for moment in moments:
                moment += (np.bincount(begins, part, size) - np.bincount(ends, part, size)).reshape(
                    REPLICAS, -1
                )
                part = part * distance

    def shares(self, events: int) -> Shares:
        """A(T) of what has been added."""
        parts = np.zeros((REPLICAS, NODES))
        for moments, active, (_, (_, *polynomial)) in zip(
            self.moments, self.active, self.pieces, strict=True
        ):
            some = np.cumsum(active, axis=-1)[:, :-1] > 0
            grown = np.cumsum(moments, axis=-1)[..., :-1]
            value = sum(c * TIMES**i * grown[i] for i, c in enumerate(polynomial))
            parts += np.where(some, value, 0.0)
        return Shares(np.maximum(parts, 0.0) * (self.scale * REPLICAS / events), events)


def _node(time: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """First node at or after a proper time."""
    with np.errstate(divide="ignore"):
        place = np.ceil((np.log(time) - LOG_FIRST) / STEP)
    return np.clip(place, 0, NODES).astype(np.int64)


def shares(
    source: Source,
    cuts: TrileptonCuts,
    tracker: Tracker,
    precision: Precision,
    flavors: tuple[str, ...] = LEPTONS,
    block: int = BLOCK,
) -> dict[str, Shares]:
    """A(T) for prompt leptons of some flavors, from events that they share.

    Parameters
    ----------
    source : Source
    cuts : TrileptonCuts
    tracker : Tracker
    precision : Precision
        Its error is met for all flavors.
    flavors : tuple of str
        Of the prompt lepton, e and mu.
    block : int
        Events at a time; it changes no number.

    Returns
    -------
    dict
        Flavor to shares, per decay of W to this N (through tau: per leptonic decay of that tau).
    """
    sums = {flavor: _Sums(cuts, source.decay.leptons) for flavor in flavors}
    wanted = np.geomspace(precision.shortest, LONGEST, 21)
    found: dict[str, Shares] = {}
    for number in range(precision.batches):
        start = number * BATCH
        sample = passed(source, cuts, tracker, start, start + BATCH, block)
        for flavor in flavors:
            sums[flavor].add(sample, flavor, start)
        found = {flavor: sums[flavor].shares(start + BATCH) for flavor in flavors}
        if number and all(_met(found[flavor], wanted, precision.error) for flavor in flavors):
            break
    return found


def _met(found: Shares, wanted: Array, error: float) -> bool:
    value, relative = found.efficiency(wanted)
    return bool((value > 0).all() and (relative <= error).all())
