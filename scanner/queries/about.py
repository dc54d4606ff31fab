"""What files, pictures and tables say of themselves; every writer takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import yaml

from scanner.limits.limit import Criterion
from scanner.queries.citations import OWN, keys_in
from scanner.queries.provenance import Provenance, versions
from scanner.scans.fingerprint import code_version
from schedulers.words import how_many

FEW = 8  # digits of a fingerprint, and channels by name, where there is little room


@dataclass(frozen=True)
class About:
    """What a file, a picture or a table says of itself.

    Attributes
    ----------
    data : dict
        Everything, as plain data.
    lines : tuple of str
        The most important, for a table on a terminal.
    complete : bool
        Whether nothing is missing that should be computed.
    """

    data: Mapping[str, Any]
    lines: tuple[str, ...]
    complete: bool = True

    @property
    def short(self) -> str:
        """The most important in one line, for a picture."""
        return " · ".join(self.lines)

    @cached_property
    def text(self) -> str:
        """Everything as YAML, one line for each entry where there is room."""
        plain = _plain(self.data)
        found: str = yaml.safe_dump(
            plain, sort_keys=False, default_flow_style=None, allow_unicode=True, width=10**6
        )
        return found

    def citing(self, keys: Iterable[str]) -> About:
        """The same with further citation keys, of what only this file or picture shows."""
        every = list(dict.fromkeys([*self.data.get("citations", ()), *keys]))
        return replace(self, data={**self.data, "citations": every})


def about(curves: Sequence[Provenance], labels: Sequence[str] = ()) -> About:
    """What a file with several curves says: what they share, and for each what it does not share.

    Parameters
    ----------
    curves : sequence of Provenance
    labels : sequence of str
        Of the curves.
    """
    every = [one.as_data() for one in curves]
    if not every:
        return About(
            {"versions": versions(), "citations": [OWN]}, (f"dipolescan {code_version()}",)
        )
    shared = _shared(every)
    keys = dict.fromkeys(key for one in every for key in one["citations"])
    data = dict(shared) | {"citations": list(keys)}
    differing = [_without({**one, "citations": list(keys)}, data) for one in every]
    if any(differing):
        names = labels or [one.experiment for one in curves]
        data["curves"] = [
            {"label": name, **own} for name, own in zip(names, differing, strict=True)
        ]
    words = (_limits(curves) + _band(curves), _counted(curves), _cube(curves))
    return About(data, words, all(one.complete for one in curves))


def differing(one: About, curve: Provenance) -> dict[str, Any]:
    """What a curve does not share with the others of a file that says ``one`` of itself."""
    own = curve.as_data()
    del own["citations"]
    return _without(own, one.data)


def computed(what: str, *sources: str, **settings: Any) -> About:
    """What a file says whose numbers come from no cube.

    Parameters
    ----------
    what : str
        What is computed.
    *sources : str
        Publications in words; their citation keys are found.
    **settings
        What decides the numbers.
    """
    data = {
        "what": what,
        **settings,
        "versions": versions(),
        "citations": [OWN, *keys_in(*sources)],
    }
    return About(data, (what, f"dipolescan {code_version()}"))


# ---- words -----------------------------------------------------------------------------------


def _limits(curves: Sequence[Provenance]) -> str:
    found = dict.fromkeys(_limit(one.criterion) for one in curves)
    if len(found) == 1:
        return next(iter(found))
    methods = dict.fromkeys(_method(one.criterion) for one in curves)
    return ", ".join(methods) if len(methods) < FEW else f"{len(methods)} limit methods"


def _band(curves: Sequence[Provenance]) -> str:
    kinds = dict.fromkeys(kind for one in curves for kind in one.band.get("of", ()))
    return f"; band of {' and '.join(kinds)}" if kinds else ""


def _method(limit: Criterion) -> str:
    values = ", ".join(f"{k} {v:g}" for k, v in limit.parameters.items())
    return f"{limit.method} ({values})" if values else limit.method


def _limit(limit: Criterion) -> str:
    observed = "" if limit.observed is None else f", {limit.observed:g} observed"
    return (
        f"{_method(limit)}: {limit.critical_signal:.4g} {limit.counts_units}, "
        f"background {limit.background:g}{observed}, exposure {limit.exposure:g} {limit.exposure_units}"
    )


def _counted(curves: Sequence[Provenance]) -> str:
    shared = _shared([one.as_data() for one in curves])
    chosen = {"model": shared.get("model", "several"), **shared.get("selection", {})}
    words = [f"{k} {v:g}" if isinstance(v, float) else f"{k} {v}" for k, v in chosen.items()]
    channels = {one.channels for one in curves}
    listed = channels.pop() if len(channels) == 1 else ()
    if listed:
        words.append(
            f"channels {', '.join(listed)}" if len(listed) < FEW else f"{len(listed)} channels"
        )
    return ", ".join(words)


def _cube(curves: Sequence[Provenance]) -> str:
    cubes = {(one.scan, one.fingerprint, one.blocks, one.blocks_done) for one in curves}
    words = []
    for scan, fingerprint, blocks, done in sorted(cubes):
        state = (
            "complete" if done == blocks else f"INCOMPLETE: {done} of {how_many(blocks, 'block')}"
        )
        words.append(f"cube {scan} {fingerprint[:FEW] or 'without fingerprint'}, {state}")
    missing = sum(one.cells_missing for one in curves)
    if missing:
        words.append(f"{missing} CELL{'S'[: missing - 1]} NOT COMPUTED")
    return "; ".join([*words, f"dipolescan {code_version()}"])


# ---- data ------------------------------------------------------------------------------------


def _shared(every: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is the same in all, at every depth."""
    first, *others = every
    found = {}
    for key, value in first.items():
        if all(key in other and other[key] == value for other in others):
            found[key] = value
        elif isinstance(value, Mapping) and all(
            isinstance(other.get(key), Mapping) for other in others
        ):
            inner = _shared([one[key] for one in every])
            if inner:
                found[key] = inner
    return found


def _without(one: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """What is not in what is shared, at every depth."""
    found = {}
    for key, value in one.items():
        if key in shared and shared[key] == value:
            continue
        if isinstance(value, Mapping) and isinstance(shared.get(key), Mapping):
            value = _without(value, shared[key])
            if not value:
                continue
        found[key] = value
    return found


def _plain(data: Any) -> Any:
    """The same for YAML, which takes no types of NumPy."""
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data.item() if isinstance(data, np.generic) else data
