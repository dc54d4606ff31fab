"""How many workers: a fixed number, or between two."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from schedulers.errors import ClusterError

MAXIMUM = 100_000


@dataclass(frozen=True)
class Scale:
    """A range of numbers of workers; a cluster grows and shrinks with the work where the two differ.

    Attributes
    ----------
    minimum, maximum : int
    """

    minimum: int
    maximum: int

    def __post_init__(self) -> None:
        if not 1 <= self.maximum <= MAXIMUM or not 0 <= self.minimum <= self.maximum:
            raise ClusterError(
                f"from {self.minimum} to {self.maximum} workers is no range; "
                f"give MIN:MAX with 0 <= MIN <= MAX, 1 <= MAX <= {MAXIMUM}"
            )

    @property
    def fixed(self) -> bool:
        """Whether the number never changes."""
        return self.minimum == self.maximum

    def rounded(self, group: int) -> Scale:
        """Up to whole groups: the workers of one job come and go together.

        >>> Scale(3, 8).rounded(4)
        Scale(minimum=4, maximum=8)
        """
        return Scale(-(-self.minimum // group) * group, -(-self.maximum // group) * group)

    def __str__(self) -> str:
        return f"{self.minimum}" if self.fixed else f"{self.minimum} to {self.maximum}"


def parse_workers(text: str) -> Scale:
    """Read ``N`` or ``MIN:MAX``.

    Raises
    ------
    ClusterError
        If it is neither.

    >>> parse_workers("2:10")
    Scale(minimum=2, maximum=10)
    """
    match = re.fullmatch(r"(\d{1,9})(?::(\d{1,9}))?", text.strip(), re.ASCII)
    if not match:
        raise ClusterError(f"workers {text!r}: write a number such as 8, or MIN:MAX such as 2:10")
    low, high = match[1], match[2] or match[1]
    return Scale(int(low), int(high))


def chosen_scale(name: str, asked: int | Scale | None, default: int) -> Scale:
    """What the caller asked for, or else Dask's configuration ``dipolescan.<name>.minimum`` and ``maximum``.

    Parameters
    ----------
    name : str
        Of the backend.
    asked : int, Scale or None
    default : int
        Where neither says anything.

    Raises
    ------
    ClusterError
        If the configuration is no range.
    """
    if isinstance(asked, Scale):
        return asked
    if asked is not None:
        return Scale(asked, asked)
    import dask  # slow to import

    low: Any = dask.config.get(f"dipolescan.{name}.minimum", None)
    high: Any = dask.config.get(f"dipolescan.{name}.maximum", None)
    for key, value in (("minimum", low), ("maximum", high)):
        if value is not None and type(value) is not int:
            raise ClusterError(
                f"dipolescan.{name}.{key} of Dask's configuration must be a whole number, not {value!r}"
            )
    if high is None:
        high = default if low is None else max(low, default)
    return Scale(min(default, high) if low is None else low, high)
