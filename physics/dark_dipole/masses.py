"""The two masses of the dark pair at a point of a scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from physics.dipole.pair import DipolePair

PARAMETERS = ("delta", "M_1", "M_2")


def pair_at(point: Mapping[str, Any]) -> DipolePair:
    """The two masses from delta and one of M_1, M_2 [GeV].

    >>> pair_at({"delta": 0.5, "M_1": 0.5}).heavy
    0.75
    """
    delta = float(point["delta"])
    if "M_1" in point:
        return DipolePair.of_light(float(point["M_1"]), delta)
    return DipolePair.of_heavy(float(point["M_2"]), delta)
