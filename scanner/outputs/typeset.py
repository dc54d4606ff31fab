"""Names as they are printed: flavors, mesons, axes and searches in pictures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from physics.nature.mesons import mesons

FLAVORS = {"e": "$e$", "mu": r"$\mu$", "tau": r"$\tau$", "universal": "universal"}
_CHARACTERS = {
    "ρ": r"\rho", "ω": r"\omega", "φ": r"\phi", "ψ": r"\psi", "Υ": r"\Upsilon", "π": r"\pi", "η": r"\eta",
    "γ": r"\gamma", "ν": r"\nu", "ℓ": r"\ell", "→": r"\to", "′": r"^{\prime}", "⁰": "^0",
    "±": r"^{\pm}", "ₛ": "_s", "ₙ": "_n",
}  # fmt: skip
_OTHERS = {
    "B_c": r"$B_c^{\pm}$",
    "mu": r"$\mu$",
    "tau": r"$\tau$",
    "Z": "$Z$",
    "W": "$W$",
    "mumu": r"$\mu^{+}\mu^{-}$",
    "ee": "$e^{+}e^{-}$",
    "emu": r"$e\mu$",
    "d_gamma": r"$d_\gamma$",
    "chi_1": r"$\chi_1$",
    "chi_2": r"$\chi_2$",
}
INFINITY = r"\infty"
_DETECTOR = re.compile(r"\bFASERnu")


@cache
def _words() -> dict[str, str]:
    return {**_OTHERS, **{tag: mathematics(one.title) for tag, one in mesons().items()}}


def mathematics(title: str) -> str:
    """A title of a meson or a decay with signs of Unicode, for matplotlib.

    >>> mathematics("Dₛ±")
    '$D_s^{\\\\pm}$'
    """
    found = ""
    for character in title:
        sign = _CHARACTERS.get(character, character)
        between = " " if re.search(r"\\[a-zA-Z]+$", found) and sign[:1].isalpha() else ""
        found += between + sign
    return f"${found}$"


def in_type(word: str) -> str:
    r"""A label of a cube as it is printed.

    >>> in_type("J_psi"), in_type("tau"), in_type("FASERnu2-photon"), in_type("FACET")
    ('$J/\\psi$', '$\\tau$', 'FASER$\\nu$2-photon', 'FACET')
    """
    if word in FLAVORS:
        return FLAVORS[word]
    return _words().get(word, _DETECTOR.sub(r"FASER$\\nu$", word))


def flavor_title(flavor: str) -> str:
    r"""Title of a panel for one flavor, alike in all pictures.

    >>> flavor_title("tau"), flavor_title("universal")
    ('$\\tau$ flavor', 'universal coupling')
    """
    return "universal coupling" if flavor == "universal" else f"{in_type(flavor)} flavor"


def in_sentence(words: str, among: Iterable[str] = ()) -> str:
    """A line of words in which whole words that are labels are printed as such.

    >>> in_sentence("channels B_c, D_s")
    'channels $B_c^{\\\\pm}$, $D_s^{\\\\pm}$'
    """
    known = {**_words(), **{name: in_type(name) for name in among}}
    names = sorted((n for n in known if "_" in n or n in among), key=len, reverse=True)
    found = words.replace("$", r"\$")
    if names:
        every = "|".join(re.escape(name) for name in names)
        found = re.sub(rf"(?<![\w$\\]){'(' + every + ')'}(?!\w)", lambda m: known[m[1]], found)
    found = re.sub(r"\ba = (∞|inf\b|-?[\d.]+)", lambda m: rf"$a = {_number(m[1])}$", found)
    found = re.sub(r"\bdelta = ", r"$\\delta$ = ", found).replace("Omega h^2", r"$\Omega h^2$")
    return _DETECTOR.sub(r"FASER$\\nu$", found)


def _number(word: str) -> str:
    return INFINITY if word in ("∞", "inf") else word


def letters(label: str) -> int:
    r"""Letters of a label that are seen, in the longest of its lines.

    >>> letters(r"$\omega$"), letters("FASER$\\nu$2")
    (1, 7)
    """
    plain = re.sub(r"\\(mathrm|ell|to|rightarrow|times)\b", "x", label)
    plain = re.sub(r"\\[a-zA-Z]+", "x", plain)
    return max(len(re.sub(r"[${}^_\\]", "", one)) for one in plain.split("\n"))
