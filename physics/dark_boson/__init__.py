"""A dark gauge boson Z_D with kinetic mixing, and N with its charge that mixes with a neutrino (arXiv:2011.04751)."""
