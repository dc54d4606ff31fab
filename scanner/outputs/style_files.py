"""Styles of matplotlib that users choose: files of settings, checked before anything is drawn in them."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import matplotlib as mpl

from physics.errors import InputError, did_you_mean

LARGEST = 100_000  # bytes of a file of styles
DOTS = (10.0, 2400.0)  # per inch
THICKEST = 100.0  # points, of letters, lines and all else that is measured in them
MEASURED = ("size", "width", "dpi")  # ends of names of settings


class _Complaints(logging.Handler):
    """What matplotlib says of a file of styles, in place of errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(" ".join(record.getMessage().split()))


def read_style(style: str | Path) -> dict[str, Any]:
    """Settings of a matplotlib style.

    Parameters
    ----------
    style : str or Path
        File of settings, or the name of a style that matplotlib has.

    Raises
    ------
    InputError
        If it is neither, or sets something with which nothing can be drawn.
    """
    from matplotlib import style as styles

    if str(style) in styles.library:
        return {str(key): value for key, value in styles.library[str(style)].items()}
    path = Path(style).expanduser()
    why = f"{str(path)!r:.80} is no matplotlib style"
    if path.is_dir():
        raise InputError(f"{why} but a folder; name the file in it")
    if not path.is_file():
        known = ", ".join(n for n in styles.available if not n.startswith("_"))
        hint = did_you_mean(str(style), styles.available)
        raise InputError(
            f"there is no style {str(style)!r:.80}: give a file of matplotlib settings (key: value, one a line), "
            f"or a name; {hint or known[:120] + ' ...'}"
        )
    found = _settings(path, why)
    for key, value in found.items():
        _check(key, value, why)
    return found


def _settings(path: Path, why: str) -> dict[str, Any]:
    """What a file sets, as matplotlib reads it."""
    complaints = _Complaints()
    loggers = [logging.getLogger(name) for name in ("matplotlib", "matplotlib.style.core")]
    before = [(log.handlers[:], log.propagate) for log in loggers]
    try:
        large = path.stat().st_size > LARGEST
        for log in loggers:
            log.handlers, log.propagate = [complaints], False
        read = {} if large else mpl.rc_params_from_file(path, use_default_template=False)
    except UnicodeError:
        raise InputError(f"{why}: it is no text; give lines like font.size: 9") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{why}: {_plain(str(error), path)}") from None
    finally:
        for log, (handlers, propagate) in zip(loggers, before, strict=True):
            log.handlers, log.propagate = handlers, propagate
    if large:
        raise InputError(f"{why}: it is longer than any; give lines like font.size: 9")
    if complaints.found:
        raise InputError(f"{why}: {_plain(complaints.found[0], path)}")
    if not read:
        raise InputError(f"{why}: it sets nothing; give lines like font.size: 9")
    return {str(key): read[key] for key in read}


def _plain(words: str, path: Path) -> str:
    """What matplotlib says of a file, without its name, which is told already, and advice on old versions."""
    words = " ".join(words.split()).split(" You probably need")[0]
    for named in (f"file {path!r}, ", f"file {path}, "):
        words = words.replace(f" in {named}", " in ").replace(named, "")
    return f"{words:.200}"


def _check(key: str, value: Any, why: str) -> None:
    """One setting.

    Raises
    ------
    InputError
        If it is a number with which nothing can be drawn.
    """
    numbers = list(value) if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in numbers):
        return
    said = f"{why}: {key} is {value!r:.40}"
    if not all(math.isfinite(v) for v in numbers):
        raise InputError(f"{said}, which is no number")
    if not key.endswith(MEASURED) or key.startswith("agg."):
        return
    if key.endswith("dpi") and not all(DOTS[0] <= v <= DOTS[1] for v in numbers):
        raise InputError(f"{said}; from {DOTS[0]:g} to {DOTS[1]:g} dots per inch can be drawn")
    if key.endswith(("size", "width")) and not all(0 <= v <= THICKEST for v in numbers):
        raise InputError(f"{said}; from 0 to {THICKEST:g} points can be drawn")
    if key == "font.size" and value == 0:
        raise InputError(f"{said}, and text of no size cannot be read")


def usable(settings: Mapping[str, Any]) -> None:
    """Refuse settings that need a program which is not there.

    Raises
    ------
    InputError
        If text is to be set by LaTeX, and LaTeX is not to be found.
    """
    if settings.get("text.usetex", mpl.rcParams["text.usetex"]):
        absent = [name for name in ("latex", "dvipng") if which(name) is None]
        if absent:
            raise InputError(
                "the style sets text with LaTeX (text.usetex), and this machine has no program "
                f"{' and no '.join(absent)}; install it, or set text.usetex: False"
            )


class _Once(logging.Filter):
    """Lets each message pass once."""

    def __init__(self) -> None:
        super().__init__()
        self._told: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        words = record.getMessage()
        new = words not in self._told
        self._told.add(words)
        return new


_ONCE = _Once()


@contextmanager
def fonts_told_once() -> Iterator[None]:
    """That a font is not there is said once, and not again for each letter that is drawn."""
    log = logging.getLogger("matplotlib.font_manager")
    if _ONCE in log.filters:
        yield
        return
    log.addFilter(_ONCE)
    try:
        yield
    finally:
        log.removeFilter(_ONCE)
