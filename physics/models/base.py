"""What a model offers to a scan: axes, options and kernels. ``scanner`` knows models only through this page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from physics.errors import InputError
from physics.registry import Registry


@dataclass(frozen=True)
class Axis:
    """An axis of the cube.

    Attributes
    ----------
    name : str
    title : str
        For plots, in matplotlib's mathtext.
    units : str
        Of the stored values; empty if dimensionless.
    role : str
        ``mass`` and ``coupling`` span the plane of contours; ``parameter`` is any other number; ``label`` is text.
    accepted_units : mapping
        Factor by which values in each accepted unit are multiplied.
    allowed : tuple
        Values of a label axis; empty if any.
    lowest, highest : float
        Values of a numeric axis lie strictly above the one and not above the other.
    default : tuple
        Values if a spec does not give the axis; empty if it must.
    closed : bool
        Whether minus infinity is the same point as infinity, which is the value to give.
    optional : bool
        A cube need not have it: without it every search takes its own value.
    group : str
        Of axes with the same group a scan has exactly one.
    trial : tuple
        Values to try an experiment at; those of ``default`` if there are none.
    """

    name: str
    title: str
    units: str
    role: str
    accepted_units: Mapping[str, float] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    lowest: float = 0.0
    highest: float = np.inf
    default: tuple = ()
    closed: bool = False
    optional: bool = False
    group: str = ""
    trial: tuple = ()

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.role != "label"


@dataclass(frozen=True)
class Variable:
    """A stored variable: the axes it has (``channel`` included), its type and its attributes."""

    dims: tuple[str, ...]
    dtype: str
    attrs: Mapping[str, str]


class Kernel(ABC):
    """Counts of several experiments that share their samples, over the axes these experiments depend on.

    A kernel is made on a worker from a plain :class:`KernelTask` and evaluated block by block. Its result for a
    cell of the cube depends on nothing but the task: not on the block, the order or the worker.

    Attributes
    ----------
    variables : dict
        Name to :class:`Variable`; the same for every experiment of the kernel.
    block_dims : tuple of str
        Axes along which the work may be cut; all others are filled at once.
    channels : tuple of str
        Labels of the axis ``channel``.
    """

    variables: dict[str, Variable]
    block_dims: tuple[str, ...]
    channels: tuple[str, ...]

    @abstractmethod
    def evaluate(self, selection: Mapping[str, slice]) -> dict[str, dict[str, np.ndarray]]:
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


@dataclass(frozen=True)
class KernelTask:
    """Everything a kernel needs, as plain data.

    Attributes
    ----------
    model : str
    experiments : tuple
        Definitions (each with a ``tag``), computed together, sharing samples.
    axes : mapping
        Axis to its values, those the experiments depend on.
    options, sampling : mapping
        Conventions and integration settings.
    channels : tuple of str
        Production channels; empty for all.
    """

    model: str
    experiments: tuple[Any, ...]
    axes: Mapping[str, tuple]
    options: Mapping[str, Any]
    sampling: Mapping[str, Any]
    channels: tuple[str, ...] = ()


class Model(ABC):
    """A model of new physics.

    Attributes
    ----------
    tag, title, source : str
    axes : tuple of Axis
        In the order of the stored arrays.
    """

    tag: str
    title: str
    source: str
    axes: tuple[Axis, ...]

    def axis(self, name: str) -> Axis:
        """One axis.

        Raises
        ------
        InputError
            If the model has none of this name.
        """
        for axis in self.axes:
            if axis.name == name:
                return axis
        raise InputError(
            f"unknown axis {name!r} of the model {self.tag!r}; "
            f"there are: {', '.join(a.name for a in self.axes)}"
        )

    def complete_axes(
        self, given: Mapping[str, tuple], experiments: Sequence[Any]
    ) -> dict[str, tuple]:
        """All axes of a scan, in the model's order: what is given, and defaults of what the experiments depend on.

        Parameters
        ----------
        given : mapping
            Axis to its values.
        experiments : sequence
            Definitions.

        Raises
        ------
        InputError
            If one is missing, two exclude each other, or a value suits none of the experiments.
        """
        used = self.axes_of(experiments)
        self._check_groups(given, used)
        found: dict[str, tuple] = {}
        for axis in self.axes:
            if axis.name in given:
                found[axis.name] = tuple(given[axis.name])
            elif axis.name in used and not axis.optional and not axis.group:
                default = self.default_values(axis, experiments)
                if not default:
                    raise InputError(f"axes.{axis.name}: missing; give its values")
                found[axis.name] = default
        self.check_values(found, experiments)
        return found

    def _check_groups(self, given: Mapping[str, tuple], used: frozenset[str]) -> None:
        """Of each group of axes exactly one is given."""
        for group in {axis.group for axis in self.axes if axis.group and axis.name in used}:
            names = [axis.name for axis in self.axes if axis.group == group]
            present = [name for name in names if name in given]
            if not present:
                raise InputError(
                    f"axes.{names[0]}: missing; give the values of {' or '.join(names)}"
                )
            if len(present) > 1:
                raise InputError(
                    f"axes.{present[1]}: a scan has one of {' and '.join(names)}; remove the other"
                )

    def default_values(self, axis: Axis, experiments: Sequence[Any]) -> tuple:
        """Values of an axis that a scan of these experiments does not give; empty if it must."""
        return axis.default

    def check_values(  # noqa: B027  a model may have nothing to check
        self, axes: Mapping[str, tuple], experiments: Sequence[Any]
    ) -> None:
        """Raise InputError if a value makes no sense for an experiment."""

    @abstractmethod
    def check_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Complete options with their defaults, or raise InputError."""

    @abstractmethod
    def check_channels(
        self, channels: Sequence[str], experiments: Sequence[Any] | None = None
    ) -> tuple[str, ...]:
        """Complete the list of production channels (none means all), or raise InputError."""

    @abstractmethod
    def experiment(self, name: str) -> Any:
        """An experiment's definition (a dataclass with a ``tag``) by label or file; raises InputError."""

    @abstractmethod
    def exposure_units(self, experiment: Any) -> str:
        """Unit of an experiment's exposure."""

    @abstractmethod
    def experiment_from(self, definition: Mapping[str, Any]) -> Any:
        """The inverse of ``dataclasses.asdict`` of an experiment's definition."""

    @abstractmethod
    def axes_of(self, experiments: Sequence[Any]) -> frozenset[str]:
        """Axes on which the counts of any of these experiments depend."""

    @abstractmethod
    def tasks(
        self,
        experiments: Sequence[Any],
        axes: Mapping[str, tuple],
        options: Mapping[str, Any],
        sampling: Mapping[str, Any],
        channels: Sequence[str],
    ) -> list[KernelTask]:
        """Group experiments into tasks that share samples, with only the axes that matter to them."""

    @abstractmethod
    def kernel(self, task: KernelTask) -> Kernel:
        """Make the kernel of a task."""

    @abstractmethod
    def describe_kernel(self, task: KernelTask) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Variables and block axes of a task's kernel, without loading its inputs."""

    @abstractmethod
    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Verify every resource that a task reads and return their checksums by label."""

    @abstractmethod
    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one cell of the block axes [s], to size blocks and estimate runs."""


models: Registry[Model] = Registry("model", "physics.models")
