"""W bosons of pp collisions: charge, transverse momentum, rapidity, mass and direction of the quark, from tables."""
