"""The landscape of all searches: its scan, run or finished, and the picture of its store."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import InputError
from physics.models.model import models
from scanner.outputs.landscape_result import Landscape
from scanner.queries.direct import open_stored
from scanner.queries.landscape import panel_axis
from scanner.queries.query import Query
from scanner.scans.addresses import store_path
from scanner.scans.differences import difference
from scanner.scans.foreground import RunProgress, StoppedError, default_store, run
from scanner.scans.spec import ScanSpec, load_spec
from scanner.scans.store import Store

SPEC, MODEL = "landscape", "dipole"


def landscape_spec(
    ratio: float = 0.0, add: Sequence[str] = (), overrides: Sequence[str] = ()
) -> ScanSpec:
    """The bundled spec of all searches, for one ratio of the couplings and perhaps with further searches.

    Parameters
    ----------
    ratio : float
        Of the SU(2) to the U(1) coupling; infinite is allowed.
    add : sequence of str
        Labels or files of searches that are in the picture, too.
    overrides : sequence of str
        ``KEY=VALUE`` as of :func:`dipolescan.load_spec`.

    Raises
    ------
    InputError
        If something is chosen twice, or the spec is bad.
    """
    keys = {override.partition("=")[0].strip() for override in overrides}
    if any(key == "axes.a" or key.startswith("axes.a.") for key in keys):
        raise InputError("the ratio is chosen with --a, not with --set axes.a")
    if add and "experiments" in keys:
        raise InputError("name further searches with --add or all with --set experiments, not both")
    if ratio == -np.inf:
        ratio = np.inf
    own = [f"axes.a=[{'.inf' if np.isinf(ratio) else repr(float(ratio))}]"]
    if add:
        own.append(f"experiments={json.dumps([*load_spec(SPEC).experiments, *add])}")
    return load_spec(SPEC, [*own, *overrides])


def landscape_labels() -> tuple[str, ...]:
    """Planes that there are.

    >>> landscape_labels()
    ('e', 'mu', 'tau', 'universal')
    """
    return panel_axis(models[MODEL]).allowed


def landscape_store(ratio: float) -> Path:
    """Where it is kept unless told otherwise: a store for each ratio.

    >>> [str(landscape_store(ratio)) for ratio in (0.0, -0.5)]
    ['results/landscape.zarr', 'results/landscape-a-0.5.zarr']
    """
    plain = default_store(load_spec(SPEC))
    return plain if ratio == 0 else plain.with_name(f"{plain.stem}-a{ratio:.12g}.zarr")


def landscape_of(
    path: str | Path, spec: ScanSpec, labels: Sequence[str] | None = None
) -> Landscape:
    """The picture of a store as it is now, finished or not.

    Raises
    ------
    InputError
        If it is of another spec.
    """
    store = Store(path)
    stored, asked = json.loads(store.attrs["spec"]), json.loads(spec.canonical_json())
    if any(stored.get(k) != asked[k] for k in asked if k not in ("name", "description")):
        words = difference(store, spec, store.attrs["resources"])
        raise InputError(
            f"{path} is not the landscape that is asked for: {words}; choose another --store"
        )
    return Landscape(Query(open_stored(path)), labels)


def landscape(
    a: float = 0.0,
    flavor: str | Sequence[str] | None = None,
    store: str | Path | None = None,
    *,
    add: Sequence[str] = (),
    overrides: Sequence[str] = (),
    compute: bool = True,
    cluster: str = "local",
    workers: Any = None,
    progress: Callable[[RunProgress], None] = lambda _: None,
    walltime: float | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Landscape:
    """All searches of the neutrino dipole on one plane for each flavor: run the bundled scan, or go on with it.

    Parameters
    ----------
    a : float
        Ratio of the SU(2) to the U(1) coupling; infinity is allowed.
    flavor : str or sequence of str, optional
        Planes to draw; all by default.
    store : str or Path, optional
        Default ``results/landscape.zarr``, with ``-aVALUE`` in the name where a is not zero.
    add : sequence of str
        Further searches, by label or as YAML files of yours.
    overrides : sequence of str
        ``KEY=VALUE`` as of :func:`dipolescan.load_spec`.
    compute : bool
        Whether what is missing is computed; otherwise the store is drawn as it is, and says what is missing.
    cluster, workers, progress, walltime, say
        As of :func:`dipolescan.run`.

    Returns
    -------
    Landscape
        Its table has the lowest search at each half decade of mass; ``save("all.pdf")`` draws it.

    Raises
    ------
    InputError
        If the store is of another scan, or the input is bad.
    StoppedError
        If it was asked to stop before all was computed; what is finished is stored.
    """
    spec = landscape_spec(a, add, overrides)
    path = store_path(store if store is not None else landscape_store(a))
    labels = [flavor] if isinstance(flavor, str) else list(flavor or ())
    if compute:
        result = run(spec, path, cluster, workers, progress, walltime, say)
        if result.stopped:
            kept = (
                f"what was finished is stored in {path}" if path.exists() else "nothing was begun"
            )
            raise StoppedError(
                f"Stopped ({result.stopped}); {kept}, run again to go on", kept=path.exists()
            )
    return landscape_of(path, spec, labels)
