"""``dipolescan status``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from scanner.cli._common import echo_json, echo_table, json_option, note
from scanner.cli._complete import complete_scan
from scanner.cli._groups import QUEUE
from scanner.cli._queue import ledger_of, queue_option
from scanner.scans.queue import status
from schedulers import report
from schedulers.records import Scan
from schedulers.report import as_data, pending
from schedulers.words import duration, how_many, moment

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
    """Show the queue, or one SCAN (an ID, a name or a beginning) with its history and what failed.

    \b
    Examples:
      dipolescan status
      dipolescan status --all --json
      dipolescan status quickstart-1f3c9a2b
    """
    if scan is not None:
        _one(status(scan, queue=queue), as_json)
        return
    if not (queue / "ledger.sqlite").exists() and pending(queue):
        found, scans = report.of_queue(queue, None), []
    else:
        with ledger_of(queue) as ledger:
            found = report.of_queue(queue, ledger, everything)
            scans = ledger.scans() if everything else report.recent(ledger)
    if as_json:
        echo_json(found)
        return
    _show(found, scans, queue, None if everything else MOST)


def _show(found: dict[str, Any], scans: list[Scan], queue: Path, most: int | None) -> None:
    waiting = [r for r in found["waiting"] if r["request"] == "submit"]
    rows = [_row(s) for s in scans] + [
        [r["id"], r["user"], str(r["priority"] or 0), "submitted", "", "", ""] for r in waiting
    ]
    if rows:
        echo_table(["scan", "user", "priority", "state", "blocks", "time", ""], rows[:most])
    if most is not None and len(rows) > most:
        click.echo(f"and {len(rows) - most:,} more; --all lists them")
    counts = found["counts"] | {"submitted": len(waiting)}
    words = ", ".join(f"{n} {state}" for state, n in counts.items() if n) or "no scans"
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
    about = as_data(scan)
    return [
        scan.id,
        scan.owner,
        str(scan.priority),
        scan.state,
        _blocks(about),
        _time(about),
        scan.message,
    ]


def _blocks(scan: dict[str, Any]) -> str:
    if scan["blocks"] is None:
        return ""
    failed = f", {scan['blocks_failed']} failed" if scan["blocks_failed"] else ""
    return f"{scan['blocks_done']}/{scan['blocks']}{failed}"


def _time(scan: dict[str, Any]) -> str:
    return duration(scan["seconds"]) if scan["seconds"] else ""


def _one(scan: dict[str, Any], as_json: bool) -> None:
    if as_json:
        echo_json(scan)
        return
    lost = scan["lost_workers"]
    about: dict[str, Any] = {
        "state": scan["state"] + (f": {scan['message']}" if scan["message"] else ""),
        "user": scan["owner"],
        "store": scan["store"] or "",
        "blocks": _blocks(scan),
        "points": f"{scan['points_done']:,} of {scan['points']:,}" if scan["points"] else "",
        "time": _time(scan),
        "sent again": f"{how_many(lost, 'block')} whose worker died" if lost else "",
    }
    click.echo(scan["id"])
    for name, value in about.items():
        if value != "":
            click.echo(f"  {name:12s} {value}")
    for event in scan["events"]:
        detail = f": {event['detail']}" if event["detail"] else ""
        click.echo(f"  {moment(event['time'])}  {event['what']} ({event['who']}){detail}")
    for failure in scan["failures"]:
        click.echo(f"\n{failure['place']}\n{failure['traceback'] or failure['error']}")
