"""``--notify``: who is told that a scan has ended."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from scanner.cli._common import note
from scanner.scans.addresses import store_path
from schedulers.errors import QueueError
from schedulers.notice import Notice, check_targets, is_address, send
from schedulers.words import one_line


def _checked(_: click.Context, __: click.Parameter, targets: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(check_targets(targets))
    except QueueError as error:
        raise click.BadParameter(str(error)) from None


notify_option = click.option(
    "--notify",
    multiple=True,
    metavar="COMMAND|URL",
    callback=_checked,
    help="Tell when the scan ends: run a command (no shell; $DIPOLESCAN_SCAN_STATE and others) or POST to a URL; "
    "repeatable.",
)


def check_programs(targets: tuple[str, ...]) -> None:
    """Refuse a command that is not here, before a scan rather than after it.

    Raises
    ------
    click.BadParameter
        Naming it.
    """
    for target in targets:
        program = "" if is_address(target) else shlex.split(target)[0]
        if program and shutil.which(program) is None:
            raise click.BadParameter(
                f"there is no command {one_line(program, 80)!r} here", param_hint="'--notify'"
            )


@dataclass
class End:
    """How a scan in the foreground ended.

    Attributes
    ----------
    stopped : str
        Why it was stopped before its end; empty if it was not.
    """

    stopped: str = ""


@contextmanager
def told_at_the_end(targets: tuple[str, ...], name: str, store: Path) -> Iterator[End]:
    """Tell how what is done within ends; where that fails a note says so, and nothing else changes.

    Parameters
    ----------
    targets : tuple of str
    name : str
        Of the scan.
    store : Path
    """
    end, place = End(), str(store_path(store))

    def tell(state: str, message: str = "") -> None:
        for target in targets:
            failure = send(target, Notice("", name, state, place, message))
            if failure:
                note(f"not notified: {failure}")

    try:
        yield end
    except (KeyboardInterrupt, click.Abort):
        tell("stopped", "Ctrl-C")
        raise
    except SystemExit:
        tell("stopped" if end.stopped else "failed", end.stopped)
        raise
    except click.ClickException as error:
        tell("failed", one_line(error.format_message()))
        raise
    except Exception as error:
        tell("failed", one_line(error) or type(error).__name__)
        raise
    tell("done")
