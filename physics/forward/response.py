"""Responses: what an experiment sees of a production channel at one mass, before any coupling is chosen.

:mod:`physics.forward.produced` draws the particles, :mod:`physics.forward.aimed` follows them through an
experiment; here their windows become weights on the nodes of the decay law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from physics.beams import Beam
from physics.experiments.base import Experiment, Selection
from physics.forward.aimed import Aimed, aim
from physics.forward.decay_law import TauGrid
from physics.forward.parents import ParentSpectrum
from physics.forward.produced import Production
from physics.quasirandom import Sampling


@dataclass(frozen=True)
class Response:
    """Weights on the nodes of a :class:`TauGrid`, in replicas.

    Attributes
    ----------
    weights : (replicas, nodes) array
        Their sum over replicas is the response [events m/GeV per unit d^2].
    table_variance : float
        Relative variance in the long-lifetime limit from the finite statistics of the spectrum's table.
    """

    weights: np.ndarray
    table_variance: float


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
        That all accept no N slower than those drawn.
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
        empty = np.zeros((sampling.replicas, grid.nodes.size))
        return [Response(empty, 0.0) for _ in selections]
    if aimed.experiment.calorimeter is None:
        weights = [aimed.seen(selection) for selection in selections]
        return _deposited(aimed, aimed.enter, aimed.leave, weights, spectrum, grid, sampling)
    u = sampling.uniforms()[aimed.where, 8:10]
    found = []
    for selection in selections:  # photons, and so the windows, differ
        enter, leave, weight = aimed.caught(selection, aimed.experiment.calorimeter, u)
        found += _deposited(aimed, enter, leave, [weight], spectrum, grid, sampling)
    return found


def _deposited(
    aimed: Aimed,
    enter: np.ndarray,
    leave: np.ndarray,
    weights: Sequence[np.ndarray],
    spectrum: ParentSpectrum,
    grid: TauGrid,
    sampling: Sampling,
) -> list[Response]:
    """Responses from windows of the path [m] and weights."""
    some = np.flatnonzero((leave > enter) & np.any([w > 0 for w in weights], axis=0))
    where = aimed.where[some]
    momentum = aimed.made.momentum[where]
    enter, leave = enter[some] / momentum, leave[some] / momentum
    weights = [w[some] for w in weights]
    row = sampling.replica()[where]
    deposits = grid.deposits(enter, leave, weights, row, sampling.replicas)
    cell, cells = aimed.made.parents.cell[where], spectrum.cross_section.size
    by_cell = (np.bincount(cell, w * (leave - enter), minlength=cells) for w in weights)
    return [
        Response(found, spectrum.relative_variance(part))
        for found, part in zip(deposits, by_cell, strict=True)
    ]


def respond(
    made: Production | None,
    experiment: Experiment,
    spectrum: ParentSpectrum,
    grid: TauGrid,
    sampling: Sampling,
) -> Response:
    """Response of one experiment, with its own selection, to what a channel made; see :func:`respond_each`."""
    aimed = aim(made, experiment, sampling)
    return respond_each(aimed, [experiment.selection], spectrum, grid, sampling)[0]


def grid_for(
    experiment: Experiment, beam: Beam, m_N: float, slowest: float | None = None
) -> TauGrid:
    """The stretch of tau that windows of this experiment can fill (bins of spectra may end 1.2% above the beam).

    Of N with the momentum ``slowest`` [GeV] or more; by default what the experiment's selection needs.
    """
    volume = experiment.volume
    nearest = volume.z_min - beam.absorber_distance
    farthest = np.hypot(volume.z_max, volume.r_max + beam.pipe_radius)
    if slowest is None:
        slowest = experiment.selection.momentum_min(m_N)
    return TauGrid(0.98 * nearest / beam.momentum, 1.01 * farthest / slowest)
