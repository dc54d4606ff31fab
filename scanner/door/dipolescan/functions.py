"""Small functions of the door: what the command line has as commands of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from physics.models.model import Model
from physics.models.model import models as known_models
from physics.quantities.base import Quantity, Result
from physics.quantities.base import quantities as known_quantities
from physics.searches import catalogue
from physics.searches.search import Search
from scanner.limits.methods.base import LimitMethod, methods
from scanner.scans.plan import Plan, make_plan
from scanner.scans.spec import ScanSpec, load_spec


def plan(spec: ScanSpec | str | Path, overrides: Sequence[str] = ()) -> Plan:
    """How a scan is cut into blocks, and what it will cost; nothing is run.

    Parameters
    ----------
    spec : ScanSpec, str or Path
        A spec, a file, or the name of a bundled spec.
    overrides : sequence of str
        ``KEY=VALUE`` with dots for nested keys, if the spec is a file or a name.

    Returns
    -------
    Plan
        With ``number_of_blocks``, ``points``, ``bytes`` before compression and ``cpu_seconds``.

    Raises
    ------
    InputError
        If the spec is bad.

    Examples
    --------
    >>> plan("quickstart", ["axes.m_N.num=3"]).points > 0
    True
    """
    return make_plan(spec if isinstance(spec, ScanSpec) else load_spec(spec, overrides))


def calc(quantity: str, **parameters: Any) -> dict[str, Result]:
    """One quantity without a scan, by the names of its numbers.

    Parameters
    ----------
    quantity : str
        One of :func:`quantities`.
    **parameters
        Of the quantity; masses and energies in GeV, couplings in 1/GeV.

    Returns
    -------
    dict
        Name to :class:`~physics.quantities.base.Result` with ``value``, ``units`` and perhaps a ``note``.

    Raises
    ------
    InputError
        If the quantity or a parameter is unknown, missing or out of range.

    Examples
    --------
    >>> length = calc("decay-length", m_N=0.15, d_gamma=1e-6, energy=100)["decay_length"]
    >>> print(f"{length.value:.3g} {length.units}")
    487 m
    """
    found = known_quantities[quantity].evaluate(parameters)
    return {result.name: result for result in found}


def quantities() -> Mapping[str, Quantity]:
    """Quantities that :func:`calc` knows, by name, each with ``title``, ``source`` and ``parameters()``.

    >>> "decay-length" in quantities()
    True
    """
    return {tag: known_quantities[tag] for tag in known_quantities}


def experiment(name: str | Path) -> Search:
    """An experiment by its label, or by the path of a YAML file.

    Parameters
    ----------
    name : str or Path

    Raises
    ------
    InputError
        If there is none.

    Examples
    --------
    >>> experiment("FASER2").describe()
    'z 475 to 480 m, r below 1 m, p > 100 GeV'
    """
    return catalogue.experiment(str(name))


def experiments() -> Mapping[str, Search]:
    """All experiments of the product by label.

    >>> len(experiments()) > 30
    True
    """
    return dict(catalogue.experiments())


def models() -> Mapping[str, Model]:
    """All models by name, each with its ``axes``.

    >>> [axis.name for axis in models()["dark_dipole"].axes if axis.role == "mass"]
    ['M_1', 'M_2']
    """
    return {tag: known_models[tag] for tag in known_models}


def limit_methods() -> Mapping[str, LimitMethod]:
    """All limit methods by name, each with its parameters in ``defaults``.

    >>> limit_methods()["fixed-count"].defaults
    {'events': 3.0}
    """
    return {tag: methods[tag] for tag in methods}
