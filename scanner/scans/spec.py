"""Scan specifications: what a user asks for, checked and completed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from physics.errors import InputError, RegistrationError, did_you_mean, one_of, quoted
from physics.kernel import KernelTask
from physics.models.model import Axis, Model, models
from physics.models.tasks import (
    chosen_channels,
    complete_axes,
    expecting,
    exposure_units,
    make_tasks,
    search_in,
)
from physics.numerics.arrays import Array
from physics.numerics.sampling import MOST_POINTS, REPLICAS, Sampling
from physics.places import local_path
from physics.reading import (
    UnfitError,
    number_in,
    parse_yaml,
    read_yaml,
    unit_in,
)
from physics.searches.catalogue import experiment_from
from physics.searches.search import Search
from scanner.limits.limit import Limit, Stated
from scanner.limits.methods.base import known_method
from scanner.scans.bundled import bundled_specs as bundled_specs
from scanner.scans.spec_file import AxisRange, SamplingSpec, read_scan, stated

CLOSEST = 1e-12  # relative distance of two values of an axis; nearer ones are one, written twice

_FIRST = "quickstart"  # of all bundled specs, in lists that may be cut


class ScanSpec:
    """A complete, checked scan.

    Parameters
    ----------
    content : mapping
        As read from a spec file, or as stored (then experiments are definitions).

    Attributes
    ----------
    name, description : str
    model : Model
    experiments : dict
        Label to definition.
    axes : dict
        Axis to its values, in the model's order and units.
    options, sampling : dict
    channels : tuple of str
    tables : str
        Path of a stored cube of which numbers are taken; empty if none is.
    execution : Execution

    Raises
    ------
    InputError
        One sentence: what is wrong, where, what to do.
    """

    def __init__(self, content: Mapping[str, Any]):
        stored = content.get("experiments") if isinstance(content, Mapping) else None
        definitions = stored if isinstance(stored, Mapping) else None
        checked = read_scan(content, definitions)
        self.name = checked.name
        self.description = checked.description
        self.model: Model = models[checked.model]
        self.execution = checked.execution
        self.tables = str(local_path(checked.tables).absolute()) if checked.tables else ""
        before = self.model.before if definitions is not None else {}
        self.options = self.model.complete_options({**before, **checked.options})
        self.sampling = _sampling(checked.sampling).settings()
        if definitions is not None:
            loaded = [experiment_from(d) for d in definitions.values()]
        else:
            loaded = [search_in(self.model, name) for name in checked.experiments]
        if definitions is None:  # what is stored has been checked
            for e in loaded:
                check_statistic(self.model, e)
            loaded = [expecting(self.model, e, self.options) for e in loaded]
        self.experiments = {e.tag: e for e in loaded}
        self.channels = chosen_channels(self.model, checked.channels, loaded)
        if definitions is not None and checked.channels:  # arrays were stored in this order
            self.channels = tuple(checked.channels)
        self.axes = _axes(self.model, checked.axes, loaded)
        if len(self.experiments) < len(loaded):
            raise InputError("experiments: one is listed twice; list each once")

    @cached_property
    def tasks(self) -> list[KernelTask[Any]]:
        """Kernels to run, each with the experiments that share its samples."""
        experiments = list(self.experiments.values())
        return make_tasks(
            self.model, experiments, self.axes, self.options, self.sampling, self.channels
        )

    def canonical(self) -> dict[str, Any]:
        """Everything that determines the results, as JSON data; experiments by their definitions."""
        return {
            "name": self.name,
            "description": self.description,
            "model": self.model.tag,
            "experiments": {tag: asdict(e) for tag, e in self.experiments.items()},
            "axes": {name: list(values) for name, values in self.axes.items()},
            "options": self.options,
            "channels": list(self.channels),
            "sampling": self.sampling,
        } | ({"tables": self.tables} if self.tables else {})

    def canonical_json(self) -> str:
        """:meth:`canonical` as text; floats and orders survive exactly."""
        return json.dumps(self.canonical())


def _sampling(given: SamplingSpec) -> Sampling:
    """Settings with defaults."""
    asked = {} if given.error is None else {"points": MOST_POINTS, "replicas": REPLICAS}
    return Sampling(**{**asked, **stated(given)})


def check_statistic(model: Model, search: Search) -> None:
    """An experiment's own limit method exists, suits its counts, and gives a level with what was observed.

    Raises
    ------
    InputError
        Naming the experiment.
    """
    units, statistic = search.counts_units, search.statistic
    if units != "events" and not statistic:
        raise InputError(
            f"experiments: {search.tag}: its counts are in {units}; give a statistic in them"
        )
    try:
        if statistic:
            known_method(statistic["method"], [name for name in statistic if name != "method"])
        stated = Stated(
            search.tag, search.exposure, exposure_units(model, search), units,
            search.background, search.observed, statistic,
        )  # fmt: skip
        stated.level(Limit())
    except InputError as error:
        raise InputError(f"experiments: {search.tag}: statistic: {error}") from None


def _axes(
    model: Model, given: Mapping[str, AxisRange | list[Any]], experiments: Sequence[Search]
) -> dict[str, tuple[Any, ...]]:
    axes = {name: _values(model.axis(name), values) for name, values in given.items()}
    return complete_axes(model, axes, experiments)


def _values(axis: Axis, given: AxisRange | list[Any]) -> tuple[Any, ...]:
    place = f"axes.{axis.name}"
    if not axis.numeric:
        if isinstance(given, AxisRange) or not all(isinstance(v, str) for v in given):
            raise InputError(f"{place}: give a list of names, not numbers")
        for label in given:
            if axis.allowed and label not in axis.allowed:
                raise InputError(
                    f"{place}: unknown {axis.name} {quoted(label)}; {did_you_mean(label, axis.allowed)}"
                    f"there are: {one_of(axis.allowed)}"
                )
        values: Sequence[Any] = given
    else:
        values = _numbers(axis, given, place)
    if len(values) == 0:
        raise InputError(f"{place}: the axis is empty; give at least one value")
    if len(set(values)) < len(values):
        raise InputError(f"{place}: a value is listed twice; list each once")
    return tuple(values)


def _numbers(axis: Axis, given: AxisRange | list[Any], place: str) -> list[float]:
    units = axis.units
    if isinstance(given, AxisRange):
        numbers, units = given.expand(axis.name), given.units or axis.units
    else:
        plain = all(type(v) is float for v in given)  # a stored axis may have a million
        numbers = np.array(given if plain else [_number(v, place) for v in given], dtype=float)
    if units not in {axis.units, *axis.accepted_units}:
        there = one_of(axis.accepted_units) or "none: it is a pure number"
        hint = did_you_mean(units, axis.accepted_units)
        raise InputError(f"{place}: unknown unit {quoted(units)}; {hint}there are: {there}")
    numbers = numbers * axis.accepted_units.get(units, 1.0)
    if np.isnan(numbers).any():
        raise InputError(f"{place}: a value is not a number (NaN); remove it")
    if axis.closed and (numbers == -np.inf).any():
        raise InputError(f"{place}: use inf (.inf in YAML) for -inf, it is the same point")
    if not ((numbers > axis.lowest) & (numbers <= axis.highest)).all():
        bad = numbers[~((numbers > axis.lowest) & (numbers <= axis.highest))][0]
        limits = f"above {axis.lowest:g} and at most {axis.highest:g} {axis.units}".rstrip()
        raise InputError(f"{place}: values must be {limits}, not {bad:g}")
    if (np.diff(numbers) < 0).any():
        raise InputError(f"{place}: values must increase from first to last; sort them")
    _check_distances(numbers, place)
    return list(numbers.tolist())


def _number(value: Any, place: str) -> float:
    """A number in a list of values; ``inf`` needs no dot there."""
    try:
        found = number_in(value) if isinstance(value, str) else float(value)
        if isinstance(value, str) and math.isfinite(found):
            raise UnfitError(f"{quoted(value)} is text; write the number without quotes")
    except UnfitError as error:
        unit = unit_in(value)
        advice = f": {{values: [...], units: {unit[:20]}}}" if unit else ""
        raise InputError(f"{place}: {error}{advice}") from None
    except OverflowError:
        raise InputError(f"{place}: {quoted(value)} is not a finite number") from None
    return found


def _check_distances(numbers: Array, place: str) -> None:
    """Values that differ by rounding only are one value, written twice."""
    finite = numbers[np.isfinite(numbers)]
    steps = np.diff(finite)
    near = (steps > 0) & (steps < CLOSEST * np.abs(finite[1:]))
    if near.any():
        first = int(np.argmax(near))
        raise InputError(
            f"{place}: {float(finite[first])!r} and {float(finite[first + 1])!r} are the same value but for rounding; "
            "remove one"
        )


def load_spec(name_or_path: str | Path, overrides: Sequence[str] = ()) -> ScanSpec:
    """Read a spec file, or a bundled spec by its name.

    Parameters
    ----------
    name_or_path : str or Path
    overrides : sequence of str
        ``KEY=VALUE`` with dots for nested keys; values are YAML.

    Returns
    -------
    ScanSpec

    Raises
    ------
    InputError
    """
    name = str(name_or_path)
    path = bundled_specs().get(name) or local_path(name_or_path)
    if name not in bundled_specs() and not path.exists():
        raise InputError(
            f"no spec file {quoted(name)} and no bundled spec of that name; "
            f"{did_you_mean(name, bundled_specs())}bundled are: {one_of(sorted(bundled_specs(), key=_FIRST.__ne__))}"
        )
    content = read_yaml(path, "spec")
    _check_once(overrides)
    for override in overrides:
        content = _overridden(content, override)
    try:
        return ScanSpec(content)
    except RegistrationError:  # no fault of the file
        raise
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def _check_once(overrides: Sequence[str]) -> None:
    keys = [override.partition("=")[0].strip() for override in overrides]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise InputError(f"--set {twice[:60]} is given twice; give it once")


def _overridden(content: Any, override: str) -> Any:
    key, separator, text = override.partition("=")
    if not separator or not all(part.strip() for part in key.split(".")):
        raise InputError(f"--set {quoted(override)}: write KEY=VALUE, for instance axes.m_N.num=40")
    try:
        value = parse_yaml(text)
    except InputError as error:
        raise InputError(f"--set {quoted(override)}: {error}") from None
    content = dict(content) if isinstance(content, Mapping) else {}
    place = content
    *parents, last = key.strip().split(".")
    for parent in parents:
        inner = place.get(parent)
        place[parent] = dict(inner) if isinstance(inner, Mapping) else {}
        place = place[parent]
    place[last] = value
    return content
