"""The finite statistics of the shipped spectra moves no contour of arXiv:2308.16608 by 2% in the coupling."""

import numpy as np
import pytest

from physics.forward.parents import ParentSpectrum
from physics.models.model import models
from physics.models.tasks import chosen_channels, make_kernel, make_tasks, search_in
from physics.numerics.sampling import Sampling
from scanner.queries.contours import reach

EXPERIMENTS = ("FASER", "FASER2", "FASER2-FPF", "FACET")
FLUCTUATIONS = 8


def refilled(spectrum, rng):
    """The spectrum with every bin's particles drawn again from a Poisson distribution."""
    new = ParentSpectrum.__new__(ParentSpectrum)
    new.__dict__ |= spectrum.__dict__ | {"_proposals": {}}
    filled = spectrum.cross_section > 0
    particles = np.zeros_like(spectrum.cross_section)
    particles[filled] = spectrum.cross_section[filled] ** 2 / spectrum.variance[filled]
    weight = np.where(filled, spectrum.cross_section / np.where(filled, particles, 1), 0)
    new.cross_section = rng.poisson(particles) * weight
    return new


@pytest.mark.slow
@pytest.mark.parametrize(
    "generator", ["pythia8-forward", pytest.param("sibyll-2.3d", marks=pytest.mark.long)]
)
def test_contours_move_by_less_than_two_per_cent(generator, monkeypatch):
    monkeypatch.delenv("DIPOLESCAN_SPECTRA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/nonexistent")
    model = models["dipole"]
    mass, d = (0.02, 0.06, 0.12, 0.25), np.geomspace(1e-7, 3e-2, 300)
    axes = {"generator": (generator,), "flavor": ("e",), "m_N": mass, "d_gamma": tuple(d)}
    sampling = {"points": Sampling.points, "replicas": 8, "seed": 1}
    searches = [search_in(model, name) for name in EXPERIMENTS]
    (task,) = make_tasks(
        model, searches, axes, model.complete_options({}), sampling, chosen_channels(model, ())
    )
    kernel = make_kernel(task)
    kernel.evaluate({"generator": slice(0, 1), "m_N": slice(0, 1)})  # loads the spectra
    spectra = kernel.responses._spectra
    original = dict(spectra[generator])
    rng = np.random.default_rng(20231)
    edges = {name: [] for name in EXPERIMENTS}
    for _ in range(FLUCTUATIONS):
        spectra[generator] = {tag: refilled(s, rng) for tag, s in original.items()}
        found = kernel.evaluate({"generator": slice(0, 1), "m_N": slice(None)})
        for name in EXPERIMENTS:
            counts = found[name]["counts"].sum(axis=-2)[0, 0]
            edge = reach(np.array(mass), d, counts, 3.0)
            edges[name].append(np.log([edge.low, edge.high]))
    for name, values in edges.items():
        values = np.array(values)
        reached = np.isfinite(values).all(axis=0)
        assert reached.any(), name
        spread = values.std(axis=0, ddof=1)[reached]
        assert 0 < spread.max() < 0.02, (name, spread)
