"""Clusters and the runner: Dask is the engine and keeps nothing."""
