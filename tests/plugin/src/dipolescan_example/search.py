"""A kind of search with one number of its own."""

from dataclasses import dataclass

from physics.reading import Number
from physics.searches.search import Search, search_kinds


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class ToyYield(Search):
    """A search that sees a share of all that is made."""

    kind_title = "a share of all"
    kind_source = "arXiv:0000.00000"

    share: Number
    kind: str = "toy-yield"

    def describe(self) -> str:
        """The share."""
        return f"{self.share:g} of all"
