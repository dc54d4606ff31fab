"""Which command makes or finishes a store, told from where it lies."""

from __future__ import annotations

import re
from pathlib import Path

RUN = "'dipolescan run'"
_PAPER = re.compile(r"\d{4}\.\d{4,5}")


def maker(path: str | Path) -> str:
    """The command that makes or finishes the store at a path.

    Stores of reproductions lie in a folder that is named after the paper, under its number.

    >>> maker("results/quickstart.zarr")
    "'dipolescan run'"
    >>> maker("figures/2308.16608/2308.16608-mass.zarr")
    "'dipolescan reproduce 2308.16608:FIGURE -o figures'"
    """
    path = Path(path)
    paper = path.parent.name
    if not (_PAPER.fullmatch(paper) and path.name.startswith(paper)):
        return RUN
    home = path.parent.parent
    return f"'dipolescan reproduce {paper}:FIGURE" + (
        "'" if home == Path("results") else f" -o {home}'"
    )
