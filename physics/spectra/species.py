"""The species that sets of meson spectra hold: each meson of ``physics.nature.mesons``, both charges, and hyperons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from physics.errors import InputError, did_you_mean, one_of, quoted
from physics.nature.mesons import mesons


@dataclass(frozen=True)
class Species:
    """A meson of one charge, or a hyperon.

    Attributes
    ----------
    pdg : int
        PDG number; negative for the antiparticle of a charged meson or a hyperon.
    name, title : str
        ``pi+`` for the command line; ``π⁺`` for tables and plots.
    charged : bool
        Whether there is an antiparticle with the opposite PDG number.
    """

    pdg: int
    name: str
    title: str
    charged: bool


# Of these neutrino fluxes are made, and nothing else: a set may lack them, and nothing is published of their yields.
HYPERONS = {
    pdg: Species(pdg, name, title, True)
    for pdg, name, title in (
        (3122, "Lambda", "Λ"),
        (-3122, "anti-Lambda", "Λ̄"),
        (3112, "Sigma-", "Σ⁻"),
        (-3112, "anti-Sigma+", "Σ̄⁺"),
    )
}


@cache
def all_species() -> dict[int, Species]:
    """Every meson by PDG number: neutral ones once, charged ones with both charges."""
    found = {}
    for meson in mesons().values():
        if meson.kind != "charged_pseudoscalar":
            found[meson.pdg] = Species(meson.pdg, meson.tag, meson.title, False)
            continue
        for pdg, sign, mark in ((meson.pdg, "+", "⁺"), (-meson.pdg, "-", "⁻")):
            title = meson.title.replace("±", mark)
            found[pdg] = Species(pdg, meson.tag + sign, title, True)
    return found


def species(name: str | int) -> Species:
    """Look up a species by name or PDG number; a charged meson without a sign is the positive one.

    >>> species("J/psi").pdg, species("eta'").pdg, species("pi").pdg, species("-431").name
    (443, 331, 211, 'D_s-')
    >>> species("Lambda").pdg, species(-3112).title
    (3122, 'Σ̄⁺')

    Raises
    ------
    InputError
        If there is none.
    """
    known = all_species() | HYPERONS
    by_name = {_plain(s.name): s for s in known.values()}
    by_name |= {str(pdg): s for pdg, s in known.items()}
    plain = _plain(str(name))
    found = by_name.get(plain) or by_name.get(plain + "+")
    if found is None:
        there = one_of(f"{s.name} ({pdg})" for pdg, s in known.items())
        hint = did_you_mean(str(name), [s.name for s in known.values()])
        raise InputError(f"unknown species {quoted(name)}; {hint}there are: {there}")
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9+-]", "", name.lower().replace("'", "prime"))
