"""Metrics of the service in Prometheus's format. Dask exports its own beside its dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from schedulers.web.watched import Watched, plain

if TYPE_CHECKING:
    from prometheus_client import Metric

MISSING = "metrics need prometheus_client; in your clone of dipolescan: pip install -c constraints.txt -e '.[service]'"


class MissingError(Exception):
    """prometheus_client is not installed."""


class Collector:
    """Makes every metric when it is asked for; a series of a scan is gone as soon as the scan does not run.

    Parameters
    ----------
    watched : Watched
    """

    def __init__(self, watched: Watched):
        self.watched = watched

    def describe(self) -> list[Metric]:
        """Nothing, so that registering does not collect."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All metrics; raises QueueError if the ledger cannot be read."""
        yield from self._process()
        yield from self._queue()

    def _process(self) -> Iterator[Metric]:
        """What this process did and does."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        tally, cluster = self.watched.tally, self.watched.tally.cluster
        for name, text, count in (
            ("blocks_done", "Blocks computed.", tally.blocks_done),
            ("blocks_failed", "Blocks set aside after all attempts.", tally.blocks_failed),
            ("blocks_lost", "Blocks sent again because their worker died.", tally.blocks_lost),
            ("block_retries", "Blocks sent again because they raised.", tally.block_retries),
            ("workers_lost", "Workers that died with blocks.", tally.workers_lost),
            ("clusters_lost", "Clusters lost or not to be had.", tally.clusters_lost),
            ("points_done", "Cells of counts filled.", tally.points_done),
        ):
            yield CounterMetricFamily(f"dipolescan_{name}", text, value=count)
        for name, text, value in (
            ("blocks_in_flight", "Blocks on the cluster.", cluster.blocks_in_flight),
            ("workers", "Workers of the cluster.", cluster.workers),
            ("threads", "Threads of all workers.", cluster.threads),
            ("beat_age_seconds", "Since the service last showed that it lives.",
             self.watched.beat_age()),
        ):  # fmt: skip
            yield GaugeMetricFamily(f"dipolescan_{name}", text, value=value)

    def _queue(self) -> Iterator[Metric]:
        """What the queue holds."""
        from prometheus_client.core import GaugeMetricFamily

        with self.watched.ledger() as ledger:
            counts, running = ledger.counts(), ledger.scans("running")
        states = GaugeMetricFamily("dipolescan_scans", "Scans in the queue.", labels=["state"])
        for state, number in counts.items():
            states.add_metric([state], number)
        yield states
        waiting, refused = self.watched.requests()
        yield GaugeMetricFamily("dipolescan_requests_waiting", "Not yet read.", value=waiting)
        yield GaugeMetricFamily("dipolescan_requests_refused", "Set aside.", value=refused)
        labels = ["scan", "owner"]
        done = GaugeMetricFamily(
            "dipolescan_scan_blocks_done", "Blocks done of a running scan.", labels=labels
        )
        blocks = GaugeMetricFamily(
            "dipolescan_scan_blocks", "Blocks of a running scan.", labels=labels
        )
        for scan in running:
            words = [plain(scan.id), plain(scan.owner)]
            done.add_metric(words, scan.blocks_done)
            blocks.add_metric(words, scan.blocks or 0)
        yield done
        yield blocks


def exposition(watched: Watched, accept: str = "") -> tuple[bytes, str]:
    """All metrics as text, and its content type.

    Parameters
    ----------
    watched : Watched
    accept : str
        The client's header of that name.

    Raises
    ------
    MissingError
        If prometheus_client is not installed.
    QueueError
        If the ledger cannot be read.
    """
    try:
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import choose_encoder
    except ImportError:
        raise MissingError(MISSING) from None
    registry = CollectorRegistry()
    registry.register(Collector(watched))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type
