"""Fluxes that the product computes, written as sets with all that decides their numbers."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from physics.fluxes.building import NORMALISATIONS, BuiltFlux, FluxSettings, build_flux
from physics.fluxes.hadrons import DECAY_LENGTH, DECAY_LENGTHS
from physics.fluxes.library import FluxSet, flux_folder, write_flux
from physics.fluxes.places import flux_places
from physics.fluxes.species import name_of
from physics.spectra.library import SpectrumSet, find
from physics.spectra.normalisation import published_yields


def build_set(
    place: str,
    settings: FluxSettings,
    out: Path,
    label: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> FluxSet:
    """Compute a flux and write it as a set, whole or not at all; an older one of that name is replaced.

    Parameters
    ----------
    place : str
        Tag.
    settings : FluxSettings
    out : Path
        Folder of sets.
    label : str, optional
        Of the set; by default the generator's, followed by the settings that are not as by default.
    progress : callable, optional
        See :func:`build_flux`.

    Raises
    ------
    InputError
        As :func:`build_flux`, or if the set cannot be written.
    """
    folder = flux_folder(out, place, label or _label(settings))
    built = build_flux(place, settings, progress)
    note: dict[str, Any] = {
        "command": _command(place, settings, label),
        "settings": {
            "decay_length_m": settings.decay_length,
            "decay_length_band_m": list(DECAY_LENGTHS),
            "normalisation": settings.normalisation,
            "points": settings.sampling.points,
            "replicas": settings.sampling.replicas,
            "seed": settings.sampling.seed,
        },
        "spectra": f"{flux_places()[place].beam}/{settings.generator}",
        "tables": built.spectra,
        "hadrons": [parent.title for parent in built.parents],
        "shares": _shares(built),
        "source": _source(place, settings),
        "generators": _made_by(find(flux_places()[place].beam, settings.generator), built.spectra),
        "versions": {name: version(name) for name in ("dipolescan", "numpy", "scipy")},
    }
    if built.lacking:
        note["lacking"] = [parent.title for parent in built.lacking]
    description = (
        f"decays of {_of_what(built, settings)} of {note['spectra']}, charged hadrons to "
        f"{settings.decay_length:g} m"
    )
    return write_flux(folder, built.flux, note, description)


def _of_what(built: BuiltFlux, settings: FluxSettings) -> str:
    if settings.parents:
        return ", ".join(parent.title for parent in built.parents)
    return "pions, kaons and charm" if built.lacking else "pions, kaons, hyperons and charm"


def _label(settings: FluxSettings) -> str:
    words = [settings.generator]
    if settings.decay_length != DECAY_LENGTH:
        words.append(f"{settings.decay_length:g}m")
    if settings.normalisation != NORMALISATIONS[0]:
        words.append(settings.normalisation)
    words += ["+".join(settings.parents)] if settings.parents else []
    return "-".join(words)


def _command(place: str, settings: FluxSettings, label: str | None) -> str:
    words = ["dipolescan", "flux", "build", "--place", place, "--generator", settings.generator]
    words += ["--decay-length", f"{settings.decay_length:g}"]
    words += ["--normalisation", settings.normalisation]
    words += ["--points", str(settings.sampling.points), "--seed", str(settings.sampling.seed)]
    for tag in settings.parents:
        words += ["--hadron", tag]
    words += ["--name", label] if label else []
    return shlex.join(words)


def _shares(built: BuiltFlux) -> dict[str, dict[str, float]]:
    """Share of each hadron in all neutrinos of a species."""
    return {
        name_of(pdg): {
            tag: float(f"{part.sum() / built.flux.numbers[pdg].sum():.2g}")
            for (tag, to), part in built.parts.items()
            if to == pdg
        }
        for pdg in built.flux.species
    }


def _source(place: str, settings: FluxSettings) -> str:
    """Words of the publications that went in."""
    beam = flux_places()[place].beam
    words = ["decays: PDG 2022; D0 from D+: arXiv:2105.06335"]
    known = published_yields().get(beam)
    if known is not None and settings.normalisation != "generator":
        which = "charm" if settings.normalisation == "charm" else "all mesons"
        words.append(f"yields of {which}: {known.source}")
    return "; ".join([*words, f"meson spectra: {find(beam, settings.generator).description}"])


def _made_by(spectra: SpectrumSet, tables: Iterable[int]) -> list[str]:
    """Generators and their settings, as their citation keys are found by."""
    found = []
    for table in tables:
        source = spectra.sources[table]
        words = [source.get("generator", ""), *(source.get("settings") or ())]
        found.append(" ".join(map(str, words)).strip())
    return list(dict.fromkeys(found))
