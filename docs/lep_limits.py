"""Write ``scanner/queries/lep_limits.csv``: LEP's limit on the dipole for some ratios a of couplings; takes minutes.

Run it from the repository's root: ``python docs/lep_limits.py``. At each mass it is the lowest of four searches, as the
product counts them, each at its own limit. Without a, d_gamma is alone: a = 2 tan(theta_w), where there is no coupling
to the Z.
"""

import math
from dataclasses import asdict
from pathlib import Path

import numpy as np

from physics.models.model import models
from physics.models.tasks import make_kernel, make_tasks
from physics.nature.electroweak import ELECTROWEAK
from physics.numerics.sampling import Sampling
from physics.searches.catalogue import experiment
from scanner.limits.limit import Limit, Stated
from scanner.queries.contours import reach

TABLE = Path(__file__).parents[1] / "scanner" / "queries" / "lep_limits.csv"
SEARCHES = ("LEP1-OPAL", "LEP2-DELPHI", "L3-Z-photon", "LEP-Z-invisible")
CHANNELS = ("annihilation", "Z")
ALONE = 2 * ELECTROWEAK.sin / ELECTROWEAK.cos
RATIOS = (None, math.inf, ALONE, -ALONE, 1.0, -1.0, 10.0, -10.0)
FLAVORS = ("e", "mu", "tau", "universal")
MASS = np.unique(  # GeV, closer where N gets out of reach
    [
        *np.geomspace(1e-3, 0.3, 12),
        *np.geomspace(0.5, 60, 6),
        *(ELECTROWEAK.m_Z * (1 - np.geomspace(0.003, 0.2, 5))),
        *np.geomspace(95, 180, 5),
        *(205.4 * (1 - np.geomspace(0.003, 0.1, 4))),
    ]
)
COUPLING = np.geomspace(1e-7, 1e-1, 121)  # 1/GeV


def lowest(a, flavor, mass=MASS):
    """Masses at which any of the searches has a limit, and the lowest of these [1/GeV]."""
    model = models["dipole"]
    axes = {
        "convention": ("exact",),
        "flavor": (flavor,),
        "m_N": tuple(float(m) for m in mass),
        "a": (float(ALONE if a is None else a),),
        "d_gamma": tuple(COUPLING.tolist()),
    }
    searches = {name: experiment(name) for name in SEARCHES}
    options, sampling = model.complete_options({}), asdict(Sampling())
    found = []
    for task in make_tasks(model, searches.values(), axes, options, sampling, CHANNELS):
        kernel = make_kernel(task)
        filled = kernel.evaluate({d: slice(0, len(axes[d])) for d in kernel.block_dims})
        for name, arrays in filled.items():
            search = searches[name]
            counts = arrays["counts"].reshape(-1, len(mass), len(COUPLING)).sum(axis=0)
            stated = Stated(
                name, search.exposure, "", search.counts_units, search.background, search.observed, search.statistic
            )  # fmt: skip
            found.append(reach(np.asarray(mass), COUPLING, counts, stated.level(Limit())).low)
    best = np.fmin.reduce(found)
    known = np.isfinite(best)
    return np.asarray(mass)[known], best[known]


def main():
    """Compute all of it."""
    lines = [
        "# Lowest d_gamma that LEP excludes at 95% CL, computed: python docs/lep_limits.py. No a: d_gamma is alone.",
        "a,flavor,m_N_GeV,d_low_per_GeV",
    ]
    for a in RATIOS:
        for flavor in FLAVORS:
            for m, d in zip(*lowest(a, flavor), strict=True):
                lines.append(f"{'' if a is None else repr(a)},{flavor},{m:.6g},{d:.5g}")
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
