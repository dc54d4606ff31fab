"""A heavy neutral lepton N that mixes with one active neutrino, as far as colliders need it (arXiv:2301.08592).

With the propagators of W and Z, which :mod:`physics.mixed_neutrino` leaves out, and with the spin of N.
"""
