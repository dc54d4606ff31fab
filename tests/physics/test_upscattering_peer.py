"""dsigma/dQ^2 beside DarkNews' (PyPI, arXiv:2207.04137), with its own form factors and mu_tr = 2 d.

Known differences: its alpha runs, which is 2.7% at Q^2 = 0.5 GeV^2 and nothing below 1e-4; its ``diff_xsec_Q2`` has m
in place of m^2 in u, so that the ends of the range are off; it counts Z protons; neutrons are zero and electrons are
not there; its width of N -> nu gamma is half of the traces'.
"""

import numpy as np
import pytest
from approx import approx

from physics.neutrino_dipole.upscattering import dipole_dsigma_dt

pytest.importorskip("DarkNews", reason="DarkNews is not installed; pip install '.[darknews]'")
CM2 = 0.3893793721e-27  # GeV^2
D = 1e-6  # 1/GeV


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("nucleus", "regime"), [("C12", "coherent"), ("Ar40", "coherent"), ("C12", "p-el")]
)
@pytest.mark.parametrize("m", [0.01, 0.1])
@pytest.mark.parametrize("E", [50.0, 500.0, 3000.0])
def test_differential_cross_section(nucleus, regime, m, E):
    from DarkNews import model, nuclear_tools, pdg, processes
    from particle import literals

    theory = model.ThreePortalModel(m4=m, mu_tr_mu4=2 * D, HNLtype="dirac")
    target = nuclear_tools.NuclearTarget(nucleus)
    Q2 = np.array([1e-6, 1e-5, 1e-4])
    theirs = np.zeros(3)
    for helicity in ("conserving", "flipping"):
        process = processes.UpscatteringProcess(
            literals.nu_mu, pdg.neutrino4, target, regime, theory, helicity
        )
        theirs += process.diff_xsec_Q2(E, Q2)
    hit = process.target
    coherent = regime == "coherent"
    F1 = (target.Z if coherent else 1) * hit.F1_EM(Q2)
    F2 = np.zeros(3) if coherent else hit.F2_EM(Q2)
    ours = dipole_dsigma_dt(np.array(E), Q2, m, hit.mass, not coherent, F1, F2) * D**2 * CM2
    if not coherent:
        theirs = theirs / target.Z
    assert theirs == approx(ours, rel=5e-3 if m > 0.05 or not coherent else 3e-5)
