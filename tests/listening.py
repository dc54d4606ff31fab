"""A real HTTP server on this machine, for what is sent to addresses."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self._answer()

    def do_GET(self):
        self._answer()

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append((self.command, self.path, dict(self.headers), body.decode()))
        kind = self.path.rpartition("/")[2]
        if kind == "silent":
            self.server.over.wait(30)
            return
        self.send_response({"error": 500, "moved": 302}.get(kind, 204))
        if kind == "moved":
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def listening():
    """A server: what it ``heard`` (method, path, headers, body), and its ``address``.

    Paths that end with ``error`` answer 500, with ``moved`` 302, and with ``silent`` never.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.heard, server.over = [], threading.Event()
        server.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
