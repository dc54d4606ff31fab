"""``dipolescan status``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from scanner.cli._common import echo_json, echo_table, json_option, note
from scanner.cli._queue import as_data, ledger_of, pending, queue_option, service_of
from scanner.cli.plan import duration_text
from schedulers import inbox
from schedulers.ledger import Ledger, Scan

RECENT = 10  # finished scans that are shown
MOST = 50  # scans that are listed without --all


@click.command()
@click.argument("scan", required=False)
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
    waiting = pending(queue)
    submitted = [r for r in waiting if r.what == "submit"]
    if not (queue / "ledger.sqlite").exists() and submitted and scan is None:
        _without_ledger(queue, submitted, as_json)
        return
    with ledger_of(queue) as ledger:
        if scan is not None:
            _one(ledger, scan, as_json)
            return
        shown = ledger.scans() if everything else _recent(ledger)
        service, counts = service_of(ledger), ledger.counts()
    refused = inbox.refusals(queue)
    if as_json:
        echo_json(
            {
                "queue": str(queue), "service": service or None, "counts": counts,
                "waiting": [{"request": r.what, "id": r.id, "user": r.who} for r in waiting],
                "refused": [{"file": name, "reason": reason} for name, reason in refused],
                "scans": [as_data(s) for s in shown],
            }
        )  # fmt: skip
        return
    rows = [_row(s) for s in shown] + [
        [r.id, r.who, "", "submitted", "", "", ""] for r in submitted
    ]
    hidden = 0 if everything else max(0, len(rows) - MOST)
    if rows:
        rows = rows[: len(rows) - hidden]
        echo_table(["scan", "user", "priority", "state", "blocks", "time", ""], rows)
    if hidden:
        click.echo(f"and {hidden:,} more; --all lists them")
    words = ", ".join(f"{n} {state}" for state, n in counts.items() if n) or "no scans"
    click.echo(f"{words}; " + (f"served by {service}" if service else "no service is running"))
    for name, reason in refused[-3:]:
        note(f"a request was refused: {reason} ({queue / 'refused' / name})")


def _recent(ledger: Ledger) -> list[Scan]:
    finished = sorted(ledger.scans("done", "failed", "cancelled"), key=lambda s: s.finished or 0)
    return finished[-RECENT:] + ledger.scans("running") + ledger.scans("queued")


def _without_ledger(queue: Path, submitted: list[inbox.Request], as_json: bool) -> None:
    if as_json:
        waiting = [{"request": r.what, "id": r.id, "user": r.who} for r in submitted]
        echo_json(
            {
                "queue": str(queue),
                "service": None,
                "counts": {},
                "waiting": waiting,
                "refused": [],
                "scans": [],
            }
        )
        return
    shown = submitted[:MOST]
    echo_table(["scan", "user", "state"], [[r.id, r.who, "submitted"] for r in shown])
    if len(shown) < len(submitted):
        click.echo(f"and {len(submitted) - len(shown):,} more")
    click.echo("no service is running; start one with 'dipolescan serve'")


def _row(scan: Scan) -> list[str]:
    blocks = "" if scan.blocks is None else f"{scan.blocks_done}/{scan.blocks}"
    if scan.blocks_failed:
        blocks += f", {scan.blocks_failed} failed"
    seconds = duration_text(scan.seconds) if scan.seconds else ""
    return [scan.id, scan.owner, str(scan.priority), scan.state, blocks, seconds, scan.message]


def _one(ledger: Ledger, id: str, as_json: bool) -> None:
    found = ledger.scan(id)
    events, failures = ledger.events(found.id), ledger.failures(found.id)
    if as_json:
        echo_json(as_data(found) | {"events": events, "failures": failures})
        return
    about: dict[str, Any] = {
        "state": found.state + (f": {found.message}" if found.message else ""),
        "user": found.owner,
        "store": found.store,
        "blocks": _row(found)[4],
        "points": f"{found.points_done:,} of {found.points:,}" if found.points else "",
        "time": _row(found)[5],
        "workers lost": found.lost_workers or "",
    }
    click.echo(found.id)
    for name, value in about.items():
        if value != "":
            click.echo(f"  {name:12s} {value}")
    for event in events:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event["time"]))
        detail = f": {event['detail']}" if event["detail"] else ""
        click.echo(f"  {when}  {event['what']} ({event['who']}){detail}")
    for failure in failures:
        click.echo(f"\n{failure['place']}\n{failure['traceback'] or failure['error']}")
