"""What a result assumes beside the cube: how counts become a limit, and which channels are summed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from physics.errors import InputError
from scanner.limits.limit import Limit
from scanner.queries.bands import Band, asked_band


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """How counts become a limit; what is None is the search's own.

    Thresholds of the photon, the generator and conventions are axes of the cube and belong to the selection.

    Attributes
    ----------
    method : str, optional
        Tag of a limit method (``dipolescan.limit_methods``).
    confidence_level : float, optional
        Of methods that have one.
    events : float, optional
        Of ``fixed-count``.
    background, observed : float, optional
        In place of the experiment's own, in the units of its counts.
    exposure : float, optional
        In place of the experiment's own; counts and the experiment's background scale with it.
    parameters : mapping, optional
        Further parameters of the method (``{"background_uncertainty": 0.1}``).
    channels : str or sequence of str, optional
        Production channels that are summed; all by default.
    band : str or sequence of str, optional
        What a band around the result is over: ``statistics``, ``generators``, ``background``, or several of them,
        as ``docs/outputs.md`` describes.
    background_uncertainty : float or str, optional
        Of a band over the background, in the units of the counts, or ``"20%"`` of it.

    Examples
    --------
    >>> Assumptions(method="poisson", confidence_level=0.9, background=10).limit.parameters
    {'confidence_level': 0.9}
    """

    method: str | None = None
    confidence_level: float | None = None
    events: float | None = None
    background: float | None = None
    observed: float | None = None
    exposure: float | None = None
    parameters: Mapping[str, float] | None = None
    channels: str | Sequence[str] | None = None
    band: str | Sequence[str] | None = None
    background_uncertainty: float | str | None = None

    def __post_init__(self) -> None:
        if self.parameters is not None and not isinstance(self.parameters, Mapping):
            raise InputError(
                "parameters must be a mapping of names to numbers, "
                f"{{'background_uncertainty': 0.1}}, not {self.parameters!r:.60}"
            )
        for name in ("events", "confidence_level"):
            if getattr(self, name) is not None and name in (self.parameters or {}):
                raise InputError(f"{name} is given twice, once in parameters; give it once")
        asked_band(self.band, self.background_uncertainty)

    @property
    def limit(self) -> Limit:
        """The same without the channels."""
        own = {"events": self.events, "confidence_level": self.confidence_level}
        given = {name: value for name, value in own.items() if value is not None}
        return Limit(
            self.method,
            {**given, **(self.parameters or {})},
            self.background,
            self.observed,
            self.exposure,
        )

    @property
    def uncertainties(self) -> Band | None:
        """What a band is over; None without one."""
        return asked_band(self.band, self.background_uncertainty)

    def given(self) -> dict[str, Any]:
        """What is not the search's own."""
        return {f.name: v for f in fields(self) if (v := getattr(self, f.name)) is not None}
