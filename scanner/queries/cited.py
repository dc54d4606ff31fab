"""The publications behind a store, or behind dipolescan itself, as BibTeX."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from physics.errors import InputError
from scanner.queries.citations import citations, own_entry
from scanner.queries.published import drawn_behind
from scanner.queries.sources import sources_of_cube
from scanner.scans.store import Store


def cite(
    store: str | Path | None = None,
    experiments: Sequence[str] = (),
    method: str = "",
    limits: bool = False,
) -> dict[str, str]:
    """BibTeX entries of all that went into a store: formulas, searches, meson spectra, statistics.

    Parameters
    ----------
    store : str or Path, optional
        Without it there is the entry of dipolescan alone.
    experiments : sequence of str
        Of these experiments of the cube; of all if none is named.
    method : str
        With the sources of this limit method; by default of the searches' own.
    limits : bool
        With the published limits that are drawn behind the curves.

    Returns
    -------
    dict
        Key to entry.

    Raises
    ------
    InputError
        If there is no such store, experiment or method, or something is asked of no store.

    Examples
    --------
    >>> list(cite())
    ['dipolescan']
    """
    if store is None:
        if experiments or method or limits:
            raise InputError("experiments, method and limits are of a store; name one")
        return own_entry()
    opened = Store(store)
    found = sources_of_cube(opened, experiments, method)
    behind = drawn_behind(opened.spec.model.tag, opened.spec.axes) if limits else []
    more = [limit.source for limit in behind] + list(
        dict.fromkeys(limit.collection for limit in behind)
    )
    return own_entry() | citations(*found, *more)
