"""PBS Professional, OpenPBS and Torque: workers in jobs of ``qsub``."""

from schedulers.clusters.base import backend
from schedulers.clusters.batch import Batch, user
from schedulers.clusters.walltime import clock_text, pbs_seconds


@backend
class Pbs(Batch):
    """Options of the section ``jobqueue.pbs``."""

    name = "pbs"
    title = "PBS"
    cluster_class = "PBSCluster"
    listing = ("qselect", "-u", user())
    seconds = staticmethod(pbs_seconds)
    written = staticmethod(clock_text)
