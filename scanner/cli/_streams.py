"""Standard streams that are closed, or that cannot show every character: what can be shown is."""

from __future__ import annotations

import codecs
import io
import os
import sys

NAME = "dipolescan.readable"  # of the handler of what an encoding does not have
_INSTEAD = {
    "–": "-", "—": "-", "→": "->", "←": "<-", "…": "...", "√": "sqrt", "±": "+-", "×": "x", "·": "*", "°": "deg",
    "≤": "<=", "≥": ">=", "≈": "~", "∞": "inf", "⁻": "^-", "¹": "1", "²": "2", "³": "3", "’": "'", "“": '"', "”": '"',
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "η": "eta", "θ": "theta", "λ": "lambda", "μ": "mu",
    "µ": "mu", "ν": "nu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Υ": "Upsilon", "Ω": "Omega", "ℓ": "l", "⁰": "^0", "⁺": "^+", "′": "'",
    "ₛ": "_s", "₀": "0", "₁": "1", "₂": "2", "₃": "3",
}  # fmt: skip


class _Ascii(io.TextIOWrapper):
    """A stream of ASCII that says so in other words: click takes ``ascii`` for a mistake and writes UTF-8."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """A name that no codec has."""
        return "ascii, by the locale"


def _readable(error: UnicodeError) -> tuple[str | bytes, int]:
    """Words for the symbols that an encoding does not have, a question mark for all else."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_INSTEAD.get(character, "?") for character in missing), error.end


def prepare_streams() -> None:
    """Make standard output and errors such that writing to them is never an error of the encoding or of a closed one.

    A stream that is closed (``>&-``) becomes one to nowhere: otherwise the next file that is opened would take its
    place, and get what is written to it.
    """
    codecs.register_error(NAME, _readable)
    number = os.open(os.devnull, os.O_RDWR)
    while number < 3:
        number = os.dup(number)
    os.close(number)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        elif (
            isinstance(stream, io.TextIOWrapper) and mode == "w" and not isinstance(stream, _Ascii)
        ):
            stream.reconfigure(errors=NAME)
            if codecs.lookup(stream.encoding).name == "ascii":
                ascii_only = _Ascii(
                    stream.buffer, "ascii", NAME, line_buffering=stream.line_buffering
                )
                setattr(sys, name, ascii_only)


def abandon_output() -> None:
    """Let nothing more be written to standard output, which has failed."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):  # it is no file
        sys.stdout = io.StringIO()
    finally:
        os.close(nowhere)
