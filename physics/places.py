"""Paths that people write: ``~`` and ``file://`` are read, other addresses are refused."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from physics.errors import InputError

# s3://bucket, zip::s3://bucket, login1:/data; and s3:/bucket, which a Path makes of the first
_ADDRESS = re.compile(r"(file|[A-Za-z][A-Za-z0-9+.-]+):(?::.*:)?/", re.IGNORECASE | re.DOTALL)
_SHOWN = 60


def local_path(place: str | os.PathLike[str]) -> Path:
    """An absolute path from what somebody wrote.

    Parameters
    ----------
    place : str or path-like
        A path, perhaps with ``~`` or ``~user`` in front, or a ``file://`` address of this machine.

    Returns
    -------
    Path
        Absolute, without ``..``; symbolic links are not followed. The path need not be there.

    Raises
    ------
    InputError
        If it is empty, has no home folder for ``~``, or is an address elsewhere (``s3://``, ``https://``, ...).

    Examples
    --------
    >>> local_path("file:///data/my%20scan.zarr").as_posix()
    '/data/my scan.zarr'
    """
    if not isinstance(place, str | os.PathLike):
        raise InputError(f"{place!r:.60} is no path; give text or a pathlib.Path")
    text = os.fspath(place)
    shown = repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
    if not isinstance(text, str) or "\0" in text:
        raise InputError(f"{shown} is no path: paths are text without a NUL character")
    if not text.strip():
        raise InputError(f"{shown} is no path; give the name of a file or folder")
    found = _ADDRESS.match(text)
    if found:
        text = _of_file_address(text, found[1], shown)
    if text.startswith("~"):
        home = os.path.expanduser(text)
        if home.startswith("~"):
            user = text.split("/")[0]
            raise InputError(
                f"{shown}: {user[:_SHOWN]} has no home folder on this machine; "
                "write the whole path, or ./ in front of a name that begins with ~"
            )
        text = home
    try:
        return Path(os.path.abspath(text))
    except OSError as error:  # the working directory is gone
        raise InputError(
            f"{shown}: the working directory cannot be used ({error.strerror or error}); "
            "write the whole path"
        ) from None


def perhaps_secret(text: str) -> bool:
    """Whether an address may have a key or a signature in it, so that it must not be repeated.

    Examples
    --------
    >>> perhaps_secret("s3://KEY:secret@bucket/x"), perhaps_secret("s3://bucket/x")
    (True, False)
    """
    return "@" in text or "x-amz-" in text.lower()


def _of_file_address(text: str, scheme: str, shown: str) -> str:
    """The path in a ``file:`` address, as text, with ``%20`` and the like read."""
    if scheme.lower() != "file":
        named = f"an address that begins with {scheme[:20]}:" if perhaps_secret(text) else shown
        raise InputError(
            f"{named} is not on this machine: give a path or a file:// address here; only stores may lie elsewhere, "
            "at s3://bucket/folder/name ('run', 'submit' and 'landscape' with --store, and commands that ask a store)"
        )
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that do not close
        parts = None
    path = unquote(parts.path) if parts else ""
    if (
        not parts
        or parts.netloc not in ("", "localhost")
        or parts.query
        or parts.fragment
        or "\0" in path
    ):
        raise InputError(
            f"{shown} is not a file of this machine; write file:///folder/name, or the path alone"
        )
    return path
