"""What a cube was made from, in the words of its sources: the model, the searches, and the meson spectra."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from physics.errors import InputError
from physics.models.countings import counting_of
from physics.models.model import GENERATOR
from physics.searches.search import Search
from physics.spectra.library import SpectrumError, SpectrumSet, find
from physics.spectra.normalisation import published_yields
from physics.spectra.sets import DEFAULT_SET
from scanner.limits.methods.base import methods
from scanner.scans.spec import ScanSpec
from scanner.scans.store import Store


def stored_sources(store: Store) -> str:
    """Sources of a stored scan, as JSON for the attributes of its dataset."""
    spec = store.spec
    sets: dict[str, dict[str, str]] = {}
    for label, checksum in store.attrs["resources"].items():
        name, _, species = label.rpartition("/")
        sets.setdefault(name, {})[species] = checksum
    found = {
        "model": spec.model.source,
        "experiments": {tag: _of_search(search, spec) for tag, search in spec.experiments.items()},
        "spectra": {
            name: {"species": list(tables), "digest": _digest(tables)}
            for name, tables in sets.items()
        },
    }
    return json.dumps(found)


def _of_search(search: Search, spec: ScanSpec) -> dict[str, Any]:
    """Words of a search, and the beams whose spectra it reads."""
    options = spec.options
    counting = counting_of(spec.model.tag, search.kind)
    words = [search.source, search.kind_source, *counting.sources(search, options)]
    try:
        place = getattr(search, "place", None)
    except InputError:  # of an older store, whose beam is not known any more
        words.append(f"meson spectra of {search.tag}, whose beam is not known here")
        place = None
    if place is None:
        return {"words": words, "beams": [], "set": ""}
    beams = [place.label]
    published = published_yields().get(place.label)
    if published and str(options.get("normalisation", "")).startswith("paper"):
        words.append(published.source)
        beams += [published.scaled_from] if published.scaled_from else []
    return {"words": words, "beams": beams, "set": place.spectra}


def _digest(tables: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(tables.items())).encode()).hexdigest()[:16]


def sources_of(
    attrs: Mapping[str, Any], experiment: str, selection: Mapping[str, Any], method: str = ""
) -> list[str]:
    """Words of all sources that went into one curve of a cube.

    Parameters
    ----------
    attrs : mapping
        Of the cube.
    experiment : str
    selection : mapping
        Values of other axes.
    method : str
        Tag of the limit method, if there is one.
    """
    stored = json.loads(attrs.get("sources", "{}"))
    return _words(stored, experiment, str(selection.get(GENERATOR.name, "")), method)


def sources_of_cube(store: Store, experiments: Sequence[str] = (), method: str = "") -> list[str]:
    """Words of all sources that went into a stored scan.

    Parameters
    ----------
    store : Store
    experiments : sequence of str
        All by default.
    method : str
        Tag of a limit method; by default that which a search states as its own.

    Raises
    ------
    InputError
        If an experiment is not in the cube, or there is no such method.
    """
    spec, stored = store.spec, json.loads(stored_sources(store))
    found: list[str] = []
    for tag in experiments or spec.experiments:
        if tag not in spec.experiments:
            raise InputError(
                f"unknown experiment {tag!r}; this cube has: {', '.join(spec.experiments)}"
            )
        own = method or str(spec.experiments[tag].statistic.get("method", ""))
        for generator in spec.axes.get(GENERATOR.name, ("",)):
            found += _words(stored, tag, str(generator), own)
    return found


def _words(stored: Mapping[str, Any], experiment: str, generator: str, method: str) -> list[str]:
    nothing: dict[str, Any] = {"words": [], "beams": [], "set": ""}
    own = stored.get("experiments", {}).get(experiment, nothing)
    words = [stored.get("model", ""), *own["words"]]
    if generator in ("", DEFAULT_SET):
        generator = own["set"]
    for number, beam in enumerate(own["beams"]):  # the first is its own, others stand in for it
        for name, tables in stored["spectra"].items():
            if name == f"{beam}/{generator}" or (number and name.startswith(f"{beam}/")):
                words += _of_set(name, tuple(tables["species"]), tables["digest"])
    return [*words, methods[method].source] if method else words


@lru_cache(maxsize=64)
def _of_set(name: str, species: tuple[str, ...], digest: str) -> list[str]:
    """What made a set of spectra, as its list of sources says; if that is not here, that it is not."""
    unknown = [f"meson spectra {name}, whose list of sources is not at hand"]
    try:
        found = find(*name.split("/"))
        tables = {pdg: found.sources[int(pdg)]["sha256"] for pdg in species}
    except (SpectrumError, KeyError):
        return unknown
    return made_by(found, [int(pdg) for pdg in species]) if _digest(tables) == digest else unknown


def made_by(found: SpectrumSet, species: Iterable[int]) -> list[str]:
    """Generators and settings that made tables of a set, in the words of its list of sources.

    Parameters
    ----------
    found : SpectrumSet
    species : iterable of int
        PDG numbers of the tables.
    """
    words = [found.description] if "arXiv" in found.description else []
    for pdg in species:
        made = found.sources[pdg]
        settings = made.get("settings") or ()
        words.append(f"{made.get('generator', '')} {' '.join(map(str, settings))}".strip())
    return list(dict.fromkeys(words))
