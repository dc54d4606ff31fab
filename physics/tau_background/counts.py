"""Counting pairs: how many pass each of several cuts, and the distribution of the angle between the electrons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from physics.detectors.tau_pair_cuts import TauPairCuts
from physics.numerics.arrays import Array, Integers, Mask
from physics.tau_background.events import TauPairs, tau_pairs

# PDG 2022: Z -> tau tau, tau -> e nu nu
BRANCHING_RATIO = 0.03370 * 0.1782**2
EVENTS, SEED = 2**20, 2308


def passed(pairs: TauPairs, cuts: TauPairCuts) -> Mask:
    """Which pairs pass a selection."""
    kept: Mask = np.ones(pairs.cosine.size, dtype=bool)
    if cuts.p_miss_min:
        kept &= pairs.p_miss > cuts.p_miss_min
    if not cuts.directed:
        return kept
    seen = pairs.geometry
    if seen is None:
        raise ValueError("a cut on directions needs events with them")
    if cuts.p_miss_transverse_min:
        kept &= seen.p_miss_transverse > cuts.p_miss_transverse_min
    if cuts.d0_min:
        kept &= (seen.d0_low if cuts.tracks == "both" else seen.d0_high) > cuts.d0_min
    if cuts.cos_max < 1:
        kept &= seen.cos_far < cuts.cos_max
    return kept


def count_pairs(
    selections: Sequence[TauPairCuts],
    energies: Array,
    angles: Array,
    events: int,
    seed: int,
    batch: int,
    radiation: str,
) -> Integers:
    """Pairs of one batch that pass each selection, with both energies above and the angle below some values.

    Parameters
    ----------
    selections : sequence of TauPairCuts
    energies : (k,) array
        Increasing [GeV].
    angles : (m,) array
        Increasing [rad]; from pi on there is no cut.
    events, seed, batch, radiation
        See :func:`physics.tau_background.events.tau_pairs`.

    Returns
    -------
    (n, k, m) int array
    """
    cosines = np.where(angles < np.pi, np.cos(np.minimum(angles, np.pi)), -np.inf)[::-1]
    shape = energies.size + 1, cosines.size + 1
    found = np.zeros((len(selections), shape[0] * shape[1]), dtype=np.int64)
    directed = any(cuts.directed for cuts in selections)
    for pairs in tau_pairs(events, seed, batch, radiation, directed):
        # how many of the thresholds each pair passes
        cell = np.searchsorted(energies, pairs.E_low) * shape[1]
        cell += np.searchsorted(cosines, pairs.cosine)
        for row, cuts in zip(found, selections, strict=True):
            row += np.bincount(cell[passed(pairs, cuts)], minlength=row.size)
    cells = found.reshape(-1, *shape)[:, ::-1, ::-1]
    above = cells.cumsum(axis=1).cumsum(axis=2)[:, ::-1, ::-1]
    counts: Integers = above[:, 1:, 1:][:, :, ::-1]
    return counts


@dataclass(frozen=True)
class CosineHistogram:
    """Distribution of the cosine between electron and positron.

    Attributes
    ----------
    edges : (n+1,) array
    fraction, error : (n,) arrays
        Of all pairs in each bin, and its statistical error.
    """

    edges: Array
    fraction: Array
    error: Array


def cosine_histogram(
    edges: Array,
    events: int = EVENTS,
    seed: int = SEED,
    radiation: str = "none",
    selection: TauPairCuts | None = None,
) -> CosineHistogram:
    """Distribution of the cosine between the electrons (arXiv:2301.08592 fig. 10, background).

    Parameters
    ----------
    edges : (n+1,) array
        Of the bins, increasing, within [-1, 1].
    events, seed, radiation
        See :func:`physics.tau_background.events.tau_pairs`.
    selection : TauPairCuts, optional
        No cut by default.

    Returns
    -------
    CosineHistogram

    Examples
    --------
    >>> found = cosine_histogram(np.array([-1.0, -0.5, 1.0]), 2**14)
    >>> float(found.fraction.sum()), bool(found.fraction[1] < 0.004)
    (1.0, True)
    """
    cuts = selection or TauPairCuts()
    counts = np.zeros(edges.size - 1, dtype=np.int64)
    for pairs in tau_pairs(events, seed, 0, radiation, cuts.directed):
        counts += np.histogram(pairs.cosine[passed(pairs, cuts)], edges)[0]
    return CosineHistogram(edges, counts / events, np.sqrt(counts) / events)
