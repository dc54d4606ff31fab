"""How counts are made: a task as plain data, the kernel that fills it cell by cell, and the counting behind both.

A :class:`Counting` says how one model counts one kind of search: the axes that matter to it, its channels, what it
stores. It makes a :class:`Kernel` from a :class:`KernelTask`; ``scanner`` cuts the kernel's block axes and has each
part filled on a worker.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from physics.numerics.arrays import Array
from physics.searches.search import Search

S = TypeVar("S", bound=Search)  # the kind of search
Filled = Mapping[str, Mapping[str, Array]]


@dataclass(frozen=True)
class Variable:
    """A stored variable: the axes it has (``channel`` included), its type and its attributes."""

    dims: tuple[str, ...]
    dtype: str
    attrs: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class StoredTables:
    """A complete cube of another scan as plain data.

    Attributes
    ----------
    model : str
    searches : mapping
        Label to search.
    axes : mapping
        Axis to its values.
    options, sampling : mapping
    arrays : mapping
        Label of a search to variable to array over the variable's axes.
    """

    model: str
    searches: Mapping[str, Any]
    axes: Mapping[str, tuple[Any, ...]]
    options: Mapping[str, Any]
    sampling: Mapping[str, Any]
    arrays: Mapping[str, Mapping[str, Array]]


@dataclass(frozen=True)
class KernelTask(Generic[S]):
    """Everything a kernel needs, as plain data.

    Attributes
    ----------
    model : str
    experiments : tuple of Search
        Computed together, sharing samples; all of one kind.
    axes : mapping
        Axis to its values, those the experiments depend on.
    options, sampling : mapping
        Conventions and integration settings.
    channels : tuple of str
        Production channels.
    tables : StoredTables, optional
        Numbers of another cube that the kernel takes in place of its own, checked by the counting
        (:meth:`Counting.check_tables`).
    """

    model: str
    experiments: tuple[S, ...]
    axes: Mapping[str, tuple[Any, ...]]
    options: Mapping[str, Any]
    sampling: Mapping[str, Any]
    channels: tuple[str, ...] = ()
    tables: StoredTables | None = None


class Kernel(ABC, Generic[S]):
    """Counts of several experiments that share their samples, over the axes these experiments depend on.

    A kernel is made on a worker from a plain :class:`KernelTask` and evaluated block by block. Its result for a
    cell of the cube depends on nothing but the task: not on the block, the order or the worker.

    Parameters
    ----------
    task : KernelTask
    variables : dict
        Name to :class:`Variable`; the same for every experiment of the task.
    block_dims : tuple of str
        Axes along which the work may be cut; a cell is one value of each, with all others filled at once.

    Attributes
    ----------
    experiments, axes
        Those of the task.
    channels : tuple of str
        Labels of the axis ``channel``.
    """

    def __init__(
        self, task: KernelTask[S], variables: Mapping[str, Variable], block_dims: tuple[str, ...]
    ):
        self.experiments, self.axes = task.experiments, task.axes
        self.channels = tuple(task.channels)
        self.variables, self.block_dims = dict(variables), block_dims

    @abstractmethod
    def cell(self, point: Mapping[str, Any]) -> Filled:
        """Fill one cell.

        Parameters
        ----------
        point : mapping
            Value of each of the block axes.

        Returns
        -------
        mapping
            Experiment to variable to array over the variable's other axes, in their order.
        """

    def evaluate(self, selection: Mapping[str, slice]) -> dict[str, dict[str, Array]]:
        """Fill a block.

        Parameters
        ----------
        selection : mapping
            For each of ``block_dims`` the part of the axis.

        Returns
        -------
        dict
            Experiment to variable to array.
        """
        cut = {dim: self.axes[dim][selection[dim]] for dim in self.block_dims}
        lengths = {dim: len(values) for dim, values in {**self.axes, **cut}.items()}
        lengths["channel"] = len(self.channels)
        result = {
            search.tag: {
                name: np.full(tuple(lengths[dim] for dim in variable.dims), np.nan)
                for name, variable in self.variables.items()
            }
            for search in self.experiments
        }
        # one BLAS thread: the sum of products then does not depend on the machine's load
        with threadpool_limits(limits=1, user_api="blas"):
            for place, point in _points(cut):
                cell = self.cell(point)
                self._check(cell, result)
                for tag, arrays in cell.items():
                    for name, values in arrays.items():
                        dims = self.variables[name].dims
                        index = tuple(place.get(dim, slice(None)) for dim in dims)
                        here = result[tag][name][index]
                        if np.shape(values) != here.shape:
                            raise ValueError(
                                f"{type(self).__name__}: {name} of {tag} has the shape {np.shape(values)} in a cell "
                                f"and not {here.shape}"
                            )
                        result[tag][name][index] = values
        return result

    def _check(self, cell: Filled, expected: Filled) -> None:
        """Nothing is left out: what a cell does not give would look like counts.

        Raises
        ------
        ValueError
            If a search or a variable is missing, or there is one too many.
        """
        for tag in expected.keys() | cell.keys():
            given = cell.get(tag, {}).keys()
            if given != expected.get(tag, {}).keys():
                raise ValueError(
                    f"{type(self).__name__}: a cell gives {', '.join(given) or 'nothing'} of {tag} "
                    f"and not {', '.join(expected.get(tag, {})) or 'nothing'}"
                )


def _points(cut: Mapping[str, Sequence[Any]]) -> Iterator[tuple[dict[str, int], dict[str, Any]]]:
    """Places and values of all combinations of some axes, the last axis fastest."""
    for place in itertools.product(*(range(len(values)) for values in cut.values())):
        at = dict(zip(cut, place, strict=True))
        yield at, {dim: cut[dim][i] for dim, i in at.items()}


class Counting(ABC, Generic[S]):
    """How one model counts one kind of search.

    It lies in the model's room, ``counting/``, and registers itself with
    ``@countings.instance`` (:mod:`physics.models.countings`).

    Attributes
    ----------
    model, kind : str
        Tags of the model and of the kind of search.
    axes : frozenset of str
        Axes of the model on which its counts depend.
    neglects : mapping
        Every other axis of the model, and why it does not matter here, in a few words. An axis that is in neither is
        refused when the product starts: nothing is broadcast along an axis that somebody forgot.
    powers : (float, float)
        Lowest and highest power with which counts grow with a small coupling: production, and a late decay.
    reads : str
        Tag of the model whose stored cubes its kernel can take numbers from; empty if of none.
    checked : bool
        Whether the generic checks of an experiment (:mod:`physics.models.checks`) apply: counts are proportional to
        the exposure and a power of small couplings.
    meets_error : bool
        Whether its kernel spends points until a stated error is met (``error`` of the sampling).
    expectation_axes, expectation_options : tuple of str
        Axes along which what is expected without signal may differ, and options with which; see :meth:`expectation`.
    """

    model: ClassVar[str]
    kind: ClassVar[str]
    axes: ClassVar[frozenset[str]]
    neglects: ClassVar[Mapping[str, str]] = {}
    powers: ClassVar[tuple[float, float]] = (2.0, 4.0)
    reads: ClassVar[str] = ""
    checked: ClassVar[bool] = True
    meets_error: ClassVar[bool] = False
    expectation_axes: ClassVar[tuple[str, ...]] = ()
    expectation_options: ClassVar[tuple[str, ...]] = ()

    @property
    @abstractmethod
    def channels(self) -> tuple[str, ...]:
        """Production channels that can be asked for."""

    def channels_of(self, searches: Sequence[S]) -> tuple[str, ...]:
        """Production channels of some searches of its kind, if a scan names none: all that can be counted for each."""
        return self.channels

    def as_counted(self, search: S) -> S:
        """The search as this model counts it; itself, unless the counts are in other units than events."""
        return search

    def expecting(self, search: S, options: Mapping[str, Any]) -> S:
        """The search with all that it expects without signal with these options of a scan; itself by default."""
        return search

    def expectation(
        self, search: S, options: Mapping[str, Any], point: Mapping[str, Any]
    ) -> tuple[float, float]:
        """Background and observed number at a value of each of ``expectation_axes``, in the units of the counts."""
        return search.background, search.observed

    def sources(self, search: S, options: Mapping[str, Any]) -> tuple[str, ...]:
        """What goes into its counts beside the search's and the model's own sources, in words; nothing by default."""
        return ()

    def exposure_units(self, search: S) -> str:
        """What the exposure of a search counts."""
        return search.exposure_units

    def trial_options(self, searches: Sequence[S]) -> dict[str, Any]:
        """Options without which searches cannot be tried; the defaults by default."""
        return {}

    def trial_axes(self, search: S) -> dict[str, tuple[Any, ...]]:
        """Values of axes to try a search at, in place of the model's; none by default."""
        return {}

    def check_axes(self, search: S, axes: Mapping[str, tuple[Any, ...]]) -> None:
        """Raise InputError if a value of an axis makes no sense for a search."""
        search.check_axes(axes)

    def group(self, search: S) -> Hashable:
        """Searches with the same value share one kernel; by default each has its own."""
        return search.tag

    @abstractmethod
    def layout(self, task: KernelTask[S]) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """What the kernel of a task stores, and the axes along which the work may be cut; reads no inputs."""

    @abstractmethod
    def kernel(self, task: KernelTask[S]) -> Kernel[S]:
        """Make the kernel of a task."""

    def check_tables(self, task: KernelTask[S]) -> None:
        """Raise InputError if the stored tables of a task are not those that its kernel would compute."""

    def checksums(self, task: KernelTask[S]) -> dict[str, str]:
        """Verify every resource that a task reads and return their checksums by label; none by default."""
        return {}

    @abstractmethod
    def seconds_per_cell(self, task: KernelTask[S]) -> float:
        """Guess of the time of one cell of the block axes [s], to size blocks and estimate runs."""


def counts_variables(
    outer: Sequence[str],
    coupling: str,
    error_dims: Sequence[str] | None = None,
    units: str = "events",
    long_name: str = "expected signal events",
) -> dict[str, Variable]:
    """The two variables that every cube has: ``counts`` and ``relative_error``.

    Parameters
    ----------
    outer : sequence of str
        Axes before ``channel``.
    coupling : str
        The last axis.
    error_dims : sequence of str, optional
        Axes of the error; by default all but ``channel``.
    units, long_name : str
        Of the counts.
    """
    error_name = "relative integration error of the sum over channels"
    dims = tuple(outer)
    errors = (*dims, coupling) if error_dims is None else tuple(error_dims)
    return {
        "counts": Variable(
            (*dims, "channel", coupling), "float64", {"units": units, "long_name": long_name}
        ),
        "relative_error": Variable(errors, "float32", {"units": "1", "long_name": error_name}),
    }
