"""Beams: the energy at which spectra were made and what stands in the way of their hadrons."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from physics.errors import InputError, unknown
from physics.nature.beams.targets import Target, target, targets
from physics.nature.constants import FB_PER_PB
from physics.numerics.arrays import Array
from physics.reading import STRICT, Number, Whole, WholeKey, read_as, read_yaml

PROTON_MASS = 0.93827208816  # GeV, CODATA 2018


@dataclass(frozen=True)
class Beam:
    """A beam.

    Attributes
    ----------
    tag, description : str
        The tag of a beam on a chosen target is ``beam:target``, e.g. ``sps-400gev:Cu``.
    momentum : float
        Highest momentum of a secondary [GeV]; at a fixed target the beam's own.
    absorber_distance : float
        Charged hadrons that fly are stopped at this distance [m].
    spectra : str
        Set of meson spectra that is taken by default.
    forward_angle : float
        Angle of its outermost detectors [rad], a guide for the sampling.
    sqrt_s : float
        Centre-of-mass energy [GeV] of proton and proton; at a fixed target from the momentum.
    pipe_radius : float
        At a collider they are stopped where they leave the pipe, too [m].
    targets : tuple of str
        Possible materials of a fixed target; none at a collider.
    A_power : dict
        PDG number to the power of A with which the multiplicity per interaction grows.
    closed : tuple of int
        Species that cannot be made, for want of energy.
    target : Target, optional
        The chosen material.
    """

    __pydantic_config__: ClassVar = STRICT

    tag: str
    description: str
    momentum: Number
    absorber_distance: Number
    spectra: str
    forward_angle: Number = 5e-3
    sqrt_s: Number = 0.0
    pipe_radius: Number = 0.0
    targets: tuple[str, ...] = ()
    A_power: dict[WholeKey, Number] = field(default_factory=dict, hash=False)
    closed: tuple[Whole, ...] = ()
    target: Target | None = None

    @property
    def fixed_target(self) -> bool:
        """Whether the frame is the laboratory of a proton at rest."""
        return bool(self.targets)

    @property
    def label(self) -> str:
        """Name of its folder of spectra: without the target."""
        return self.tag.partition(":")[0]

    @property
    def unit(self) -> str:
        """What a table of spectra holds."""
        return "mesons per interaction" if self.fixed_target else "pb"

    @property
    def exposure_units(self) -> str:
        """What an experiment's exposure counts."""
        return "protons on target" if self.fixed_target else "1/fb"

    @property
    def mesons_per_exposure(self) -> float:
        """Mesons for one unit of a table and of exposure.

        Of fixed targets, every proton interacts once (arXiv:2406.17599 eq. (4.2)).
        """
        return 1.0 if self.fixed_target else FB_PER_PB

    def nuclear_factor(self, pdg: int) -> float:
        """Multiplicity per interaction with the target's nuclei over that with a proton.

        A sigma(pp -> M) over A^0.71 sigma_inel(pp): A^0.29 for charm and bottom, 1 for all others
        (arXiv:2406.17599 section 4.1).

        Raises
        ------
        InputError
            If no target is chosen.
        """
        if not self.fixed_target:
            return 1.0
        if self.target is None:
            raise InputError(
                f"the beam {self.tag} needs a target; write one of: "
                + ", ".join(f"{self.tag}:{name}" for name in self.targets)
            )
        return float(self.target.A ** self.A_power.get(abs(pdg), 0.0))

    def flight(self, decay_length: Array, theta: Array, u: Array) -> tuple[Array, Array]:
        """Probability to decay before a meson is stopped, and the path flown until then.

        Parameters
        ----------
        decay_length : (n,) array
            c tau p/m [m].
        theta : (n,) array
            Polar angle [rad].
        u : (n,) array
            Points in [0, 1) that choose where it decays.

        Returns
        -------
        survive : (n,) array
            At a collider 1 - exp(-l/L) with the free path l; in a target that times the share of decays, lambda/(L +
            lambda), with the mean path L lambda/(L + lambda).
        path : (n,) array
            [m]
        """
        if self.target is not None:
            share = np.asarray(self.target.decay_probability(decay_length))
            mean, free = decay_length * share, np.full_like(decay_length, self.absorber_distance)
        else:
            share, mean = np.ones_like(decay_length), decay_length
            free = np.minimum(
                self.absorber_distance / np.maximum(np.cos(theta), 1e-9),
                self.pipe_radius / np.sin(theta),
            )
        inside = -np.expm1(-free / mean)
        return share * inside, -mean * np.log1p(-u * inside)


@cache
def beams() -> dict[str, Beam]:
    """All beams of the product by tag, without a target.

    >>> beams()["lhc-14tev"].momentum
    7000.0
    >>> round(beams()["sps-400gev"].sqrt_s, 2)
    27.43
    """
    return {label: _labelled(label) for label in _labels()}


@cache
def _labels() -> tuple[str, ...]:
    """Labels of the beams of the product; their files are not read."""
    names = (path.stem for path in Path(__file__).parent.glob("*.yaml"))
    return tuple(sorted(name for name in names if name != "targets"))


@cache
def _labelled(label: str) -> Beam:
    """A beam of the product by its label, without a target."""
    return _read(Path(__file__).with_name(f"{label}.yaml"))


def _read(path: Path) -> Beam:
    """A beam from its file, named like it."""
    content = read_yaml(path, "beam")
    if not isinstance(content, dict):
        raise InputError(f"{path}: a beam is a mapping of keys such as momentum and spectra")
    try:
        if "tag" in content or "target" in content:
            raise InputError("tag and target are no keys of a beam's file; remove them")
        given = {key: value for key, value in content.items() if value is not None}  # empty keys
        found = read_as(Beam, {"tag": path.stem, **given})
        if found.targets and not found.sqrt_s:
            energy = math.hypot(found.momentum, PROTON_MASS)
            found = replace(found, sqrt_s=math.sqrt(2 * PROTON_MASS * (PROTON_MASS + energy)))
        _check(found)
        return found
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _check(found: Beam) -> None:
    """Raise InputError if a value is impossible."""
    positive = ["momentum", "absorber_distance", "forward_angle", "sqrt_s"]
    for name in positive if found.targets else [*positive, "pipe_radius"]:
        if not getattr(found, name) > 0:
            absent = " (or is missing)" if getattr(found, name) == 0 else ""
            raise InputError(f"{name} must be above zero, not {getattr(found, name):g}{absent}")
    for name, most in (
        ("momentum", 1e9),
        ("sqrt_s", 2e9),
        ("absorber_distance", 1e9),
        ("pipe_radius", 1e9),
    ):
        if getattr(found, name) > most:
            raise InputError(f"{name} must be at most {most:g}, not {getattr(found, name):g}")
    if found.forward_angle > math.pi / 2:
        raise InputError(f"forward_angle must be at most pi/2, not {found.forward_angle:g}")
    if not found.targets and found.momentum > found.sqrt_s / 2 * (1 + 1e-6):
        raise InputError(
            f"momentum = {found.momentum:g} GeV lies above half of sqrt_s = {found.sqrt_s:g} GeV, which no secondary "
            "has at a collider; correct one of them"
        )
    for pdg, power in found.A_power.items():
        if not -1 <= power <= 2:
            raise InputError(f"A_power of {pdg} must lie between -1 and 2, not {power:g}")
    for material in found.targets:
        target(material)


def is_file(tag: str) -> bool:
    """Whether a beam is named by the path of a YAML file, with or without a target.

    >>> is_file("my-beam.yaml:Cu"), is_file("sps-400gev:Cu")
    (True, False)
    """
    return tag.partition(":")[0].endswith((".yaml", ".yml"))


def beam(tag: str) -> Beam:
    """One beam, by its label or the path of a YAML file; on a target if one is named (``sps-400gev:Cu``).

    Raises
    ------
    InputError
        If there is no such beam, its file is not one, or the target is not one of its own.
    """
    return _of_file(tag) if is_file(tag) else _shipped(tag)


def _of_file(tag: str) -> Beam:
    name, colon, material = tag.partition(":")
    found = _read(Path(name))
    if found.tag in _labels():
        raise InputError(
            f"{name}: there is a beam {found.tag!r} in the product; name the file otherwise, since spectra are "
            "found by this name"
        )
    return _on_target(found, material) if colon else found


@cache
def _shipped(tag: str) -> Beam:
    label, colon, material = tag.partition(":")
    if label not in _labels():
        raise InputError(f"{unknown('beam', tag, _labels())}, or give the path of a YAML file")
    return _on_target(_labelled(label), material) if colon else _labelled(label)


def _on_target(found: Beam, material: str) -> Beam:
    if material not in found.targets:
        there = ", ".join(found.targets) or "none"
        known = "" if material in targets() else "unknown target: "
        raise InputError(
            f"{known}the beam {found.label} has no target {material!r}; there are: {there}"
        )
    return replace(found, tag=f"{found.label}:{material}", target=target(material))
