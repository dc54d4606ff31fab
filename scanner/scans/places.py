"""Paths that people write; see :mod:`physics.places`, which reads those of the environment, too."""

from physics.places import local_path

__all__ = ["local_path"]
