"""What lies at a path: a store that this version reads, a damaged one, or something else, told in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from physics.errors import InputError
from scanner.scans import metadata
from scanner.scans.addresses import Address
from scanner.scans.files import Place
from scanner.scans.objects import below

FORMAT = 3
READABLE = (2, 3)  # 1 had table_error without the coupling
ATTRIBUTES = ("name", "spec", "block_sizes", "fingerprint", "resources", "versions", "id")


class DamagedStoreError(InputError):
    """A store of which more than the data of blocks is damaged."""


def damage_words(path: Path, keys: list[str]) -> str:
    """What is damaged in a store, and what to do, in a sentence."""
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return (
        f"{path} is damaged: {keys[0]}{more} is missing or not what was written there; if this is a copy, copy it "
        "again, else 'dipolescan run' with its spec mends it"
    )


def root_of(place: Place) -> dict[str, Any]:
    """The root document.

    Raises
    ------
    InputError
        If there is none of a store that this version reads, or it is damaged.
    """
    path = place.path
    if not path.exists():
        raise InputError(f"there is no store at {path}; 'dipolescan run' makes one")
    try:
        content = place.read(metadata.ROOT)
    except FileNotFoundError:
        content = b""
    except OSError as error:
        raise InputError(f"{path} cannot be opened ({error.strerror or error})") from None
    document = metadata.parsed(content)
    if document is not None and _format(document) == FORMAT:
        return document
    try:
        found = json.loads(content)
        number = _format(found)
    except (ValueError, TypeError, RecursionError):
        found, number = None, None
    if number == FORMAT or (found is None and place.exists(metadata.COPY)):
        raise DamagedStoreError(damage_words(path, [metadata.ROOT]))
    if number is None:
        raise InputError(f"{path} is not a store of dipolescan{_instead(path)}")
    if number not in READABLE:
        raise InputError(
            f"{path} has the store format {number}, this version reads {' and '.join(map(str, READABLE))}; "
            "read it with the version that made it, or choose another --store"
        )
    missing = [name for name in ATTRIBUTES if name not in found["attributes"]]
    if missing:
        raise DamagedStoreError(f"{path} is damaged: its {missing[0]} is missing")
    return dict(found)


def check_there(place: Place) -> None:
    """Tell a store that is gone from one that is damaged.

    Raises
    ------
    InputError
        If it is gone.
    """
    if not place.exists(metadata.ROOT) or not place.path.exists():
        raise InputError(
            f"{place.path} is no longer there: it was moved, removed or unmounted; open it where it is now"
        )


def _format(document: Any) -> int | None:
    attributes = document.get("attributes") if isinstance(document, dict) else None
    number = attributes.get("format") if isinstance(attributes, dict) else None
    return number if isinstance(number, int) else None


def _instead(path: Path) -> str:
    """What is in a place instead, in brackets."""
    if isinstance(path, Address):
        return f" (there is {next(iter(below(path, most=1)))[0]})"
    if not path.is_dir():
        return ""
    try:
        names = sorted(p.name for p in path.iterdir())
    except OSError as error:
        return f" ({error.strerror})"
    if not names:
        return " (an empty folder)"
    stores = [n for n in names if (path / n / metadata.ROOT).is_file() or n.endswith(".zarr")]
    if stores:
        more = ", ..." if len(stores) > 4 else ""
        return f" but a folder with others in it: {', '.join(stores[:4])}{more}; name one of these"
    return f" (there are {', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"
