"""``dipolescan explore``."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from physics.errors import InputError, from_clone
from scanner.cli._common import _StorePlace, note
from scanner.cli._groups import QUERY
from scanner.cli._types import Place
from scanner.outputs.export import write_file

GROUP = QUERY


@click.command()
@click.argument("stores", metavar="STORE...", type=_StorePlace(), nargs=-1, required=True)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Where to listen; with another address everybody who can reach it can look at the stores.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5016,
    show_default=True,
    help="Another one is taken if it is in use.",
)
@click.option("--browser", is_flag=True, help="Open the page in a browser of this machine.")
@click.option(
    "--view", "link", metavar="LINK", default="", help="Begin with the view of a link of the page."
)
@click.option(
    "-o",
    "--output",
    type=Place(dir_okay=False),
    help="Write the view as one HTML file that needs neither a server nor a network, and end.",
)
def command(
    stores: tuple[Path, ...],
    host: str,
    port: int,
    browser: bool,
    link: str,
    output: Path | None,
) -> None:
    """Look at cubes on a page of this machine: contours that follow sliders and menus, over published limits.

    The page shows the events by channel at the point under the pointer, has files of what it shows (figure, CSV,
    HEPData), and its address is a link that restores the view. Several stores are looked at together, along what they
    differ in. It ends with Ctrl-C.

    \b
    Examples:
      dipolescan explore results/quickstart.zarr --browser
      dipolescan explore results/quickstart.zarr --view 'search=FACET&axis.flavor=tau' -o facet.html
      ssh -L 5016:127.0.0.1:5016 node17 dipolescan explore results/quickstart.zarr
    """
    if importlib.util.find_spec("bokeh") is None:
        raise InputError(
            f"the page needs bokeh, which is not installed: add it {from_clone('explore')}"
        )
    from scanner.explorer.server import explore, saved

    if output:
        if output.suffix.lower() not in (".html", ".htm"):
            raise InputError(f"{output} is a page and must end in .html")
        content, said = saved(stores, link)
        write_file(output, content)
        for sentence in said:
            note(sentence)
        return
    with explore(*stores, host=host, port=port, view=link, browser=browser) as page:
        click.echo(f"{page.address}  (Ctrl-C ends it)")
        if not page.local:
            note("everybody who can reach this machine can look at the page and at these stores")
        page.wait()
