"""The command ``dipolescan``; each subcommand is a module with a ``command``, found automatically."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from typing import Any

import click

from physics.errors import InputError


class _Commands(click.Group):
    """A group whose commands are the modules of this package, imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        package = import_module("scanner.cli")
        return [
            m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")
        ]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """One command."""
        if name not in self.list_commands(ctx):
            return None
        found: click.Command = import_module(f"scanner.cli.{name}").command
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find a command; an unknown one is a usage error that lists all."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            ctx.fail(f"no command {args[0]!r}; there are: {', '.join(self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; bad input becomes one sentence and exit status 1."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise click.ClickException(" ".join(str(error).split())) from None


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
    """Entry point: like ``main``, with a word after Ctrl-C."""
    try:
        main.main(prog_name="dipolescan", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("\nInterrupted; what was finished is stored, run again to go on.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (
        OSError
    ) as error:  # of the output; files that a command reads or writes have their own messages
        place = error.filename or "the output"
        click.echo(f"Error: {place} cannot be used ({error.strerror or error})", err=True)
        sys.exit(1)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
