"""What a store says of itself, bound to its place: the root document, a manifest of all that never changes, a copy.

The root ``zarr.json`` holds in its attributes ``manifest``, digests of every other description and coordinate, and
``digest``, over the document itself. ``status/0/copy`` holds all of these files once more, so that one that is
damaged is put back from the other.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from scanner.scans.bucket import Bucket
from scanner.scans.digests import digest, words
from scanner.scans.files import Place
from scanner.scans.writing import sync, write_whole

ROOT = "zarr.json"
COPY = "status/0/copy"
Document = dict[str, Any]


def sealed(document: Document) -> Document:
    """A root document with the digest over itself."""
    found = copy.deepcopy(document)
    found["attributes"].pop("digest", None)
    found["attributes"]["digest"] = _digest(found)
    return found


def _digest(document: Document) -> str:
    rest = {k: v for k, v in document["attributes"].items() if k != "digest"}
    content = json.dumps({**document, "attributes": rest}, sort_keys=True)
    return words(digest(ROOT, content.encode()))


def parsed(content: bytes) -> Document | None:
    """A root document; None if it is not whole."""
    try:
        document = json.loads(content)
        if document["attributes"]["digest"] == _digest(document):
            found: Document = document
            return found
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    return None


def manifest(document: Document) -> dict[str, int]:
    """Key to digest of every file that never changes, but for the root document and the copy."""
    return {key: int(number, 16) for key, number in document["attributes"]["manifest"].items()}


def text_of(document: Document) -> bytes:
    """A root document as it is written."""
    return json.dumps(document, indent=2).encode()


def copied(files: Mapping[str, bytes]) -> bytes:
    """The content of the copy."""
    content = json.dumps({key: base64.b64encode(raw).decode() for key, raw in files.items()})
    return f"{words(digest(COPY, content.encode()))}\n{content}".encode()


def _read_copy(place: Place) -> dict[str, bytes]:
    """The files in the copy; none if it is not whole."""
    text = _read(place, COPY) or b""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        first, content = text.split(b"\n", 1)
        if first.decode() == words(digest(COPY, content)):
            return {key: base64.b64decode(text) for key, text in json.loads(content).items()}
    return {}


def _read(place: Place, key: str) -> bytes | None:
    with suppress(OSError):
        return place.read(key)
    return None


def damaged(place: Place, document: Document, with_copy: bool = True) -> list[str]:
    """Files that never change and are missing or altered.

    Parameters
    ----------
    place : Place
    document : dict
        The root document.
    with_copy : bool
        Whether the copy is looked at, too.

    Returns
    -------
    list of str
        Keys.
    """
    found = []
    known: Mapping[str, bytes | None] = {}
    if isinstance(place, Bucket):  # each is a request: many at once
        known = place.contents(manifest(document))
    for key, wanted in manifest(document).items():
        content = known[key] if key in known else _read(place, key)
        if content is None or digest(key, content) != wanted:
            found.append(key)
    if with_copy and (_read_copy(place).get(ROOT) or b"") != (_read(place, ROOT) or b""):
        found.append(COPY)
    return found


def mend(folder: Place, spare: Mapping[str, bytes] = MappingProxyType({})) -> list[str]:
    """Put back what never changes, from the root document or from the copy, whichever more of the files belong to.

    Parameters
    ----------
    folder : Place
    spare : mapping
        Key to content of files that may be taken if they are not in the copy; a root document only if there is none.

    Returns
    -------
    list of str
        Keys of the files that were put back, and of those that could not be, which :func:`damaged` then names again.
    """
    kept = _read_copy(folder)
    spare = {**spare, **kept}
    root = parsed(_read(folder, ROOT) or b"")
    other = parsed(kept.get(ROOT, b""))
    documents = [d for d in (root, other) if d] or [d for d in [parsed(spare.get(ROOT, b""))] if d]
    candidates = [(d, len(manifest(d)) - len(damaged(folder, d, False))) for d in documents]
    if not candidates:
        return []
    document = max(candidates, key=lambda each: each[1])[0]
    text = text_of(document)
    wrong = damaged(folder, document, False)
    replaced = []
    for key in wrong:
        content = spare.get(key)
        if content is not None and digest(key, content) == manifest(document)[key]:
            replaced.append((key, content))
    if _read(folder, ROOT) != text:
        replaced.append((ROOT, text))
    for key, content in replaced:
        write_whole(folder.path / key, content)
    if not damaged(folder, document, False):
        files = {ROOT: text} | {key: folder.read(key) for key in manifest(document)}
        content = copied(files)
        if _read(folder, COPY) != content:
            write_whole(folder.path / COPY, content)
            replaced.append((COPY, content))
    sync([folder.path / key for key, _ in replaced])
    return [key for key, _ in replaced] + [key for key in wrong if key not in dict(replaced)]
