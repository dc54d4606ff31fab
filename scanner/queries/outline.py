"""All that a cube says but its counts: its axes, what lies along them, its attributes; of a store, or of a dataset.

Most of a question needs no more than this. That of a store is made without xarray and Dask, whose imports cost more
than the answer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physics.models.tasks import expectations, exposure_units
from scanner.queries.sources import stored_sources
from scanner.scans.plan import TOTAL
from scanner.scans.rounding import precision
from scanner.scans.spec import ScanSpec
from scanner.scans.store import DONE, Store

if TYPE_CHECKING:
    import xarray as xr


class Along(NamedTuple):
    """Values along some axes of a cube."""

    dims: tuple[str, ...]
    values: NDArray[Any]


@dataclass(frozen=True)
class Outline:
    """What a cube says of itself.

    Attributes
    ----------
    dims : tuple of str
        Axes of the counts.
    sizes : mapping
        Axis to its length.
    coords : collection of str
        Names of coordinates.
    along : mapping
        Name of a coordinate to its values.
    said : mapping
        Name of a coordinate or of a variable to its attributes.
    attrs : mapping
        Of the cube.
    """

    dims: tuple[str, ...]
    sizes: Mapping[str, int]
    coords: Collection[str]
    along: Mapping[str, Along]
    said: Mapping[str, Mapping[str, Any]]
    attrs: Mapping[str, Any]

    def values(self, name: str) -> NDArray[Any]:
        """Values of a coordinate."""
        return self.along[name].values

    def assigned(self, name: str, values: NDArray[Any], **said: Any) -> Outline:
        """With other values of an axis, and other attributes of it."""
        return replace(
            self,
            along={**self.along, name: Along((name,), values)},
            said={**self.said, name: {**self.said[name], **said}},
        )


# ---- of a dataset ----------------------------------------------------------------------------


class _OfDataset(Mapping[str, Along]):
    """What lies along the axes of a dataset; read when it is asked for."""

    def __init__(self, ds: xr.Dataset):
        self._ds = ds

    def __getitem__(self, name: str) -> Along:
        there = self._ds.variables
        found: xr.Variable = there[name] if name in there else self._ds[name].variable
        return Along(tuple(map(str, found.dims)), np.asarray(found.values))

    def __contains__(self, name: object) -> bool:
        return name in self._ds.variables

    def __iter__(self) -> Iterator[str]:
        return map(str, self._ds.variables)

    def __len__(self) -> int:
        return len(self._ds.variables)


def outline_of_dataset(ds: xr.Dataset) -> Outline:
    """Outline of a cube, or of a part of one."""
    return Outline(
        tuple(map(str, ds["counts"].dims)),
        {str(dim): size for dim, size in ds.sizes.items()},
        {str(name) for name in ds.coords},
        _OfDataset(ds),
        {str(name): variable.attrs for name, variable in ds.variables.items()},
        ds.attrs,
    )


# ---- of a store ------------------------------------------------------------------------------


def outline_of_store(store: Store) -> Outline:
    """Outline of a stored cube; its order is that of the scan."""
    spec = store.spec
    found = {name: (dims, values, said) for name, dims, values, said in _coordinates(store)}
    variables = dict.fromkeys(n for t in store.plan.tasks for n in t.variables)
    dims = ("experiment", *dims_of(store, "counts"))
    return Outline(
        dims,
        {dim: len(found[dim][1]) for dim in (*dims, *spec.axes, "channel")},
        tuple(found),
        {name: Along(dims, values) for name, (dims, values, _) in found.items()},
        {name: said for name, (_, _, said) in found.items()}
        | {name: said_of(store, name) for name in variables},
        _attributes(store),
    )


def dims_of(store: Store, name: str) -> tuple[str, ...]:
    """Axes of a stored variable in the cube, but for the experiments."""
    spec = store.spec
    plans = [plan for plan in store.plan.tasks if name in plan.variables]
    inner = {d for plan in plans for d in plan.variables[name].dims}
    free = {a for a in spec.axes if all(a not in plan.task.axes for plan in plans)}
    dims = tuple(a for a in spec.axes if a in inner | free)
    if "channel" not in inner:
        return dims
    coupling = next(a.name for a in spec.model.axes if a.role == "coupling")
    at = dims.index(coupling) if coupling in dims else len(dims)
    return (*dims[:at], "channel", *dims[at:])


def said_of(store: Store, name: str) -> dict[str, Any]:
    """Attributes of a stored variable, as the last of the experiments that have it says them."""
    spec = store.spec
    attrs: dict[str, Any] = {}
    for experiment in spec.experiments:
        plan = store.plan.tasks[store.task_of(experiment)]
        if name not in plan.variables:  # a kind of search without it
            continue
        attrs = {**plan.variables[name].attrs, **precision(name, store.mantissa_bits)}
        if attrs.get("units") == "events":
            attrs |= _counted(spec)
        if name == TOTAL:
            attrs["channels"] = len(spec.channels)  # that it is the sum of
    return attrs


def _attributes(store: Store) -> dict[str, Any]:
    spec = store.spec
    status = np.concatenate([store.status(t).ravel() for t in range(len(store.plan.tasks))])
    return {
        "name": spec.name,
        "model": spec.model.tag,
        "store": str(store.path),
        "fingerprint": store.fingerprint,
        "dipolescan_version": store.attrs["versions"]["dipolescan"],
        "store_format": store.attrs["format"],
        "sources": stored_sources(store),
        "blocks": int(status.size),
        "blocks_done": int((status == DONE).sum()),
        **{f"option_{k}": str(v) for k, v in spec.options.items()},
        **(
            {f"sampling_{k}": v for k, v in spec.sampling.items()}
            if "error" in spec.sampling
            else {}
        ),
    }


def _coordinates(
    store: Store,
) -> Iterator[tuple[str, tuple[str, ...], NDArray[Any], dict[str, Any]]]:
    """Name, axes, values and attributes of each, axes first."""
    spec = store.spec
    yield "experiment", ("experiment",), _labels(tuple(spec.experiments)), {}
    for axis in spec.model.axes:
        if axis.name in spec.axes:
            about = {"units": axis.units or "1", "long_name": axis.title, "role": axis.role}
            matters = [e.tag for t in spec.tasks for e in t.experiments if axis.name in t.axes]
            about["matters_to"] = ", ".join(matters)
            yield axis.name, (axis.name,), _labels(spec.axes[axis.name]), about
    yield "channel", ("channel",), _labels(spec.channels), {"long_name": "production channel"}
    yield from _of_experiments(spec)


def _of_experiments(
    spec: ScanSpec,
) -> Iterator[tuple[str, tuple[str, ...], NDArray[Any], dict[str, Any]]]:
    """What experiments state of themselves."""
    along = ("experiment",)
    searches = list(spec.experiments.values())
    exposures = tuple(exposure_units(spec.model, e) for e in searches)
    counted = tuple(e.counts_units for e in searches)
    for name in ("title", "facility", "signature"):
        yield name, along, _labels(tuple(getattr(e, name) for e in searches)), {}
    yield (
        "exposure",
        along,
        _labels(tuple(e.exposure for e in searches)),
        {"units": _together(exposures)},
    )
    others, expected = expectations(spec.model, searches, spec.options, spec.axes)
    for name, numbers in zip(("background", "observed"), expected, strict=True):
        yield name, (*along, *others), numbers, {"units": _together(counted)}
    for name, each, title in (
        ("exposure_units", exposures, "what exposure counts"),
        ("counts_units", counted, "what counts are, with this exposure"),
    ):
        yield name, along, _labels(each), {"long_name": title}
    statistics = tuple(json.dumps(asdict(e)["statistic"]) for e in searches)
    yield "statistic", along, _labels(statistics), {"long_name": "own limit method"}


def _labels(values: tuple[Any, ...]) -> NDArray[Any]:
    return np.array(values, dtype=object if isinstance(values[0], str) else float)


def _counted(spec: ScanSpec) -> dict[str, str]:
    """Attributes of the counts of searches that do not all count events."""
    units = [e.counts_units for e in spec.experiments.values()]
    return (
        {}
        if set(units) == {"events"}
        else {"units": _together(units), "long_name": "expected signal"}
    )


def _together(units: Sequence[str]) -> str:
    """The unit of all experiments, or of each in turn."""
    return units[0] if len(set(units)) == 1 else ", ".join(units)
