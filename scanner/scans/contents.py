"""What a store holds, what it was made from, and how far it is, as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from scanner.scans.addresses import store_path
from scanner.scans.asked_errors import asked_error
from scanner.scans.store import DONE, FAILED, TODO, Store


def info(store: str | Path) -> dict[str, Any]:
    """What a store holds, what it was made from, and how far it is.

    Parameters
    ----------
    store : str or Path

    Returns
    -------
    dict
        As ``dipolescan info --json`` prints it; axes with numbers have first, last and how many.

    Raises
    ------
    InputError
        If it is no store.
    """
    opened = Store(store_path(store))
    spec = opened.spec
    stated = asked_error(opened)
    status = np.concatenate([opened.status(t).ravel() for t in range(len(opened.plan.tasks))])
    return {
        "store": str(store),
        "name": spec.name,
        "description": spec.description,
        "model": spec.model.tag,
        "experiments": list(spec.experiments),
        "axes": {
            k: list(v) if isinstance(v[0], str) else [v[0], v[-1], len(v)]
            for k, v in spec.axes.items()
        },
        "channels": list(spec.channels),
        "options": spec.options,
        "sampling": spec.sampling,
        **({} if stated is None else {"sampling_error": stated.as_data()}),
        "points": opened.plan.points,
        "bytes_on_disk": opened.bytes_on_disk(),
        "store_format": opened.format,
        "blocks": {
            "all": int(status.size),
            "done": int((status == DONE).sum()),
            "to do": int((status == TODO).sum()),
            "failed": int((status == FAILED).sum()),
        },
        "fingerprint": opened.fingerprint,
        "versions": opened.attrs["versions"],
        "resources": opened.attrs["resources"],
    }
