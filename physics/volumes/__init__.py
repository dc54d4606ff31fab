"""Fiducial volumes along the beam, one shape per file, and the path of a particle through them."""
