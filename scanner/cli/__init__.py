"""The command ``dipolescan``; each subcommand is a module with a ``command``, found automatically."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import pkgutil
import re
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from physics.errors import InputError, did_you_mean, quoted, shortened
from scanner.cli import _groups
from scanner.cli._drawing import draw_without_docstrings
from scanner.cli._failures import sentence
from scanner.cli._groups import grouped
from scanner.cli._once import refuse_twice
from scanner.cli._streams import abandon_output, prepare_streams
from scanner.scans.filling import begun

# new objects after which garbage is looked for, in place of 700: nearly all of them are modules, which stay
_NEW_OBJECTS = 50_000
_LONGEST = 300  # characters of what click complains about, before it adds the name of the option


class _Commands(click.Group):
    """A group whose commands are the modules of this package, imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        package = import_module("scanner.cli")
        return [
            m.name.replace("_", "-")
            for m in pkgutil.iter_modules(package.__path__)
            if not m.name.startswith("_")
        ]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """One command."""
        if name not in self.list_commands(ctx):
            return None
        found: click.Command = _imported(_module(name)).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands group by group."""
        names = self.list_commands(ctx)
        width = formatter.width - 6 - max(map(len, names))
        for title, members in grouped({name: self.group_of(name) for name in names}).items():
            rows = [(name, _short_help(name, width)) for name in members]
            with formatter.section(title):
                formatter.write_dl(rows)

    def group_of(self, name: str) -> str:
        """The group of a command; empty if its module names none."""
        stated = _GROUP.search(_source(name))
        if stated:
            return str(getattr(_groups, stated["group"], ""))
        return str(getattr(_imported(_module(name)), "GROUP", ""))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find a command; an unknown one is a usage error that lists all, and so is an option that stands twice."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            names = self.list_commands(ctx)
            hint = did_you_mean(args[0], names)
            ctx.fail(f"no command {quoted(args[0])}; {hint}there are: {', '.join(names)}")
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and not ctx.resilient_parsing:
            refuse_twice(command, rest, ctx)
        return name, command, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; bad input becomes one sentence and exit status 1."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise click.ClickException(" ".join(str(error).split())) from None
        except click.ClickException as error:
            raise _short(error) from None

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """Read the options of the group; what was typed is not repeated at length."""
        try:
            return super().make_context(*args, **more)
        except click.ClickException as error:
            raise _short(error) from None


# every command's module says both in the same way, so that help needs no import of all of them
_GROUP = re.compile(r"^GROUP = (?P<group>[A-Z]+)$", re.MULTILINE)
_HELP = re.compile(
    r'^def command\((?:[^()]|\([^()]*\))*\) -> None:\n    """(?P<text>.*?)"""',
    re.MULTILINE | re.DOTALL,
)


def _module(name: str) -> str:
    """The module of a command."""
    return f"scanner.cli.{name.replace('-', '_')}"


def _source(name: str) -> str:
    path = Path(__file__).with_name(f"{name.replace('-', '_')}.py")
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _short_help(name: str, width: int) -> str:
    """What click says of a command in a list of them, by the first sentence of its module's function."""
    stated = _HELP.search(_source(name))
    if stated:
        return click.Command(name, help=stated["text"]).get_short_help_str(width)
    return str(_imported(_module(name)).command.get_short_help_str(width))


def _short(error: click.ClickException) -> click.ClickException:
    vars(error)["message"] = shortened(error.message, _LONGEST)
    return error


def _imported(name: str) -> Any:
    """The module of a command; where that fails for a file of Dask's configuration, a sentence names the file."""
    try:
        return import_module(name)
    except InputError:
        raise
    except Exception:
        from scanner.scans.dask_files import check_dask_files  # reads what Dask reads, without Dask

        check_dask_files()
        raise


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from scanner.scans.fingerprint import code_version  # not needed by every command

        click.echo(f"dipolescan, version {code_version()}")
        ctx.exit()


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Scan the parameter space of the neutrino dipole portal, and query what was stored.

    \b
    Examples:
      dipolescan run quickstart                                       a scan, a table of the reach, a figure
      dipolescan reach results/quickstart.zarr --experiment FACET --flavor e
      dipolescan contour results/quickstart.zarr --experiment FACET --flavor e -o facet.csv
      dipolescan compare results/quickstart.zarr --by channel --experiment FACET --flavor tau -o channels.pdf
      dipolescan calc branching-ratio meson=J_psi m_N=0.1 d_gamma=1e-4
    """


def run_main() -> None:
    """Entry point: like ``main``, with a word after Ctrl-C, and one sentence after any error."""
    # figures go to files; whatever else a session draws with may not be there
    os.environ["MPLBACKEND"] = "agg"
    draw_without_docstrings()
    # pydantic looks through all installed packages for plug-ins of its own, which takes longer than most commands
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)  # what is there at the end is not looked through once more
    try:
        prepare_streams()
        main.main(prog_name="dipolescan", standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        kept = "; what was finished is stored, run again to go on" if begun() else ""
        _end(f"\nInterrupted{kept}.", 130)
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except BrokenPipeError:  # of a reader that has seen enough
        abandon_output()
        sys.exit(1)
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None and error.errno in _OF_OUTPUT:
            abandon_output()
            _end(f"Error: the output cannot be used ({error.strerror})", 1)
        _end(f"Error: {sentence(error)}", 1)


_OF_OUTPUT = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG, errno.EBADF)


def _end(text: str, status: int) -> None:
    """End with a sentence on standard error, if that can be written to."""
    with suppress(OSError, ValueError):
        click.echo(text, err=True)
    sys.exit(status)
