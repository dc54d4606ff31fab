"""What is said of an error that nobody foresaw: one sentence, and where the traceback is."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path

from physics.errors import shortened

FOLDER = "dipolescan/errors"
_SHOWN = 150


def sentence(error: BaseException) -> str:
    """What a user is told of an error.

    Parameters
    ----------
    error : BaseException
        Of any kind; its traceback is written to a file, whose path the sentence names.
    """
    path = write_log(error)
    place = f"the traceback is in {path}" if path else "its traceback could not be written anywhere"
    text = shortened(" ".join(str(error).split()), _SHOWN)
    if isinstance(error, MemoryError):
        detail = f" ({text})" if text else ""
        return f"there is too little memory for this{detail}; make it smaller, or take a machine with more; {place}"
    if isinstance(error, OSError) and error.filename is not None:
        name = shortened(os.fsdecode(error.filename), _SHOWN)
        return f"{name} cannot be used ({error.strerror or text}); {place}"
    return f"unexpected {type(error).__name__}{f' ({text})' if text else ''}; {place}, please report it"


def write_log(error: BaseException) -> Path | None:
    """Write the traceback of an error to a file of the user's, and give its path; None if that cannot be done."""
    with suppress(Exception):
        text = _report(error)
        for folder in _folders():
            with suppress(OSError, RuntimeError):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                begin = time.strftime("%Y-%m-%dT%H-%M-%S-", time.localtime())
                number, name = tempfile.mkstemp(".log", begin, folder)
                with open(number, "w", encoding="utf-8", errors="backslashreplace") as stream:
                    stream.write(text)
                return Path(name)
    return None


def _folders() -> list[Path]:
    """Where logs may be written, the best first."""
    state = os.environ.get("XDG_STATE_HOME")
    base = Path(state) if state and os.path.isabs(state) else None
    if base is None:
        home = os.path.expanduser("~")
        base = Path(home, ".local", "state") if os.path.isabs(home) else None
    return [*([base / FOLDER] if base else []), Path(tempfile.gettempdir())]


def _report(error: BaseException) -> str:
    """The traceback, and what is needed to see the error again."""
    from importlib.metadata import version

    try:
        ours = version("dipolescan")
    except Exception:
        ours = "unknown"
    lines = [
        f"time       {time.strftime('%Y-%m-%dT%H:%M:%S%z')}",
        f"dipolescan {ours}",
        f"Python     {' '.join(sys.version.split())} on {sys.platform}",
        f"arguments  {shortened(repr(sys.argv[1:]), 4000)}",
        f"folder     {_working_folder()}",
        "",
        "".join(traceback.format_exception(error)),
    ]
    return "\n".join(lines)


def _working_folder() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        return str(error)
