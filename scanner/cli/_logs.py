"""Logs of the service: lines to read, or JSON to collect."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import click

from physics.errors import InputError, from_clone
from scanner.cli._types import Name

_PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LIBRARIES = ("asyncio", "bokeh", "distributed", "py.warnings", "tornado")
_WHEN = "%Y-%m-%dT%H:%M:%SZ"

log_option = click.option(
    "--log-format",
    type=Name(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines to read, or JSON to collect.",
)


@contextmanager
def errors_in_log(log_format: str) -> Iterator[None]:
    """Where the log is JSON, the error that ends the command is a line of it, too."""
    try:
        yield
    except InputError as error:
        if log_format != "json":
            raise
        sentence = " ".join(str(error).split())
        logging.getLogger("dipolescan").error("ended", extra={"error": sentence})
        sys.exit(1)


class _Lines(logging.Formatter):
    """``time level what key=value ...``."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        when = time.strftime(_WHEN, time.gmtime(record.created))
        more = {k: v for k, v in vars(record).items() if k not in _PLAIN and v not in ("", None)}
        if record.exc_info:
            more["traceback"] = self.formatException(record.exc_info)
        words = " ".join(f"{k}={json.dumps(v, default=str)}" for k, v in more.items())
        return f"{when} {record.levelname:7s} {record.getMessage()} {words}".rstrip()


def _json_formatter() -> logging.Formatter:
    """The same as JSON: time, level, event, and a key for each field.

    Raises
    ------
    InputError
        If python-json-logger is not installed.
    """
    try:
        from pythonjsonlogger.json import JsonFormatter
    except ImportError:
        raise InputError(
            f"--log-format json needs python-json-logger; add it {from_clone('service')}"
        ) from None

    class Json(JsonFormatter):
        """Leaves empty fields out."""

        def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
            log_data["level"] = log_data["level"].lower()
            return {k: v for k, v in log_data.items() if v not in ("", None)}

    formatter = Json(
        "%(asctime)s %(levelname)s %(message)s",
        datefmt=_WHEN,
        rename_fields={
            "asctime": "time",
            "levelname": "level",
            "message": "event",
            "exc_info": "traceback",
        },
        json_default=str,
    )
    formatter.converter = time.gmtime
    return formatter


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what is stderr at that moment."""

    def __init__(self, formatter: logging.Formatter):
        super().__init__()
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def quiet_logs() -> None:
    """For a command that itself says what happens: what goes to the log of the program is printed by nobody."""
    log = logging.getLogger("dipolescan")
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def set_up_logs(log_format: str) -> logging.Logger:
    """Send the logs of the service, and those of the libraries below it, to stderr.

    Raises
    ------
    InputError
        If what the format needs is not installed.
    """
    formatter = _json_formatter() if log_format == "json" else _Lines()
    logging.captureWarnings(True)
    known = logging.root.manager.loggerDict
    for name in {*_LIBRARIES, *(n for n in known if n.startswith(_LIBRARIES))}:
        library = logging.getLogger(name)
        if library.handlers or name in _LIBRARIES:
            library.handlers, library.propagate = [_Stderr(formatter)], False
    log = logging.getLogger("dipolescan")
    log.handlers = [_Stderr(formatter)]  # of its own: Dask silences those of its loggers
    log.setLevel(logging.INFO)
    log.propagate = False
    # what it says of a lost scheduler, with tracebacks, the service tells in one line
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    return log
