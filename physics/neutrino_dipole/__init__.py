"""The neutrino dipole: N, its couplings, production, decays, and how searches count it."""
