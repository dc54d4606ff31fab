"""The product's own Sobol points against those of SciPy, bit for bit."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import qmc

from physics.numerics.sobol import POLYNOMIALS, scrambled


@pytest.mark.parametrize("dimensions", [1, 2, 7, len(POLYNOMIALS)])
@pytest.mark.parametrize("log2", [0, 1, 6, 13])
@pytest.mark.parametrize("key", [[2308, 0], [2308, 7, 1], [0], 5])
def test_they_are_those_of_scipy(dimensions, log2, key):
    theirs = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(key))
    ours = scrambled(dimensions, log2, np.random.default_rng(key))
    assert np.array_equal(ours, theirs.random_base2(log2))
    assert ours.dtype == np.float64


def test_many_of_them():
    """2^17 points; a scan may ask for more, whose direction numbers come from the same recurrence."""
    theirs = qmc.Sobol(10, scramble=True, rng=np.random.default_rng(3)).random_base2(17)
    assert np.array_equal(scrambled(10, 17, np.random.default_rng(3)), theirs)


def test_scipys_statistics_are_not_imported_for_them():
    """It takes a second of CPU, more than what is computed of one mass."""
    script = (
        "import sys; from physics.numerics.sampling import Sampling; Sampling().uniforms(); "
        "print('scipy.stats' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert found.stdout.strip() == "False", found.stderr
