"""Slurm: workers in jobs of ``sbatch``."""

from schedulers.clusters.base import backend
from schedulers.clusters.batch import Batch
from schedulers.clusters.walltime import slurm_seconds, slurm_text


@backend
class Slurm(Batch):
    """Options of the section ``jobqueue.slurm``."""

    name = "slurm"
    title = "Slurm"
    cluster_class = "SLURMCluster"
    listing = ("squeue", "--me", "--noheader", "--format=%A")
    seconds = staticmethod(slurm_seconds)
    written = staticmethod(slurm_text)
