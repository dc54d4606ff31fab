"""``dipolescan clusters``."""

from __future__ import annotations

from typing import Any

import click

from physics.errors import InputError
from scanner.cli._common import echo_json, echo_table, json_option
from scanner.cli._groups import INFORM
from scanner.scans.dask_files import check_dask_files
from schedulers.clusters.choice import backend_of, backends, describe
from schedulers.clusters.scale import parse_workers
from schedulers.errors import ClusterError

GROUP = INFORM


@click.group()
def command() -> None:
    """Where scans can run, and what would be started there; nothing is started or submitted.

    \b
    Examples:
      dipolescan clusters list
      dipolescan clusters show slurm --workers 2:20
      dipolescan clusters show tls://node17:8786
    """


@command.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the names that --cluster takes; a scheduler's address is another.

    \b
    Example:
      dipolescan clusters list --json
    """
    rows = [{"name": name, "starts": backend_of(name).title} for name in backends()]
    if as_json:
        echo_json(rows)
        return
    echo_table(["name", "starts"], [list(row.values()) for row in rows], title="Clusters")


@command.command()
@click.argument("cluster")
@click.option(
    "--workers", metavar="N|MIN:MAX", help="Workers, or a range of them.  [default: as configured]"
)
@json_option
def show(cluster: str, workers: str | None, as_json: bool) -> None:
    """Show what '--cluster CLUSTER' would do: workers, and the job script of a batch system.

    \b
    Examples:
      dipolescan clusters show local
      dipolescan clusters show slurm --workers 40
      dipolescan clusters show htcondor --json
    """
    check_dask_files()
    try:
        data = describe(cluster, parse_workers(workers) if workers is not None else None)
    except ClusterError as error:
        raise InputError(str(error)) from None
    if as_json:
        echo_json(data)
        return
    _print(data)


def _print(data: dict[str, Any]) -> None:
    click.echo(f"{data['cluster']}: {data['does']}")
    if "script" in data:
        if data["maximum"] != data["minimum"]:
            click.echo(
                f"  workers  {data['minimum']} to {data['maximum']}, as the work asks for them"
            )
        click.echo(f"  worker   {data['command']}")
        click.echo(f"  job script for {data['submit']}:\n\n{data['script']}")
    if data.get("encrypted"):
        for key in ("ca_file", "cert", "key"):
            click.echo(f"  {key.replace('_', ' '):<8} {data[key] or 'not configured'}")
