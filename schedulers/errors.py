"""Errors of clusters and runs that a user can mend."""


class ClusterError(Exception):
    """A cluster that cannot be started or reached. The message is one sentence."""
