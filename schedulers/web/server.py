"""Offers the page in a thread of its own, beside a service that never waits for it."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import NamedTuple

from tornado.httpserver import HTTPServer
from tornado.web import Application

from schedulers import report
from schedulers.web.app import LOCAL, make_app
from schedulers.web.watched import Watched

log = logging.getLogger("dipolescan")

END_SECONDS = 5.0


class Address(NamedTuple):
    """Where to listen; port 0 is any free one."""

    host: str = "127.0.0.1"
    port: int = 8790

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host in LOCAL


def parse_address(text: str) -> Address | None:
    """Read ``[HOST:]PORT`` or ``off``.

    >>> str(parse_address("9000")), str(parse_address("[::1]:0")), parse_address("off")
    ('127.0.0.1:9000', '[::1]:0', None)

    Raises
    ------
    ValueError
        If it is neither.
    """
    if text == "off":
        return None
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise ValueError(f"write [HOST:]PORT, as 127.0.0.1:8790, or off, not {text!r}")
    return Address(host or Address().host, int(port))


@contextmanager
def offered(watched: Watched, wanted: Address | None) -> Iterator[str]:
    """Offer the page while a service works; gives its address, empty if there is none.

    Nothing that goes wrong with the page is raised: it is told in the log.

    Parameters
    ----------
    watched : Watched
    wanted : Address or None
        None for no page.
    """
    server, address = None, ""
    try:
        if wanted is not None:
            listening = _bind(wanted)
            found = Address(wanted.host, listening.getsockname()[1])
            server = _Server(make_app(watched, wanted.local), listening)
            address = f"http://{found}/"
            log.info("page", extra={"address": address})
            if not wanted.local:
                log.warning("the page is open to everybody who can reach this machine")
            report.note_page(watched.home, address)
    except Exception as error:
        log.warning("the page is not offered", extra={"wanted": str(wanted), "error": str(error)})
    try:
        yield address
    finally:
        if server is not None:
            server.end()
            report.forget_page(watched.home)


def _bind(wanted: Address) -> socket.socket:
    """A socket that listens; on another port if that one is in use."""
    family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
    try:
        found = socket.create_server((wanted.host, wanted.port), family=family)
    except OSError as error:
        if not wanted.port:
            raise
        found = socket.create_server((wanted.host, 0), family=family)
        log.warning(
            "the page takes another port", extra={"wanted": str(wanted), "error": error.strerror}
        )
    found.setblocking(False)
    return found


class _Server:
    """Tornado with an event loop of its own."""

    def __init__(self, app: Application, listening: socket.socket):
        self._app, self._listening = app, listening
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)
        self._thread.start()
        self._ready.wait(END_SECONDS)

    def end(self) -> None:
        """Close it; one that hangs dies with the process."""
        if self._loop is not None and self._thread.is_alive():
            with suppress(RuntimeError):  # closed just now
                self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(END_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception:
            log.exception("the page has ended")
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = HTTPServer(self._app, max_body_size=1024, idle_connection_timeout=60)
        server.add_socket(self._listening)
        self._ready.set()
        await self._ended.wait()
        server.stop()
        await server.close_all_connections()
