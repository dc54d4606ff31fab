"""``dipolescan cite``."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.cli._common import echo_json, json_option, note, output_option
from scanner.cli._groups import INFORM
from scanner.outputs.export import kind_of, write_file
from scanner.queries.cited import cite

GROUP = INFORM


@click.command()
@click.argument("store", type=click.Path(path_type=Path), required=False)
@click.option(
    "--experiment",
    "experiments",
    multiple=True,
    help="Of this experiment of the cube; repeatable.  [default: all]",
)
@click.option(
    "--method", help="With the sources of this limit method.  [default: of the searches' own]"
)
@click.option(
    "--limits",
    is_flag=True,
    help="With the published limits that are drawn behind the curves.",
)
@output_option("BibTeX file.")
@json_option
def command(
    store: Path | None,
    experiments: tuple[str, ...],
    method: str | None,
    limits: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Print the BibTeX entries of all that went into a STORE: formulas, searches, meson spectra, statistics.

    Without a STORE it is the entry of dipolescan itself.

    \b
    Examples:
      dipolescan cite
      dipolescan cite results/quickstart.zarr -o quickstart.bib
      dipolescan cite results/quickstart.zarr --experiment FACET --method feldman-cousins
      dipolescan cite results/quickstart.zarr --limits --json
    """
    if output:
        kind_of(output, ("bib",))
    if store is None and (experiments or method or limits):
        raise click.UsageError("--experiment, --method and --limits are of a STORE; name one")
    entries = cite(store, experiments, method or "", limits)
    text = "\n\n".join(entries.values()) + "\n"
    if output:
        write_file(output, text.encode())
        note(f"{len(entries)} entries in {output}")
    if as_json:
        echo_json([{"key": key, "bibtex": entry} for key, entry in entries.items()])
    elif not output:
        click.echo(text, nl=False)
