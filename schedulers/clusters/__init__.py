"""Cluster backends, one per file, found automatically and chosen with ``--cluster NAME``."""
