"""Selection efficiencies of displaced pairs of leptons, as a scan of their own (arXiv:2301.08592 fig. 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from physics.dipole.conventions import CHOICES, DipoleOptions
from physics.errors import InputError
from physics.experiments.base import experiment, experiment_from
from physics.models.base import Axis, Kernel, KernelTask, Model, Variable, models
from physics.neutrino_dipole.dileptons.efficiency import LEPTONS, efficiency_table
from physics.numerics.sampling import Sampling

KIND = "displaced-dilepton"
CHANNEL = "Z"
LEVEL = {"method": "fixed-count", "events": 0.1}  # one pair in ten: a contour to look at
SECONDS_PER_TABLE = 1e-6  # per point, one core of a small machine
_ENERGY = {"GeV": 1.0, "MeV": 1e-3, "keV": 1e-6, "TeV": 1e3}
_LENGTH = {"m": 1.0, "km": 1e3, "cm": 1e-2, "mm": 1e-3, "um": 1e-6}


@models.instance
class DileptonEfficiency(Model):
    """Fraction of N -> nu l+ l- from Z -> N nu that a search selects, over mass and decay length."""

    tag = "dilepton-efficiency"
    title = "selection efficiency of displaced pairs of leptons"
    source = "arXiv:2301.08592 table 3 and fig. 7"
    axes = (
        Axis("lepton", "lepton", "", "label", allowed=LEPTONS, default=LEPTONS),
        Axis("m_N", r"$m_N$", "GeV", "mass", accepted_units=_ENERGY, highest=1e5),
        Axis(
            "decay_length",
            r"$p\hbar c/(m_N\Gamma)$",
            "m",
            "coupling",
            accepted_units=_LENGTH,
            highest=1e12,
        ),
    )

    def check_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """``nature``: a Dirac N is polarised, a Majorana N decays as if it were not."""
        for name in options:
            if name != "nature":
                raise InputError(
                    f"unknown option {name!r} of the model {self.tag}; there are: nature"
                )
        chosen = options.get("nature", CHOICES["nature"][0])
        return {"nature": DipoleOptions(nature=chosen).nature}

    def check_channels(
        self, channels: Sequence[str], experiments: Sequence[Any] | None = None
    ) -> tuple[str, ...]:
        """N is made in decays of the Z."""
        for tag in channels:
            if tag != CHANNEL:
                raise InputError(f"unknown production channel {tag!r}; there is: {CHANNEL}")
        if len(channels) > 1:
            raise InputError("a production channel is listed twice; list each once")
        return (CHANNEL,)

    def experiment(self, name: str) -> Any:
        """A search for displaced pairs, with one decay as its exposure."""
        search = experiment(name)
        if search.kind != KIND:
            raise InputError(
                f"experiments: {name} is no search for displaced pairs of leptons; "
                f"take one of the kind {KIND} (dipolescan list experiments)"
            )
        return replace(
            search,
            exposure=1.0,
            background=0.0,
            observed=0.0,
            statistic=dict(LEVEL),
            counts_units="pairs per decay",
        )

    def exposure_units(self, experiment: Any) -> str:
        """Counts are those of one decay N -> nu l+ l-."""
        return "decays N -> nu l+ l-"

    def experiment_from(self, definition: Mapping[str, Any]) -> Any:
        """A search from its stored definition."""
        return experiment_from(definition)

    def axes_of(self, experiments: Sequence[Any]) -> frozenset[str]:
        """All of them."""
        return frozenset(axis.name for axis in self.axes)

    def tasks(
        self,
        experiments: Sequence[Any],
        axes: Mapping[str, tuple],
        options: Mapping[str, Any],
        sampling: Mapping[str, Any],
        channels: Sequence[str],
    ) -> list[KernelTask]:
        """One task: all searches share their events."""
        kept = {name: tuple(values) for name, values in axes.items()}
        return [
            KernelTask(
                self.tag, tuple(experiments), kept, dict(options), dict(sampling), tuple(channels)
            )
        ]

    def kernel(self, task: KernelTask) -> Kernel:
        """Make the kernel of a task."""
        return EfficiencyKernel(task)

    def describe_kernel(self, task: KernelTask) -> tuple[dict[str, Variable], tuple[str, ...]]:
        """Variables and block axes."""
        return VARIABLES, EfficiencyKernel.block_dims

    def checksums(self, task: KernelTask) -> dict[str, str]:
        """Nothing is read from files."""
        return {}

    def seconds_per_cell(self, task: KernelTask) -> float:
        """Guess of the time of one mass [s]."""
        tables = len(task.experiments) * len(task.axes["lepton"])
        return tables * task.sampling["points"] * SECONDS_PER_TABLE


VARIABLES = {
    "counts": Variable(
        ("lepton", "m_N", "channel", "decay_length"),
        "float64",
        {"units": "1", "long_name": "selection efficiency, with the decay inside the detector"},
    ),
    "relative_error": Variable(
        ("lepton", "m_N", "decay_length"),
        "float32",
        {"units": "1", "long_name": "relative integration error"},
    ),
}


class EfficiencyKernel(Kernel):
    """Efficiencies from the tables that counts are made with.

    Parameters
    ----------
    task : KernelTask
        With the axes lepton, m_N [GeV] and decay_length [m].
    """

    variables = VARIABLES
    block_dims = ("m_N",)

    def __init__(self, task: KernelTask):
        self.searches = task.experiments
        self.axes = task.axes
        self.channels = tuple(task.channels)
        self.sampling = Sampling(**task.sampling)
        self.polarised = task.options["nature"] == "dirac"

    def evaluate(self, selection: Mapping[str, slice]) -> dict[str, dict[str, np.ndarray]]:
        """Fill a block of masses; see :class:`physics.models.base.Kernel`."""
        masses = self.axes["m_N"][selection["m_N"]]
        leptons = self.axes["lepton"]
        lengths = np.asarray(self.axes["decay_length"], dtype=float)
        shape = (len(leptons), len(masses), lengths.size)
        result = {}
        for search in self.searches:
            value, error = np.zeros(shape), np.zeros(shape)
            for i, lepton in enumerate(leptons):
                if lepton not in search.leptons:
                    continue
                for k, m_N in enumerate(masses):
                    table = efficiency_table(
                        search.selection,
                        search.detector,
                        lepton,
                        float(m_N),
                        self.sampling,
                        self.polarised,
                    )
                    value[i, k], error[i, k] = table(lengths)
            result[search.tag] = {"counts": value[:, :, None], "relative_error": error}
        return result
