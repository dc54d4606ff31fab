"""What a reproduction is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from physics.registry import Registry
from physics.searches.catalogue import experiment
from physics.searches.search import Search

S = TypeVar("S", bound=Search)


@dataclass(frozen=True)
class Comparison:
    """A number that a paper quotes, beside ours.

    Attributes
    ----------
    what : str
    quoted : float
    ours : float
    convention : str
        Under which ours was computed.
    units : str
    """

    what: str
    quoted: float
    ours: float
    convention: str
    units: str

    @property
    def ratio(self) -> float:
        """Ours over the paper's."""
        return self.ours / self.quoted


@dataclass(frozen=True)
class Statement:
    """Something that a paper says in words, beside the numbers that decide it.

    Attributes
    ----------
    claim : str
        The paper's words, shortened.
    measure : str
        What we computed to see whether it holds.
    ours : str
        The numbers.
    holds : bool
    """

    claim: str
    measure: str
    ours: str
    holds: bool

    @property
    def verdict(self) -> str:
        """``holds`` or ``does not hold``."""
        return "holds" if self.holds else "does not hold"


@dataclass
class Reproduction:
    """What a reproduction made.

    Attributes
    ----------
    files : list of Path
    comparisons : list of Comparison
    statements : list of Statement
    notes : list of str
    """

    files: list[Path] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


Maker = Callable[[Path, Callable[..., Path]], Reproduction]


@dataclass(frozen=True)
class Figure:
    """A figure or table that can be reproduced.

    Attributes
    ----------
    tag : str
        arXiv number and figure, ``2308.16608:fig3``.
    title : str
    make : callable
        Folder and a callable that runs a scan (name of the spec, overrides, label) and returns its store.
    """

    tag: str
    title: str
    make: Maker


figures: Registry[Figure] = Registry("figure", "scanner.outputs.reproduce")


def figure(tag: str, title: str) -> Callable[[Maker], Maker]:
    """Decorator: register a function as a figure."""

    def register(function: Maker) -> Maker:
        figures.add(Figure(tag, title, function))
        return function

    return register


def search_of(kind: type[S], name: str) -> S:
    """The product's own search with a name, of a kind that the figure knows."""
    search = experiment(name)
    if not isinstance(search, kind):
        raise TypeError(f"{name} is no {kind.__name__}")
    return search
