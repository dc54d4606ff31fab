"""Objects in a bucket of S3 or of a server that speaks its language, by obstore: whole ones, and on a condition."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import lru_cache
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from physics.errors import InputError, from_clone
from scanner.scans.addresses import Address

AT_ONCE = 16  # requests
TIMEOUT, CONNECTING = 60, 5  # s: of a request, of a connection
TRYING = (
    60.0  # s, of all tries together of a request to a server that has answered this process before
)
FIRST = 10.0  # s, the same of one that never did: its address may be wrong
PROBE = "status/0/probe."  # beginning of a key
PROBING = timedelta(hours=1)  # after which who wrote a probe is surely dead
NEW = ""  # in place of an ETag: only if there is no such object
_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SKIP_SIGNATURE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_METADATA_ENDPOINT",
)
_WITHOUT_MARKS: dict[str, bool] = {}  # servers that want ETags so
_ANSWERED: set[str] = set()  # servers
_ENDPOINT = re.compile(r"https?://([A-Za-z0-9._-]+|\[([0-9A-Fa-f:.]+)\])(?::(\d{1,5}))?/?")
_PASSING = ("408", "429")  # of a server that has too much to do
T = TypeVar("T")


class ObjectsError(InputError):
    """An object store that cannot be reached, refuses, or lacks what is needed."""


class ServerFaultError(ObjectsError):
    """A server that cannot be reached or fails, which may pass; it has refused nothing."""


class ConditionError(Exception):
    """An object that is not as it was thought to be; nothing was written."""


def get(address: Address) -> tuple[memoryview, str]:
    """An object and its ETag.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    ObjectsError
        If that cannot be known.
    """

    def ask(bucket: Any, library: Any) -> tuple[memoryview, str]:
        found = library.get(bucket, address.key)
        tag = found.meta["e_tag"] or ""
        return memoryview(found.bytes()), tag

    return _asked(address, ask)


def part(address: Address, start: int, stop: int) -> bytes:
    """Bytes of an object; raises as :func:`get`."""

    def ask(bucket: Any, library: Any) -> bytes:
        return bytes(library.get_range(bucket, address.key, start=start, end=stop))

    return _asked(address, ask)


def head(address: Address) -> tuple[str, int] | None:
    """ETag and size of an object; None if it is not there."""

    def ask(bucket: Any, library: Any) -> tuple[str, int]:
        found = library.head(bucket, address.key)
        return found["e_tag"] or str(found["last_modified"]), found["size"]

    try:
        return _asked(address, ask)
    except FileNotFoundError:
        return None


def put(
    address: Address, content: Any, etag: str | None = None, without_marks: bool | None = None
) -> str:
    """Write an object, whole or not at all.

    Parameters
    ----------
    address : Address
    content : bytes-like
    etag : str, optional
        Only if the object has this ETag now; :data:`NEW`: only if there is none.
    without_marks : bool, optional
        Whether the ETag is written without quotation marks; by default as the server is known to want it.

    Returns
    -------
    str
        Its ETag.

    Raises
    ------
    ConditionError
        If the condition is not met.
    ObjectsError
        If it cannot be written.
    """
    mode: Any = "overwrite" if etag is None else "create"
    if without_marks is None:
        without_marks = _WITHOUT_MARKS.get(_server(), False)
    if etag:
        mode = {"e_tag": etag.strip('"') if without_marks else etag}

    def ask(bucket: Any, library: Any) -> str:
        found = library.put(bucket, address.key, bytes(content), mode=mode, use_multipart=False)
        return found["e_tag"] or ""

    try:
        return _asked(address, ask)
    except FileNotFoundError:
        raise ConditionError(str(address)) from None


def put_all(files: Mapping[Path, Sequence[bytes]]) -> bool:
    """Write several objects at once, each from parts, if they are objects.

    Returns
    -------
    bool
        Whether they are; raises as :func:`put`.
    """
    given = [(path, parts) for path, parts in files.items() if isinstance(path, Address)]
    if given:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda each: put(each[0], b"".join(each[1])), given))
    return bool(given)


def put_once(address: Address, content: bytes, etag: str) -> str:
    """:func:`put` on a condition; an answer that was lost on the way is no failure.

    Raises
    ------
    ConditionError
        If the condition is not met, and what is there is something else.
    ObjectsError
        If it cannot be written.
    """
    try:
        return put(address, content, etag)
    except ConditionError:
        try:
            found, now = get(address)
        except FileNotFoundError:
            raise ConditionError(str(address)) from None
        if found != content:
            raise
        return now


def delete(address: Address) -> None:
    """Remove an object, if it is there."""
    _asked(address, lambda bucket, library: library.delete(bucket, address.key))


def delete_all(address: Address, names: Sequence[str]) -> None:
    """Remove objects below an address, many with one request."""
    if names:
        keys = [(address / name).key for name in names]
        _asked(address, lambda bucket, library: library.delete(bucket, keys))


def doubt_server() -> None:
    """Wait less for a server that was just away: for who has other things to do and asks again."""
    _ANSWERED.discard(_server())


def below(address: Address, most: int | None = None) -> Iterator[tuple[str, int]]:
    """Keys below an address, relative to it, and the sizes of these objects; raises as :func:`get`."""

    def ask(bucket: Any, library: Any) -> list[list[Any]]:
        found = library.list(bucket, f"{address.key}/", chunk_size=most or 1000)
        return [next(found, [])] if most else list(found)

    for portion in _asked(address, ask):
        for found in portion[:most]:
            yield found["path"][len(address.key) + 1 :], found["size"]


def any_below(address: Address) -> bool:
    """Whether there is any object below an address."""
    return any(True for _ in below(address, most=1))


def check_conditions(address: Address) -> None:
    """Refuse a server that writes whatever the condition is: neither lock nor record can be kept there.

    Servers differ in how they want an ETag to be written (Ceph 16 without quotation marks); that is found here, too.

    Raises
    ------
    ObjectsError
    """
    probe = address / f"{PROBE}{uuid4().hex}"
    etag = put(probe, b"0", NEW)
    known = _WITHOUT_MARKS.get(_server(), False)
    try:
        ways = (way for way in (known, not known) if _is_written(probe, b"1", etag, way))
        wanted = next(ways, None)
        if wanted is None:
            raise ObjectsError(
                f"the server of {address} accepts no write under the condition of an ETag (If-Match), without which no "
                "run can be superseded: fill a store on a file system and copy its files there; stores are read"
            )
        if any(_is_written(probe, b"2", wrong, wanted) for wrong in (NEW, f'"{"0" * 32}"')):
            raise ObjectsError(
                f"the server of {address} ignores conditions of writes (If-None-Match, If-Match), without which two "
                "runs could fill one store: fill a store on a file system and copy its files there; stores are read"
            )
        _WITHOUT_MARKS[_server()] = wanted
    finally:
        delete(probe)


def sweep_probes(address: Address) -> None:
    """Remove what runs left that were killed while they tried the server; its own clock tells which are old."""
    begin = address / PROBE

    def ask(bucket: Any, library: Any) -> list[Any]:
        found = library.list(bucket, f"{begin.parent.key}/")
        return [each for portion in found for each in portion]

    found = _asked(begin, ask)
    now = max((each["last_modified"] for each in found), default=None)
    for each in found:
        name = each["path"].rpartition("/")[2]
        if name.startswith(begin.name) and now - each["last_modified"] > PROBING:
            delete(begin.parent / name)


def _is_written(address: Address, content: bytes, etag: str, without_marks: bool) -> bool:
    """Whether a condition is met."""
    try:
        put(address, content, etag, without_marks)
    except ConditionError:
        return False
    return True


def _asked(address: Address, ask: Callable[[Any, Any], T]) -> T:
    """What a request gives, with errors that say what to do and no secret."""
    library, bucket = _library(), _bucket(address.bucket)
    from obstore import exceptions

    try:
        found = ask(bucket, library)
        _ANSWERED.add(_server())
        return found
    except FileNotFoundError as error:
        _ANSWERED.add(_server())
        if "NoSuchBucket" in str(error):
            raise ObjectsError(_no_bucket(address)) from None
        raise FileNotFoundError(str(address)) from None
    except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
        raise ConditionError(str(address)) from None
    except exceptions.BaseError as error:
        raise _failure(address, str(error)) from None


def _no_bucket(address: Address) -> str:
    return f"{address}: there is no bucket {address.bucket!r} at {_server()}; make it, or name another one"


def _failure(address: Address, said: str) -> ObjectsError:
    """Why a request failed, and what to do."""
    if "NoSuchBucket" in said:
        return ObjectsError(_no_bucket(address))
    for code, meaning in (
        ("InvalidAccessKeyId", "does not know this AWS_ACCESS_KEY_ID"),
        ("SignatureDoesNotMatch", "does not accept this AWS_SECRET_ACCESS_KEY"),
        ("ExpiredToken", "says that AWS_SESSION_TOKEN has expired"),
        ("403 Forbidden", "does not allow it with these credentials"),
        ("401 Unauthorized", "does not accept these credentials"),
        ("301 Moved", "says that the bucket is in another region; set AWS_REGION"),
    ):
        if code in said:
            return ObjectsError(f"{address}: {_server()} {meaning}")
    if "NotImplemented" in said or "501 " in said:
        return ObjectsError(f"{address}: {_server()} cannot do what is needed (it answers 501)")
    if "HTTP error" in said:
        return ServerFaultError(
            f"{address}: {_server()} cannot be reached; is it there, and is AWS_ENDPOINT_URL right?"
        )
    status = said.partition("status code: ")[2][:3]
    kind = ObjectsError if status[:1] == "4" and status not in _PASSING else ServerFaultError
    return kind(
        f"{address}: {_server()} fails{f' (status {status})' if status else ''}; try again later"
    )


def _server() -> str:
    given = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT")
    return given.rpartition("@")[2] if given else "Amazon S3"


def _library() -> Any:
    try:
        import obstore
    except ImportError:
        raise ObjectsError(f"s3:// needs the extra 'objects'; {from_clone('objects')}") from None
    return obstore


def _bucket(name: str) -> Any:
    if not any(os.environ.get(key) for key in _CREDENTIALS):
        raise ObjectsError(
            f"s3://{name}: no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true "
            "for a bucket that everybody may read"
        )
    settings = tuple(sorted(i for i in os.environ.items() if i[0].startswith("AWS_")))
    if _process() != os.getpid():  # threads of obstore are not there: it would wait for ever
        raise ObjectsError(
            f"s3://{name} cannot be used in a process that was forked from one that used s3:// before; start processes "
            "with spawn (multiprocessing.set_start_method('spawn'))"
        )
    return _opened(name, settings, TRYING if _server() in _ANSWERED else min(FIRST, TRYING))


@lru_cache(maxsize=1)
def _process() -> int:
    """The process that used a bucket first; processes that are forked from it inherit the answer."""
    return os.getpid()


@lru_cache(maxsize=8)
def _opened(name: str, settings: tuple[tuple[str, str], ...], trying: float) -> Any:
    from obstore.store import S3Store

    given = dict(settings)
    address = given.get("AWS_ENDPOINT_URL") or given.get("AWS_ENDPOINT") or ""
    if address and not _is_endpoint(address):  # obstore would end the program
        raise ObjectsError(
            f"s3://{name}: AWS_ENDPOINT_URL is no address of a server; give http://HOST:PORT or https://HOST"
        )
    options: Any = {"timeout": f"{TIMEOUT}s", "connect_timeout": f"{CONNECTING}s"}
    if address.startswith("http://"):
        options["allow_http"] = True
    waits = {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=2), "base": 2}
    retries: Any = {
        "max_retries": 10**6,
        "retry_timeout": timedelta(seconds=trying),
        "backoff": waits,
    }
    try:
        return S3Store(name, client_options=options, retry_config=retries)
    except Exception as error:
        known = type(error).__name__
        raise ObjectsError(
            f"s3://{name} cannot be used as the AWS_ variables are set ({known}); check AWS_ENDPOINT_URL and AWS_REGION"
        ) from None


def _is_endpoint(text: str) -> bool:
    """Whether it is an address of a server, perhaps with an IPv6 address in brackets."""
    found = _ENDPOINT.fullmatch(text)
    if not found or int(found[3] or 0) > 65535:
        return False
    try:
        return found[2] is None or bool(IPv6Address(found[2]))
    except ValueError:
        return False
