"""The end of a test run says what was not run, and what would run it."""

import ast
import re
from pathlib import Path

import skipped

TESTS = Path(__file__).parent


def test_reasons_are_counted_and_told():
    reasons = ["Skipped: kubectl is not installed", *["Skipped: could not import 'pythia8mc'"] * 2]
    assert skipped.lines(reasons) == [
        "2 skipped: could not import 'pythia8mc' -> pip install 'pythia8mc==8.317.2' awkward",
        "1 skipped: kubectl is not installed -> install the program that is named",
    ]
    assert skipped.lines([]) == []


def reasons():
    """Reasons that are written in the tests, and packages that they import if they are there."""
    for path in TESTS.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "skip" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            words = {"skip": node.args[:1], "importorskip": node.args[:1]}.get(name, [])
            words += [k.value for k in node.keywords if name == "skipif" and k.arg == "reason"]
            for word in words:
                if isinstance(word, ast.Constant):
                    yield path.name, str(word.value)


def test_every_reason_has_a_remedy():
    written = set(reasons())
    assert len(written) > 20
    of_the_machine = re.compile(r"on Linux|always full|is not permitted")
    without = {
        (where, reason)
        for where, reason in written
        if not skipped.remedy(reason) and not of_the_machine.search(reason)
    }
    assert not without, "add them to tests/skipped.py"
