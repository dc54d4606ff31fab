"""The neutrino dipole portal, d nubar_L sigma^{mu nu} N_R F_{mu nu} + h.c. (arXiv:2308.16608 eq. 2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from physics.constants import FLAVORS, UNIVERSAL
from physics.errors import InputError
from physics.experiments.base import experiment, experiment_from
from physics.models.base import Axis, Kernel, KernelTask, Model, Variable, models
from physics.options import CHOICES, DipoleOptions
from physics.production.base import production_channels
from physics.searches.base import SearchKind, search_kinds
from physics.spectra.normalisation import NORMALISATIONS

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
        Axis(
            "convention", "convention", "", "label", allowed=("exact", "paper"), default=("exact",)
        ),
        Axis("flavor", "flavor", "", "label", allowed=(*FLAVORS, UNIVERSAL)),
        Axis("m_N", r"$m_N$", "GeV", "mass", accepted_units=_ENERGY, lowest=1e-12, highest=1e5),
        Axis("a", "$a$", "", "parameter", lowest=-np.inf, closed=True),
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

    def check_channels(
        self, channels: Sequence[str], experiments: Sequence[Any] | None = None
    ) -> tuple[str, ...]:
        """Production channels of the experiments (of forward searches if none are given), in the registry's order."""
        kinds = {e.kind for e in experiments} if experiments else {"forward-decay"}
        # by tag: the order of a registry depends on what was imported first, and that of channels is stored
        # two kinds may have one in common
        known = list(dict.fromkeys(t for tag in sorted(kinds) for t in search_kinds[tag].channels))
        everywhere = {t for kind in search_kinds.values() for t in kind.channels}
        for tag in channels:
            if tag not in everywhere:
                production_channels[tag]  # tells which there are
            if tag not in known:
                raise InputError(
                    f"none of the experiments has the production channel {tag!r}; remove it"
                )
        if len(set(channels)) != len(channels):
            raise InputError("a production channel is listed twice; list each once")
        return tuple(t for t in known if not channels or t in channels)

    def experiment(self, name: str) -> Any:
        """A search of any kind."""
        return experiment(name)

    def exposure_units(self, experiment: Any) -> str:
        """Unit of an experiment's exposure."""
        return search_kinds[experiment.kind].exposure_of(experiment)

    def experiment_from(self, definition: Mapping[str, Any]) -> Any:
        """A search from its stored definition."""
        return experiment_from(definition)

    def axes_of(self, experiments: Sequence[Any]) -> frozenset[str]:
        """Axes that the kinds of the searches depend on."""
        return frozenset().union(*(search_kinds[e.kind].axes for e in experiments))

    def tasks(
        self,
        experiments: Sequence[Any],
        axes: Mapping[str, tuple],
        options: Mapping[str, Any],
        sampling: Mapping[str, Any],
        channels: Sequence[str],
    ) -> list[KernelTask]:
        """Searches of one kind that share samples, with the axes that matter to them."""
        groups: dict[tuple, list] = {}
        for search in experiments:
            key = (search.kind, search_kinds[search.kind].group(search))
            groups.setdefault(key, []).append(search)
        tasks = []
        for (tag, _), group in groups.items():
            kind = search_kinds[tag]
            missing = sorted(kind.axes - set(axes))
            if missing:
                raise InputError(f"axes.{missing[0]}: missing; {group[0].tag} depends on it")
            kept = {name: tuple(values) for name, values in axes.items() if name in kind.axes}
            own = tuple(t for t in channels if t in kind.channels)
            if not own:
                raise InputError(
                    f"channels: none is left for {group[0].tag}; it has: {', '.join(kind.channels)}"
                )
            tasks.append(
                KernelTask(self.tag, tuple(group), kept, dict(options), dict(sampling), own)
            )
        return tasks

    def kernel(self, task: KernelTask) -> Kernel:
        """Make the kernel of a task."""
        return _kind(task).kernel(task)

    def describe_kernel(self, task: KernelTask) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Variables and block axes of a task's kernel."""
        return _kind(task).variables(), _kind(task).block_dims

    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Verify every resource that the task reads."""
        return _kind(task).checksums(task)

    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one cell of the block axes [s]."""
        return _kind(task).seconds_per_cell(task)


def _kind(task: KernelTask) -> SearchKind:
    return search_kinds[task.experiments[0].kind]
