"""Addresses of stores in object stores, ``s3://bucket/folder/name.zarr``, beside paths on file systems."""

from __future__ import annotations

import os
import re
from pathlib import Path, PosixPath
from typing import NoReturn

from physics.errors import InputError, quoted
from physics.places import local_path, perhaps_secret

_SCHEME = re.compile(r"s3:/+", re.IGNORECASE)
_UNFIT = re.compile(r"[\x00-\x1f\x7f?#%\\]")
_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")  # S3's rule


class Address(PosixPath):
    """A place in a bucket, with the names and parents of a path.

    What would look for it on a file system raises InputError; an object is never taken for a file.
    """

    def __str__(self) -> str:
        return super().__str__().replace(":/", "://", 1)

    def __fspath__(self) -> NoReturn:
        raise InputError(
            f"{self} is in an object store, and a path on a file system is needed here: stores in a bucket are filled, "
            "verified, asked, archived and removed, nothing more"
        )

    @property
    def bucket(self) -> str:
        """Name of the bucket."""
        return self.parts[1]

    @property
    def key(self) -> str:
        """Name of an object in the bucket."""
        return "/".join(self.parts[2:])

    def exists(self, **_: bool) -> bool:
        """Whether there are objects with this name or below it."""
        from scanner.scans.objects import any_below  # obstore is an extra

        return any_below(self)

    def is_dir(self, **_: bool) -> bool:
        """Whether there are objects below it."""
        return self.exists()

    def is_file(self, **_: bool) -> bool:
        """Nothing in a bucket is a file."""
        return False

    def is_mount(self) -> bool:
        """Nothing in a bucket is mounted."""
        return False

    def resolve(self, strict: bool = False) -> Address:
        """Itself."""
        return self

    def absolute(self) -> Address:
        """Itself."""
        return self

    def read_bytes(self) -> bytes:
        """The content of an object."""
        from scanner.scans.objects import get

        return bytes(get(self)[0])


def store_path(place: str | os.PathLike[str]) -> Path:
    """Where a store lies, from what somebody wrote.

    Parameters
    ----------
    place : str or path-like
        ``s3://bucket/folder/name``, or what :func:`physics.places.local_path` reads.

    Returns
    -------
    Path
        An :class:`Address`, or an absolute path.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> print(store_path("s3://scans/2026/quickstart.zarr"))
    s3://scans/2026/quickstart.zarr
    """
    if isinstance(place, Address):
        return place
    text = str(place) if isinstance(place, str | Path) else ""
    found = _SCHEME.match(text)
    if not found:
        return local_path(place)
    bucket, _, rest = text[found.end() :].rstrip("/").partition("/")
    if perhaps_secret(text) or "?" in text or ":" in bucket:  # it is not repeated
        raise InputError(
            "an address of a store is s3://bucket/folder/name, without a key or a signature; give these in "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    names = rest.split("/")
    if _UNFIT.search(text) or any(name in ("", ".", "..") for name in names):
        raise InputError(
            f"{quoted(text)} is no address of a store: give s3://bucket/folder/name, with names that are not empty "
            "and have none of ? # % and \\"
        )
    if not _BUCKET.fullmatch(bucket):
        raise InputError(
            f"{quoted(text)} is no address of a store: names of buckets have 3 to 63 of a-z, 0-9, - and ., and begin "
            "and end with a letter or digit"
        )
    return Address("s3:", bucket, *names)
