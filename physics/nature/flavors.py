"""The flavors that a coupling may have."""

from __future__ import annotations

from physics.errors import InputError, unknown
from physics.nature.constants import LEPTON_MASS

FLAVORS = tuple(LEPTON_MASS)
UNIVERSAL = "universal"


def single_flavors(flavor: str) -> tuple[str, ...]:
    """The flavors that a label stands for.

    >>> single_flavors("universal")
    ('e', 'mu', 'tau')

    Raises
    ------
    InputError
        If the label is unknown.
    """
    if flavor == UNIVERSAL:
        return FLAVORS
    if flavor in FLAVORS:
        return (flavor,)
    raise InputError(unknown("flavor", flavor, (*FLAVORS, UNIVERSAL)))
