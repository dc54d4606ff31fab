"""What models share whose experiments are the product's searches: each kind says how it is counted in the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from physics.errors import InputError
from physics.experiments.base import experiment, experiment_from
from physics.models.base import Axis, Kernel, KernelTask, Model, Variable
from physics.searches.base import Counting, search_kinds
from physics.spectra.library import DEFAULT_SET

ENERGY = {"GeV": 1.0, "MeV": 1e-3, "keV": 1e-6, "TeV": 1e3}
INVERSE = {"1/GeV": 1.0, "GeV^-1": 1.0, "1/MeV": 1e3, "MeV^-1": 1e3, "1/TeV": 1e-3, "TeV^-1": 1e-3}
TRIAL_MASSES = (0.01, 0.1, 0.3, 1.0)  # GeV
TRIAL_COUPLINGS = (1e-12, 2e-12, 1e-9, 1e-7, 1e-5, 1e-3)  # 1/GeV, the first two for small ones
GENERATOR = Axis("generator", "meson spectra", "", "label", default=("pythia8-forward",))
THRESHOLD = Axis(
    "E_gamma_min", r"$E_\gamma$ >", "GeV", "parameter",
    accepted_units=ENERGY, highest=1e5, optional=True,
)  # fmt: skip


class SearchedModel(Model):
    """A model whose experiments are of :mod:`physics.experiments`, of any kind that counts events in it."""

    def counting(self, kind: str) -> Counting:
        """How a kind of search is counted in this model; InputError if it is not."""
        return search_kinds[kind].counting(self.tag)

    def _kinds(self) -> list[str]:
        """Kinds that are counted in this model; by name, as the order of a registry depends on imports."""
        return sorted(kind.tag for kind in search_kinds.values() if self.tag in kind.countings)

    def check_channels(
        self, channels: Sequence[str], experiments: Sequence[Any] | None = None
    ) -> tuple[str, ...]:
        """Production channels of the experiments (of forward searches if none are given), in the registry's order."""
        kinds = {e.kind for e in experiments} if experiments else {"forward-decay"}
        # two kinds may have one in common
        known = list(dict.fromkeys(t for k in sorted(kinds) for t in self.counting(k).channels))
        everywhere = dict.fromkeys(t for k in self._kinds() for t in self.counting(k).channels)
        for tag in channels:
            if tag not in everywhere:
                raise InputError(
                    f"unknown production channel {tag!r}; there are: {', '.join(everywhere)}"
                )
            if tag not in known:
                raise InputError(
                    f"none of the experiments has the production channel {tag!r}; remove it"
                )
        if len(set(channels)) != len(channels):
            raise InputError("a production channel is listed twice; list each once")
        return tuple(t for t in known if not channels or t in channels)

    def experiment(self, name: str) -> Any:
        """A search of any kind that is counted in this model."""
        found = experiment(name)
        self.counting(found.kind)
        return found

    def exposure_units(self, experiment: Any) -> str:
        """Unit of an experiment's exposure."""
        return search_kinds[experiment.kind].exposure_of(experiment)

    def experiment_from(self, definition: Mapping[str, Any]) -> Any:
        """A search from its stored definition."""
        return experiment_from(definition)

    def axes_of(self, experiments: Sequence[Any]) -> frozenset[str]:
        """Axes that the kinds of the searches depend on."""
        return frozenset().union(*(self.counting(e.kind).axes for e in experiments))

    def default_values(self, axis: Axis, experiments: Sequence[Any]) -> tuple:
        """The default set of spectra of the experiments' beams: by its name if it is the same for all."""
        if axis.name != GENERATOR.name:
            return axis.default
        sets = {search_kinds[e.kind].spectra_of(e) for e in experiments} - {""}
        if not sets:
            return axis.default
        return (sets.pop() if len(sets) == 1 else DEFAULT_SET,)

    def check_values(self, axes: Mapping[str, tuple], experiments: Sequence[Any]) -> None:
        """What each kind of search says of the axes."""
        for search in experiments:
            search_kinds[search.kind].check_axes(search, axes)

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
            counting = self.counting(tag)
            given = {k: tuple(v) for k, v in axes.items() if k in counting.axes}
            kept = self.complete_axes(given, group)
            own = tuple(t for t in channels if t in counting.channels)
            if not own:
                raise InputError(
                    f"channels: none is left for {group[0].tag}; it has: {', '.join(counting.channels)}"
                )
            tasks.append(
                KernelTask(self.tag, tuple(group), kept, dict(options), dict(sampling), own)
            )
        return tasks

    def kernel(self, task: KernelTask) -> Kernel:
        """Make the kernel of a task."""
        return self._of(task).kernel(task)

    def describe_kernel(self, task: KernelTask) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Variables and block axes of a task's kernel."""
        return self._of(task).layout(task)

    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Verify every resource that the task reads."""
        return self._of(task).checksums(task)

    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one cell of the block axes [s]."""
        return self._of(task).seconds_per_cell(task)

    def _of(self, task: KernelTask) -> Counting:
        return self.counting(task.experiments[0].kind)
