"""Logs of the service: lines to read, or JSON to collect."""

from __future__ import annotations

import json
import logging
import sys
import time

import click

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

log_option = click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines to read, or JSON to collect.",
)


class _Lines(logging.Formatter):
    """``time level what key=value ...``, or the same as JSON."""

    def __init__(self, as_json: bool):
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + "Z"
        more = {k: v for k, v in vars(record).items() if k not in _PLAIN and v not in ("", None)}
        if record.exc_info:
            more["traceback"] = self.formatException(record.exc_info)
        if self.as_json:
            head = {"time": when, "level": record.levelname.lower(), "event": record.getMessage()}
            return json.dumps(head | more, default=str)
        words = " ".join(f"{k}={json.dumps(v, default=str)}" for k, v in more.items())
        return f"{when} {record.levelname:7s} {record.getMessage()} {words}".rstrip()


def set_up_logs(log_format: str) -> logging.Logger:
    """Send the logs of the service to stderr."""
    log = logging.getLogger("dipolescan")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(log_format == "json"))
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    for name in [n for n in logging.root.manager.loggerDict if n.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # a lost cluster is told in one line
    return log
