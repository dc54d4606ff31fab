"""A second photon that is seen, for which an event is not taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from physics.errors import InputError
from physics.nature.radiator import visible_share
from physics.numerics.arrays import Array
from physics.reading import STRICT, Number


@dataclass(frozen=True)
class PhotonVeto:
    """Where a photon that e- or e+ radiated is seen.

    Attributes
    ----------
    cos_max : float
        Largest abs(cos theta).
    E_min : float
        Lowest energy [GeV].
    """

    __pydantic_config__: ClassVar = STRICT

    cos_max: Number
    E_min: Number

    def __post_init__(self) -> None:
        if not 0 < self.cos_max < 1:
            raise InputError(
                f"photon_veto cos_max must lie between 0 and 1, not {self.cos_max:g}; photons along the beams are "
                "never seen"
            )
        if not self.E_min > 0:
            raise InputError(
                f"photon_veto E_min must be above zero, not {self.E_min:g}: there is no event without a soft photon"
            )


def unseen(x: ArrayLike, sqrt_s: float, veto: PhotonVeto | None) -> Array:
    """Probability that the radiated photon is not seen, one without a veto.

    Parameters
    ----------
    x : array_like
        Its energy over that of a beam, below one.
    sqrt_s : float
        [GeV]
    veto : PhotonVeto, optional

    Examples
    --------
    >>> unseen([0.1, 0.5], 240.0, PhotonVeto(0.99, 20.0)).round(3).tolist()
    [1.0, 0.797]
    """
    x = np.asarray(x, dtype=float)
    if veto is None:
        return np.ones_like(x)
    hard = x * sqrt_s / 2 > veto.E_min
    return np.where(hard, 1 - visible_share(x, sqrt_s, veto.cos_max), 1.0)
