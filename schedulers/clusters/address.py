"""A cluster that is running already, joined by the address of its scheduler."""

from __future__ import annotations

import asyncio
import gc
import ssl
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from distributed import Client, Security
from distributed.comm.core import CommClosedError
from distributed.comm.registry import get_backend
from distributed.core import rpc

from schedulers.clusters import tls
from schedulers.clusters.base import Backend, WorkerRequest
from schedulers.errors import ClusterError
from schedulers.words import one_line

TIMEOUT = 10  # s
ENCRYPTED = ("tls", "wss")
WITH_PORT = ("tcp", "tls", "ucx", "ws", "wss")


class RunningScheduler(Backend):
    """The scheduler at an address; it and its workers are left as they were found."""

    name = "address"
    title = "a scheduler that runs already"
    shared = True

    def __init__(self, address: str):
        self.address = address

    def describe(self, request: WorkerRequest) -> dict[str, Any]:
        """What would be joined."""
        protocol = _protocol(self.address)
        return {
            "cluster": self.address,
            "does": f"joins the scheduler at {self.address} and uses the workers that it has",
            "encrypted": protocol in ENCRYPTED,
            **{
                key: Security().get_tls_config_for_role("client")[key]
                for key in ("ca_file", "cert", "key")
                if protocol in ENCRYPTED
            },
        }

    @contextmanager
    def start(self, request: WorkerRequest) -> Iterator[Client]:
        """Connect; TLS settings come from Dask's configuration.

        Raises
        ------
        ClusterError
            If nothing answers there, or it has no worker.
        """
        address = self.address
        encrypted = _protocol(address) in ENCRYPTED
        security = tls.security("client") if encrypted else Security()
        with _connected(address, security) as client:
            if not client.scheduler_info().get("workers"):
                raise ClusterError(
                    f"the scheduler at {address} has no worker; start one with 'dask worker {address}'"
                )
            if is_open(address):
                request.say(
                    f"the cluster at {address} does not use TLS: whoever reaches its port can run code there as its "
                    "user, and read and write what that user can; docs/clusters.md says how it is protected"
                )
            yield client


def is_open(cluster: str) -> bool:
    """Whether ``--cluster`` names a scheduler that everybody who reaches its port can use."""
    protocol, _, place = cluster.partition("://")
    return bool(place) and protocol not in (*ENCRYPTED, "inproc")


def _protocol(address: str) -> str:
    protocol = address.split("://")[0]
    try:
        get_backend(protocol)
    except ValueError:
        raise ClusterError(
            f"Dask knows no protocol of {address!r}; give an address such as tcp://host:8786"
        ) from None
    needed = "a host and a port from 1 to 65535, as in tcp://host:8786"
    if protocol not in WITH_PORT:
        needed = "more than its protocol"
    if not (_has_host_and_port(address) if protocol in WITH_PORT else address.split("://")[1]):
        raise ClusterError(f"{address[:60]!r} is no address of a scheduler; give one with {needed}")
    return protocol


def _has_host_and_port(address: str) -> bool:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:  # brackets that do not close, a port that is no number
        return False
    return bool(parts.hostname and port) and not any(map(str.isspace, address))


def _connected(address: str, security: Security) -> Client:
    """A client, made only where a scheduler answers: Dask's own waits for ever for what is no scheduler."""
    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook runs an event loop in this one
            thread.submit(asyncio.run, _identity(address, security)).result()
        return Client(address, timeout=TIMEOUT, set_as_default=False, security=security)
    except TimeoutError as error:
        failure: Exception = error
        reason = _of_tls(error) or one_line(error)
        reason = reason or "what listens there does not speak Dask's protocol"
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        failure, reason = error, _of_tls(error)
        if not reason and isinstance(error, CommClosedError) and _protocol(address) in ENCRYPTED:
            # the client's part of the handshake was over when the scheduler refused its certificate
            reason = _handshake_failed("the scheduler has closed the connection")
        reason = reason or one_line(error)
    _forget(failure)
    raise ClusterError(f"no Dask scheduler answers at {address} ({reason[:300]})")


def _forget(failure: BaseException) -> None:
    """Collect what an error holds, now.

    A client that failed is closed when it is collected, with a lock that Dask holds while it starts a loop: collected
    there, it stops everything. Sockets of a failed handshake are left open until then, too.
    """
    error: BaseException | None = failure
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def _of_tls(error: BaseException | None) -> str:
    """What is wrong with certificates, if that is at the root of an error."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted: {error.verify_message}; {tls.SECTION}.ca-file "
                "of Dask's configuration must be the authority that signed it"
            )
        if isinstance(error, ssl.SSLError):
            return _handshake_failed(str(error.reason or error))
        error = error.__cause__ or error.__context__
    return ""


def _handshake_failed(reason: str) -> str:
    return (
        f"TLS failed: {reason}; are {tls.SECTION}.client.cert and .key of Dask's configuration "
        "a pair, signed by the authority that the scheduler trusts, and does the scheduler use TLS"
    )


async def _identity(address: str, security: Security) -> dict[str, Any]:
    """What the server at ``address`` says it is."""
    arguments = security.get_connection_args("client")
    async with (
        asyncio.timeout(2 * TIMEOUT),
        rpc(address, timeout=TIMEOUT, connection_args=arguments) as scheduler,
    ):
        return dict(await scheduler.identity())
