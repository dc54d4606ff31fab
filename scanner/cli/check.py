"""``dipolescan check``."""

from __future__ import annotations

import click

from physics.errors import InputError
from physics.models.checks import Check, check_experiment, models_of
from physics.searches.catalogue import experiment
from scanner.cli._common import echo_json, echo_table, json_option, note
from scanner.cli._groups import SCAN
from scanner.scans.spec import check_statistic

GROUP = SCAN


@click.command()
@click.argument("experiments", nargs=-1, required=True)
@json_option
def command(experiments: tuple[str, ...], as_json: bool) -> None:
    """Check experiments, above all new ones: EXPERIMENTS are labels or YAML files.

    Whatever its kind, counts of a search must be finite and not negative, proportional to the exposure, a power of
    small couplings and zero above all thresholds, in every model that counts it. The exit status is 1 if one of these
    does not hold; of a source that nobody can look up there is a note. How to write a file: docs/specs.md.

    \b
    Examples:
      dipolescan check my-detector.yaml
      dipolescan check NA62 SHiP --json
    """
    found: list[tuple[str, str, Check]] = []
    for name in experiments:
        search = experiment(name)
        for model in models_of(search):
            check_statistic(model, search)
            found += [(search.tag, model.tag, c) for c in check_experiment(search, model)]
    if as_json:
        echo_json(
            [
                {
                    "experiment": e,
                    "model": m,
                    "check": c.name,
                    "passed": c.passed,
                    "detail": c.detail,
                }
                for e, m, c in found
            ]
        )
    else:
        rows = [[e, m, c.name, _verdict(c), c.detail] for e, m, c in found]
        echo_table(["experiment", "model", "check", "", "numbers"], rows)
    for tag, advice in dict.fromkeys(
        (e, c.advice) for e, _, c in found if not c.passed and c.advice
    ):
        note(f"{tag}: {advice}")
    failed = [(e, c) for e, _, c in found if not c.passed and not c.advice]
    if failed:
        tag, check = failed[0]
        raise InputError(f"{tag}: not true that {check.name} ({check.detail})")


def _verdict(check: Check) -> str:
    if check.passed:
        return "holds"
    return "not yet" if check.advice else "FAILS"
