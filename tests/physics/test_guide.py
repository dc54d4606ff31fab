"""Places among increasing numbers are those of bisection, and values between them those of interpolation."""

import numpy as np
import pytest

from physics.numerics.guide import Guide

RNG = np.random.default_rng(2026)
EDGES = {
    "even": np.arange(1, 101) / 100,
    "random": np.cumsum(RNG.random(1000)),
    "crowded": np.cumsum(np.exp(-20 * RNG.random(500))),
    "steps": np.repeat([0.0, 0.0, 0.25, 0.25, 0.5, 1.0], 7),
    "tiny": np.array([0.0, 5e-324, 1e-300, 1.0]),
    "one": np.array([0.3]),
}


@pytest.mark.parametrize("edges", EDGES.values(), ids=EDGES)
def test_places_are_those_of_bisection(edges):
    values = np.concatenate(
        [
            edges,
            np.nextafter(edges, np.inf),
            np.abs(np.nextafter(edges, -np.inf)),
            edges[-1] * RNG.random(3000),
            [0.0, 2 * edges[-1]],
        ]
    )
    expected = np.searchsorted(edges, values, side="right")
    assert np.array_equal(Guide(edges).at(values), expected)
    assert np.array_equal(Guide(edges).at(values[:5]), expected[:5])  # few are bisected


@pytest.mark.parametrize("name", ["random", "crowded"])
def test_between_edges_it_is_numpys_interpolation(name):
    edges = np.concatenate([[0.0], EDGES[name]])
    there = RNG.random(edges.size)
    values = np.concatenate([edges[:-1], edges[-1] * RNG.random(3000)])
    found, expected = Guide(edges).between(values, there), np.interp(values, edges, there)
    assert np.abs(found - expected).max() <= 4e-16
    assert np.array_equal(found[: edges.size - 1], there[:-1])
