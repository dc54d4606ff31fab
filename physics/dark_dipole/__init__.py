"""The dark dipole, d chibar_2 sigma^{mu nu} chi_1 F_{mu nu} (arXiv:2406.17599 eq. 2.1)."""
