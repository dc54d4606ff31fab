"""Single photons at a pp collider: the published limit comes back, and moves with the fourth root of the luminosity."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from approx import approx

from physics.errors import InputError
from physics.models.model import models
from physics.models.tasks import make_kernel, make_tasks
from physics.numerics.sampling import Sampling
from physics.searches.catalogue import experiment
from scanner.limits.methods.base import Observation, critical_signal

DIPOLE = models["dipole"]
SEARCH = experiment("HL-LHC-mono-photon")


def counts(masses, d, a=(np.inf,), search=SEARCH, flavors=("e",)):
    axes = {"convention": ("exact",), "flavor": flavors, "m_N": masses, "a": a, "d_gamma": d}
    (task,) = make_tasks(
        DIPOLE, [search], axes, DIPOLE.complete_options({}), asdict(Sampling()), ("Z",)
    )
    return make_kernel(task).evaluate({"m_N": slice(None)})[search.tag]["counts"][0, ..., 0, :]


def test_one_at_the_published_limit():
    published = replace(SEARCH, exposure=SEARCH.reference_luminosity)
    assert counts((5.0,), (1e-5,), search=published)[0, 0, 0, 0] == approx(
        1, rel=0.06
    )  # N -> nu l l, phase space


def test_couplings_fall_with_the_fourth_root_of_the_luminosity():
    """(3000/36.1)^(1/4) = 3.019."""
    given = {k: v for k, v in SEARCH.statistic.items() if k != "method"}
    level = critical_signal("binned", Observation(), given)
    d = np.geomspace(1e-6, 1e-4, 2001)
    now = counts((5.0,), tuple(d))[0, 0, 0]
    then = counts((5.0,), tuple(d), search=replace(SEARCH, exposure=36.1))[0, 0, 0]
    low, published = np.interp(level, now, d), np.interp(1.0, then, d)
    assert published / low == approx(3.019, rel=2e-3)
    assert low == approx(3.3e-6, rel=0.04)


def test_what_it_depends_on():
    """d_Z^2, a decay inside, the threshold at the Z; the flavor only through the width."""
    found = counts((0.01, 5.0, 91.2), (1e-5,), a=(0.0, np.inf))[0]
    assert not found[2].any()
    assert found[0, 1, 0] < 1e-3 * found[1, 1, 0]
    d_Z = 2 * np.sqrt(0.2312 / 0.7688)  # a = 2 tan: no coupling to the Z
    assert counts((5.0,), (1e-5,), a=(d_Z,)).max() < 1e-20
    assert counts((5.0,), (2e-6,))[0, 0, 0, 0] == approx(
        counts((5.0,), (1e-6,))[0, 0, 0, 0] * 4, rel=0.1
    )


@pytest.mark.parametrize("name", ["reference_coupling", "reference_luminosity", "decay_length"])
def test_numbers_that_make_no_sense(name):
    with pytest.raises(InputError, match=f"{name} must be positive"):
        replace(SEARCH, **{name: 0.0})
