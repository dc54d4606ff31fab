"""Form factors of the proton and the neutron, and their masses.

The dipole form of the Sachs form factors (arXiv:2011.04751 eqs. A.6-A.8, good to a few percent up to Q^2 = 10 GeV^2):

    G_D = (1 + Q^2/0.71 GeV^2)^-2,   G_E = {G_D, 0},   G_M = mu G_D,   mu = {2.793, -1.913},
    F_1 = (G_E + w G_M)/(1 + w),     F_2 = (G_M - G_E)/(1 + w),        w = Q^2/(4 M^2).
"""

from __future__ import annotations

from physics.numerics.arrays import Array

PROTON_MASS, NEUTRON_MASS = 0.93827208816, 0.93956542052  # GeV, PDG 2022
MASS = {"proton": PROTON_MASS, "neutron": NEUTRON_MASS}
CHARGE = {"proton": 1.0, "neutron": 0.0}
MAGNETIC_MOMENT = {"proton": 2.793, "neutron": -1.913}  # nuclear magnetons
SCALE = 0.71  # GeV^2


def dirac_and_pauli(nucleon: str, Q2: Array) -> tuple[Array, Array]:
    """F_1 and F_2 of a nucleon.

    Parameters
    ----------
    nucleon : str
        ``proton`` or ``neutron``.
    Q2 : array
        Momentum transfer squared, -t [GeV^2].

    Returns
    -------
    F_1, F_2 : arrays
        F_2 is normalised to the anomalous magnetic moment.

    Examples
    --------
    >>> import numpy as np
    >>> [round(float(value), 3) for value in dirac_and_pauli("proton", np.array(0.0))]
    [1.0, 1.793]
    """
    dipole = (1 + Q2 / SCALE) ** -2
    w = Q2 / (4 * PROTON_MASS**2)
    electric, magnetic = CHARGE[nucleon] * dipole, MAGNETIC_MOMENT[nucleon] * dipole
    return (electric + w * magnetic) / (1 + w), (magnetic - electric) / (1 + w)
