"""Limit methods, one per file, found automatically: the signal at which a point counts as reached."""
