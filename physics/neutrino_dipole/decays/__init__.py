"""Decay channels of heavy neutral leptons, one per file, found automatically."""
