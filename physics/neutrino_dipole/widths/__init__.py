"""Widths of heavy neutral leptons with dipole couplings to photon, Z and W: tree level, every fermion mass exact.

Each width is a quadratic form in (d_gamma, d_Z, d_W). ``coefficients`` computes its few real coefficients once for a
list of masses, ``totals`` applies them to any array of a. N -> nu gamma is the only two-body channel in the sum: the
on-shell N -> nu Z and N -> l W of ``two_body`` are inside the three-body widths and must not be added.
"""
