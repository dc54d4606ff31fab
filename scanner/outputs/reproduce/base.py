"""What a reproduction is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from physics.registry import Registry
from physics.searches.catalogue import experiment
from physics.searches.search import Search
from scanner.queries.about import About, computed

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
    holds : bool, optional
        None if the numbers do not decide it, because nothing is reached.
    """

    claim: str
    measure: str
    ours: str
    holds: bool | None

    @property
    def verdict(self) -> str:
        """``holds``, ``does not hold``, or ``undecided``."""
        return {True: "holds", False: "does not hold", None: "undecided"}[self.holds]


@dataclass
class Reproduction:
    """What a reproduction made.

    Attributes
    ----------
    files : list of Path
    comparisons : list of Comparison
    statements : list of Statement
    notes : list of str
    about : About, optional
        What decides all of these.
    """

    files: list[Path] = field(default_factory=list)
    comparisons: list[Comparison] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    about: About | None = None


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


def without_scan(tag: str, **settings: Any) -> About:
    """What the files of a figure say that is made of formulas, without a scan."""
    paper = f"arXiv:{tag.partition(':')[0]}"
    return computed(f"reproduction of {tag}: {figures[tag].title}", paper, **settings)


def search_of(kind: type[S], name: str) -> S:
    """The product's own search with a name, of a kind that the figure knows."""
    search = experiment(name)
    if not isinstance(search, kind):
        raise TypeError(f"{name} is no {kind.__name__}")
    return search
