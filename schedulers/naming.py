"""Which scan is meant by an ID, a name or a beginning; and of one that is none, why its submission was refused."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from schedulers import inbox
from schedulers.errors import QueueError


def chosen(text: str, ids: Iterable[str]) -> str:
    """The ID that is meant: itself, the only one of a scan of this name, or the only one that begins so.

    >>> chosen("mine", ["mine-0a1b2c3d", "mine2-4e5f6a7b"])
    'mine-0a1b2c3d'

    Raises
    ------
    QueueError
        If there is none, or several.
    """
    among = sorted(set(ids))
    begin = [id for id in among if id.startswith(text)]
    named = [id for id in begin if id.rpartition("-")[0] == text]
    for found in ([text] if text in among else [], named, begin):
        if len(found) == 1:
            return found[0]
    if begin:
        raise QueueError(f"several scans begin with {text!r}; give more of the ID")
    raise QueueError(f"there is no scan {text!r}; 'dipolescan status --all' lists all")


def why_refused(home: Path, text: str) -> str:
    """Why the last submission was refused whose ID is this or begins so, in a sentence; empty if none was."""
    for name, reason in reversed(inbox.refusals(home)):
        try:
            request = inbox.read(home / "refused" / name)
        except QueueError:
            continue
        if request.what == "submit" and request.id.startswith(text):
            return f"{request.id} was refused: {reason}"
    return ""
