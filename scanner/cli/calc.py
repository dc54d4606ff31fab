"""``dipolescan calc``."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import click

from physics.errors import quoted
from physics.quantities.base import Quantity, Result, quantities
from scanner.cli._common import echo_json, json_option, note
from scanner.cli._complete import complete_quantity
from scanner.cli._groups import INFORM
from scanner.queries.about import About, computed

GROUP = INFORM


def _listing() -> str:
    lines = [f"  {q.tag:<16} {q.title}" for q in quantities.values()]
    return "\b\nQuantities:\n" + "\n".join(lines)


class _WithQuantities(click.Command):
    """Help that lists the quantities."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of quantities."""
        formatter.write_paragraph()
        formatter.write_text(_listing())


@click.command(cls=_WithQuantities)
@click.argument("quantity", shell_complete=complete_quantity)
@click.argument("parameters", nargs=-1, metavar="[KEY=VALUE]...")
@json_option
def command(quantity: str, parameters: tuple[str, ...], as_json: bool) -> None:
    """Compute one QUANTITY without a scan. Masses and energies in GeV, couplings in 1/GeV.

    \b
    Examples:
      dipolescan calc branching-ratio meson=J_psi m_N=0.1 d_gamma=1e-4
      dipolescan calc decay-length m_N=0.15 d_gamma=1e-6 energy=100
      dipolescan calc events experiment=FACET m_N=0.3 d_gamma=1e-6 flavor=tau
      dipolescan calc couplings d_gamma=1e-5 a=inf
    """
    chosen = quantities[quantity]
    given = {}
    for word in parameters:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.UsageError(
                f"write parameters as KEY=VALUE, not {quoted(word)}; {_signature(chosen)}"
            )
        if name in given:
            raise click.UsageError(f"{quoted(name)} is given twice; give it once")
        given[name] = value
    results = chosen.evaluate(given)
    if as_json:
        said = dict(_about(chosen, given, results).data)
        echo_json({r.name: _as_data(r) | {"provenance": said} for r in results})
        return
    width = max(len(r.name) for r in results)
    for r in results:
        unit = "" if r.units == "1" else f" {r.units}"
        click.echo(f"{r.name:<{width}}  {r.value + 0.0:.10g}{unit}")
    for told in dict.fromkeys(r.note for r in results if r.note):
        note(told)
    about = _about(chosen, given, results)
    words = ", ".join(f"{name}={value}" for name, value in about.data["parameters"].items())
    note(f"{about.short} · {chosen.source}" + (f" · {words}" if words else ""))


def _about(chosen: Quantity, given: dict[str, str], results: Sequence[Result]) -> About:
    """What decides the numbers: the quantity, all of its parameters, and what else went in."""
    defaults = {
        name: default
        for name, default in chosen.parameters().items()
        if default is not inspect.Parameter.empty
    }
    parameters = {**defaults, **{name: _number(word) for name, word in given.items()}}
    parameters = {name: "default" if value == "" else value for name, value in parameters.items()}
    sources = dict.fromkeys([chosen.source, *(r.source for r in results if r.source)])
    return computed(chosen.title, *sources, quantity=chosen.tag, parameters=parameters)


def _number(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


def _as_data(result: Result) -> dict[str, Any]:
    data = {"value": result.value + 0.0, "units": result.units}
    return data | ({"note": result.note} if result.note else {})


def _signature(chosen: Quantity) -> str:
    words = [
        f"{name}=..." if default is inspect.Parameter.empty else f"[{name}={default}]"
        for name, default in chosen.parameters().items()
    ]
    return f"{chosen.tag} {' '.join(words)}"
