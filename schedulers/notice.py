"""Telling that a scan has ended: by a command, which gets what it needs in its environment, or by a POST of JSON.

Nothing is put into a command line, and no shell is started: a command is the words that its user wrote, and names,
paths and messages reach it as values of environment variables. Whatever goes wrong is a sentence, never an error.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlsplit

from schedulers.errors import QueueError
from schedulers.words import one_line

URL_SECONDS = 10.0  # an address must have answered
COMMAND_SECONDS = 60.0  # a command must have ended
PREFIX = "DIPOLESCAN_SCAN_"  # of the environment variables
LONGEST = 2000  # characters of a target
MOST = 10  # targets of a scan
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_TAIL = 4096  # bytes of what a command wrote last


@dataclass(frozen=True)
class Notice:
    """What is told of a scan that has ended.

    Attributes
    ----------
    id : str
        In the queue; empty for a scan in the foreground.
    name : str
        Of the spec.
    state : str
        ``done``, ``failed``, ``cancelled`` or, in the foreground, ``stopped``.
    store : str
        Path.
    message : str
        Why it is not done.
    """

    id: str
    name: str
    state: str
    store: str
    message: str = ""

    def environment(self) -> dict[str, str]:
        """As variables.

        >>> sorted(Notice("", "x", "done", "/x.zarr").environment())[2:4]
        ['DIPOLESCAN_SCAN_NAME', 'DIPOLESCAN_SCAN_STATE']
        """
        return {f"{PREFIX}{k.upper()}": v.replace("\0", "") for k, v in asdict(self).items()}


def is_address(target: str) -> bool:
    """Whether a target is an address rather than a command.

    >>> is_address("https://example.org/hook"), is_address("mail -s done me")
    (True, False)
    """
    return bool(_ADDRESS.match(target))


def check_target(target: Any) -> str:
    """A command or an address to which a notice can be sent.

    Raises
    ------
    QueueError
        If it is neither.
    """
    if not isinstance(target, str) or not target.strip():
        raise QueueError("a notice goes to a command or to an http(s) address, and none is given")
    if len(target) > LONGEST or not target.isprintable():
        raise QueueError(
            f"a command or address for a notice has at most {LONGEST} characters, all printable"
        )
    if not is_address(target):
        try:
            if not shlex.split(target)[0]:
                raise ValueError("it names no program")
        except ValueError as error:
            raise QueueError(f"{one_line(target, 60)!r} is no command line ({error})") from None
        return target
    try:
        parts = urlsplit(target)
        known = parts.scheme.lower() in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or " " in target or "@" in parts.netloc:
        raise QueueError(
            f"{_brief(target)!r} is no address for a notice; write http:// or https://, host and path, without a "
            "password"
        )
    return target


def check_targets(targets: Any) -> list[str]:
    """All commands and addresses of a scan, each once.

    Raises
    ------
    QueueError
        If they are not as they must be.
    """
    if not isinstance(targets, list | tuple) or len(targets) > MOST:
        raise QueueError(
            f"notices of a scan go to at most {MOST} commands and addresses, as a list"
        )
    return list(dict.fromkeys(check_target(target) for target in targets))


def shown(target: str) -> str:
    """A target in words that keep its secrets: an address without its path, the program of a command.

    >>> shown("https://example.org/hooks/token"), shown("mail -s done me")
    ('https://example.org/...', 'mail ...')
    """
    if is_address(target):
        return f"{_brief(target)}/..."
    first, *rest = shlex.split(target)
    return one_line(first, 80) + (" ..." if rest else "")


def _brief(target: str) -> str:
    """Scheme and host of an address, without a password."""
    scheme, _, rest = target.partition("://")
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    return one_line(f"{scheme}://{host}", 80)


def send(target: str, notice: Notice) -> str:
    """Tell a command or an address; returns why that failed, or nothing.

    Parameters
    ----------
    target : str
        From :func:`check_target`.
    notice : Notice
    """
    failure = _post(target, notice) if is_address(target) else _call(target, notice)
    return f"{shown(target)} {failure}" if failure else ""


def _call(target: str, notice: Notice) -> str:
    """Run a command without a shell, for a while."""
    with TemporaryFile() as written:
        try:
            process = subprocess.Popen(
                shlex.split(target),
                stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT,
                env=os.environ | notice.environment(), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            return f"cannot be started ({error.strerror})"
        try:
            status = process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            return f"was still running after {COMMAND_SECONDS:g} s and was ended"
        finally:
            if process.poll() is None:
                with suppress(OSError):  # it has ended in between
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if status == 0:
            return ""
        written.seek(max(0, written.seek(0, os.SEEK_END) - _TAIL))
        lines = written.read().decode(errors="replace").strip().splitlines()
    last = f" ({one_line(lines[-1], 200)})" if lines else ""
    return f"ended with status {status}{last}"


def _post(target: str, notice: Notice) -> str:
    """Send JSON, and wait for the answer's status for a while."""
    from http.client import HTTPException  # slow to import, and most scans tell no address
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class NoRedirects(HTTPRedirectHandler):
        """An address answers itself: a POST that is sent on becomes something else."""

        def redirect_request(self, *_: Any) -> None:
            """Do not follow."""

    request = Request(
        target,
        data=json.dumps(asdict(notice)).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "dipolescan"},
        method="POST",
    )

    def post() -> str:
        try:
            with build_opener(NoRedirects).open(request, timeout=URL_SECONDS):
                return ""
        except HTTPError as error:
            error.close()
            return f"answers with status {error.code}"
        except URLError as error:
            return f"cannot be reached ({one_line(error.reason, 200)})"
        except (OSError, HTTPException, ValueError) as error:
            return f"gives no answer ({type(error).__name__}: {one_line(error, 200)})"

    return _within(URL_SECONDS, post)


def _within(seconds: float, function: Callable[[], str]) -> str:
    """What a function returns in time; one that takes longer is left alone (each of its steps is limited, too)."""
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(function()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else f"gives no answer within {seconds:g} s"
