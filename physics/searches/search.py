"""What a search is: one object that its file, the stored cube and every model know.

A kind of search is one frozen dataclass in a module of its own; an experiment is one YAML file with its keys. Nothing
here knows a model or a kernel: how a model counts a kind of search lies in the model's room, ``counting/``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, ClassVar

from physics.errors import InputError
from physics.reading import STRICT, Number
from physics.registry import Registry


def check_thresholds(
    tag: str, name: str, own: float, observed: float, thresholds: Sequence[float]
) -> None:
    """Raise InputError if thresholds of an axis lie below the one above which events have been counted already.

    Parameters
    ----------
    tag, name : str
        Of the search and the axis.
    own : float
        Threshold of the search [GeV].
    observed : float
    thresholds : sequence of float
        Of the axis [GeV].
    """
    if thresholds and observed > 0 and min(thresholds) < own:
        raise InputError(
            f"axes.{name}: {tag} has counted its {observed:g} events above {own:g} GeV and not above "
            f"{min(thresholds):g} GeV; give higher thresholds, or scan it without this axis"
        )


@dataclass(frozen=True, kw_only=True)
class Search(ABC):
    """A search, as its file and the stored cube define it; each kind adds its own fields.

    Attributes
    ----------
    tag, title, facility, signature, source : str
    exposure : float
        In :attr:`exposure_units`.
    background, observed : float
        In the units of the counts.
    statistic : dict
        The search's own limit method and its parameters; empty for three events.
    kind : str
        Kind of search, the class's own.
    counts_units : str
        What counts are with the stated exposure; ``events`` unless a limit is stated in something else.
    kind_title, kind_source : str
        Of the class: what is searched for, and where the kind is described.
    derived : tuple of str
        Of the class: fields that follow from the others, and are no keys of its file.
    """

    __pydantic_config__: ClassVar = STRICT
    kind_title: ClassVar[str]
    kind_source: ClassVar[str]
    derived: ClassVar[tuple[str, ...]] = ()

    tag: str
    title: str
    facility: str
    signature: str
    source: str
    exposure: Number
    background: Number = 0.0
    observed: Number = 0.0
    statistic: dict[str, Any] = field(default_factory=dict)
    kind: str
    counts_units: str = "events"

    @property
    def exposure_units(self) -> str:
        """What ``exposure`` counts."""
        return "1/fb"

    @property
    def spectra(self) -> str:
        """Set of meson spectra that is taken by default; empty if it reads none."""
        return ""

    @abstractmethod
    def describe(self) -> str:
        """Geometry and selection in a few words."""

    def check(self) -> None:  # noqa: B027
        """Raise InputError if what a file says makes no sense; not asked of what was stored."""

    def check_axes(self, axes: Mapping[str, tuple[Any, ...]]) -> None:  # noqa: B027
        """Raise InputError if a value of an axis makes no sense for it."""

    def completed(self, given: Mapping[str, Any]) -> Search:
        """The same with what follows from its file; ``given`` are the file's own keys."""
        return self


search_kinds: Registry[type[Search]] = Registry(
    "kind of search", "physics.searches", group="searches", key=attrgetter("kind"), stated=("kind",)
)
