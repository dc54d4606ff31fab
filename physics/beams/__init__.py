"""Beams: one YAML file each, found automatically."""

from physics.beams.base import Beam, beam, beams

__all__ = ["Beam", "beam", "beams"]
