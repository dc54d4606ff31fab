"""``dipolescan status``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from scanner.cli._common import echo_json, echo_table, json_option, note
from scanner.cli._complete import complete_scan
from scanner.cli._groups import QUEUE
from scanner.cli._queue import ledger_of, queue_option
from schedulers import report
from schedulers.ledger import Ledger
from schedulers.records import Scan
from schedulers.report import pending
from schedulers.words import how_many, rounded_duration

GROUP = QUEUE

MOST = 50  # scans that are listed without --all


@click.command()
@click.argument("scan", required=False, shell_complete=complete_scan)
@queue_option
@click.option(
    "--all", "everything", is_flag=True, help="Finished scans, too, not only the last ones."
)
@json_option
def command(scan: str | None, queue: Path, everything: bool, as_json: bool) -> None:
    """Show the queue, or one SCAN (an ID or its beginning) with its history and what failed.

    \b
    Examples:
      dipolescan status
      dipolescan status --all --json
      dipolescan status quickstart-1f3c9a2b
    """
    if not (queue / "ledger.sqlite").exists() and pending(queue) and scan is None:
        found, scans = report.of_queue(queue, None), []
    else:
        with ledger_of(queue) as ledger:
            if scan is not None:
                _one(ledger, scan, as_json)
                return
            found = report.of_queue(queue, ledger, everything)
            scans = ledger.scans() if everything else report.recent(ledger)
    if as_json:
        echo_json(found)
        return
    _show(found, scans, queue, None if everything else MOST)


def _show(found: dict[str, Any], scans: list[Scan], queue: Path, most: int | None) -> None:
    rows = [_row(s) for s in scans] + [
        [r["id"], r["user"], "", "submitted", "", "", ""]
        for r in found["waiting"]
        if r["request"] == "submit"
    ]
    if rows:
        echo_table(["scan", "user", "priority", "state", "blocks", "time", ""], rows[:most])
    if most is not None and len(rows) > most:
        click.echo(f"and {len(rows) - most:,} more; --all lists them")
    words = ", ".join(f"{n} {state}" for state, n in found["counts"].items() if n) or "no scans"
    service = found["service"]
    where = f", {found['page']}" if found["page"] else ""
    click.echo(
        f"{words}; "
        + (
            f"served by {service}{where}"
            if service
            else "no service is running; start one with 'dipolescan serve'"
        )
    )
    for refused in found["refused"][-3:]:
        place = queue / "refused" / refused["file"]
        note(f"a request was refused: {refused['reason']} ({place})")


def _row(scan: Scan) -> list[str]:
    blocks = "" if scan.blocks is None else f"{scan.blocks_done}/{scan.blocks}"
    if scan.blocks_failed:
        blocks += f", {scan.blocks_failed} failed"
    seconds = rounded_duration(scan.seconds) if scan.seconds else ""
    return [scan.id, scan.owner, str(scan.priority), scan.state, blocks, seconds, scan.message]


def _one(ledger: Ledger, id: str, as_json: bool) -> None:
    found = ledger.scan(id)
    more = report.of_scan(ledger, found.id)
    if as_json:
        echo_json(more)
        return
    about: dict[str, Any] = {
        "state": found.state + (f": {found.message}" if found.message else ""),
        "user": found.owner,
        "store": found.store,
        "blocks": _row(found)[4],
        "points": f"{found.points_done:,} of {found.points:,}" if found.points else "",
        "time": _row(found)[5],
        "sent again": f"{how_many(found.lost_workers, 'block')} whose worker died"
        if found.lost_workers
        else "",
    }
    click.echo(found.id)
    for name, value in about.items():
        if value != "":
            click.echo(f"  {name:12s} {value}")
    for event in more["events"]:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event["time"]))
        detail = f": {event['detail']}" if event["detail"] else ""
        click.echo(f"  {when}  {event['what']} ({event['who']}){detail}")
    for failure in more["failures"]:
        click.echo(f"\n{failure['place']}\n{failure['traceback'] or failure['error']}")
