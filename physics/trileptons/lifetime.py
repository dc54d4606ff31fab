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
from physics.trileptons.staged import BLOCK, Passed, Source, passed

FIRST, LAST, STEP = 1e-9, 1e3, 0.05  # of the nodes: proper times in metres, step of the logarithm
LOG_FIRST = float(np.log(FIRST))
NODES = int(np.ceil(np.log(LAST / FIRST) / STEP)) + 1
TIMES: Array = np.exp(LOG_FIRST + STEP * np.arange(NODES))
TIMES.setflags(write=False)
REPLICAS = 32
BATCH = 65536  # events
TAU_TO_LEPTON = {"e": 0.1782, "mu": 0.1739}  # branching ratios of tau -> l nu nu, PDG
_LONGEST = 100.0  # m, where the stated error is looked at


@dataclass(frozen=True)
class Statistics:
    """How many events are drawn: whole batches of 65536 until the error is met.

    Attributes
    ----------
    error : float
        Relative statistical error of the efficiency, at every proper decay length from ``shortest`` to 100 m.
    shortest : float
        [m]
    batches : int
        At most; where they do not reach the error, the stored error says so.
    seed : int
    """

    error: float = 0.01
    shortest: float = 1e-3
    batches: int = 64
    seed: int = 2301

    def __post_init__(self) -> None:
        if not 0 < self.error < 1:
            raise InputError(f"the error must lie between 0 and 1, not {self.error:g}")
        if not 1e-9 <= self.shortest < _LONGEST:
            raise InputError(
                f"the shortest decay length must lie between 1e-9 and {_LONGEST:g} m, not {self.shortest:g}"
            )
        if not 2 <= self.batches <= 100_000:
            raise InputError(f"batches must be from 2 to 100000, not {self.batches}")


@dataclass(frozen=True, eq=False)
class Acceptance:
    """A(T) of one sample.

    Attributes
    ----------
    parts : (32, nodes) array
        Of as many equal shares of the events.
    events : int
        Decays that were drawn.
    """

    parts: Array
    events: int

    @property
    def mean(self) -> Array:
        """A at :data:`TIMES`, (nodes,)."""
        mean: Array = self.parts.mean(axis=0)
        return mean

    def efficiency(self, ctau: ArrayLike) -> tuple[Array, Array]:
        """Efficiency and its relative statistical error at proper decay lengths [m], of any shape.

        The error comes from the spread of the 32 shares; it is at most one, and zero where nothing passes.
        """
        ctau = np.asarray(ctau, dtype=float)
        parts = efficiency_of(self.parts, ctau)
        value = parts.mean(axis=0)
        spread = parts.std(axis=0, ddof=1) / np.sqrt(len(parts))
        error = np.divide(spread, value, out=np.zeros(value.shape), where=value > 0)
        return value, np.minimum(error, 1.0)


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
    ratio = np.multiply.outer(TIMES, 1 / ctau.ravel())
    found: Array = np.asarray(A) @ (STEP * ratio * np.exp(-ratio))
    return found.reshape(*np.shape(A)[:-1], *ctau.shape)


class _Sums:
    """Moments of the windows of one prompt flavor, over replicas and nodes."""

    def __init__(self, cuts: TrileptonCuts, leptons: tuple[str, str]):
        self.pieces = cuts.efficiency_pieces(leptons)
        self.scale = cuts.prompt_efficiency
        self.moments = np.zeros((len(self.pieces), 3, REPLICAS, NODES + 1))
        self.active = np.zeros((len(self.pieces), REPLICAS, NODES + 1), dtype=np.int64)

    def add(self, sample: Passed, flavor: str, first: int) -> None:
        """Add a batch whose first event is number ``first``."""
        chosen = sample.prompt[flavor]
        weight, rho = sample.weight[chosen], sample.rho[chosen]
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
                moment += (
                    np.bincount(begins, part, size) - np.bincount(ends, part, size)
                ).reshape(REPLICAS, -1)
                part = part * distance

    def acceptance(self, events: int) -> Acceptance:
        """A(T) of what has been added."""
        parts = np.zeros((REPLICAS, NODES))
        for moments, active, (_, (_, *polynomial)) in zip(
            self.moments, self.active, self.pieces, strict=True
        ):
            some = np.cumsum(active, axis=-1)[:, :-1] > 0
            grown = np.cumsum(moments, axis=-1)[..., :-1]
            value = sum(c * TIMES**i * grown[i] for i, c in enumerate(polynomial))
            parts += np.where(some, value, 0.0)
        return Acceptance(np.maximum(parts, 0.0) * (self.scale * REPLICAS / events), events)


def _node(time: Array) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """First node at or after a proper time."""
    with np.errstate(divide="ignore"):
        place = np.ceil((np.log(time) - LOG_FIRST) / STEP)
    return np.clip(place, 0, NODES).astype(np.int64)


def acceptances(
    source: Source,
    cuts: TrileptonCuts,
    tracker: Tracker,
    statistics: Statistics,
    flavors: tuple[str, ...] = LEPTONS,
    block: int = BLOCK,
) -> dict[str, Acceptance]:
    """A(T) for prompt leptons of some flavors, from events that they share.

    Parameters
    ----------
    source : Source
    cuts : TrileptonCuts
    tracker : Tracker
    statistics : Statistics
        Its error is met for all flavors.
    flavors : tuple of str
        Of the prompt lepton, e and mu.
    block : int
        Events at a time; it changes no number.

    Returns
    -------
    dict
        Flavor to acceptance, per decay of W to this N (through tau: per leptonic decay of that tau).
    """
    sums = {flavor: _Sums(cuts, source.decay.leptons) for flavor in flavors}
    wanted = np.geomspace(statistics.shortest, _LONGEST, 21)
    found: dict[str, Acceptance] = {}
    for number in range(statistics.batches):
        start = number * BATCH
        sample = passed(source, cuts, tracker, start, start + BATCH, block)
        for flavor in flavors:
            sums[flavor].add(sample, flavor, start)
        found = {flavor: sums[flavor].acceptance(start + BATCH) for flavor in flavors}
        if number and all(_met(found[flavor], wanted, statistics.error) for flavor in flavors):
            break
    return found


def _met(found: Acceptance, wanted: Array, error: float) -> bool:
    value, relative = found.efficiency(wanted)
    return bool((value > 0).all() and (relative <= error).all())
