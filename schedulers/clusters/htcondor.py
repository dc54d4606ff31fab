"""HTCondor: workers in jobs of ``condor_submit``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from schedulers.clusters.base import backend
from schedulers.clusters.batch import Batch
from schedulers.clusters.walltime import clock_text, condor_seconds


@backend
class HTCondor(Batch):
    """Options of the section ``jobqueue.htcondor``; the walltime is ours, as dask-jobqueue knows none."""

    name = "htcondor"
    title = "HTCondor"
    cluster_class = "HTCondorCluster"
    listing = ("condor_q", "-autoformat", "ClusterId")
    keys: ClassVar[dict[str, str]] = {
        k: v for k, v in Batch.keys.items() if k not in ("account", "partition")
    }
    seconds = staticmethod(condor_seconds)
    written = staticmethod(clock_text)

    def configuration(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """An account is a directive."""
        account = settings.get("account")
        keys = super().configuration({k: v for k, v in settings.items() if k != "account"})
        if account is not None:
            before = dict(self.chosen("job-extra-directives") or {})
            keys["job-extra-directives"] = {**before, "accounting_group": account}
        return keys

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
