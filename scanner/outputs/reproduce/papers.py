"""Figures of whole papers: which ones a word means, in which order they are made, and the scans behind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from physics.errors import InputError, unknown
from scanner.outputs.look import look
from scanner.outputs.reproduce.base import Figure, Reproduction, figures
from scanner.outputs.reproduce.cube import command
from scanner.scans.foreground import RunResult, StoppedError, run
from scanner.scans.spec import ScanSpec, load_spec

HOME = Path("results")  # has a folder for each paper
ALL = "all"
_PARTS = re.compile(r"(\d+)")


def chosen(word: str, known: Iterable[str]) -> list[str]:
    """Tags of the figures that a word means, in order.

    Parameters
    ----------
    word : str
        A figure (``2308.16608:fig3``), a paper (``2308.16608``), or ``all``.
    known : iterable of str
        Tags of all figures.

    Returns
    -------
    list of str
        Of each paper what comes before its figures, the figures by number, then the tables.

    Raises
    ------
    InputError
        If there is no such figure or paper.

    >>> chosen("1", ["2:fig1", "1:fig10", "1:table1", "1:fig2"])
    ['1:fig2', '1:fig10', '1:table1']
    """
    tags = sorted(known, key=_natural)
    if word == ALL:
        return tags
    papers = list(dict.fromkeys(tag.partition(":")[0] for tag in tags))
    found = [tag for tag in tags if word in (tag, tag.partition(":")[0])]
    if found:
        return found
    paper, colon, _ = word.partition(":")
    if colon and paper in papers:
        raise InputError(unknown("figure", word, [t for t in tags if t.startswith(f"{paper}:")]))
    raise InputError(unknown("paper", word, papers))


def _natural(tag: str) -> list[tuple[int, str]]:
    """Numbers by their value: fig10 comes after fig2."""
    paper, _, name = tag.partition(":")
    parts = [(int(part), "") if part.isdigit() else (0, part) for part in _PARTS.split(name)]
    return [(0, paper), *parts]


def store_of(folder: Path, spec: str, label: str) -> Path:
    """Where a scan of a figure is kept.

    >>> store_of(Path("results/1"), "quickstart", "A scan").name
    'quickstart-a-scan.zarr'
    """
    words = "".join(c if c.isalnum() else " " for c in label).split()
    return folder / f"{spec}-{'-'.join(words).lower()}.zarr"


def finished(
    tag: str, path: Path, spec: ScanSpec, run: Callable[[ScanSpec, Path], RunResult]
) -> Path:
    """The store of a scan behind a figure, once it is finished.

    Parameters
    ----------
    tag : str
        Of the figure.
    path : Path
        Of the store.
    spec : ScanSpec
    run : callable
        Runs it.

    Raises
    ------
    StoppedError
        If it was asked to stop.
    InputError
        If it cannot be run.
    """
    try:
        result = run(spec, path)
    except InputError as error:
        words = str(error).replace("choose another --store", "choose another folder with -o")
        raise InputError(f"{tag} is not made: {words}") from error
    if result.asked_to_stop:
        kept = f"what was finished is stored in {path}" if path.exists() else "nothing was begun"
        again = command(tag, path.parent)
        raise StoppedError(
            f"Stopped ({result.asked_to_stop}); {tag} is not made, {kept}; go on with {again}."
        )
    return path


def reproduce(
    figure: str,
    output: str | Path = HOME,
    cluster: str | None = None,
    workers: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    width: str | None = None,
    style: str | Path | None = None,
) -> dict[str, Reproduction]:
    """Make figures and tables of papers, and set quoted numbers beside ours.

    Scans are kept in the folder and used again; one that was interrupted is finished first.

    Parameters
    ----------
    figure : str
        A figure (``2308.16608:fig3``), a paper (``2308.16608``), or ``all``.
    output : str or Path
        Folder; each paper has one of its own in it.
    cluster : str, optional
        Name of a backend, or the address of a scheduler; see :func:`dipolescan.run`.
    workers : int, optional
        Workers to start.
    say : callable
        Told a sentence for each figure that is begun, and for each that could not be made.
    width, style
        Of figures; see :func:`dipolescan.look`.

    Returns
    -------
    dict
        Tag to :class:`~scanner.outputs.reproduce.base.Reproduction`, with ``files``, ``comparisons`` and
        ``statements``.

    Raises
    ------
    InputError
        If there is no such figure, or some could not be made: all others are made first.
    """
    with look(width, style):
        return _all_made(chosen(figure, figures), Path(output), cluster, workers, say)


def _all_made(
    tags: Sequence[str],
    output: Path,
    cluster: str | None,
    workers: int | None,
    say: Callable[[str], None],
) -> dict[str, Reproduction]:
    """Those that can be made are, before the others are told."""
    found: dict[str, Reproduction] = {}
    failed: dict[str, str] = {}
    for number, tag in enumerate(tags, 1):
        say(f"{tag} ({number} of {len(tags)}): {figures[tag].title}")
        try:
            found[tag] = _made(figures[tag], output, cluster, workers, say)
        except StoppedError:
            raise
        except InputError as error:
            if len(tags) == 1:
                raise
            failed[tag] = str(error)
            say(str(error))
    if failed:
        raise InputError(failures(failed, tags))
    return found


def failures(failed: Mapping[str, Any], tags: Sequence[str]) -> str:
    """Which of several figures could not be made, in a sentence."""
    return f"{len(failed)} of {len(tags)} are not made: {', '.join(failed)}"


def _made(
    figure: Figure,
    home: Path,
    cluster: str | None,
    workers: int | None,
    say: Callable[[str], None],
) -> Reproduction:
    folder = home / figure.tag.partition(":")[0]

    def scan(name: str, overrides: Sequence[str], label: str) -> Path:
        def begin(spec: ScanSpec, path: Path) -> RunResult:
            return run(spec, path, cluster, workers, say=say)

        place = store_of(folder, name, label)
        return finished(figure.tag, place, load_spec(name, overrides), begin)

    return figure.make(folder, scan)


def papers() -> dict[str, str]:
    """Figures and tables that :func:`reproduce` makes, in order: tag to title.

    >>> "2308.16608:fig3" in papers()
    True
    """
    return {tag: figures[tag].title for tag in chosen(ALL, figures)}
