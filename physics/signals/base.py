"""What a model makes of mesons: a long-lived particle, its production channels and its decay to a photon."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from physics.dipole.conventions import DipoleOptions
from physics.neutrino_dipole.mesons.base import ProductionChannel
from physics.registry import Registry


@dataclass(frozen=True)
class LongLived:
    """The particle that flies and decays, at one point of the parameters.

    Attributes
    ----------
    mass : float
        [GeV]
    photon_share : float
        Twice the photon's energy over the mass, in its decay at rest.
    widths : dict
        Label of the model's inner axis (``''`` without one) to its width over d^2 [GeV^3].
    channels : tuple of ProductionChannel
        In the order asked for.
    """

    mass: float
    photon_share: float
    widths: Mapping[str, float]
    channels: tuple[ProductionChannel, ...]


class MesonSignal(ABC):
    """A model's long-lived particle from mesons.

    Attributes
    ----------
    tag : str
        The model's.
    parameters : tuple of str
        Axes, beside the meson spectra, that kinematics depend on: the work is cut along them, the last one being the
        mass. Of several mass axes a scan has one.
    inner : str
        A label axis all of whose values are filled at once, since they share kinematics; empty if there is none.
    coupling : str
        The coupling axis.
    """

    tag: str
    parameters: tuple[str, ...]
    inner: str = ""
    coupling: str

    @property
    @abstractmethod
    def channels(self) -> tuple[str, ...]:
        """Production channels, by the tag of their meson."""

    @abstractmethod
    def options(self, options: Mapping[str, Any]) -> DipoleOptions:
        """Conventions of rates and kinematics from those of a scan (without ``normalisation``)."""

    @abstractmethod
    def particle(
        self,
        point: Mapping[str, Any],
        labels: Sequence[str],
        channels: Sequence[str],
        options: DipoleOptions,
    ) -> LongLived:
        """The particle at one point.

        Parameters
        ----------
        point : mapping
            Axis to value, for those of ``parameters`` that the scan has.
        labels : sequence of str
            Of the inner axis; ``['']`` without one.
        channels : sequence of str
        options : DipoleOptions
        """

    def singles(self, label: str) -> tuple[str, ...]:
        """Labels whose sum a label of the inner axis stands for."""
        return (label,)

    def samples(self, axes: Mapping[str, tuple], channels: Sequence[str]) -> int:
        """How many (channel, single label) are drawn at one point."""
        return len(channels)


meson_signals: Registry[MesonSignal] = Registry("signal from mesons", "physics.signals")
