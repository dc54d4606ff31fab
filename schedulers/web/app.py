"""The pages and files that the service offers to browsers and programs: all to read, none to change anything."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from tornado.template import Loader
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

from schedulers.errors import QueueError
from schedulers.lease import SILENT_SECONDS
from schedulers.web.metrics import MissingError, exposition
from schedulers.web.pictures import Pictures
from schedulers.web.watched import Watched
from schedulers.words import duration, moment, percent, rate

log = logging.getLogger("dipolescan")

FOLDER = Path(__file__).parent
MOST, FEW = 100, 10  # waiting scans, failures; refused requests: shown on a page
LOCAL = ("localhost", "127.0.0.1", "::1")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _Guarded(RequestHandler):
    """Answers only to GET and HEAD, and on this machine only to its own names."""

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    def prepare(self) -> None:
        """A foreign name that leads here is how a foreign page would read this one (DNS rebinding)."""
        if self.settings["local"] and _host(self.request.host) not in LOCAL:
            raise HTTPError(403, reason="Forbidden", log_message="foreign host")

    def write_error(self, status_code: int, **about: Any) -> None:
        """One sentence."""
        error = about.get("exc_info", (None, None, None))[1]
        sentence = {
            403: "this page answers to localhost and 127.0.0.1 only",
            404: "there is no such page",
            405: "this page is to read only",
        }.get(status_code, "the page cannot be made")
        if isinstance(error, QueueError | MissingError):
            sentence = str(error)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish((sentence + "\n").encode("utf-8", "replace"))

    def log_exception(self, kind: Any, error: Any, traceback: Any) -> None:
        """What is wrong with the page itself goes to the log."""
        if not isinstance(error, HTTPError | QueueError | MissingError):
            log.error("a page cannot be made", exc_info=(kind, error, traceback))

    def send_error(self, status_code: int = 500, **about: Any) -> None:
        """Errors of the queue have their own status."""
        error = about.get("exc_info", (None, None, None))[1]
        if isinstance(error, MissingError):
            status_code = 501
        elif isinstance(error, QueueError):
            status_code = 503 if "cannot be read" in str(error) else 404
        super().send_error(status_code, **about)


class _Static(_Guarded, StaticFileHandler):
    """Style and script."""


class _Nothing(_Guarded):
    """Every other address."""

    def prepare(self) -> None:
        super().prepare()
        raise HTTPError(404)


class _Page(_Guarded):
    @property
    def watched(self) -> Watched:
        watched: Watched = self.settings["watched"]
        return watched

    def head(self, *words: str) -> None:
        """As GET; tornado leaves the body out."""
        self.get(*words)

    def show(self, template: str, **content: Any) -> None:
        """A page; everything in it is escaped by the template."""
        words = {
            "duration": duration,
            "moment": moment,
            "percent": percent,
            "quote": quote,
            "rate": rate,
        }
        about = {
            "seconds_left": self.watched.seconds_left,
            "points_per_second": self.watched.points_per_second,
            "most": MOST,
            "few": FEW,
        }
        self.finish(self.settings["pages"].load(template).generate(**words, **about, **content))


class _Queue(_Page):
    def get(self) -> None:
        queue = self.watched.queue()
        scans = queue["scans"]
        by_state = {s: [x for x in scans if x["state"] == s] for s in ("running", "queued")}
        ended = [s for s in scans if s["state"] not in by_state]
        link = queue["cluster"]["dashboard"]
        self.show(
            "queue.html",
            queue=queue,
            groups=[
                ("Running", by_state["running"]),
                ("Waiting", by_state["queued"][:MOST]),
                ("Ended", ended[::-1]),
            ],
            hidden=max(0, len(by_state["queued"]) - MOST),
            dashboard=link if urlsplit(link).scheme in ("http", "https") else "",
        )


class _Scan(_Page):
    def get(self, id: str) -> None:
        scan = self.watched.scan(id)
        self.show("scan.html", scan=scan, pictured=self.watched.picture and scan["blocks_done"])


class _Picture(_Page):
    """First contours of a scan, while its cube fills."""

    async def get(self, id: str) -> None:
        pictures: Pictures | None = self.settings["pictures"]
        scan = self.watched.scan(id)
        if pictures is None or not scan["blocks_done"]:
            raise HTTPError(404)
        content = await pictures.of(scan["store"], scan["blocks_done"])
        self.set_header("Content-Type", "image/svg+xml")
        self.finish(content)


class _Data(_Page):
    def answer(self, data: dict[str, Any]) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(data))


class _QueueData(_Data):
    def get(self) -> None:
        self.answer(self.watched.queue())


class _ScanData(_Data):
    def get(self, id: str) -> None:
        self.answer(self.watched.scan(id))


class _Metrics(_Page):
    def get(self) -> None:
        text, kind = exposition(self.watched, self.request.headers.get("Accept", ""))
        self.set_header("Content-Type", kind)
        self.finish(text)


class _Health(_Page):
    def get(self) -> None:
        age = self.watched.beat_age()
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if age > SILENT_SECONDS:
            self.set_status(503)
            self.finish(f"no beat for {age:.0f} s\n")
        else:
            self.finish("ok\n")


def make_app(watched: Watched, local: bool) -> Application:
    """The application.

    Parameters
    ----------
    watched : Watched
    local : bool
        Whether only this machine may reach it; then it answers to no other name.
    """
    pages: list[Any] = [
        (r"/", _Queue),
        (r"/scan/([^/]+)\.svg", _Picture),
        (r"/scan/([^/]+)", _Scan),
        (r"/api/status\.json", _QueueData),
        (r"/api/scan/([^/]+)\.json", _ScanData),
        (r"/metrics", _Metrics),
        (r"/healthz", _Health),
        (r"/static/([a-z]+\.[a-z]+)", _Static, {"path": str(FOLDER / "static")}),
    ]
    return Application(
        pages,
        default_handler_class=_Nothing,
        log_function=lambda _: None,
        watched=watched,
        pictures=None if watched.picture is None else Pictures(watched.picture),
        local=local,
        pages=Loader(str(FOLDER / "templates"), autoescape="xhtml_escape"),
    )


def _host(header: str) -> str:
    """Name in a Host header, without the port."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
