"""The inbox of a queue: requests as small JSON files, written whole by rename, told apart by who owns the file.

No port and no running service is needed to submit, and nothing of a file is executed: it is data, checked before it
is used. Layout of a queue's folder::

    inbox/         requests that wait to be read
    accepted/      those read since the ledger was last copied; read again if the ledger is lost
    refused/       those that were none, each with a .txt that says why
    ledger.sqlite  see schedulers/ledger.py; backup.sqlite is a copy
    results/       stores, unless a request names another place
    logs/          what the service's log says of each scan
"""

from __future__ import annotations

import json
import os
import pwd
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schedulers.errors import QueueError
from schedulers.remembered import Remembered
from schedulers.whole import synced, whole_file
from schedulers.words import one_line

ENVIRONMENT = "DIPOLESCAN_QUEUE"
MAX_BYTES = 8_000_000
FORMAT = 1
REQUESTS = ("submit", "cancel", "resume", "retry", "remove")
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
MAX_REASON = 1000
_OURS = re.compile(
    r"(inbox|accepted|refused|results|logs|runner\.json.*|.*\.sqlite.*)$"
)  # in the queue's folder
_FOLDERS = {"inbox": 0o1777, "accepted": 0o755, "refused": 0o755, "results": 0o755, "logs": 0o755}


def default_queue() -> Path:
    """Folder of the queue: ``$DIPOLESCAN_QUEUE``, else one of the user's own."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        return Path(given)
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "dipolescan" / "queue"


@dataclass(frozen=True)
class Request:
    """A request of a user.

    Attributes
    ----------
    what : str
        One of ``submit``, ``cancel``, ``resume``, ``retry``, ``remove``.
    id : str
        Of the scan.
    uid : int
        Owner of the file.
    content : dict
        Everything else.
    path : Path
    time : float
        When it was written, by the clock of the file system [s since the epoch].
    """

    what: str
    id: str
    uid: int
    content: dict[str, Any]
    path: Path
    time: float = 0.0

    @property
    def who(self) -> str:
        """Name of its owner."""
        return user_name(self.uid)


def user_name(uid: int) -> str:
    """Name of a user, or the number if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def make_folders(home: Path, shared: bool = False) -> None:
    """Make the folders of a queue; what is in one that is not shared can be read by its user alone.

    Parameters
    ----------
    home : Path
    shared : bool
        Whether other users may submit.

    Raises
    ------
    QueueError
        If they cannot be made.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        if home.stat().st_uid == os.getuid():
            if shared:
                home.chmod(home.stat().st_mode | 0o555)
            elif all(_OURS.match(place.name) for place in home.iterdir()):
                home.chmod(0o700)
            for place in [*home.glob("*.sqlite*"), *home.glob("runner.json*")]:
                place.chmod(0o644 if shared else 0o600)
        for name, mode in _FOLDERS.items():
            folder = home / name
            folder.mkdir(exist_ok=True)
            if folder.stat().st_uid == os.getuid():
                folder.chmod(mode if shared else 0o700)
    except OSError as error:
        raise QueueError(f"no queue can be made at {home} ({error.strerror})") from None


def file_mode(home: Path) -> int:
    """Mode of files in a queue: that of one user can be read by nobody else, and in a shared one everybody reads."""
    return 0o644 if (home / "inbox").stat().st_mode & 0o007 else 0o600


def new_id(name: str) -> str:
    """An ID for a scan of this name."""
    return f"{name[:100]}-{secrets.token_hex(4)}"


def put(home: Path, what: str, id: str, **content: Any) -> Path:
    """Write a request.

    Raises
    ------
    QueueError
        If the inbox is not there or cannot be written.
    """
    inbox = home / "inbox"
    if home.is_dir() and not inbox.exists():
        raise QueueError(f"{home} is not a queue; 'dipolescan serve' makes one of it")
    place = inbox / f"{what}-{secrets.token_hex(8)}.json"
    text = json.dumps({"format": FORMAT, "request": what, "id": id, **content})
    if len(text) > MAX_BYTES:
        raise QueueError(f"the request is larger than {MAX_BYTES // 10**6} MB; shorten its axes")
    try:
        with whole_file(place) as part, part.open("x", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fchmod(stream.fileno(), file_mode(home))
            os.fsync(stream.fileno())
        synced(inbox)
    except OSError as error:
        raise QueueError(f"{inbox} cannot be written ({error.strerror})") from None
    return place


def waiting(home: Path) -> list[Path]:
    """Requests to read: new scans first, so that a clock that was set back hides none, then the oldest."""
    return _submissions_first(_by_age((home / "inbox").glob("*.json")))


def accepted(home: Path) -> list[Path]:
    """Requests read since the ledger was last copied."""
    return _submissions_first(_by_age((home / "accepted").glob("*.json")))


def _submissions_first(paths: list[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: not path.name.startswith("submit-"))


def _by_age(paths: Iterator[Path]) -> list[Path]:
    aged = []
    for path in paths:
        try:
            aged.append((path.lstat().st_mtime_ns, path))
        except OSError:
            continue  # taken just now
    return [path for _, path in sorted(aged)]


def read(path: Path) -> Request:
    """Read a request.

    Raises
    ------
    QueueError
        If it is none: one sentence.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise QueueError(f"the file cannot be read ({error.strerror})") from None
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
        os.close(descriptor)
        raise QueueError("it is not a plain file of its own")
    try:
        with open(descriptor, "rb") as stream:
            text = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise QueueError(f"the file cannot be read ({error.strerror})") from None
    if len(text) > MAX_BYTES:
        raise QueueError(f"it is larger than {MAX_BYTES // 10**6} MB")
    try:
        content = json.loads(text, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise QueueError("it is not JSON") from None
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise QueueError(f"it is no request of the format {FORMAT}")
    what, id = content.pop("request", None), content.pop("id", None)
    if what not in REQUESTS:
        raise QueueError(f"it asks for none of {', '.join(REQUESTS)}")
    if not isinstance(id, str) or not ID.fullmatch(id):
        raise QueueError("its ID is none: letters, digits, dots, dashes and underscores")
    return Request(what, id, about.st_uid, content, path, about.st_mtime)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping of JSON in which no key stands twice: else the last one would count without a word."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise QueueError(f"the key {key!r:.60} stands twice; remove one of them")
        found[key] = value
    return found


def accept(path: Path) -> None:
    """Set a request aside that is in the ledger now."""
    with suppress(FileNotFoundError):  # its user removed it a moment ago
        path.rename(path.parents[1] / "accepted" / path.name)


def forget_accepted(home: Path, paths: list[Path]) -> None:
    """Remove requests that are in the copy of the ledger."""
    for path in paths:
        path.unlink(missing_ok=True)


def refuse(path: Path, reason: str) -> None:
    """Set a file aside that is no request, and say why; its name and the reason are made harmless.

    Raises
    ------
    OSError
        If it cannot be moved (a folder of another user).
    """
    refused = path.parents[1] / "refused"
    harmless = ID.fullmatch(path.name)
    place = refused / (path.name if harmless else f"{secrets.token_hex(8)}.json")
    try:
        path.rename(place)
    except FileNotFoundError:
        return
    except OSError:
        _discard(path)
    words = "".join(c if c.isascii() and c.isprintable() else "?" for c in one_line(reason))
    place.with_name(f"{place.name}.txt").write_text(f"{words[:MAX_REASON]}\n", encoding="utf-8")


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        path.rmdir()


def refusals(home: Path) -> list[tuple[str, str]]:
    """Files that were refused, the latest last, and why."""
    return [found for found in _notes.of(_by_age((home / "refused").glob("*.txt"))) if found]


def _note(path: Path) -> tuple[str, str] | None:
    try:
        return path.stem, path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


_notes = Remembered(_note)
