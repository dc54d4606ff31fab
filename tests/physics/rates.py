"""Mesons as in arXiv:2308.16608, and their branching ratios into N from the matrices of ``dirac.py``."""

import dirac
import numpy as np

VECTOR, NEUTRAL, CHARGED = "vector", "neutral_pseudoscalar", "charged_pseudoscalar"
LEPTON = {"e": 0.51099895e-3, "mu": 0.1056583755, "tau": 1.77686}  # GeV, PDG 2022
CKM = {
    "ud": 0.97435,
    "us": 0.22500,
    "cd": 0.22486,
    "cs": 0.97349,
    "ub": 0.00369,
}  # PDG 2022, global fit

# arXiv:2308.16608 table 2 [GeV]: mass, width, decay constant; quark charge (below eq. 2.9) or CKM element.
TABLE_2 = {
    "rho": (VECTOR, 0.77526, 0.1474, 0.216, 1 / np.sqrt(2)),
    "omega": (VECTOR, 0.78266, 8.68e-3, 0.197, 1 / (3 * np.sqrt(2))),
    "phi": (VECTOR, 1.019461, 4.249e-3, 0.233, 1 / 3),
    "J_psi": (VECTOR, 3.0969, 0.0926e-3, 0.407, 2 / 3),
    "Upsilon": (VECTOR, 9.46030, 0.05402e-3, 0.689, 1 / 3),
    "pi0": (NEUTRAL, 0.1349768, 7.80e-9, 0.0921, None),
    "eta": (NEUTRAL, 0.547862, 1.31e-6, 0.1150, None),
    "eta_prime": (NEUTRAL, 0.95778, 0.188e-3, 0.1001, None),
    "pi": (CHARGED, 0.13957039, 2.53e-17, 0.1302, "ud"),
    "K": (CHARGED, 0.493677, 5.31e-17, 0.1557, "us"),
    "D": (CHARGED, 1.86966, 6.33e-13, 0.2120, "cd"),
    "D_s": (CHARGED, 1.96835, 1.31e-12, 0.2499, "cs"),
    "B": (CHARGED, 5.27934, 4.02e-13, 0.1900, "ub"),
}
# PDG 2022 (PTEP 2022 083C01), listings.
BR_EE = {"rho": 4.72e-5, "omega": 7.38e-5, "phi": 2.979e-4, "J_psi": 5.971e-2, "Upsilon": 2.38e-2}
BR_GAMMA_GAMMA = {"pi0": 0.98823, "eta": 0.3936, "eta_prime": 0.02307}


def top(tag, flavor):
    """Largest m_N [GeV]; negative if the lepton is too heavy."""
    kind, mass = TABLE_2[tag][:2]
    return mass - LEPTON[flavor] if kind == CHARGED else mass


def lepton_mass(tag, flavor):
    """Of the prompt charged lepton [GeV]; zero for a neutrino."""
    return LEPTON[flavor] if TABLE_2[tag][0] == CHARGED else 0.0


def phase_space(tag, flavor, m_N, **settings):
    kind, mass = TABLE_2[tag][:2]
    return dirac.ThreeBody(kind, mass, m_N, lepton_mass(tag, flavor), **settings)


def branching_ratio(tag, flavor, m_N, constants="measured"):
    """Branching ratio of one mode for d = 1/GeV; from table 2, or relative to the measured e+e- or two photons."""
    if m_N >= top(tag, flavor):
        return 0.0
    kind, mass, width, f, coupling = TABLE_2[tag]
    if kind == VECTOR:
        made = dirac.vector_width(mass, m_N)
        if constants == "measured":
            return BR_EE[tag] * made / (dirac.E2 * dirac.vector_to_leptons(mass, 0.0))
        return dirac.E2 * (coupling * f) ** 2 * made / width
    made = phase_space(tag, flavor, m_N, half=32).width
    if kind == CHARGED:
        return 2 * (dirac.G_FERMI * CKM[coupling] * f) ** 2 * made / width
    if constants == "measured":
        return BR_GAMMA_GAMMA[tag] * made / dirac.two_photon_width(mass)
    return (dirac.E2 / (4 * np.pi**2 * f)) ** 2 * made / width
