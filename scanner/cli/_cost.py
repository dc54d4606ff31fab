"""A question before a scan that costs very much."""

from __future__ import annotations

import sys

import click

from scanner.scans.plan import make_plan
from scanner.scans.spec import ScanSpec
from scanner.scans.submission import cost


def confirm_cost(scan: ScanSpec, yes: bool) -> None:
    """Ask before a very large scan.

    Raises
    ------
    click.ClickException
        If it is not wanted.
    """
    large = cost(make_plan(scan))
    if not large or yes:
        return
    if not sys.stdin.isatty():
        raise click.ClickException(f"{scan.name}: {large}; add --yes if it is wanted")
    if not click.confirm(f"{scan.name}: {large}. Go on?", err=True):
        raise click.ClickException("nothing was started")
