"""What a kind of search is: the layout of its files, and who counts its events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from physics.errors import InputError
from physics.registry import Registry

if TYPE_CHECKING:
    from physics.models.base import Kernel, KernelTask, Variable


class Counting(ABC):
    """How the events of one kind of search are counted in one model.

    Attributes
    ----------
    axes : frozenset of str
        Axes of the model on which counts depend.
    """

    axes: frozenset[str]

    @property
    @abstractmethod
    def channels(self) -> tuple[str, ...]:
        """Production channels it can count."""

    @abstractmethod
    def layout(self, task: KernelTask) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """What the kernel of a task stores, and the axes along which the work may be cut."""

    @abstractmethod
    def kernel(self, task: KernelTask) -> Kernel:
        """Make the kernel of a task."""

    @abstractmethod
    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Verify every resource that a task reads and return their checksums by label."""

    @abstractmethod
    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one cell of the block axes [s]."""


class SearchKind(ABC):
    """A kind of search.

    Attributes
    ----------
    tag : str
        The key ``kind`` in an experiment's file.
    title, source : str
    exposure_units : str
        What ``exposure`` counts.
    powers : tuple of float
        Lowest and highest power with which counts grow with a small coupling: production, and a late decay.
    """

    tag: str
    title: str
    source: str
    exposure_units: str = "1/fb"
    powers: tuple[float, float] = (2.0, 4.0)

    @property
    @abstractmethod
    def countings(self) -> Mapping[str, Counting]:
        """Tag of a model to how this kind is counted in it."""

    @abstractmethod
    def read(self, tag: str, content: Mapping[str, Any]) -> Any:
        """A definition from an experiment's file, a :class:`physics.searches.definition.SearchDefinition`."""

    @abstractmethod
    def restore(self, definition: Mapping[str, Any]) -> Any:
        """The inverse of ``dataclasses.asdict`` of a definition."""

    @abstractmethod
    def describe(self, definition: Any) -> str:
        """Geometry and selection in a few words."""

    def exposure_of(self, definition: Any) -> str:
        """What the exposure of one definition counts."""
        return self.exposure_units

    def spectra_of(self, definition: Any) -> str:
        """Set of spectra that is taken by default; empty if it reads none."""
        return ""

    def check_axes(self, definition: Any, axes: Mapping[str, tuple]) -> None:  # noqa: B027
        """Raise InputError if a value of an axis makes no sense for a definition."""

    @abstractmethod
    def group(self, definition: Any) -> Hashable:
        """Definitions with the same value share one kernel."""

    def counting(self, model: str) -> Counting:
        """How it is counted in a model.

        Raises
        ------
        InputError
            If it is not.
        """
        try:
            return self.countings[model]
        except KeyError:
            raise InputError(
                f"a search of the kind {self.tag} ({self.title}) is not counted in the model {model!r}; "
                f"it is in: {', '.join(self.countings)}"
            ) from None


search_kinds: Registry[SearchKind] = Registry("kind of search", "physics.searches")
