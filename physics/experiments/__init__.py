"""Experiments and searches: one YAML file each, found automatically."""
