"""Production channels: one process per file, found automatically."""
