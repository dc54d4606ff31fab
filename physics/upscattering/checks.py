"""Whether a search can be counted with a flux: units, flavors, energies."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from physics.errors import InputError
from physics.fluxes.species import name_of
from physics.fluxes.table import NeutrinoFlux
from physics.nature.flavors import single_flavors
from physics.upscattering.produced import PDG


def check_channels(tag: str, scattering: Collection[str], channels: Collection[str]) -> None:
    """Raise InputError unless a scan has some channel of a search: a count of zero would look like a result.

    Parameters
    ----------
    tag : str
        Of the search.
    scattering : collection of str
        What the search counts.
    channels : collection of str
        Those of the scan.
    """
    if not set(scattering) & set(channels):
        raise InputError(
            f"channels: {tag} counts {', '.join(sorted(scattering))} and none of {', '.join(channels)}; "
            "add one of its channels, or leave it out"
        )


def check_flux(
    tag: str,
    exposure_units: str,
    name: str,
    flux: NeutrinoFlux,
    flavors: Iterable[str],
    threshold: float = 0.0,
) -> None:
    """Raise InputError unless a search can be counted with a flux.

    A flavor of which the flux says nothing is refused: a count of zero would look like a result. A universal coupling
    needs one of its flavors.

    Parameters
    ----------
    tag : str
        Of the search.
    exposure_units : str
        Of the search.
    name : str
        Of the flux.
    flux : NeutrinoFlux
    flavors : iterable of str
        That are counted.
    threshold : float
        Largest energy that is asked for [GeV].
    """
    if exposure_units != flux.exposure_units:
        raise InputError(
            f"{tag}: the exposure is in {exposure_units}, and the flux {name} is per {flux.exposure_units}; "
            "give flux_units and exposure for that flux"
        )
    for label in flavors:
        if not {PDG[single] for single in single_flavors(label)} & {abs(p) for p in flux.species}:
            there = ", ".join(name_of(pdg) for pdg in flux.species)
            raise InputError(
                f"{tag}: the flux {name} has {there} and says nothing of flavor {label}; leave that flavor out, or "
                "import a flux that has it"
            )
    if threshold >= flux.edges[-1]:
        raise InputError(
            f"{tag}: the threshold of {threshold:g} GeV lies above the highest energy of the flux {name}, "
            f"{flux.edges[-1]:g} GeV, so that nothing is ever counted; give a lower one"
        )
