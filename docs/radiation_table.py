"""Write the tables of initial-state radiation on the page of arXiv:2301.06050; takes some seconds.

Run it from the repository's root: ``python docs/radiation_table.py``. ``update_reproduction.py`` writes them, too.
"""

import re
from pathlib import Path

import numpy as np

from physics.models.model import models
from physics.models.tasks import (
    chosen_channels,
    expectations,
    expecting,
    make_kernel,
    make_tasks,
    search_in,
)
from physics.neutrino_dipole.annihilation.acceptance import acceptance
from physics.neutrino_dipole.annihilation.production import cross_section
from physics.neutrino_dipole.annihilation.radiated import (
    radiated_acceptance,
    radiated_cross_section,
)
from physics.neutrino_dipole.couplings import coupling_ratios
from physics.numerics.sampling import Sampling
from scanner.limits.limit import Limit, Stated
from scanner.queries.contours import reach

PAGE = Path(__file__).with_name("reproduction-2301.06050.md")
DIPOLE = models["dipole"]
ALL = np.unique([*np.linspace(-10, 10, 101), 2 * np.sqrt(0.2312 / 0.7688)])
POSITIVE = np.linspace(0.1, 10, 100)
BASIC = ("LEP1-OPAL", "CEPC-WW-basic", "LEP2-DELPHI", "CEPC-H-basic", "CEPC-tt-basic")
LIMITS = (  # experiment, flavor, mass [GeV], values of a
    ("LEP1-OPAL", "e", 10.0, POSITIVE),
    ("CEPC-Z", "e", 10.0, POSITIVE),
    ("LEP2-DELPHI", "e", 100.0, ALL),
    ("LEP2-DELPHI", "mu", 100.0, ALL),
    ("CEPC-WW-basic", "e", 100.0, ALL),
    ("CEPC-H-basic", "e", 100.0, ALL),
    ("CEPC-H-basic", "mu", 100.0, ALL),
    ("CEPC-H", "e", 100.0, ALL),
    ("CEPC-tt-basic", "e", 100.0, ALL),
)


def rates() -> str:
    """Cross-sections with the radiator over those at Born level, m_N = 10 GeV and a = infinity."""
    found = {name: search_in(DIPOLE, name) for name in BASIC}
    header = " | ".join(f"{found[name].title}, {found[name].sqrt_s:g} GeV" for name in BASIC)
    lines = [f"| rate over Born | {header} |", "|---|" + "---|" * len(BASIC)]
    d_Z, d_W = coupling_ratios(np.inf)
    for flavor in ("mu", "e"):
        cells: dict[str, list[str]] = {"σ": [], "within cuts": [], "no second photon": []}
        for search in found.values():
            at = (search.sqrt_s, 10.0)
            couplings = (1.0, d_Z, d_W, flavor)
            cuts, veto = search.cuts, search.photon_veto
            born = acceptance(*at, cuts).accepted.total(*couplings)[0]
            ratios = [
                radiated_cross_section(*at).total(*couplings)
                / cross_section(*at).total(*couplings),
                radiated_acceptance(*at, cuts).accepted.total(*couplings)[0] / born,
                radiated_acceptance(*at, cuts, veto).accepted.total(*couplings)[0] / born,
            ]
            texts = [f"{ratio:.3f}" for ratio in ratios]
            texts[2] = texts[2] if veto else "–"
            for kind, text in zip(cells, texts, strict=True):
                cells[kind].append(text)
        lines += [f"| {flavor}: {kind} | {' | '.join(texts)} |" for kind, texts in cells.items()]
    return "\n".join(lines)


def limit(name, flavor, mass, a, initial_state):
    """Background, and the lowest coupling that is excluded at each a."""
    options = DIPOLE.complete_options({"initial_state": initial_state})
    search = expecting(DIPOLE, search_in(DIPOLE, name), options)
    d = np.geomspace(1e-8, 1e-1, 701)
    axes = {
        "convention": ("exact",),
        "flavor": (flavor,),
        "m_N": (mass,),
        "a": tuple(a),
        "d_gamma": tuple(d),
    }
    sampling = vars(Sampling())
    channels = chosen_channels(DIPOLE, (), [search])
    (task,) = make_tasks(DIPOLE, [search], axes, options, sampling, channels)
    counts = make_kernel(task).evaluate({"m_N": slice(None)})[name]["counts"][0, 0, 0, :, 0]
    background, observed = (float(v[0]) for v in expectations(DIPOLE, [search], options, axes)[1])
    units = search.counts_units
    stated = Stated(name, search.exposure, "1/fb", units, background, observed, search.statistic)
    scale = 1e3 * search.exposure * search.efficiency
    tree = background / scale if "background" in search.computed else None
    return tree, reach(np.asarray(a), d, counts, stated.level(Limit())).low


def limits() -> str:
    """Backgrounds and the range of limits over a."""
    lines = [
        "| search, m_N, flavor | background [pb] | with the radiator | d over a [1/GeV] | with the radiator | ratios |",
        "|---|---|---|---|---|---|",
    ]
    for name, flavor, mass, a in LIMITS:
        cells, ends = [], []
        for state in ("none", "radiator"):
            section, low = limit(name, flavor, mass, a, state)
            ends.append((np.nanmin(low), np.nanmax(low)))
            cells.append("–" if section is None else f"{section:.3g}")
        ranges = [f"{first:.2e} to {last:.2e}" for first, last in ends]
        ratios = f"{ends[1][0] / ends[0][0]:.2f}, {ends[1][1] / ends[0][1]:.2f}"
        part = "a > 0" if a is POSITIVE else "\\|a\\| ≤ 10"
        what = f"{name}, {mass:g} GeV, {flavor}, {part}"
        lines.append(f"| {' | '.join([what, *cells, *ranges, ratios])} |")
    return "\n".join(lines)


def radiation(_found=None) -> str:
    """Both tables."""
    return f"{rates()}\n\n{limits()}"


def main() -> None:
    """Replace what stands between the markers."""
    text = PAGE.read_text(encoding="utf-8")
    block = f"<!-- radiation -->\n{radiation()}\n<!-- /radiation -->"
    text = re.sub(r"<!-- radiation -->.*?<!-- /radiation -->", lambda _: block, text, flags=re.S)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
