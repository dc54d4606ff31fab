"""arXiv:2301.08592, tables 1 to 3: numbers of bosons, trackers and cuts, and what the searches here have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from physics.searches.displaced_dilepton import DisplacedDilepton
from physics.searches.displaced_trilepton import DisplacedTrilepton
from physics.w_bosons.colliders import collider, number_of_w
from physics.w_bosons.library import w_events
from scanner.outputs.export import as_csv, write_file
from scanner.outputs.reproduce.base import Comparison, Reproduction, figure, search_of, without_scan

ARXIV = "2301.08592"
Runner = Callable[..., Path]


@figure(f"{ARXIV}:tables", "numbers of bosons, trackers and cuts of tables 1 to 3")
def tables(folder: Path, _run: Runner) -> Reproduction:
    """What the tables state, beside leading order and the searches of the product."""
    comparisons = [*_bosons(), *_trackers(), *_cuts()]
    path = folder / "tables.csv"
    rows = [[c.what, c.convention, c.quoted, c.ours, c.units] for c in comparisons]
    said = without_scan(f"{ARXIV}:tables")
    header = ["number", "computed_with", "quoted", "ours", "units"]
    write_file(path, as_csv(header, rows, said))
    notes = [
        "Searches take the paper's numbers of bosons; with those of leading order they are asked by --exposure. The "
        "luminosity of FCC-hh, 30/ab, is not in the paper.",
        "N_Z of HL-LHC and FCC-hh in table 1 is not used: no search here needs it.",
    ]
    return Reproduction([path], comparisons, notes=notes, about=said)


def _bosons() -> list[Comparison]:
    """Table 1: numbers of W of leading order, and decays of Z at FCC-ee."""
    found = []
    for name, place, quoted in (
        ("HL-LHC", "lhc-14tev", 6e11),
        ("FCC-hh", "fcc-100tev", 1.2e13),
    ):
        there = collider(place)
        ours = number_of_w(there, w_events(place).cross_section, "cross-section")
        what = f"table 1: N_W of {name}, {there.luminosity:g} fb^-1"
        found.append(Comparison(what, quoted, ours, "leading order", ""))
    z_factory = search_of(DisplacedDilepton, "FCC-ee-displaced-0.1mm")
    found.append(Comparison("table 1: N_Z of FCC-ee", 5e12, z_factory.exposure, "search", ""))
    return found


def _trackers() -> list[Comparison]:
    """Table 2: pseudorapidity, radius and half length."""
    found = []
    for name, label, quoted in (
        ("CMS", "HL-LHC-displaced", (2.5, 0.5, 3.0)),
        ("FCC-hh", "FCC-hh-displaced-50", (4.0, 1.6, 5.0)),
    ):
        tracker = search_of(DisplacedTrilepton, label).tracker
        ours = (tracker.eta_max, tracker.radius, tracker.half_length)
        words = (("largest pseudorapidity", ""), ("R", "m"), ("L", "m"))
        found += [
            Comparison(f"table 2: {what} of {name}", number, own, "search", units)
            for (what, units), number, own in zip(words, quoted, ours, strict=True)
        ]
    return found


def _cuts() -> list[Comparison]:
    """Table 3: cuts of ref. [52] and of the paper."""
    earlier = search_of(DisplacedDilepton, "FCC-ee-displaced-d0").selection
    found = [
        Comparison("table 3, ref. [52]: p_miss", 10.0, earlier.p_miss_min, "search", "GeV"),
        Comparison("table 3, ref. [52]: d0", 0.5, earlier.d0_min * 1e3, "search", "mm"),
    ]
    for label, distance in (("FCC-ee-displaced-0.4mm", 0.4), ("FCC-ee-displaced-0.1mm", 0.1)):
        cuts = search_of(DisplacedDilepton, label).selection
        named = f"table 3, r > {distance:g} mm"
        found += [
            Comparison(f"{named}: p_miss", 10.0, cuts.p_miss_min, "search", "GeV"),
            Comparison(f"{named}: cos theta_ll", -0.5, cuts.cos_min, "search", ""),
            Comparison(f"{named}: E_l", 2.0, cuts.E_min, "search", "GeV"),
            Comparison(f"{named}: r", distance, cuts.displacement_min * 1e3, "search", "mm"),
        ]
    return found
