"""``dipolescan landscape``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scanner.cli._cluster import cluster_options
from scanner.cli._common import echo_json, echo_table, json_option, note, output_option, set_option
from scanner.cli._groups import QUERY
from scanner.cli._logs import quiet_logs
from scanner.cli._progress import Shown
from scanner.cli._types import Name, Place, Real
from scanner.cli.run import STOPPED
from scanner.outputs.export import FIGURE, TEXT, kind_of
from scanner.outputs.landscape import SPEC, landscape, landscape_labels
from scanner.scans.foreground import StoppedError
from schedulers.clusters.scale import Scale

GROUP = QUERY


class _Ratio(Real):
    """A number, or ``inf``."""

    name = "number or inf"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number that a text is; minus infinity is the same point as infinity."""
        if str(value).strip().lstrip("+-").lower() in ("inf", ".inf"):
            return float("inf")
        return float(super().convert(value, param, ctx))


@click.command()
@click.option(
    "--a",
    "ratio",
    type=_Ratio(),
    default=0.0,
    show_default=True,
    help="Ratio of the SU(2) to the U(1) coupling; inf is allowed.",
)
@click.option(
    "--flavor",
    "flavors",
    multiple=True,
    type=Name(landscape_labels()),
    help="Plane to draw; repeatable.  [default: all]",
)
@click.option(
    "--store",
    type=Place(store=True),
    help="Where counts go, or are already: a path, or s3://BUCKET/FOLDER/NAME.  "
    "[default: results/landscape.zarr, with -aVALUE if a is not 0]",
)
@click.option(
    "--add",
    multiple=True,
    metavar="SEARCH",
    help="Put a further search in, by label or as a YAML file of yours; repeatable.",
)
@set_option
@click.option(
    "--compute/--no-compute",
    default=True,
    help="Compute what is missing, or draw the store as it is.",
)
@cluster_options
@output_option("Figure (PNG, PDF, SVG).")
@click.option(
    "--width",
    type=Real(least=6, most=60),
    default=17.8,
    show_default=True,
    help="Of the figure in cm; 8.6 is one column of a journal.",
)
@click.option(
    "--table",
    type=Place(dir_okay=False),
    help="Which search reaches lowest at each mass, as a file (CSV, JSON, YAML).",
)
@json_option
def command(
    ratio: float,
    flavors: tuple[str, ...],
    store: Path | None,
    add: tuple[str, ...],
    overrides: tuple[str, ...],
    compute: bool,
    cluster: str,
    workers: Scale | None,
    walltime: float | None,
    output: Path | None,
    width: float,
    table: Path | None,
    as_json: bool,
) -> None:
    """Draw all searches for the neutrino dipole on one plane for each flavor, over what is excluded already.

    The bundled spec 'landscape' is run first, or finished if it was interrupted; some minutes on two cores. Each search
    is drawn by the limit method that it states. A store that is not finished says in the picture what is missing.

    \b
    Examples:
      dipolescan landscape -o landscape.pdf
      dipolescan landscape --flavor mu --width 8.6 -o mu.pdf --table mu.csv
      dipolescan landscape --a 1.1 --cluster slurm --workers 8 -o broken.png
      dipolescan landscape --add my-search.yaml --store mine.zarr -o mine.png
      dipolescan landscape --no-compute -o so-far.png
    """
    quiet_logs()
    if output:
        kind_of(output, FIGURE)
    if table:
        kind_of(table, TEXT)
    try:
        with Shown(SPEC, quiet=as_json) as shown:
            found = landscape(
                ratio, flavors, store, add=add, overrides=overrides, compute=compute, cluster=cluster,
                workers=workers, progress=shown.update, walltime=walltime, say=note,
            )  # fmt: skip
    except StoppedError as stop:
        click.echo(f"{stop}{'; --no-compute draws it as it is' if stop.kept else ''}.", err=True)
        sys.exit(STOPPED)
    if output:
        found.save_figure(output, width)
    if table:
        found.save(table)
    if as_json:
        echo_json(found.as_data())
        return
    header, rows = found.shown()
    echo_table(header, rows, title=f"Lowest reach: {found.headline()}", said=found.about)
    for text in found.notes():
        note(text)
