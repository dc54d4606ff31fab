"""IBM Spectrum LSF: workers in jobs of ``bsub``."""

from schedulers.clusters.base import backend
from schedulers.clusters.batch import Batch
from schedulers.clusters.walltime import lsf_seconds


@backend
class Lsf(Batch):
    """Options of the section ``jobqueue.lsf``."""

    name = "lsf"
    title = "LSF"
    cluster_class = "LSFCluster"
    listing = ("bjobs", "-noheader", "-o", "jobid")
    seconds = staticmethod(lsf_seconds)
