"""``dipolescan info``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import click

from physics.models.model import Axis
from scanner.cli._common import echo_json, json_option, store_argument
from scanner.cli._groups import INFORM
from scanner.scans.asked_errors import asked_error
from scanner.scans.contents import info
from scanner.scans.store import Store
from schedulers.words import size

GROUP = INFORM

FEW = 4  # numbers of an axis that are listed one by one


@click.command()
@store_argument
@json_option
def command(store: Path, as_json: bool) -> None:
    """What a store holds, what it was made from, and how far it is.

    \b
    Example:
      dipolescan info results/quickstart.zarr
    """
    data = info(store)
    if as_json:
        echo_json(data)
        return
    opened = Store(store)
    spec = opened.spec
    blocks = data["blocks"]
    click.echo(f"{store}: {spec.name}" + (f", {spec.description}" if spec.description else ""))
    click.echo(f"  model        {spec.model.tag} ({spec.model.source})")
    click.echo(f"  experiments  {', '.join(spec.experiments)}")
    for axis in spec.model.axes:
        if axis.name in spec.axes:
            click.echo(f"  {axis.name:<12} {_axis_text(axis, spec.axes[axis.name])}")
    click.echo(f"  channels     {', '.join(spec.channels)}")
    click.echo(f"  options      {', '.join(f'{k}: {v}' for k, v in spec.options.items())}")
    stated = asked_error(opened)
    if stated is not None:
        click.echo(f"  sampling     {stated}")
    click.echo(f"  points       {opened.plan.points:,}, {size(data['bytes_on_disk'])} on disk")
    click.echo(
        f"  blocks       {blocks['done']} of {blocks['all']} done, {blocks['failed']} failed"
    )
    click.echo(
        f"  made with    {', '.join(f'{k} {v}' for k, v in opened.attrs['versions'].items())}"
    )
    click.echo(f"  spectra      {_tables_text(opened.attrs['resources'])}")
    click.echo(f"  fingerprint  {opened.fingerprint}")


def _axis_text(axis: Axis, values: tuple[Any, ...]) -> str:
    """Labels, a few numbers, or the ends of many."""
    if not axis.numeric:
        return ", ".join(values)
    if len(values) <= FEW:
        return f"{', '.join(f'{v:g}' for v in values)} {axis.units}".rstrip()
    return f"{values[0]:g} to {f'{values[-1]:g} {axis.units}'.rstrip()}, {len(values)} values"


def _tables_text(resources: dict[str, str]) -> str:
    """Sets of spectra and how many of their tables were read."""
    sets = Counter(label.rpartition("/")[0] for label in resources)
    found = ", ".join(f"{name} ({n})" for name, n in sets.items())
    return f"{found}: tables, checksums recorded" if found else "none is read"
