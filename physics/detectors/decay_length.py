"""A detector that is no more than an efficiency and a length in which a particle must decay."""

from __future__ import annotations

from physics.errors import InputError


def check_detector(efficiency: float, decay_length: float) -> None:
    """Raise InputError unless 0 < efficiency <= 1 and 1e-9 <= decay_length <= 1e9 [m]."""
    if not 0 < efficiency <= 1:
        raise InputError(f"efficiency must be above 0 and at most 1, not {efficiency:g}")
    if not 1e-9 <= decay_length <= 1e9:
        raise InputError(f"decay_length must be positive, from 1e-9 to 1e9 m, not {decay_length:g}")
