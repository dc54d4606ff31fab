"""What a kind of search is: the layout of its files, and the kernel that counts its events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from physics.registry import Registry

if TYPE_CHECKING:
    from physics.models.base import Kernel, KernelTask, Variable


class SearchKind(ABC):
    """A kind of search.

    Attributes
    ----------
    tag : str
        The key ``kind`` in an experiment's file.
    title, source : str
    exposure_units : str
        What ``exposure`` counts.
    axes : frozenset of str
        Axes of the model on which counts depend.
    channels : tuple of str
        Production channels it can count.
    block_dims : tuple of str
        Axes along which the work may be cut.
    """

    tag: str
    title: str
    source: str
    exposure_units: str = "1/fb"
    axes: frozenset[str]
    block_dims: tuple[str, ...]

    @property
    @abstractmethod
    def channels(self) -> tuple[str, ...]:
        """Production channels it can count."""

    @abstractmethod
    def read(self, tag: str, content: Mapping[str, Any]) -> Any:
        """A definition from an experiment's file.

        A frozen dataclass with tag, title, facility, signature, exposure, background, observed, statistic, source,
        kind and counts_units.
        """

    @abstractmethod
    def restore(self, definition: Mapping[str, Any]) -> Any:
        """The inverse of ``dataclasses.asdict`` of a definition."""

    @abstractmethod
    def describe(self, definition: Any) -> str:
        """Geometry and selection in a few words."""

    def exposure_of(self, definition: Any) -> str:
        """What the exposure of one definition counts."""
        return self.exposure_units

    @abstractmethod
    def group(self, definition: Any) -> Hashable:
        """Definitions with the same value share one kernel."""

    @abstractmethod
    def variables(self) -> dict[str, Variable]:
        """What its kernel stores."""

    @abstractmethod
    def kernel(self, task: KernelTask) -> Kernel:
        """Make the kernel of a task."""

    @abstractmethod
    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Verify every resource that a task reads and return their checksums by label."""

    @abstractmethod
    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one cell of the block axes [s]."""


search_kinds: Registry[SearchKind] = Registry("kind of search", "physics.searches")
