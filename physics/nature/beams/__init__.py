"""Beams: one YAML file each, found automatically."""

from physics.nature.beams.base import Beam, beam, beams

__all__ = ["Beam", "beam", "beams"]
