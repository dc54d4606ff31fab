"""What an experiment is, and how its YAML file is read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from physics.detectors.volumes import PhotonPlane, Volume
from physics.errors import InputError
from physics.reading import mapping, number, numbers, read_yaml
from physics.searches.base import search_kinds
from physics.searches.definition import SearchDefinition

MAX_EXPOSURE = 1e30
RUNG, RUNGS = 0.5, 8  # GeV, and the factor between rungs: thresholds of 0.5, 1 and 2 GeV share one
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+_.-]*")


@dataclass(frozen=True)
class Selection:
    """Cuts on a decay.

    Attributes
    ----------
    p_N_min : float
        Momentum of the particle that decays [GeV].
    E_gamma_min : float
        Energy of the photon [GeV].
    E_gamma_max : float, optional
        Upper end of the photon's energy [GeV]; none if it is None.
    efficiency : float
        To see a photon within the cuts.
    """

    p_N_min: float = 0.0
    E_gamma_min: float = 0.0
    E_gamma_max: float | None = None
    efficiency: float = 1.0

    def __post_init__(self):
        for name in ("p_N_min", "E_gamma_min"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise InputError(f"selection {name} must be zero or positive [GeV], not {value}")
        if self.E_gamma_max is not None and not self.E_gamma_min < self.E_gamma_max < math.inf:
            raise InputError(
                f"selection E_gamma_max must lie above E_gamma_min = {self.E_gamma_min:g} GeV, "
                f"not {self.E_gamma_max:g}"
            )
        if not 0 < self.efficiency <= 1:
            raise InputError(
                f"selection efficiency must be above 0 and at most 1, not {self.efficiency:g}"
            )

    @property
    def cuts_photon(self) -> bool:
        """Whether the photon's energy matters."""
        return self.E_gamma_min > 0 or self.E_gamma_max is not None

    def with_threshold(self, E_gamma_min: float) -> Selection:
        """The same with another threshold of the photon's energy [GeV]."""
        return replace(self, E_gamma_min=E_gamma_min)

    def momentum_min(self, m_N: float, photon_share: float = 1.0) -> float:
        """Smallest useful momentum of N [GeV]; below 0.1 GeV nothing is counted.

        The photon takes at most photon_share (E+p)/2, photon_share being one if N decays into a neutrino.
        """
        return max(self.p_N_min, _momentum(self.E_gamma_min / photon_share, m_N), 0.1)

    def sampled_momentum(self, m_N: float, photon_share: float = 1.0) -> float:
        """Momentum from which on N are drawn [GeV]: with the threshold lowered to a rung, which its neighbours share.

        So thresholds share their samples, and what one of them gives does not depend on the others of an axis.
        """
        rung = 0.0
        if self.E_gamma_min > 0:
            rung = RUNG * RUNGS ** math.floor(math.log(self.E_gamma_min / RUNG, RUNGS))
        return max(self.p_N_min, _momentum(rung / photon_share, m_N), 0.1)


def _momentum(photon: float, mass: float) -> float:
    """Momentum at which the hardest photon, (E + p)/2, has an energy [GeV]; zero if it does at rest."""
    return max(photon - mass**2 / (4 * photon), 0.0) if photon > 0 else 0.0


@dataclass(frozen=True, kw_only=True)
class Experiment(SearchDefinition):
    """A search for N decays in a volume along the beam; the exposure is a luminosity [fb^-1] or protons on target.

    Attributes
    ----------
    beam : str
        At a fixed target with the target, ``sps-400gev:Cu``.
    volume : Volume
        In which the particle decays.
    selection : Selection
    calorimeter : PhotonPlane, optional
        That the photon must hit; without one it is enough that the particle decays in the volume.
    """

    beam: str
    volume: Volume
    selection: Selection
    calorimeter: PhotonPlane | None = None
    kind: str = "forward-decay"


def read_experiment(path: Path) -> Any:
    """Read one YAML file; its name without the ending is the experiment's label.

    Raises
    ------
    InputError
        Naming the file and what is wrong in it.
    """
    content = read_yaml(path, "experiment")
    if not isinstance(content, dict):
        raise InputError(f"{path}: an experiment is a mapping of keys such as beam and volume")
    if not _NAME.fullmatch(path.stem):
        raise InputError(f"{path}: use letters, digits, '-', '+', '_' and '.' in the file's name")
    try:
        kind = search_kinds[_text(content.pop("kind", "forward-decay"))]
        for name in ("exposure", "background", "observed"):
            if name in content:
                content[name] = number(content[name], name)
        for name in ("title", "facility", "signature", "source", "counts_units", "beam"):
            if name in content and not (isinstance(content[name], str) and content[name].strip()):
                raise InputError(f"{name} must be text, not {content[name]!r:.60}")
        content["statistic"] = _statistic(content)
        experiment = kind.read(path.stem, content)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise InputError(f"{path}: {_plain(error)}") from None
    if not 0 < experiment.exposure < MAX_EXPOSURE:
        raise InputError(
            f"{path}: exposure must be positive and below {MAX_EXPOSURE:g}, not {experiment.exposure:g}"
        )
    if min(experiment.background, experiment.observed) < 0:
        raise InputError(f"{path}: background and observed must not be negative")
    return experiment


def _statistic(content: Mapping[str, Any]) -> dict[str, Any]:
    """A limit method and its parameters; which methods there are is not known here."""
    given = mapping(content, "statistic")
    method = given.pop("method", None)
    if given and method is None:
        raise InputError("statistic: method is missing")
    if method is not None and not isinstance(method, str):
        raise InputError(f"statistic method must be a name, not {method!r:.60}")
    return {**({"method": method} if method else {}), **numbers({"statistic": given}, "statistic")}


def _text(value: object) -> str:
    """Short enough for a message, if it is no text."""
    return value if isinstance(value, str) else f"{value!r:.60}"


def _plain(error: Exception) -> str:
    text = re.sub(r"\w+\.__init__\(\) ", "", str(error)).replace("keyword argument", "key")
    absent = re.findall(r"'(\w+)'", text)
    if "required" in text and absent:
        return f"{absent[0]} is missing"
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else text


def experiment_from(definition: Mapping[str, Any]) -> Any:
    """An experiment from its definition as nested mappings (``dataclasses.asdict``).

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        found = search_kinds[definition.get("kind", "forward-decay")].restore(dict(definition))
        if not isinstance(found.counts_units, str):
            raise TypeError("counts_units is no text")
        return found
    except (TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"experiments: a definition is damaged ({error}); give a list of names"
        ) from None


@cache
def experiments() -> dict[str, Any]:
    """All experiments of the product by label."""
    files = sorted(Path(__file__).parent.glob("*.yaml"))
    return {path.stem: read_experiment(path) for path in files}


def experiment(name: str) -> Any:
    """An experiment by its label, or by the path of a YAML file.

    Raises
    ------
    InputError
        If there is none.
    """
    if name in experiments():
        return experiments()[name]
    if name.endswith((".yaml", ".yml")):
        return read_experiment(Path(name))
    raise InputError(
        f"unknown experiment {name!r}; there are: {', '.join(experiments())}, or give the path of a YAML file"
    )
