"""TLS as Dask's configuration describes it (``distributed.comm.tls``), checked before it is used."""

from __future__ import annotations

from pathlib import Path

import dask
from distributed import Security

from schedulers.errors import ClusterError

SECTION = "distributed.comm.tls"


def configured() -> bool:
    """Whether Dask's configuration names certificates."""
    return bool(dask.config.get(f"{SECTION}.ca-file"))


def security(*roles: str) -> Security:
    """Settings for connections of the given roles.

    Parameters
    ----------
    *roles : str
        Of ``client``, ``scheduler``, ``worker``: whose certificates are needed.

    Raises
    ------
    ClusterError
        If a certificate is not named, or its file cannot be read.
    """
    settings = Security()
    keys = ["ca-file", *(f"{role}.{kind}" for role in roles for kind in ("cert", "key"))]
    for key in keys:
        value = dask.config.get(f"{SECTION}.{key}")
        if value is None and not key.endswith(".key"):  # the key may follow the certificate
            raise ClusterError(
                f"TLS needs {SECTION}.{key} in Dask's configuration: the path of a PEM file"
            )
        if value is not None and "\n" not in value:  # a whole certificate is allowed, too
            _readable(f"{SECTION}.{key}", value)
    for role in roles:
        if getattr(settings, f"tls_{role}_key") is None:
            setattr(settings, f"tls_{role}_key", getattr(settings, f"tls_{role}_cert"))
    return settings


def _readable(key: str, path: str) -> None:
    try:
        with Path(path).open("rb"):
            pass
    except OSError as error:
        raise ClusterError(
            f"{path} of {key} in Dask's configuration cannot be read ({error.strerror})"
        ) from None
