"""Models: one per file, found automatically."""
