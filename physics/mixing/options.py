"""Conventions of the model ``mixing``; each has a stated default."""

from __future__ import annotations

from dataclasses import dataclass, fields

from physics.errors import InputError, one_of, quoted

CHOICES: dict[str, tuple[str, ...]] = {
    "nature": ("dirac", "majorana"),
    "pairs": ("all", "same-flavor"),
}


@dataclass(frozen=True)
class MixingOptions:
    """Conventions.

    Attributes
    ----------
    nature : str
        Of N: ``dirac`` (default), or ``majorana``: twice the width, and pairs without a memory of its spin.
    pairs : str
        ``all`` (default): a search for electrons and muons takes e mu pairs, too; ``same-flavor``: it does not.
    """

    nature: str = "dirac"
    pairs: str = "all"

    def __post_init__(self) -> None:
        for field in fields(self):
            value, allowed = getattr(self, field.name), CHOICES[field.name]
            if value not in allowed:
                raise InputError(
                    f"option {field.name}: {quoted(value)} is not possible; choose {one_of(allowed)}"
                )

    def looked_for(self, leptons: tuple[str, ...]) -> tuple[str, ...]:
        """Pairs that a search for some leptons takes.

        >>> MixingOptions().looked_for(("e", "mu"))
        ('ee', 'mumu', 'emu')
        """
        found = tuple(2 * lepton for lepton in leptons)
        return self.counted((*found, "emu")) if {"e", "mu"} <= set(leptons) else found

    def counted(self, pairs: tuple[str, ...]) -> tuple[str, ...]:
        """Those of some pairs that are counted."""
        return pairs if self.pairs == "all" else tuple(pair for pair in pairs if pair != "emu")
