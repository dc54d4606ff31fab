"""Where scans can run, and what would be started there."""

from __future__ import annotations

from typing import Any

from physics.errors import InputError
from scanner.scans.dask_files import check_dask_files
from schedulers.clusters.choice import backend_of, backends, describe
from schedulers.clusters.scale import Scale, parse_workers
from schedulers.errors import ClusterError


def clusters() -> dict[str, str]:
    """Names that ``run(cluster=...)`` takes, and what each starts; the address of a scheduler is another.

    >>> clusters()["local"]
    'worker processes on this machine'
    """
    return {name: backend_of(name).title for name in backends()}


def show_cluster(
    cluster: str = "local",
    workers: int | str | None = None,
    *,
    walltime: float | None = None,
    account: str | None = None,
    partition: str | None = None,
    cores: int | None = None,
    memory: str | None = None,
    interface: str | None = None,
) -> dict[str, Any]:
    """What a cluster would start, with the job script of a batch system; nothing is started or submitted.

    Parameters
    ----------
    cluster : str
        Name of a backend, or the address of a scheduler.
    workers : int or str, optional
        A number, or a range such as ``2:40``.
    walltime : float, optional
        Of a job [s].
    account, partition : str, optional
        Who is charged for a job, and in which partition or queue it waits.
    cores : int, optional
        Of a job; one worker for each.
    memory : str, optional
        Of a job, such as ``16 GiB``.
    interface : str, optional
        Network that workers use.

    Returns
    -------
    dict
        With ``does``, and for a batch system ``submit``, ``script`` and ``command``.

    Raises
    ------
    InputError
        If there is no such cluster, its configuration is bad, or its jobs have no such setting.

    Examples
    --------
    >>> show_cluster("local", 3)["maximum"]
    3
    """
    check_dask_files()
    settings = {
        "walltime": walltime, "account": account, "partition": partition, "cores": cores, "memory": memory,
        "interface": interface,
    }  # fmt: skip
    try:
        scale: int | Scale | None = parse_workers(workers) if isinstance(workers, str) else workers
        return describe(cluster, scale, {k: v for k, v in settings.items() if v is not None})
    except ClusterError as error:
        raise InputError(str(error)) from None
