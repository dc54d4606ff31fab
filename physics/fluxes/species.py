"""The six neutrinos: PDG numbers, names and signs."""

from __future__ import annotations

import re

from physics.errors import InputError, quoted

# in the order of seven-column files: neutrinos, then antineutrinos
NEUTRINOS = (12, 14, 16, -12, -14, -16)
_NAMES = {12: "nue", 14: "numu", 16: "nutau", -12: "nuebar", -14: "numubar", -16: "nutaubar"}
TITLES = {12: "νₑ", 14: "ν_μ", 16: "ν_τ", -12: "ν̄ₑ", -14: "ν̄_μ", -16: "ν̄_τ"}


def name_of(pdg: int) -> str:
    """Name of a neutrino for the command line.

    >>> name_of(-14)
    'numubar'
    """
    return _NAMES[pdg]


def neutrino(name: str | int) -> int:
    """PDG number of a neutrino that is written as a name or as that number.

    >>> neutrino("nu_mu"), neutrino("nu_tau_bar"), neutrino("-12"), neutrino(16)
    (14, -16, -12, 16)

    Raises
    ------
    InputError
        If it is none of the six.
    """
    plain = re.sub(r"[^a-z0-9-]", "", str(name).lower())
    known = {text: pdg for pdg, text in _NAMES.items()} | {str(pdg): pdg for pdg in NEUTRINOS}
    if plain not in known:
        there = ", ".join(f"{text} ({pdg})" for pdg, text in _NAMES.items())
        raise InputError(f"{quoted(str(name))} is no neutrino; there are: {there}")
    return known[plain]
