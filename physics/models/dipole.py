"""The neutrino dipole portal, d nubar_L sigma^{mu nu} N_R F_{mu nu} + h.c. (arXiv:2308.16608 eq. 2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from physics.constants import FLAVORS, UNIVERSAL
from physics.counts import MesonDecayKernel, meson_decay_variables
from physics.errors import InputError
from physics.experiments.base import Experiment, experiment, experiment_from
from physics.mesons import meson
from physics.models.base import Axis, Kernel, KernelTask, Model, Variable, models
from physics.options import CHOICES, DipoleOptions
from physics.production.base import production_channels
from physics.spectra.library import find
from physics.spectra.normalisation import NORMALISATIONS, published_total

SECONDS_PER_RESPONSE = 2.2e-7  # per point of the sampling, one core of a small machine
SECONDS_PER_COUNT = 2.0e-8

_ENERGY = {"GeV": 1.0, "MeV": 1e-3, "keV": 1e-6, "TeV": 1e3}
_INVERSE = {"1/GeV": 1.0, "GeV^-1": 1.0, "1/MeV": 1e3, "MeV^-1": 1e3, "1/TeV": 1e-3, "TeV^-1": 1e-3}


@models.instance
class Dipole(Model):
    """Heavy neutral lepton N with a magnetic dipole coupling to an active neutrino."""

    tag = "dipole"
    title = "neutrino dipole portal"
    source = "arXiv:2308.16608 eqs. (2.1)-(2.7)"
    axes = (
        Axis("generator", "meson spectra", "", "label", default=("pythia8-forward",)),
        Axis("flavor", "flavor", "", "label", allowed=(*FLAVORS, UNIVERSAL)),
        Axis("m_N", r"$m_N$", "GeV", "mass", accepted_units=_ENERGY, highest=1e5),
        Axis("a", "$a$", "", "parameter", lowest=-np.inf, default=()),
        Axis("d_gamma", r"$d_\gamma$", "1/GeV", "coupling", accepted_units=_INVERSE, highest=1e3),
    )

    def check_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Options of :class:`physics.options.DipoleOptions`, and ``normalisation`` of the spectra."""
        given = dict(options)
        normalisation = given.pop("normalisation", "paper")
        if normalisation not in NORMALISATIONS:
            raise InputError(
                f"option normalisation: {normalisation!r} is not possible; "
                f"choose {' or '.join(NORMALISATIONS)}"
            )
        unknown = sorted(set(given) - set(CHOICES))
        if unknown:
            raise InputError(
                f"unknown option {unknown[0]!r} of the model dipole; "
                f"there are: {', '.join([*CHOICES, 'normalisation'])}"
            )
        return asdict(DipoleOptions(**given)) | {"normalisation": normalisation}

    def check_channels(self, channels: Sequence[str]) -> tuple[str, ...]:
        """Production channels in the registry's order."""
        for tag in channels:
            production_channels[tag]
        if len(set(channels)) != len(channels):
            raise InputError("a production channel is listed twice; list each once")
        return tuple(t for t in production_channels if not channels or t in channels)

    def experiment(self, name: str) -> Experiment:
        """A search for N decays along a beam."""
        return experiment(name)

    def experiment_from(self, definition: Mapping[str, Any]) -> Experiment:
        """A search from its stored definition."""
        return experiment_from(definition)

    def tasks(
        self,
        experiments: Sequence[Experiment],
        axes: Mapping[str, tuple],
        options: Mapping[str, Any],
        sampling: Mapping[str, Any],
        channels: Sequence[str],
    ) -> list[KernelTask]:
        """One task per beam; forward searches do not depend on a."""
        by_beam: dict[str, list[Experiment]] = {}
        for search in experiments:
            by_beam.setdefault(search.beam, []).append(search)
        kept = {name: tuple(values) for name, values in axes.items() if name != "a"}
        return [
            KernelTask(self.tag, tuple(group), kept, dict(options), dict(sampling), tuple(channels))
            for group in by_beam.values()
        ]

    def kernel(self, task: KernelTask) -> Kernel:
        """Make the kernel of a task."""
        return MesonDecayKernel(task)

    def describe_kernel(self, task: KernelTask) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Variables and block axes of a task's kernel."""
        return meson_decay_variables(), MesonDecayKernel.block_dims

    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Verify every spectrum that the task reads."""
        beam = task.experiments[0].beam
        found = {}
        for generator in task.axes["generator"]:
            spectra = find(beam, generator)
            for tag in task.channels:
                pdg = meson(tag).pdg
                charged = meson(tag).kind == "charged_pseudoscalar"
                if task.options["normalisation"] == "paper":
                    published_total(beam, pdg)
                for charge in (pdg, -pdg) if charged else (pdg,):
                    spectra.load(charge)
                    found[f"{beam}/{generator}/{charge}"] = spectra.sources[charge]["sha256"]
        return found

    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one (generator, m_N) [s]."""
        flavors = task.axes["flavor"]
        singles = 3 if UNIVERSAL in flavors else len(flavors)
        dependent = sum(production_channels[t].flavor_dependent for t in task.channels)
        samples = len(task.channels) - dependent + dependent * singles
        points = task.sampling["points"]
        responses = samples * points * SECONDS_PER_RESPONSE * (1 + 0.6 * len(task.experiments))
        counts = (
            len(task.experiments) * len(flavors) * len(task.channels) * len(task.axes["d_gamma"])
        )
        return responses + counts * SECONDS_PER_COUNT
