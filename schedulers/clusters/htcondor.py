"""HTCondor: workers in jobs of ``condor_submit``."""

from __future__ import annotations

import math
from typing import Any

from schedulers.clusters.base import backend
from schedulers.clusters.batch import Batch
from schedulers.clusters.walltime import condor_seconds


@backend
class HTCondor(Batch):
    """Options of the section ``jobqueue.htcondor``; the walltime is ours, as dask-jobqueue knows none."""

    name = "htcondor"
    title = "HTCondor"
    cluster_class = "HTCondorCluster"
    listing = ("condor_q", "-autoformat", "ClusterId")
    seconds = staticmethod(condor_seconds)

    def jobqueue_keywords(self, block_seconds: float | None) -> dict[str, Any]:
        """The walltime becomes a directive."""
        keywords = super().jobqueue_keywords(block_seconds)
        keywords.pop("walltime", None)
        walltime = self.walltime()
        if not math.isinf(walltime):
            directives = {"allowed_job_duration": round(walltime)}
            keywords["job_extra_directives"] = {
                **directives,
                **dict(self.chosen("job-extra-directives") or {}),
            }
        return keywords
