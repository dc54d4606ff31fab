"""``dipolescan serve``."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from physics.errors import InputError
from scanner.cli._cluster import cluster_options
from scanner.cli._groups import QUEUE
from scanner.cli._logs import errors_in_log, log_option, set_up_logs
from scanner.cli._queue import errors, queue_option
from scanner.cli._types import LONGEST, Real
from scanner.scans.foreground import connection
from scanner.scans.queued import ScanOpener
from schedulers.clusters.address import is_open
from schedulers.clusters.choice import backend_of
from schedulers.clusters.scale import Scale
from schedulers.engine import drive
from schedulers.errors import ClusterError, FencedError
from schedulers.scan_logs import ScanLogs
from schedulers.service import IDLE_SECONDS, Service
from schedulers.stopping import GRACE_SECONDS, Stop
from schedulers.web.server import Address, offered, parse_address
from schedulers.web.watched import Watched

GROUP = QUEUE


def _address(_: click.Context, __: click.Parameter, text: str) -> Address | None:
    try:
        return parse_address(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _in_words(spec: str) -> list[tuple[str, str]]:
    from scanner.explorer.preview import spec_in_words  # when somebody looks

    return spec_in_words(spec)


def _picture(store: str) -> bytes:
    from scanner.explorer.preview import shown

    return shown(store)


@contextmanager
def _kept(log: logging.Logger, queue: Path) -> Iterator[None]:
    """What the log says of a scan is kept in the queue's folder, too."""
    handler = ScanLogs(queue)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


@click.command()
@queue_option
@cluster_options
@click.option("--shared", is_flag=True, help="Let other users of this machine submit.")
@click.option(
    "--allow-commands",
    is_flag=True,
    help="Run the commands of 'submit --notify' when scans of your own end, as you; those of others never.",
)
@click.option("--until-empty", is_flag=True, help="End when nothing is left to do.")
@click.option(
    "--idle",
    type=Real(0, LONGEST),
    default=IDLE_SECONDS,
    show_default=True,
    help="Seconds without work after which the workers are sent home.",
)
@click.option(
    "--grace",
    type=Real(0, LONGEST),
    default=GRACE_SECONDS,
    show_default=True,
    help="Longest wait for running blocks when it is stopped [s].",
)
@click.option(
    "--http",
    metavar="[HOST:]PORT",
    default=str(Address()),
    show_default=True,
    callback=_address,
    help="Where to show the queue to browsers, and metrics; 'off' for nowhere.",
)
@log_option
def command(
    queue: Path,
    cluster: str,
    workers: Scale | None,
    shared: bool,
    allow_commands: bool,
    until_empty: bool,
    idle: float,
    walltime: float | None,
    grace: float,
    http: Address | None,
    log_format: str,
) -> None:
    """Serve the queue: run what was submitted, one user after the other, until it is stopped.

    SIGTERM or Ctrl-C stop it in good order: running blocks end, everything else waits for the next service.

    \b
    Examples:
      dipolescan serve
      dipolescan serve --cluster slurm --walltime 23:50:00
      dipolescan serve --queue /srv/dipolescan --shared --log-format json
      dipolescan serve --http 9000                     then look at http://127.0.0.1:9000/
      dipolescan serve --http off
    """
    log = set_up_logs(log_format)
    stop = Stop(walltime, grace)
    try:
        backend_of(cluster)  # a wrong name is told now, not with the first scan
    except ClusterError as error:
        raise InputError(str(error)) from None
    if shared and is_open(cluster):
        raise InputError(
            f"--shared is not possible with {cluster}: without TLS every user who may submit could run code as you; "
            "give a tls:// address, or let the service start workers of its own (--cluster local)"
        )
    signals = stop.on_signals(signal.SIGTERM, signal.SIGINT)
    with errors_in_log(log_format), signals, errors(), _kept(log, queue):
        service = Service(
            queue,
            ScanOpener(queue),
            idle_seconds=idle,
            until_empty=until_empty,
            shared=shared,
            commands=allow_commands,
        )
        log.info("serving", extra={"queue": str(queue), "cluster": cluster})
        try:
            watched = Watched(queue, service.tally, service.beat_age, _in_words, _picture)
            with offered(watched, http):
                drive(service, connection(cluster, workers, stop, log.warning), stop)
        except (FencedError, ClusterError) as error:
            raise InputError(str(error)) from None
        finally:
            service.close()
        log.info("stopped", extra={"reason": stop.reason or "nothing is left to do"})
