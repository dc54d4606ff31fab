"""A dark gauge boson Z_D that mixes kinetically, and N charged under it that mixes with a neutrino (arXiv:2011.04751)."""
