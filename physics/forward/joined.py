"""Particles of several decays as one, so that a few points of each cost little more than their arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from physics.forward.parents import ParentSpectrum
from physics.forward.produced import Production
from physics.numerics.arrays import Array, Integers
from physics.numerics.sampling import Sampling


@dataclass(frozen=True)
class Part:
    """Particles of one decay, drawn with a sampling."""

    made: Production
    spectrum: ParentSpectrum
    sampling: Sampling

    def first(self, points: int) -> Part:
        """The first points of each replica, which stand for all; the same as if only so many were drawn."""
        there, replicas = self.sampling.points, self.sampling.replicas
        if points == there:
            return self
        own = replace(self.sampling, points=points)
        made = _cut(self.made, replicas, points // replicas)
        weight = made.weight * (there / points)  # a power of two: nothing is rounded
        made = replace(made, weight=weight, uniforms=own.uniforms())
        return Part(made, self.spectrum, own)


@dataclass(frozen=True)
class Joined:
    """Particles of some decays, one decay after the other.

    Attributes
    ----------
    parts : sequence of Part
        With as many replicas each; their parents all fly, or none does.
    """

    parts: Sequence[Part]

    @cached_property
    def made(self) -> Production:
        """All particles."""
        found: Production = _concatenated([part.made for part in self.parts])
        return found

    def first(self, points: Sequence[int]) -> Joined:
        """The first points of each part; see :meth:`Part.first`."""
        parts = [part.first(n) for part, n in zip(self.parts, points, strict=True)]
        same = all(cut is part for cut, part in zip(parts, self.parts, strict=True))
        return self if same else Joined(parts)

    @cached_property
    def ends(self) -> Integers:
        """Number of the point at which each part begins, and the end."""
        return np.concatenate([[0], np.cumsum([part.sampling.points for part in self.parts])])

    @property
    def replicas(self) -> int:
        """Of each part."""
        return self.parts[0].sampling.replicas

    @cached_property
    def row(self) -> Integers:
        """Part and replica of each point, counted through, (n,)."""
        if len(self.parts) == 1:
            return self.parts[0].sampling.replica()
        rows = [i * self.replicas + part.sampling.replica() for i, part in enumerate(self.parts)]
        return np.concatenate(rows)

    def shares(self, points: Sequence[int]) -> Array | None:
        """Factors of the weights of all points if the first so many of each part stand for all; None if all are taken.

        Points are numbered in each replica; zero for those that are left out.
        """
        there = [part.sampling.points for part in self.parts]
        if list(points) == there:
            return None
        pairs = zip(there, points, strict=True)
        return np.concatenate([_share(n, first, self.replicas) for n, first in pairs])


@lru_cache(maxsize=64)
def _share(points: int, first: int, replicas: int) -> Array:
    share = np.zeros((replicas, points // replicas))
    share[:, : first // replicas] = points / first  # a power of two: nothing is rounded
    share.setflags(write=False)
    return share.ravel()


def _cut(made: Any, replicas: int, each: int) -> Any:
    """An object with the first points of each replica in its arrays."""
    if is_dataclass(made) and not isinstance(made, type):
        return replace(
            made, **{f.name: _cut(getattr(made, f.name), replicas, each) for f in fields(made)}
        )
    if not (isinstance(made, np.ndarray) and made.ndim == 1):
        return made
    return made.reshape(replicas, -1)[:, :each].ravel()


def _concatenated(made: Sequence[Any]) -> Any:
    """Objects of one class whose arrays follow each other; all else is that of the first."""
    first = made[0]
    if len(made) == 1:
        return first
    if is_dataclass(first) and not isinstance(first, type):
        values = {f.name: [getattr(one, f.name) for one in made] for f in fields(first)}
        return type(first)(**{name: _concatenated(each) for name, each in values.items()})
    return np.concatenate(made) if isinstance(first, np.ndarray) and first.ndim else first
