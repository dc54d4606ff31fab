"""``dipolescan clusters``."""

from __future__ import annotations

import re
from typing import Any

import click
import yaml
from dask.utils import parse_bytes

from physics.errors import quoted
from scanner.cli._cluster import seconds_of
from scanner.cli._common import echo_json, echo_table, json_option
from scanner.cli._complete import complete_cluster
from scanner.cli._groups import INFORM
from scanner.cli._types import Whole
from scanner.scans.clusters import clusters, show_cluster

GROUP = INFORM

_WORD = re.compile(r"[\w./@+:,-]+", re.ASCII)  # a line of the script may hold it as it is


def _word(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    if text is not None and not _WORD.fullmatch(text):
        raise click.BadParameter(
            f"{quoted(text)} is no name; write letters, digits and . _ - / @ + : ,"
        )
    return text


def _memory(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    try:
        if text is not None and parse_bytes(text) < 1:
            raise ValueError
    except ValueError:
        raise click.BadParameter(f"{quoted(text)} is no amount of memory; write 16 GiB") from None
    return text


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
    rows = [{"name": name, "starts": title} for name, title in clusters().items()]
    if as_json:
        echo_json(rows)
        return
    echo_table(["name", "starts"], [list(row.values()) for row in rows], title="Clusters")


@command.command()
@click.argument("cluster", shell_complete=complete_cluster)
@click.option(
    "--workers", metavar="N|MIN:MAX", help="Workers, or a range of them.  [default: as configured]"
)
@click.option(
    "--walltime",
    metavar="TIME",
    callback=seconds_of,
    help="Of a job, [D-][HH:]MM:SS or seconds.  [default: as configured, and so for what follows]",
)
@click.option("--account", callback=_word, help="Who is charged for a job.")
@click.option("--partition", callback=_word, help="Partition or queue of the batch system.")
@click.option("--cores", type=Whole(1, 10_000), help="Of a job; one worker for each.")
@click.option("--memory", callback=_memory, help="Of a job, such as '16 GiB'.")
@click.option("--interface", callback=_word, help="Network that workers use, such as ib0.")
@json_option
def show(cluster: str, workers: str | None, as_json: bool, **settings: Any) -> None:
    """Show what '--cluster CLUSTER' would do: workers, and the job script of a batch system.

    Settings of jobs are shown with what they make of the script, and with the lines of Dask's configuration that
    'run' and 'serve' would need for the same jobs.

    \b
    Examples:
      dipolescan clusters show local
      dipolescan clusters show slurm --workers 40
      dipolescan clusters show slurm --walltime 02:00:00 --account hep --partition short
      dipolescan clusters show htcondor --json
    """
    data = show_cluster(cluster, workers, **settings)
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
    if "configuration" in data:
        lines = yaml.safe_dump(data["configuration"], sort_keys=False)
        click.echo(f"For such jobs write into ~/.config/dask/dipolescan.yaml:\n\n{lines}", nl=False)
    if data.get("encrypted"):
        for key in ("ca_file", "cert", "key"):
            click.echo(f"  {key.replace('_', ' '):<8} {data[key] or 'not configured'}")
