"""Submitting scans: where the queue is, what a scan costs, and the request that is written for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from physics.errors import InputError
from physics.places import local_path
from scanner.scans.addresses import store_path
from scanner.scans.plan import Plan, make_plan
from scanner.scans.spec import ScanSpec, load_spec
from scanner.scans.spec_file import stated
from schedulers import inbox
from schedulers.errors import QueueError
from schedulers.inbox import default_queue
from schedulers.notice import check_targets

MAX_PRIORITY = 100
MAX_BLOCKS = 2_000_000
# beyond any of these a scan is started only if its user has seen what it costs
LARGE_POINTS = 2_000_000_000
LARGE_CPU_SECONDS = 100 * 3600.0


def cost(plan: Plan) -> str:
    """What a large scan costs, in words; empty if it is not large.

    Raises
    ------
    InputError
        If it has more blocks than a runner can keep.
    """
    blocks = plan.number_of_blocks
    if blocks > MAX_BLOCKS:
        raise InputError(
            f"the scan has {blocks:,} blocks, more than the {MAX_BLOCKS:,} that one store can have; "
            "make it smaller or cut it in parts"
        )
    if plan.points < LARGE_POINTS and plan.cpu_seconds < LARGE_CPU_SECONDS:
        return ""
    return (
        f"{plan.points:,} points in {blocks:,} blocks, {plan.bytes / 1e9:,.0f} GB before compression, "
        f"about {plan.cpu_seconds / 3600:,.0f} CPU-hours"
    )


def submit(
    spec: ScanSpec | str | Path,
    store: str | Path | None = None,
    *,
    priority: int = 0,
    confirmed: bool = False,
    queue: str | Path | None = None,
    notify: Sequence[str] = (),
) -> str:
    """Put a scan into the queue; a running service is not needed.

    Parameters
    ----------
    spec : ScanSpec, str or Path
        A spec, a file, or the name of a bundled spec.
    store : str or Path, optional
        Default: in the queue's folder ``results``.
    priority : int
        Among one's own scans the highest comes first.
    confirmed : bool
        Whether a very large scan is really wanted.
    queue : str or Path, optional
        Folder of the queue; by default ``$DIPOLESCAN_QUEUE``, else one of your own.
    notify : sequence of str
        Who is told when the scan ends: http(s) addresses, which get a POST of JSON, and command lines, which the
        service runs if it was started with ``--allow-commands``; see docs/service.md.

    Returns
    -------
    str
        The scan's ID.

    Raises
    ------
    InputError
        If the input is bad, or the scan is very large and not confirmed.
    """
    if not isinstance(spec, ScanSpec):
        spec = load_spec(spec)
    home = local_path(queue if queue is not None else default_queue())
    large = cost(make_plan(spec))
    if large and not confirmed:
        raise InputError(f"{spec.name}: {large}; confirm that it is wanted (--yes)")
    id = inbox.new_id(spec.name)
    content: dict[str, Any] = {
        "spec": spec.canonical() | {"execution": stated(spec.execution)},
        "priority": priority,
        "confirmed": confirmed,
    }
    if store is not None:
        results = home / "results"
        if results.exists() and results.stat().st_uid != os.getuid():
            raise InputError(
                f"the service of another user chooses the place itself, in {results}; leave out --store"
            )
        content["store"] = str(store_path(store))
    try:
        if notify:
            content["notify"] = check_targets(list(notify))
        if not home.exists() or (home.is_dir() and not any(home.iterdir())):
            inbox.make_folders(home)
        inbox.put(home, "submit", id, **content)
    except QueueError as error:
        raise InputError(str(error)) from None
    return id
