"""Searches for decays of N from mesons in a volume along the beam."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from physics.beams import beam
from physics.constants import UNIVERSAL
from physics.errors import InputError
from physics.experiments.base import Experiment, Selection, numbers
from physics.geometry import Annulus
from physics.mesons import meson, mesons
from physics.models.base import Kernel, KernelTask, Variable
from physics.production.base import production_channels
from physics.searches.base import SearchKind, search_kinds
from physics.spectra.library import find
from physics.spectra.normalisation import needs_published, published_total

SECONDS_PER_RESPONSE = 2.6e-7  # per point of the sampling, one core of a small machine
SECONDS_PER_COUNT = 2.0e-8


@search_kinds.instance
class ForwardDecay(SearchKind):
    """Decays of N from mesons in a cylinder or annulus."""

    tag = "forward-decay"
    title = "decays of N from mesons in a volume along the beam"
    source = "arXiv:2308.16608 eq. (3.3)"
    axes = frozenset({"generator", "flavor", "m_N", "d_gamma"})
    block_dims = ("generator", "m_N")

    @property
    def channels(self) -> tuple[str, ...]:
        """The mesons."""
        return tuple(tag for tag in production_channels if tag in mesons())

    def read(self, tag: str, content: Mapping[str, Any]) -> Experiment:
        """An experiment with ``beam``, ``volume`` and ``selection``."""
        content = dict(content)
        if "volume" not in content:
            raise KeyError("volume")
        volume = Annulus(**numbers(content, "volume"))
        selection = Selection(**numbers(content, "selection"))
        content = {k: v for k, v in content.items() if k not in ("volume", "selection")}
        experiment = Experiment(tag=tag, volume=volume, selection=selection, **content)
        place = beam(experiment.beam)
        place.nuclear_factor(0)  # tells that a target is missing
        absorber = place.absorber_distance
        if volume.z_min <= absorber:
            raise InputError(f"the volume must begin behind the absorber, z_min > {absorber:g} m")
        return experiment

    def restore(self, definition: Mapping[str, Any]) -> Experiment:
        """An experiment from its stored definition."""
        content = dict(definition)
        volume, selection = Annulus(**content.pop("volume")), Selection(**content.pop("selection"))
        return Experiment(volume=volume, selection=selection, **content)

    def describe(self, definition: Experiment) -> str:
        """Volume and cuts."""
        volume, cuts = definition.volume, definition.selection
        radius = (
            f"{volume.r_min:g} to {volume.r_max:g}" if volume.r_min else f"below {volume.r_max:g}"
        )
        words = [f"z {volume.z_min:g} to {volume.z_max:g} m", f"r {radius} m"]
        words += [f"p_N > {cuts.p_N_min:g} GeV"] if cuts.p_N_min else []
        words += [f"E_γ > {cuts.E_gamma_min:g} GeV"] if cuts.E_gamma_min else []
        return ", ".join(words)

    def exposure_of(self, definition: Experiment) -> str:
        """Luminosity at a collider, protons at a fixed target."""
        return beam(definition.beam).exposure_units

    def group(self, definition: Experiment) -> Hashable:
        """Experiments at one beam share their samples."""
        return definition.beam

    def variables(self) -> dict[str, Variable]:
        """Counts by channel and their errors."""
        from physics.counts import meson_decay_variables

        return meson_decay_variables()

    def kernel(self, task: KernelTask) -> Kernel:
        """Counts from responses."""
        from physics.counts import MesonDecayKernel

        return MesonDecayKernel(task)

    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Verify every spectrum that the task reads."""
        chosen = beam(task.experiments[0].beam)
        place = chosen.label
        found = {}
        for generator in task.axes["generator"]:
            spectra = find(place, generator)
            for tag in task.channels:
                pdg = meson(tag).pdg
                if pdg in chosen.closed:
                    continue
                charged = meson(tag).kind == "charged_pseudoscalar"
                if needs_published(place, pdg, task.options["normalisation"]):
                    published_total(place, pdg)
                for charge in (pdg, -pdg) if charged else (pdg,):
                    spectra.load(charge)
                    found[f"{place}/{generator}/{charge}"] = spectra.sources[charge]["sha256"]
        return found

    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one (generator, m_N) [s]."""
        flavors = task.axes["flavor"]
        singles = 3 if UNIVERSAL in flavors else len(flavors)
        dependent = sum(production_channels[t].flavor_dependent for t in task.channels)
        samples = len(task.channels) - dependent + dependent * singles
        points = task.sampling["points"]
        responses = samples * points * SECONDS_PER_RESPONSE * (1 + 0.6 * len(task.experiments))
        cells = len(flavors) * len(task.channels) * len(task.axes["d_gamma"])
        return responses + len(task.experiments) * cells * SECONDS_PER_COUNT
