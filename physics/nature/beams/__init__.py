"""Beams: one YAML file each, found automatically."""

from physics.nature.beams.base import Beam, beam, beams, is_file

__all__ = ["Beam", "beam", "beams", "is_file"]
