"""Files of a view, from the whole cube: a figure, tables, a HEPData submission, a page that needs no server."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from physics.errors import InputError, one_of
from scanner.explorer.planes import Planes, contour_of
from scanner.explorer.view import View
from scanner.outputs.comparison import Comparison
from scanner.outputs.curve_results import ContourResult

KINDS = {
    "figure.png": "image/png",
    "figure.pdf": "application/pdf",
    "figure.svg": "image/svg+xml",
    "contours.csv": "text/csv; charset=utf-8",
    "contours.json": "application/json",
    "hepdata.zip": "application/zip",
    "view.html": "text/html; charset=utf-8",
}


def contours(planes: Planes, view: View) -> list[ContourResult]:
    """The contours of a view, from every coupling of the cube.

    Raises
    ------
    InputError
        If the stores are not what they were, no search is chosen, or one has none with this limit.
    """
    if planes.watched.refresh():
        raise InputError(planes.watched.trouble)
    if not view.searches:
        raise InputError("no search is chosen; choose one")
    ds = planes.watched.ds
    found = []
    for label in view.searches:
        own = float(ds["exposure"].sel(experiment=label).item())
        found.append(contour_of(ds, {"experiment": label, **view.axes}, view, own)[0])
    return found


def compared(planes: Planes, found: Sequence[ContourResult], view: View) -> Comparison:
    """The contours of a view as one result."""
    given = replace(view.assumptions(1.0), exposure=None)
    return Comparison(planes.watched.query, "experiment", [line.curve for line in found], given)


def download(planes: Planes, view: View, name: str) -> bytes:
    """The content of a file of a view.

    Parameters
    ----------
    planes : Planes
    view : View
        That fits the cube.
    name : str
        One of ``KINDS``.

    Raises
    ------
    InputError
        If there is nothing to write, or no such file.
    """
    if name not in KINDS:
        raise InputError(
            f"there is no file {name[:60]!r} of a view; there are {one_of(KINDS, 200)}"
        )
    found = contours(planes, view)
    whole = compared(planes, found, view)
    if name == "view.html":
        from scanner.explorer.static import page_of

        return page_of(planes.watched, view, found, whole).encode()
    with tempfile.TemporaryDirectory(prefix="dipolescan-") as folder:
        path = Path(folder, name)
        if name == "hepdata.zip":
            whole.to_hepdata(Path(folder, "submission"))
            return zipped(Path(folder, "submission"))
        whole.save(path)
        return path.read_bytes()


def zipped(folder: Path) -> bytes:
    """The files of a folder, each under its own name."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return content.getvalue()
