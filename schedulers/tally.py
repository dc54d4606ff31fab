"""What a service has done since it began and what it does now: plain numbers that another thread may read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ClusterState:
    """The cluster at the last look.

    Attributes
    ----------
    workers, threads : int
    blocks_in_flight : int
    dashboard : str
        Address of Dask's own page; empty if it has none.
    error : str
        Why there is no cluster; empty if there is one or none is wanted.
    """

    workers: int = 0
    threads: int = 0
    blocks_in_flight: int = 0
    dashboard: str = ""
    error: str = ""


@dataclass
class Tally:
    """Counts of one process; they outlive its clusters. Only the runner's thread writes them.

    Attributes
    ----------
    blocks_done, blocks_failed : int
    blocks_lost : int
        Sent again because their worker died.
    block_retries : int
        Sent again because they raised.
    clusters_lost : int
        Clusters that were lost or could not be had.
    points_done : int
        Cells of counts that were filled.
    workers_lost : int
        Workers that died with blocks.
    paces : dict
        Points filled and seconds passed since each running scan was opened.
    cluster : ClusterState
    """

    blocks_done: int = 0
    blocks_failed: int = 0
    blocks_lost: int = 0
    block_retries: int = 0
    clusters_lost: int = 0
    points_done: int = 0
    workers_lost: int = 0
    paces: dict[str, tuple[int, float]] = field(default_factory=dict)
    cluster: ClusterState = field(default_factory=ClusterState)

    def advance(self, scan: str, points: int, seconds: float) -> None:
        """Note how far a running scan is, in points and seconds since it was opened."""
        self.points_done += points - self.paces.get(scan, (0, 0.0))[0]
        self.paces[scan] = (points, seconds)

    def seconds_left(self, scan: str, points: int) -> float | None:
        """How long the points that a scan lacks will take [s], at its pace so far; None if that is not known."""
        done, seconds = self.paces.get(scan, (0, 0.0))
        return points * seconds / done if done else None

    def points_per_second(self, scan: str) -> float | None:
        """The pace of a running scan since it was opened; None if it is not known."""
        done, seconds = self.paces.get(scan, (0, 0.0))
        return done / seconds if done and seconds else None
