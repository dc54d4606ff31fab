"""A small server that speaks as much of S3's language as stores need, in this process; its faults can be chosen.

Signatures are not checked, only the name of the key. Real servers: docs/scaling.md says which were tried.
"""

import hashlib
import os
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape

KEY, SECRET = "KEYOFTESTS", "a-secret-that-nobody-may-see"


class Server(ThreadingHTTPServer):
    """Objects of the bucket ``scans`` in memory.

    Attributes
    ----------
    objects : dict
        Key to content.
    fault : callable
        Told method and key; an HTTP status that is answered in place of the true one, or None.
    conditions : bool
        Whether conditions of writes are honoured.
    marks : bool
        Whether an ETag in a condition has quotation marks.
    old : set
        Keys that were written two hours before all others.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.objects, self.lock = {}, threading.Lock()
        self.fault, self.conditions, self.marks = lambda method, key: None, True, True
        self.asked, self.old = [], set()

    def below(self, name):
        """Objects of a store, by their keys there."""
        start = f"{name}/"
        return {k[len(start) :]: v for k, v in self.objects.items() if k.startswith(start)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def _answer(self, status, content=b"", **headers):
        self.send_response(status)
        headers.setdefault("content_length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _error(self, status, code):
        self._answer(status, f"<Error><Code>{code}</Code></Error>".encode())

    def _handle(self):
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path)[1:].partition("/")
        self.server.asked.append((self.command, key))
        status = self.server.fault(self.command, key)
        if status:
            return self._error(status, "Fault")
        if KEY not in self.headers.get("Authorization", ""):
            return self._error(403, "InvalidAccessKeyId")
        if bucket != "scans":
            return self._error(404, "NoSuchBucket")
        with self.server.lock:
            if self.command == "POST":
                return self._delete_all(content)
            if not key:
                return self._list(parse_qs(parts.query))
            return self._put(key, content) if self.command == "PUT" else self._get(key)

    do_GET = do_HEAD = do_PUT = do_POST = _handle

    def _etag(self, key):
        return f'"{hashlib.md5(self.server.objects[key]).hexdigest()}"'

    def _put(self, key, content):
        there = key in self.server.objects
        match = self.headers.get("If-Match")
        if self.server.conditions:
            if self.headers.get("If-None-Match") == "*" and there:
                return self._error(412, "PreconditionFailed")
            if match is not None and not there:
                return self._error(404, "NoSuchKey")
            if match is not None:
                known = self._etag(key)
                if match != (known if self.server.marks else known.strip('"')):
                    return self._error(412, "PreconditionFailed")
        self.server.objects[key] = content
        return self._answer(200, ETag=self._etag(key))

    def _delete_all(self, content):
        keys = re.findall("<Key>(.*?)</Key>", content.decode())
        for key in keys:
            self.server.objects.pop(unescape(key), None)
        gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        return self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def _get(self, key):
        if key not in self.server.objects:
            return self._error(404, "NoSuchKey")
        content, status, more = self.server.objects[key], 200, {}
        asked = self.headers.get("Range")
        if asked:
            start, end = map(int, asked.removeprefix("bytes=").split("-"))
            more["Content_Range"] = f"bytes {start}-{end}/{len(content)}"
            content, status = content[start : end + 1], 206
        return self._answer(
            status, content, ETag=self._etag(key), content_length=str(len(content)),
            Last_Modified="Mon, 30 Nov 2026 04:00:00 GMT", **more,
        )  # fmt: skip

    def _list(self, query):
        start = query["prefix"][0]
        found = [
            f"<Contents><Key>{escape(k)}</Key>"
            f"<LastModified>2026-11-30T0{2 if k in self.server.old else 4}:00:00.000Z</LastModified>"
            f"<ETag>{escape(self._etag(k))}</ETag><Size>{len(v)}</Size></Contents>"
            for k, v in sorted(self.server.objects.items())
            if k.startswith(start)
        ]
        text = (
            f"<ListBucketResult><KeyCount>{len(found)}</KeyCount><IsTruncated>false</IsTruncated>"
        )
        return self._answer(200, (text + "".join(found) + "</ListBucketResult>").encode())


def settings(server):
    """Variables of the environment that name a server."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
    }


def listen_too(server, port):
    """Begin to listen at another port, with the same objects; it is then ``server.second``."""
    second = Server(port)
    second.objects = server.objects
    threading.Thread(target=second.serve_forever, kwargs={"poll_interval": 0.05}).start()
    server.second = second


@contextmanager
def serving():
    """A server, for a while; the environment names it."""
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        before = dict(os.environ)
        os.environ.update(settings(server))
        try:
            yield server
        finally:
            os.environ.clear()
            os.environ.update(before)
            server.shutdown()
