"""What the machinery asks of a model: which mesons, and at each point the particle that they make."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from physics.forward.decays import LongLived
from physics.nature.mesons import Meson

GENERATOR, THRESHOLD, PAIR_THRESHOLD = "generator", "E_gamma_min", "E_pair_min"


class MesonSignal(ABC):
    """A model's long-lived particle from mesons.

    Attributes
    ----------
    parameters : tuple of str
        Axes, beside the meson spectra, that kinematics depend on: the work is cut along them, the last one being the
        mass. Of several mass axes a scan has one.
    inner : str
        A label axis all of whose values are filled at once, since they share kinematics; empty if there is none.
    coupling : str
        The coupling axis.
    """

    parameters: ClassVar[tuple[str, ...]]
    inner: ClassVar[str] = ""
    coupling: ClassVar[str]

    @property
    @abstractmethod
    def parents(self) -> Mapping[str, Meson]:
        """Production channel to the meson that decays; a meson may have several."""

    @abstractmethod
    def particle(
        self,
        point: Mapping[str, Any],
        labels: Sequence[str],
        channels: Sequence[str],
        options: Mapping[str, Any],
    ) -> LongLived:
        """The particle at one point.

        Parameters
        ----------
        point : mapping
            Axis to value, for those of ``parameters`` that the scan has.
        labels : sequence of str
            Of the inner axis; ``['']`` without one.
        channels : sequence of str
        options : mapping
            Of the scan, without ``normalisation``.
        """

    def singles(self, label: str) -> tuple[str, ...]:
        """Labels whose sum a label of the inner axis stands for."""
        return (label,)

    def samples(self, axes: Mapping[str, tuple[Any, ...]], channels: Sequence[str]) -> int:
        """How many (channel, single label) are drawn at one point."""
        return len(channels)
