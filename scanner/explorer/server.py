"""Serves the page: on this machine's own addresses, and only to its own names, unless told otherwise."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bokeh.application import Application
from bokeh.application.handlers.function import FunctionHandler
from bokeh.document import Document
from bokeh.server.server import BaseServer
from bokeh.server.tornado import BokehTornado
from jinja2 import Environment, FileSystemLoader
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import HTTPError, RequestHandler, StaticFileHandler

from physics.errors import InputError
from scanner.explorer.downloads import KINDS, download
from scanner.explorer.page import Page
from scanner.explorer.planes import Planes
from scanner.explorer.view import from_link
from scanner.explorer.watched import Watched

FOLDER = Path(__file__).parent / "web"
LOCAL = ("localhost", "127.0.0.1", "::1")
PORT = 5016
END_SECONDS = 5.0
POLICY = "default-src 'none'; frame-ancestors 'none'"


class Refused(RequestHandler):
    """Says to whom the page answers."""

    def prepare(self) -> None:
        """A foreign name that leads here is how a foreign page would read this one (DNS rebinding)."""
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("this page answers to localhost and 127.0.0.1 only\n")


class Guarded(BokehTornado):  # type: ignore[misc, unused-ignore]
    """Bokeh's application, which answers to no foreign name and no foreign page."""

    names: Sequence[str] = LOCAL  # in a Host header; empty for all

    def find_handler(self, request: Any, **words: Any) -> Any:
        """Whoever asks for this host by another name is refused; so is a page of another place."""
        host = named(f"//{request.host}")
        origin = request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc != request.host
        if foreign or (self.names and host not in self.names):
            return self.get_handler_delegate(request, Refused)
        return super().find_handler(request, **words)


class Download(RequestHandler):
    """A file of the view that the link says."""

    def initialize(self, planes: Planes, pool: ThreadPoolExecutor) -> None:
        """What files are made of, and where."""
        self.planes, self.pool = planes, pool

    async def get(self, name: str) -> None:
        """Made beside the pages, one at a time."""
        try:
            view, said = self.planes.watched.fitted(from_link(self.request.query))
            if said:
                raise InputError(" ".join(said))
            loop = asyncio.get_running_loop()
            content = await loop.run_in_executor(self.pool, download, self.planes, view, name)
        except (InputError, OSError) as error:
            self.set_status(404 if name not in KINDS else 409)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(f"{error}\n".encode("utf-8", "replace"))
            return
        self.set_header("Content-Type", KINDS[name])
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.set_header("Content-Security-Policy", POLICY)
        self.finish(content)

    def set_default_headers(self) -> None:
        """Nothing is kept, and nothing is guessed."""
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")


class Alive(RequestHandler):
    """Whether somebody answers."""

    def get(self) -> None:
        """Nothing but that."""
        self.set_header("Cache-Control", "no-store")
        self.finish("yes\n")


class Missing(RequestHandler):
    """Every other address."""

    def prepare(self) -> None:
        """There is none."""
        raise HTTPError(404)


class Explorer:
    """A page that is served by a thread of this process.

    Parameters
    ----------
    stores : sequence of str or Path
    host : str
        Where to listen.
    port : int
        0 for any free one; another one is taken if it is in use.
    view : str
        A link of a view, or its query, with which the page begins.

    Attributes
    ----------
    address : str
        Of the page.
    local : bool
        Whether only this machine can reach it.

    Raises
    ------
    InputError
        If there is no store, the link is none, or nobody can listen there.
    """

    def __init__(
        self,
        stores: Sequence[str | Path],
        host: str = "127.0.0.1",
        port: int = PORT,
        view: str = "",
    ):
        begin = from_link(view)
        self.planes = Planes(Watched(stores))
        self.host, self.local = host, is_local(host)
        self._listening = listen(host, port)
        port = self._listening.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        query = f"?{begin.link()}" if view else ""
        self.address = f"http://{shown}:{port}/{query}"
        self._loop: IOLoop | None = None
        self._failed: BaseException | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="explorer", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failed is not None:
            raise self._failed

    def close(self) -> None:
        """End it."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.add_callback(self._loop.stop)
            self._thread.join(END_SECONDS)

    def wait(self) -> None:
        """Until it is ended, by Ctrl-C for instance."""
        while self._thread.is_alive():
            self._thread.join(0.5)

    def __enter__(self) -> Explorer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<explorer of {self.planes.watched.name} at {self.address}>"

    def _repr_html_(self) -> str:
        return f'<a href="{self.address}">{self.address}</a>'

    def _serve(self) -> None:
        try:
            asyncio.set_event_loop(asyncio.new_event_loop())
            self._loop = IOLoop.current()
            pool = ThreadPoolExecutor(1, "download")
            server = self._server(self._loop, pool)
            server.start()
            self._ready.set()
            self._loop.start()
            server.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            self._loop.close(all_fds=True)
        except BaseException as error:
            self._failed = error
        finally:
            self._listening.close()
            self._ready.set()

    def _server(self, loop: IOLoop, pool: ThreadPoolExecutor) -> BaseServer:
        pages = Environment(loader=FileSystemLoader(FOLDER), autoescape=False)

        def look(doc: Document) -> None:
            doc.template = pages.get_template("explore.html")
            Page(doc, self.planes, query_of(doc))

        port = self._listening.getsockname()[1]
        origins = [f"[{n}]:{port}" if ":" in n else f"{n}:{port}" for n in LOCAL]
        app = Guarded(
            {"/": Application(FunctionHandler(look))},
            extra_websocket_origins=origins if self.local else ["*"],
            extra_patterns=[
                (r"/download/([a-z.]+)", Download, {"planes": self.planes, "pool": pool}),
                (r"/explorer/alive", Alive),
                (r"/explorer/([a-z]+\.(?:css|js))", StaticFileHandler, {"path": str(FOLDER)}),
            ],
            include_headers=[],
            include_cookies=[],
            generate_session_ids=True,
            session_token_expiration=3600,
            keep_alive_milliseconds=20_000,
        )
        app.names = LOCAL if self.local else ()
        http = HTTPServer(app, max_body_size=1_000_000)
        http.add_socket(self._listening)
        return BaseServer(loop, app, http)


def explore(
    *stores: str | Path,
    host: str = "127.0.0.1",
    port: int = PORT,
    view: str = "",
    browser: bool = False,
) -> Explorer:
    """Offer a page to look at cubes: contours that follow sliders and menus.

    Parameters
    ----------
    *stores : str or Path
        One store, or several of one model.
    host : str
        Where to listen; on this machine only, by default.
    port : int
        Another one is taken if it is in use.
    view : str
        A link of a view with which it begins.
    browser : bool
        Whether to open it in a browser of this machine.

    Returns
    -------
    Explorer
        With its ``address``; ``close()`` ends it, ``wait()`` waits for that. It ends with the process.

    Raises
    ------
    InputError
        If there is no store, or nobody can listen there.

    Examples
    --------
    >>> page = explore("results/quickstart.zarr")  # doctest: +SKIP
    >>> page.address  # doctest: +SKIP
    'http://127.0.0.1:5016/'
    """
    page = Explorer(stores, host, port, view)
    if browser:
        import webbrowser

        webbrowser.open(page.address)
    return page


def saved(stores: Sequence[str | Path], view: str = "") -> tuple[bytes, list[str]]:
    """A view as a page that needs no server, and in sentences what of the link cannot be shown.

    Parameters
    ----------
    stores : sequence of str or Path
    view : str
        A link of it, or its query; the page's first view by default.

    Raises
    ------
    InputError
        If there is no store, the link is none, or a search has no contour with it.
    """
    planes = Planes(Watched(stores))
    shown, said = planes.watched.fitted(from_link(view))
    return download(planes, shown, "view.html"), said


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; on another port if that one is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for each in dict.fromkeys((port, 0)):
        try:
            found = socket.create_server((host, each), family=family)
        except (OSError, OverflowError) as error:
            last = error
            continue
        found.setblocking(False)
        return found
    raise InputError(f"nobody can listen at {host}, port {port} ({last})")


def is_local(host: str) -> bool:
    """Whether only this machine can reach it."""
    return host in LOCAL or host.startswith("127.")


def named(address: str) -> str:
    """Name of the host in an address, without the port."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def query_of(doc: Document) -> str:
    """Query of the link with which a session was opened."""
    context = doc.session_context
    request = None if context is None else context.request
    arguments = {} if request is None else request.arguments
    return urlencode(
        [
            (name, value.decode("utf-8", "replace"))
            for name, values in arguments.items()
            for value in values
        ]
    )
