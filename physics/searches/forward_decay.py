"""Searches for decays of particles from mesons in a volume along the beam."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cached_property
from typing import Any

from physics.detectors.volumes import photon_plane_from, volume_from
from physics.errors import InputError
from physics.experiments.base import Experiment, Selection
from physics.models.base import Kernel, KernelTask, Variable
from physics.nature.beams import beam
from physics.nature.mesons import meson
from physics.reading import numbers
from physics.searches.base import Counting, SearchKind, search_kinds
from physics.signals.base import MesonSignal, meson_signals
from physics.spectra.library import find
from physics.spectra.normalisation import needs_published, published_total, references

SECONDS_PER_SAMPLE = 2.6e-7  # per point of the sampling, one core of a small machine
SECONDS_PER_RESPONSE = 1.6e-7
SECONDS_PER_THRESHOLD = 0.4  # of a response, for another selection that shares its samples
SECONDS_PER_COUNT = 2.0e-8


class MesonDecays(Counting):
    """Counts in any model that makes a long-lived particle of mesons.

    Parameters
    ----------
    signal : MesonSignal
    """

    def __init__(self, signal: MesonSignal):
        self.signal = signal
        own = (signal.inner, *signal.parameters, signal.coupling)
        self.axes = frozenset({"generator", "E_gamma_min", *own} - {""})

    @property
    def channels(self) -> tuple[str, ...]:
        """The mesons."""
        return self.signal.channels

    def layout(self, task: KernelTask) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Counts by channel and their errors."""
        from physics.forward.counts import block_dims, meson_decay_variables

        return meson_decay_variables(self.signal, task.axes), block_dims(self.signal, task.axes)

    def kernel(self, task: KernelTask) -> Kernel:
        """Counts from responses."""
        from physics.forward.counts import MesonDecayKernel

        return MesonDecayKernel(task, self.signal)

    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Verify every spectrum that the task reads."""
        chosen = beam(task.experiments[0].beam)
        normalisation = task.options["normalisation"]
        found: dict[str, str] = {}
        for generator in task.axes["generator"]:
            for tag in task.channels:
                pdg = meson(tag).pdg
                if pdg in chosen.closed:
                    continue
                sets = [(chosen.label, generator)]
                second = references(chosen.label, generator, pdg, normalisation)
                if second:
                    sets.append(second)
                if needs_published(chosen.label, pdg, normalisation):
                    published_total(sets[-1][0], pdg)
                for label, name in sets:
                    found |= _verified(label, name, tag)
        return found

    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one cell of the block axes [s]."""
        axes = task.axes
        samples = self.signal.samples(axes, task.channels) * task.sampling["points"]
        thresholds = len(axes.get("E_gamma_min", (0.0,)))
        share = 1 + SECONDS_PER_THRESHOLD * (thresholds - 1)
        searches = len(task.experiments)
        responses = samples * (SECONDS_PER_SAMPLE + searches * share * SECONDS_PER_RESPONSE)
        labels = len(axes[self.signal.inner]) if self.signal.inner else 1
        cells = thresholds * labels * len(task.channels) * len(axes[self.signal.coupling])
        return responses + searches * cells * SECONDS_PER_COUNT


def _verified(label: str, generator: str, tag: str) -> dict[str, str]:
    """Checksums of the tables of a meson, which are read and verified."""
    spectra, pdg = find(label, generator), meson(tag).pdg
    charged = meson(tag).kind == "charged_pseudoscalar"
    found = {}
    for charge in (pdg, -pdg) if charged else (pdg,):
        spectra.load(charge)
        found[f"{label}/{spectra.generator}/{charge}"] = spectra.sources[charge]["sha256"]
    return found


@search_kinds.instance
class ForwardDecay(SearchKind):
    """Decays of particles from mesons in a volume along the beam."""

    tag = "forward-decay"
    title = "decays of particles from mesons in a volume along the beam"
    source = "arXiv:2308.16608 eq. (3.3)"

    @cached_property
    def countings(self) -> Mapping[str, Counting]:
        """One for every model with a signal from mesons."""
        return {signal.tag: MesonDecays(signal) for signal in meson_signals.values()}

    def read(self, tag: str, content: Mapping[str, Any]) -> Experiment:
        """An experiment with ``beam``, ``volume`` and perhaps ``selection`` and ``calorimeter``."""
        content = dict(content)
        if "volume" not in content:
            raise KeyError("volume")
        volume = volume_from(content.pop("volume"))
        selection = Selection(**numbers(content, "selection"))
        content.pop("selection", None)
        plane = content.pop("calorimeter", None)
        calorimeter = photon_plane_from(plane) if plane is not None else None
        experiment = Experiment(
            tag=tag, volume=volume, selection=selection, calorimeter=calorimeter, **content
        )
        _check_place(experiment)
        return experiment

    def restore(self, definition: Mapping[str, Any]) -> Experiment:
        """An experiment from its stored definition."""
        content = dict(definition)
        volume, selection = (
            volume_from(content.pop("volume")),
            Selection(**content.pop("selection")),
        )
        plane = content.pop("calorimeter", None)
        calorimeter = photon_plane_from(plane) if plane is not None else None
        return Experiment(volume=volume, selection=selection, calorimeter=calorimeter, **content)

    def describe(self, definition: Experiment) -> str:
        """Volume and cuts."""
        cuts = definition.selection
        words = [definition.volume.describe()]
        words += [f"p > {cuts.p_N_min:g} GeV"] if cuts.p_N_min else []
        low, high = cuts.E_gamma_min, cuts.E_gamma_max
        if high is not None:
            words += [f"{low:g} < E_γ < {high:g} GeV"]
        elif low:
            words += [f"E_γ > {low:g} GeV"]
        words += [f"efficiency {cuts.efficiency:g}"] if cuts.efficiency < 1 else []
        words += (
            [f"photon at {definition.calorimeter.describe()}"] if definition.calorimeter else []
        )
        return ", ".join(words)

    def exposure_of(self, definition: Experiment) -> str:
        """Luminosity at a collider, protons at a fixed target."""
        return beam(definition.beam).exposure_units

    def spectra_of(self, definition: Experiment) -> str:
        """That of its beam."""
        return beam(definition.beam).spectra

    def check_axes(self, definition: Experiment, axes: Mapping[str, tuple]) -> None:
        """Thresholds of the photon's energy suit the window, the beam, and what has been counted already."""
        cuts, thresholds = definition.selection, axes.get("E_gamma_min", ())
        if not thresholds:
            return
        if definition.observed > 0 and min(thresholds) < cuts.E_gamma_min:
            raise InputError(
                f"axes.E_gamma_min: {definition.tag} has counted its {definition.observed:g} events above "
                f"{cuts.E_gamma_min:g} GeV and not above {min(thresholds):g} GeV; give higher thresholds, or scan it "
                "without this axis"
            )
        largest, highest = cuts.E_gamma_max or beam(definition.beam).momentum, max(thresholds)
        if highest >= largest:
            raise InputError(
                f"axes.E_gamma_min: {highest:g} GeV lies above what {definition.tag} can see, {largest:g} GeV; "
                "give lower thresholds"
            )

    def group(self, definition: Experiment) -> Hashable:
        """Experiments at one beam share their samples."""
        return definition.beam


def _check_place(experiment: Experiment) -> None:
    """Raise InputError unless the search lies behind the absorber and its cuts within what the beam gives."""
    place, volume, cuts = beam(experiment.beam), experiment.volume, experiment.selection
    place.nuclear_factor(0)  # tells that a target is missing
    if volume.z_min <= place.absorber_distance:
        raise InputError(
            f"the volume must begin behind the absorber, z_min > {place.absorber_distance:g} m"
        )
    for name in ("p_N_min", "E_gamma_min"):
        if getattr(cuts, name) >= place.momentum:
            raise InputError(
                f"selection {name} = {getattr(cuts, name):g} GeV lies above the beam's {place.momentum:g} GeV, "
                "so that nothing is ever counted; give a lower one"
            )
    plane = experiment.calorimeter
    if plane is not None and plane.z <= volume.z_min:
        raise InputError(
            f"the calorimeter at z = {plane.z:g} m must stand behind the beginning of the volume, "
            f"z_min = {volume.z_min:g} m"
        )
