"""Numerical tools that know no physics: quadrature, quasi-random points, kinematics of q^2."""
