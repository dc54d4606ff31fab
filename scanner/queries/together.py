"""Several stores as one cube: along an axis or an option in which they differ, or simply side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from physics.errors import InputError, one_of
from physics.models.model import models
from physics.models.tasks import changes_expectations
from scanner.queries.cube import open_cube
from scanner.queries.parts import SAME, STORE, is_label

OPTION = "option_"
OF_EXPERIMENTS = (
    "exposure",
    "exposure_units",
    "counts_units",
    "background",
    "observed",
    "statistic",
)


def open_cubes(paths: Sequence[str | Path], along: str | None = None) -> xr.Dataset:
    """Open several stores as one lazy cube.

    Parameters
    ----------
    paths : sequence of str or Path
        Two or more.
    along : str, optional
        ``store`` puts cubes of the same axes side by side, whatever else they differ in. By default they are joined
        along the one axis or option of the model in which they differ.

    Returns
    -------
    xarray.Dataset
        As of :func:`dipolescan.open_cube`; an option becomes an axis of its name.

    Raises
    ------
    InputError
        If they are of different models, or differ in nothing, or in more than one thing, which is named.

    Examples
    --------
    >>> cube = open_cubes(["dirac.zarr", "majorana.zarr"])  # doctest: +SKIP
    >>> cube.scan.compare("nature", {"experiment": "FASER2", "flavor": "e"})  # doctest: +SKIP
    """
    if isinstance(paths, str | Path) or len(paths) < 2:
        raise InputError("give two stores or more to open as one cube; of one, use open_cube")
    cubes = [open_cube(path) for path in paths]
    names = [Path(path).name for path in paths]
    _same_model(cubes, names)
    if along not in (None, STORE):
        raise InputError(
            f"along must be {STORE!r}, or left out to join along what differs, not {along!r:.60}"
        )
    return _side_by_side(cubes, names) if along == STORE else _along_what_differs(cubes, names)


def _same_model(cubes: Sequence[xr.Dataset], names: Sequence[str]) -> None:
    first = cubes[0]
    for cube, name in zip(cubes[1:], names[1:], strict=True):
        if cube.attrs["model"] != first.attrs["model"]:
            raise InputError(
                f"{names[0]} is of the model {first.attrs['model']} and {name} of {cube.attrs['model']}; "
                "cubes of one model can be put together"
            )
        _same_dims(first, cube, names[0], name)


def _side_by_side(cubes: Sequence[xr.Dataset], names: Sequence[str]) -> xr.Dataset:
    """Along a new axis with the names of the stores, with numbers where they are the same."""
    axes = _differing_axes(cubes)
    if axes:
        raise InputError(
            f"cubes side by side need the same axes, and these differ in {_words(axes, cubes)}"
        )
    twice = len(set(names)) < len(names)
    labels = [f"{i + 1}: {name}" for i, name in enumerate(names)] if twice else names
    labelled = [_labelled(c, STORE, x) for c, x in zip(cubes, labels, strict=True)]
    return _joined(labelled, STORE, names, _differing_options(cubes))


def _along_what_differs(cubes: Sequence[xr.Dataset], names: Sequence[str]) -> xr.Dataset:
    """Along the one axis or option in which they differ."""
    axes, options = _differing_axes(cubes), _differing_options(cubes)
    differing = [*axes, *options]
    if not differing:
        raise InputError(
            "these cubes differ in no axis and no option; put them side by side with along='store', or --by store"
        )
    if len(differing) > 1:
        raise InputError(
            f"these cubes differ in more than one thing and make no whole: {_words(axes, cubes, options)}; "
            "join them in steps, or choose parts that agree"
        )
    (name,) = differing
    if name not in options:
        _refuse_twice(name, [v for cube in cubes for v in cube[name].values.tolist()])
        return _joined(cubes, name, names, options)
    labels = [str(cube.attrs[f"{OPTION}{name}"]) for cube in cubes]
    _refuse_twice(name, labels)
    labelled = [_labelled(c, name, x) for c, x in zip(cubes, labels, strict=True)]
    return _joined(labelled, name, names, options)


def _same_dims(one: xr.Dataset, other: xr.Dataset, name: str, other_name: str) -> None:
    for a, b, n, m in ((one, other, name, other_name), (other, one, other_name, name)):
        missing = [str(d) for d in a["counts"].dims if d not in b["counts"].dims]
        if missing:
            raise InputError(
                f"{n} has the axis {', '.join(missing)} and {m} has not; scan both over the same axes"
            )


def _differing_axes(cubes: Sequence[xr.Dataset]) -> list[str]:
    first = cubes[0]
    return [
        str(d)
        for d in first["counts"].dims
        if not all(_same_values(first[d].values, cube[d].values) for cube in cubes[1:])
    ]


def _same_values(one: Any, other: Any) -> bool:
    if one.shape != other.shape:
        return False
    if is_label(one) or is_label(other):
        return [str(v) for v in one] == [str(v) for v in other]
    return bool(np.isclose(one.astype(float), other.astype(float), rtol=SAME, atol=0).all())


def _differing_options(cubes: Sequence[xr.Dataset]) -> list[str]:
    keys = {k for cube in cubes for k in cube.attrs if k.startswith(OPTION)}
    return sorted(
        k.removeprefix(OPTION) for k in keys if len({str(c.attrs.get(k)) for c in cubes}) > 1
    )


def _words(axes: Sequence[str], cubes: Sequence[xr.Dataset], options: Sequence[str] = ()) -> str:
    """What differs, and how."""
    words = [
        f"the axis {name} ({' / '.join(_few(cube[name].values) for cube in cubes)})"
        for name in axes
    ]
    words += [
        f"the option {n} ({' / '.join(str(c.attrs.get(OPTION + n)) for c in cubes)})"
        for n in options
    ]
    return ", ".join(words)


def _few(values: Any) -> str:
    if is_label(values):
        return one_of(values, 40)
    return f"{len(values)} values from {float(values.min()):g} to {float(values.max()):g}"


def _refuse_twice(name: str, values: Sequence[Any]) -> None:
    seen: list[Any] = []
    for value in values:
        if any(v == value for v in seen):
            raise InputError(
                f"{name} {value} is in more than one of these cubes; nobody can say which is meant"
            )
        seen.append(value)


def _labelled(cube: xr.Dataset, name: str, label: str) -> xr.Dataset:
    """With a new axis that has one value."""
    return cube.expand_dims({name: np.array([label], dtype=object)})


def _joined(
    cubes: Sequence[xr.Dataset], dim: str, names: Sequence[str], options: Sequence[str]
) -> xr.Dataset:
    """One dataset; variables that some cube lacks are left out."""
    changing = {dim, *(options if dim == STORE else ())}
    may_differ = changing & changes_expectations(models[cubes[0].attrs["model"]])
    if may_differ:
        cubes = [_with_expectations_along(cube, dim) for cube in cubes]
    _check_statements(cubes, dim, names)
    common = [v for v in cubes[0].data_vars if all(v in cube.data_vars for cube in cubes)]
    whole = xr.concat(
        [cube[common] for cube in cubes],
        dim=dim,
        data_vars="all" if dim not in cubes[0]["counts"].dims else "minimal",
        coords="minimal",
        compat="override",
        join="override",
        combine_attrs="override",
    )
    attrs = {k: v for k, v in cubes[0].attrs.items() if k.removeprefix(OPTION) not in options}
    attrs["name"] = " + ".join(dict.fromkeys(str(cube.attrs["name"]) for cube in cubes))
    attrs["store"] = ", ".join(str(cube.attrs["store"]) for cube in cubes)
    attrs["fingerprint"] = "+".join(str(cube.attrs["fingerprint"]) for cube in cubes)
    attrs["blocks"] = sum(int(cube.attrs["blocks"]) for cube in cubes)
    attrs["blocks_done"] = sum(int(cube.attrs["blocks_done"]) for cube in cubes)
    whole.attrs = attrs
    roles = {axis.name: axis.role for axis in models[attrs["model"]].axes}
    return whole.sortby(dim) if roles.get(dim) in ("mass", "coupling") else whole


def _with_expectations_along(cube: xr.Dataset, dim: str) -> xr.Dataset:
    """With the background and the observed number of experiments along an axis with which they differ."""
    stated = {name: cube[name].variable for name in ("background", "observed")}
    return cube.assign_coords(
        {
            name: value.set_dims((*value.dims, dim), (*value.shape, cube.sizes[dim]))
            for name, value in stated.items()
            if dim not in value.dims
        }
    )


def _check_statements(cubes: Sequence[xr.Dataset], dim: str, names: Sequence[str]) -> None:
    """What experiments state of themselves is the same in all cubes."""
    if dim == "experiment":
        return
    first = cubes[0]
    for cube, name in zip(cubes[1:], names[1:], strict=True):
        for what in OF_EXPERIMENTS:
            if dim in cube[what].dims:  # each value has its own
                continue
            if not first[what].variable.equals(cube[what].variable):
                raise InputError(
                    f"the {what} of experiments is another in {name} than in {names[0]}: they have other definitions, "
                    "and no cube can state both"
                )
