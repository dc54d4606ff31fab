"""Physical constants in natural units (GeV), and how they become metres and events."""

from __future__ import annotations

import math

ALPHA = 1 / 137.035999  # fine-structure constant at zero momentum
G_FERMI = 1.1663788e-5  # GeV^-2
HBAR_C = 1.973269804e-16  # GeV m
SPEED_OF_LIGHT = 299792458.0  # m/s
FB_PER_PB = 1e3

LEPTON_MASS = {"e": 0.51099895e-3, "mu": 0.1056583755, "tau": 1.77686}  # GeV, PDG 2022

# in 1/GeV: d = mu/2 for L = (mu/2) nubar sigma N F; mu_B = e/(2 m_e) = 296.30 GeV^-1 with e^2 = 4 pi alpha
D_PER_BOHR_MAGNETON = math.sqrt(4 * math.pi * ALPHA) / (4 * LEPTON_MASS["e"])

# |V_ij|, PDG 2022 global fit (PTEP 2022 083C01, ch. 12)
CKM = {"ud": 0.97435, "us": 0.22500, "cd": 0.22486, "cs": 0.97349, "ub": 0.00369}
