"""What ``dipolescan spectra import`` says of the tables besides their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from physics.nature.beams import beam as known_beam
from physics.nature.beams import is_file
from physics.spectra.library import SpectrumSet, folders
from physics.spectra.species import species

_REMARKS = {"clipped": "set to zero", "above_beam": "kept", "energy": "energy"}  # keys of sources
_NAMED = 5  # files that were not used, in a note


def import_notes(written: SpectrumSet, beam: str) -> list[str]:
    """What a user must know of imported tables besides their number."""
    notes = []
    ends: dict[float, list[int]] = {}
    for pdg, source in in_order(written):
        if "missing" in source:
            ends.setdefault(source["missing"]["angles_above_rad"], []).append(pdg)
    for angle, species_there in ends.items():
        lacks = [written.sources[pdg]["missing"] for pdg in species_there]
        measured = sorted((n["share"], n["measured_in"]) for n in lacks if "share" in n)
        of_these = ""
        if measured:
            span = dict.fromkeys(f"{share:.1%}" for share, _ in (measured[0], measured[-1]))
            of_these = f", {' to '.join(span)} of these mesons in {measured[0][1]}"
        notes.append(
            f"angles above {angle:g} rad are not in the tables of {_names(species_there)}{of_these}; published yields "
            "count them: scans that read them need normalisation: generator"
        )
    for key, words in _REMARKS.items():
        by_text: dict[str, list[int]] = {}
        for pdg, source in in_order(written):
            if key in source:
                by_text.setdefault(source[key], []).append(pdg)
        if by_text:
            said = "; ".join(f"{_names(pdgs)} {text}" for text, pdgs in by_text.items())
            notes.append(f"{words}: {said}")
    usual = known_beam(beam).spectra
    if is_file(beam) and usual != written.generator and not _is_there(written, usual):
        notes.append(
            f"{beam} names the set {usual!r}, which is not there: write spectra: {written.generator} in it, or give "
            f"scans the axis generator: [{written.generator}]"
        )
    if is_file(beam):
        notes.append(
            f"no yields are published for {written.beam}: scans need normalisation: generator"
        )
    return notes


def _is_there(written: SpectrumSet, generator: str) -> bool:
    roots = [written.folder.parents[1], *folders()]
    return any((root / written.beam / generator).is_dir() for root in roots)


def in_order(found: SpectrumSet) -> list[tuple[int, dict[str, Any]]]:
    return sorted(found.sources.items(), key=lambda item: (abs(item[0]), -item[0]))


def _names(species_there: Iterable[int]) -> str:
    return ", ".join(species(pdg).name for pdg in species_there)


def not_used(ignored: Sequence[str], verbose: bool) -> str:
    """The files that were not used: how many, and the first ones unless all are asked for."""
    if verbose or len(ignored) <= _NAMED:
        return f"not used: {', '.join(ignored)}"
    first = ", ".join(ignored[:_NAMED])
    return f"not used: {len(ignored)} files, {first} ...; --verbose or --json name all"
