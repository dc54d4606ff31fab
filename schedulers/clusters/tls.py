"""TLS: as Dask's configuration describes it (``distributed.comm.tls``), else with credentials made for one run.

Whoever reaches a scheduler without TLS can run code there as its user; on one machine that is every other user.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import dask
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from distributed import Security

from schedulers.errors import ClusterError

SECTION = "distributed.comm.tls"
ROLES = ("scheduler", "worker", "client")
CERTIFICATE, KEY = "certificate.pem", "key.pem"
_VALID = timedelta(days=3650)
_SKEW = timedelta(days=1)  # clocks of machines differ


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


def of_run() -> Security:
    """Settings for a cluster that is started for this run: those configured, else new ones that nobody else has.

    The one certificate is its own authority; it and its key are kept in memory, and go to workers through pipes.

    Raises
    ------
    ClusterError
        If certificates are configured and cannot be used.
    """
    if configured():
        settings = security(*ROLES)
        settings.require_encryption = True
        return settings
    return _settings(*_new_pair())


def placeholders(folder: str) -> Security:
    """Settings as :func:`in_files` gives them, of files that are not there."""
    return _settings(f"{folder}/{CERTIFICATE}", f"{folder}/{KEY}")


@contextmanager
def in_files(parent: Path) -> Iterator[Security]:
    """The same as :func:`of_run` for workers that read files: in a folder that only their user can enter.

    Parameters
    ----------
    parent : Path
        On a file system that all machines share. What is made there is removed at the end.

    Raises
    ------
    ClusterError
        If that is not possible.
    """
    if configured():
        yield of_run()
        return
    try:
        folder = TemporaryDirectory(prefix=".dipolescan-tls-", dir=parent)
    except OSError as error:
        raise ClusterError(
            f"certificates of this run cannot be written in {parent} ({error.strerror}); start it in a folder that all "
            "machines share, or name one by shared-temp-directory of the section jobqueue"
        ) from None
    with folder as name:
        write(Path(name))
        yield placeholders(str(Path(name).absolute()))


def write(folder: Path) -> None:
    """Write a new certificate and its key into a folder, for their user alone."""
    for name, content in zip((CERTIFICATE, KEY), _new_pair(), strict=True):
        number = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(number, "w", encoding="ascii") as stream:
            stream.write(content)


def _new_pair() -> tuple[str, str]:
    """A certificate that signs itself, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "dipolescan, one run")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), secret.decode()


def _settings(certificate: str, key: str) -> Security:
    """One pair for all roles."""
    pairs = {f"tls_{role}_{kind}": value for role in ROLES
             for kind, value in (("cert", certificate), ("key", key))}  # fmt: skip
    return Security(require_encryption=True, tls_ca_file=certificate, **pairs)


def _readable(key: str, path: str) -> None:
    try:
        with Path(path).open("rb"):
            pass
    except OSError as error:
        raise ClusterError(
            f"{path} of {key} in Dask's configuration cannot be read ({error.strerror})"
        ) from None
