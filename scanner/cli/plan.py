"""``dipolescan plan``."""

from __future__ import annotations

import os
from typing import Any

import click

from scanner.cli._common import echo_json, json_option, set_option
from scanner.cli._complete import complete_spec
from scanner.cli._groups import SCAN
from scanner.cli._types import Whole
from scanner.scans.fingerprint import fingerprint
from scanner.scans.plan import make_plan
from scanner.scans.spec import load_spec
from scanner.scans.tables import all_resources
from schedulers.words import about, how_many, size

GROUP = SCAN


@click.command()
@click.argument("spec", shell_complete=complete_spec)
@set_option
@click.option("--workers", type=Whole(1, 10_000), help="For the estimate of the time.")
@json_option
def command(spec: str, overrides: tuple[str, ...], workers: int | None, as_json: bool) -> None:
    """Show what the scan SPEC would cost; nothing is run or written.

    \b
    Examples:
      dipolescan plan quickstart
      dipolescan plan quickstart --set axes.d_gamma.num=2000 --workers 64
    """
    scan = load_spec(spec, overrides)
    plan = make_plan(scan)
    count = workers or len(os.sched_getaffinity(0))
    data: dict[str, Any] = {
        "name": scan.name,
        "model": scan.model.tag,
        "experiments": list(scan.experiments),
        "axes": {name: len(values) for name, values in scan.axes.items()},
        "channels": list(scan.channels),
        "options": scan.options,
        "points": plan.points,
        "blocks": plan.number_of_blocks,
        "bytes": plan.bytes,
        "cpu_seconds": plan.cpu_seconds,
        "seconds": plan.cpu_seconds / min(count, plan.number_of_blocks),
        "workers": count,
    }
    resources = all_resources(scan)  # what is missing or altered is told before a run
    if as_json:
        echo_json(data | {"fingerprint": fingerprint(scan, resources)})
        return
    axes = " x ".join(f"{n} {name}" for name, n in data["axes"].items())
    click.echo(f"{scan.name}: {scan.description}" if scan.description else scan.name)
    click.echo(f"  experiments  {', '.join(scan.experiments)}")
    click.echo(f"  channels     {', '.join(scan.channels)}")
    click.echo(f"  axes         {axes}")
    click.echo(f"  options      {', '.join(f'{k}: {v}' for k, v in scan.options.items())}")
    click.echo(f"  points       {plan.points:,} (every channel counted)")
    click.echo(f"  blocks       {plan.number_of_blocks:,}")
    click.echo(f"  size         {size(plan.bytes)} before compression")
    click.echo(f"  time         {about(data['seconds'])} on {how_many(count, 'worker')}")
