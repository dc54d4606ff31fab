"""A model of new physics as plain data: axes, options, and where it is described."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from physics.errors import InputError, did_you_mean, quoted
from physics.registry import Registry


@dataclass(frozen=True)
class Axis:
    """An axis of the cube.

    Attributes
    ----------
    name : str
    title : str
        For plots, in matplotlib's mathtext.
    units : str
        Of the stored values; empty if dimensionless.
    role : str
        ``mass`` and ``coupling`` span the plane of contours; ``parameter`` is any other number; ``label`` is text.
    accepted_units : mapping
        Factor by which values in each accepted unit are multiplied.
    allowed : tuple
        Values of a label axis; empty if any.
    lowest, highest : float
        Values of a numeric axis lie strictly above the one and not above the other.
    default : tuple
        Values if a spec does not give the axis; empty if it must.
    closed : bool
        Whether minus infinity is the same point as infinity, which is the value to give.
    optional : bool
        A cube need not have it: without it every search takes its own value.
    group : str
        Of axes with the same group a scan has exactly one.
    trial : tuple
        Values to try an experiment at; those of ``default`` if there are none.
    """

    name: str
    title: str
    units: str
    role: str
    accepted_units: Mapping[str, float] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()
    lowest: float = 0.0
    highest: float = np.inf
    default: tuple[Any, ...] = ()
    closed: bool = False
    optional: bool = False
    group: str = ""
    trial: tuple[Any, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.role != "label"


@dataclass(frozen=True)
class Model:
    """A model of new physics. How its searches are counted lies in its room, ``counting/``.

    Attributes
    ----------
    tag, title, source : str
    axes : tuple of Axis
        In the order of the stored arrays.
    complete_options : callable
        Options as a spec gives them to all options, with their defaults; raises InputError.
    before : mapping
        Options that came later, and the values with which stores count that do not have them.
    """

    tag: str
    title: str
    source: str
    axes: tuple[Axis, ...]
    complete_options: Callable[[Mapping[str, Any]], dict[str, Any]]
    before: Mapping[str, Any] = field(default_factory=dict)

    def axis(self, name: str) -> Axis:
        """One axis.

        Raises
        ------
        InputError
            If the model has none of this name.
        """
        for axis in self.axes:
            if axis.name == name:
                return axis
        raise InputError(
            f"unknown axis {quoted(name)} of the model {self.tag!r}; "
            f"{did_you_mean(name, [a.name for a in self.axes])}there are: {', '.join(a.name for a in self.axes)}"
        )


# every model's room has a module model.py
models: Registry[Model] = Registry(
    "model", "physics", "**/model.py", group="models", stated=("tag",)
)

# ---- what axes of several models share -------------------------------------------------------

ENERGY = {"GeV": 1.0, "MeV": 1e-3, "keV": 1e-6, "TeV": 1e3}
INVERSE = {"1/GeV": 1.0, "GeV^-1": 1.0, "1/MeV": 1e3, "MeV^-1": 1e3, "1/TeV": 1e-3, "TeV^-1": 1e-3}
TRIAL_MASSES = (0.01, 0.1, 0.3, 1.0)  # GeV
TRIAL_COUPLINGS = (1e-12, 2e-12, 1e-9, 1e-7, 1e-5, 1e-3)  # 1/GeV, the first two for small ones
GENERATOR = Axis("generator", "meson spectra", "", "label", default=("pythia8-forward",))
THRESHOLD = Axis(
    "E_gamma_min", r"$E_\gamma$ >", "GeV", "parameter",
    accepted_units=ENERGY, highest=1e5, optional=True,
)  # fmt: skip
PAIR_THRESHOLD = Axis(
    "E_pair_min", r"$E_{\ell\ell}$ >", "GeV", "parameter",
    accepted_units=ENERGY, highest=1e5, optional=True,
)  # fmt: skip
