"""Searches for electrons that neutrinos hit while they scatter to N."""

from __future__ import annotations

import math
from dataclasses import dataclass

from physics.errors import InputError, one_of, quoted
from physics.reading import Number
from physics.searches.search import search_kinds
from physics.searches.upscattering import UpscatteringSearch

DECAYS = ("ignored", "vetoed")


def check_electron(
    E_e_min: float, E_e_max: float, theta_max: float | None, efficiency: float
) -> None:
    """Raise InputError unless cuts on an electron make sense.

    Parameters
    ----------
    E_e_min, E_e_max : float
        [GeV]
    theta_max : float or None
        [rad]
    efficiency : float
    """
    if not 0 <= E_e_min < E_e_max < math.inf:
        raise InputError(
            f"the electron's energy needs 0 <= E_e_min < E_e_max [GeV], not {E_e_min:g} and {E_e_max:g}"
        )
    if theta_max is not None and not 0 < theta_max <= math.pi:
        raise InputError(f"theta_max must lie between 0 and pi [rad], not {theta_max:g}")
    if not 0 < efficiency <= 1:
        raise InputError(f"efficiency must be above 0 and at most 1, not {efficiency:g}")


def describe_electron(
    E_e_min: float, E_e_max: float, theta_max: float | None, efficiency: float
) -> list[str]:
    """Cuts on an electron in a few words; see :func:`check_electron`."""
    words = [f"{E_e_min:g} < E_e < {E_e_max:g} GeV"]
    words += [f"θ_e < {theta_max * 1e3:g} mrad"] if theta_max is not None else []
    words += [f"efficiency {efficiency:g}"] if efficiency < 1 else []
    return words


@search_kinds.add
@dataclass(frozen=True, kw_only=True)
class ElectronRecoil(UpscatteringSearch):
    """A search for nu e -> N e in the target.

    Attributes
    ----------
    E_e_min, E_e_max : float
        Energy of the electron, its mass included [GeV].
    theta_max : float, optional
        Largest angle between electron and beam [rad]; any if it is None.
    decays : str
        ``ignored``: it does not matter whether N decays in the target too; ``vetoed``: then the event does not count.
    efficiency : float
        To see such an electron.
    """

    kind_title = "electrons hit by neutrinos that scatter to N"
    kind_source = "arXiv:2011.04751 sec. 2.4.3"

    E_e_min: Number
    E_e_max: Number
    theta_max: Number | None = None
    decays: str = "ignored"
    efficiency: Number = 1.0
    scattering: tuple[str, ...] = ("electron",)
    kind: str = "electron-recoil"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scattering != ("electron",):
            raise InputError("scattering of an electron's recoil is on electrons; remove the key")
        check_electron(*self.electron)
        if self.decays not in DECAYS:
            raise InputError(f"decays must be {one_of(DECAYS)}, not {quoted(self.decays)}")

    @property
    def electron(self) -> tuple[float, float, float | None, float]:
        """Cuts on the electron, as :func:`check_electron` takes them."""
        return self.E_e_min, self.E_e_max, self.theta_max, self.efficiency

    def describe(self) -> str:
        """Target and cuts."""
        words = [*self.describe_target(), *describe_electron(*self.electron)]
        words += ["no decay of N in the target"] if self.decays == "vetoed" else []
        return ", ".join(words)
