"""Counts of a plane at some of its couplings: what a screen shows of a plane, in little memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from physics.numerics.arrays import Array
from scanner.queries.computing import computed
from scanner.queries.direct import Wanted
from scanner.queries.direct_thinned import every_nth
from scanner.queries.query import Query
from scanner.scans.plan import TOTAL


def thinned(
    query: Query, selections: Sequence[Mapping[str, Any]], places: Sequence[int]
) -> list[Array]:
    """Counts over mass and some couplings, summed over channels; files that planes have in common are read once.

    Parameters
    ----------
    query : Query
    selections : sequence of mapping
        Axis to label or value, for each plane.
    places : sequence of int
        Positions of couplings.

    Returns
    -------
    list of (mass, coupling) arrays
        The same numbers as :meth:`Query.plane` has there; NaN where not computed.

    Raises
    ------
    InputError
        If a selection is none, or the store is damaged or gone.

    Examples
    --------
    >>> thinned(Query(cube), [{"experiment": "FASER2", "flavor": "e"}], [0, 5])[0].shape[1]  # doctest: +SKIP
    2
    """
    chosen = [query.complete(selection) for selection in selections]
    cube = query.opened()
    if cube is not None and TOTAL in query.outline.said:
        wanted = [Wanted(each, 1.0) for each in chosen]
        found = every_nth(cube, query.mass.name, query.coupling.name, wanted, places)
        if found is not None:
            return found
    at = {query.coupling.name: list(places)}
    planes = [computed(query.plane(each).isel(at)).values for each in chosen]
    return [np.asarray(plane, dtype=float) for plane in planes]
