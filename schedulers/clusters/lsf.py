"""IBM Spectrum LSF: workers in jobs of ``bsub``."""

from typing import ClassVar

from schedulers.clusters.base import backend
from schedulers.clusters.batch import Batch
from schedulers.clusters.walltime import lsf_seconds, lsf_text


@backend
class Lsf(Batch):
    """Options of the section ``jobqueue.lsf``."""

    name = "lsf"
    title = "LSF"
    cluster_class = "LSFCluster"
    listing = ("bjobs", "-noheader", "-o", "jobid")
    keys: ClassVar[dict[str, str]] = {**Batch.keys, "account": "project"}
    seconds = staticmethod(lsf_seconds)
    written = staticmethod(lsf_text)
