"""A number that the counting imports."""

STRENGTH = 2.0
