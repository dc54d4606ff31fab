"""What all questions of ``ds.scan`` have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import xarray as xr

from physics.errors import InputError, quoted
from scanner.queries.query import Query

Channels = str | Sequence[str] | None
Selection = Mapping[str, Any] | None


class Asking:
    """A dataset that is asked.

    Parameters
    ----------
    ds : xarray.Dataset
        A cube, or a part of one.
    """

    def __init__(self, ds: xr.Dataset):
        self._ds = ds

    @property
    def _query(self) -> Query:
        """Of the dataset as it is now: it may have been changed in its place."""
        return Query(self._ds)


def checked(selection: Selection) -> Mapping[str, Any]:
    """A selection, or an empty one.

    Raises
    ------
    InputError
        If it is no mapping.
    """
    if selection is None:
        return {}
    if not isinstance(selection, Mapping):
        raise InputError(
            'a selection is a mapping of axes to values, {"experiment": "FASER2", "flavor": "e"}, '
            f"not {quoted(selection)}"
        )
    return selection
