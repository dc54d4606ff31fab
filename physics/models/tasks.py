"""From searches and axes to tasks: what a scan of a model needs, as functions over the model's countings."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from physics.errors import InputError, unknown
from physics.kernel import Counting, Kernel, KernelTask, Variable
from physics.models.countings import counting_of, kinds_in
from physics.models.model import GENERATOR, Axis, Model
from physics.numerics.arrays import Array
from physics.searches.catalogue import experiment
from physics.searches.search import Search
from physics.spectra.sets import DEFAULT_SET

DEFAULT_KIND = "forward-decay"  # whose channels are meant if no search is given


# ---- searches and channels -------------------------------------------------------------------


def search_in(model: Model, name: str) -> Search:
    """A search by label or file, as a model counts it.

    Raises
    ------
    InputError
        If there is none, or the model does not count it.
    """
    found = experiment(name)
    counted: Search = counting_of(model.tag, found.kind).as_counted(found)
    return counted


def expecting(model: Model, search: Search, options: Mapping[str, Any]) -> Search:
    """A search with all that it expects without signal in a scan with these options."""
    found: Search = counting_of(model.tag, search.kind).expecting(search, options)
    return found


def expectations(
    model: Model,
    searches: Sequence[Search],
    options: Mapping[str, Any],
    axes: Mapping[str, tuple[Any, ...]],
) -> tuple[tuple[str, ...], Array]:
    """Background and observed number of searches in a scan, in the units of their counts.

    Parameters
    ----------
    model : Model
    searches : sequence of Search
    options : mapping
        All options of the scan.
    axes : mapping
        Axis to its values.

    Returns
    -------
    axes : tuple of str
        Along which they differ for one of the searches at least.
    values : (2, len(searches), ...) array
        Over these axes.
    """
    own = [counting_of(model.tag, search.kind) for search in searches]
    names = [name for name in axes if any(name in c.expectation_axes for c in own)]
    points = [
        dict(zip(names, values, strict=True))
        for values in itertools.product(*(axes[name] for name in names))
    ]
    found = np.array(
        [[c.expectation(s, options, p) for p in points] for c, s in zip(own, searches, strict=True)]
    )
    values = np.moveaxis(found, -1, 0).reshape(2, len(searches), *(len(axes[n]) for n in names))
    for at in reversed(range(len(names))):
        first = values.take([0], axis=2 + at)
        if (values == first).all():
            values, names = first.squeeze(axis=2 + at), [*names[:at], *names[at + 1 :]]
    return tuple(names), values


def changes_expectations(model: Model) -> frozenset[str]:
    """Axes and options of a model with which the background or the observed number of a search may differ."""
    own = (counting_of(model.tag, kind) for kind in kinds_in(model.tag))
    return frozenset().union(*((*c.expectation_axes, *c.expectation_options) for c in own))


def exposure_units(model: Model, search: Search) -> str:
    """Unit of a search's exposure in a model."""
    return counting_of(model.tag, search.kind).exposure_units(search)


def chosen_channels(
    model: Model, channels: Sequence[str], searches: Sequence[Search] = ()
) -> tuple[str, ...]:
    """Production channels of a scan, in the registries' order.

    Parameters
    ----------
    model : Model
    channels : sequence of str
        As asked for; none means all that can be counted.
    searches : sequence of Search
        Of forward searches if none are given; of all in a model that has none of these.

    Raises
    ------
    InputError
        If a channel is unknown, listed twice, or none of the searches has it.
    """
    by_kind = _by_kind(searches) or {kind: [] for kind in _default_kinds(model)}
    own = {kind: counting_of(model.tag, kind) for kind in sorted(by_kind)}
    # two kinds may have one in common
    known = list(dict.fromkeys(tag for counting in own.values() for tag in counting.channels))
    _check_channels(model, channels, known)
    if channels:
        return tuple(tag for tag in known if tag in channels)
    all_there_are = (counting.channels_of(by_kind[kind]) for kind, counting in own.items())
    return tuple(dict.fromkeys(tag for tags in all_there_are for tag in tags))


def _default_kinds(model: Model) -> list[str]:
    kinds = kinds_in(model.tag)
    return [DEFAULT_KIND] if DEFAULT_KIND in kinds else kinds


def _check_channels(model: Model, channels: Sequence[str], known: Sequence[str]) -> None:
    if len(set(channels)) != len(channels):
        raise InputError("a production channel is listed twice; list each once")
    if set(channels) <= set(known):
        return
    everywhere = dict.fromkeys(
        tag for kind in kinds_in(model.tag) for tag in counting_of(model.tag, kind).channels
    )
    for tag in channels:
        if tag not in everywhere:
            raise InputError(unknown("production channel", tag, everywhere))
        if tag not in known:
            raise InputError(
                f"none of the experiments has the production channel {tag!r}; remove it"
            )


def _by_kind(searches: Sequence[Search]) -> dict[str, list[Search]]:
    found: dict[str, list[Search]] = {}
    for search in searches:
        found.setdefault(search.kind, []).append(search)
    return found


# ---- axes ------------------------------------------------------------------------------------


def axes_of(model: Model, searches: Sequence[Search]) -> frozenset[str]:
    """Axes on which the counts of any of these searches depend."""
    return frozenset().union(*(counting_of(model.tag, s.kind).axes for s in searches))


def default_values(axis: Axis, searches: Sequence[Search]) -> tuple[Any, ...]:
    """Values of an axis that a scan of these searches does not give; empty if it must.

    Of the meson spectra: the default set of the searches' beams, by its name if it is the same for all.
    """
    if axis.name != GENERATOR.name:
        return axis.default
    sets = {search.spectra for search in searches} - {""}
    if not sets:
        return axis.default
    return (sets.pop() if len(sets) == 1 else DEFAULT_SET,)


def complete_axes(
    model: Model, given: Mapping[str, tuple[Any, ...]], searches: Sequence[Search]
) -> dict[str, tuple[Any, ...]]:
    """All axes of a scan, in the model's order: what is given, and defaults of what the searches depend on.

    Parameters
    ----------
    model : Model
    given : mapping
        Axis to its values.
    searches : sequence of Search

    Raises
    ------
    InputError
        If one is missing, two exclude each other, or a value suits none of the searches.
    """
    used = axes_of(model, searches)
    _check_groups(model, given, used)
    found: dict[str, tuple[Any, ...]] = {}
    for axis in model.axes:
        if axis.name in given:
            found[axis.name] = tuple(given[axis.name])
        elif axis.name in used and not axis.optional and not axis.group:
            default = default_values(axis, searches)
            if not default:
                raise InputError(f"axes.{axis.name}: missing; give its values")
            found[axis.name] = default
    for search in searches:
        counting_of(model.tag, search.kind).check_axes(search, found)
    return found


def _check_groups(model: Model, given: Mapping[str, tuple[Any, ...]], used: frozenset[str]) -> None:
    """Of each group of axes exactly one is given."""
    for group in {axis.group for axis in model.axes if axis.group and axis.name in used}:
        names = [axis.name for axis in model.axes if axis.group == group]
        present = [name for name in names if name in given]
        if not present:
            raise InputError(f"axes.{names[0]}: missing; give the values of {' or '.join(names)}")
        if len(present) > 1:
            raise InputError(
                f"axes.{present[1]}: a scan has one of {' and '.join(names)}; remove the other"
            )


# ---- tasks -----------------------------------------------------------------------------------


def make_tasks(
    model: Model,
    searches: Sequence[Search],
    axes: Mapping[str, tuple[Any, ...]],
    options: Mapping[str, Any],
    sampling: Mapping[str, Any],
    channels: Sequence[str],
) -> list[KernelTask[Any]]:
    """Searches of one kind that share samples, with the axes and channels that matter to them.

    Parameters
    ----------
    model : Model
    searches : sequence of Search
    axes : mapping
        Axis to its values.
    options, sampling : mapping
    channels : sequence of str

    Returns
    -------
    list of KernelTask

    Raises
    ------
    InputError
        If a search is left without a channel or an axis.
    """
    groups: dict[tuple[Any, ...], list[Search]] = {}
    for search in searches:
        key = (search.kind, counting_of(model.tag, search.kind).group(search))
        groups.setdefault(key, []).append(search)
    tasks = []
    for (kind, _), group in groups.items():
        counting = counting_of(model.tag, kind)
        if sampling.get("error") is not None and not counting.meets_error:
            raise InputError(
                f"sampling.error: {group[0].tag} is counted with a fixed number of points in model {model.tag}; leave "
                f"error out, or put {group[0].tag} into a scan of its own"
            )
        given = {name: tuple(values) for name, values in axes.items() if name in counting.axes}
        kept = complete_axes(model, given, group)
        own = tuple(tag for tag in channels if tag in counting.channels)
        if not own:
            raise InputError(
                f"channels: none is left for {group[0].tag}; it has: {', '.join(counting.channels)}"
            )
        tasks.append(KernelTask(model.tag, tuple(group), kept, dict(options), dict(sampling), own))
    return tasks


def counting_for(task: KernelTask[Any]) -> Counting[Any]:
    """The counting behind a task."""
    return counting_of(task.model, task.experiments[0].kind)


def make_kernel(task: KernelTask[Any]) -> Kernel[Any]:
    """Make the kernel of a task."""
    return counting_for(task).kernel(task)


def layout(task: KernelTask[Any]) -> tuple[dict[str, Variable], tuple[str, ...]]:
    """Variables and block axes of a task's kernel, without loading its inputs."""
    return counting_for(task).layout(task)


def checksums(task: KernelTask[Any]) -> dict[str, str]:
    """Verify every resource that a task reads and return their checksums by label."""
    return counting_for(task).checksums(task)


def seconds_per_cell(task: KernelTask[Any]) -> float:
    """Guess of the time of one cell of the block axes [s], to size blocks and estimate runs."""
    return counting_for(task).seconds_per_cell(task)
