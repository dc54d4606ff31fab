"""The choice of fast tests: by measured costs, less than a minute of CPU, measured again by one command."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from approx import approx
from costs import BUDGET, CASE, FIXTURE, FUNCTION, TABLE, Cost, Selection, read, write

ROOT = Path(__file__).parents[1]
COSTS = {
    "a.py::cheap": Cost(CASE / 2, 1),
    "a.py::dear": Cost(2 * CASE, 1),
    "a.py::many_cheap": Cost(round(0.9 * FUNCTION, 3), 20),
    "a.py::too_many": Cost(round(1.1 * FUNCTION, 3), 200),
    "session fixture store": Cost(round(2 * FIXTURE, 3), 1),
    "a.py fixture scan": Cost(round(3 * FIXTURE, 3), 2),
    "b.py fixture scan": Cost(FIXTURE, 2),
}
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # plugins of others cost more than these tests
SESSION = SimpleNamespace(nodeid="")


class Item(SimpleNamespace):
    """What the choice looks at in pytest's items."""

    def __init__(self, nodeid, fixturenames=(), marks=()):
        super().__init__(nodeid=nodeid, session=SESSION, fixturenames=fixturenames, marks=marks)

    def get_closest_marker(self, name):
        return name in self.marks


@pytest.mark.parametrize(
    ("item", "fast"),
    [
        (Item("a.py::cheap"), True),
        (Item("a.py::dear"), False),
        (Item("a.py::many_cheap[3]"), True),
        (Item("a.py::too_many[3]"), False),
        (Item("a.py::new"), True),
        (Item("a.py::new", marks=["slow"]), False),
        (Item("a.py::cheap", ["store"]), True),
        (Item("a.py::cheap", ["store", "scan"]), False),
        (Item("b.py::new", ["scan"]), True),
    ],
    ids=lambda value: getattr(value, "nodeid", None),
)
def test_what_is_fast(item, fast):
    selection = Selection(COSTS)
    selection.offer(item)
    assert (selection.chosen, selection.left) == (([item], []) if fast else ([], [item]))


def test_a_shared_fixture_is_paid_once():
    selection = Selection(COSTS)
    for case in range(20):
        selection.offer(Item(f"a.py::many_cheap[{case}]", ["store"]))
    assert selection.seconds == approx(0.9 * FUNCTION + 2 * FIXTURE, rel=1e-12)


def test_the_table_is_read_as_it_was_written(tmp_path):
    write(COSTS | {"a.py::tiny": Cost(1e-3, 1)}, tmp_path / "costs.txt")
    assert read(tmp_path / "costs.txt") == COSTS


TESTS = """
import time
import pytest

def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass

@pytest.fixture(scope="module")
def heavy():
    burn(0.4)
    yield
    burn(0.2)

def test_with_it(heavy): pass
def test_dear(): burn(0.3)
@pytest.mark.parametrize("case", range(4))
def test_cheap(case): burn(0.02)
@pytest.mark.slow
def test_slow(): burn(1.0)
"""


def prepare(folder, plugin, before=""):
    """The tests above with one of the plugins, as tests/conftest.py registers it."""
    (folder / "test_it.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = slow: slow\n")
    (folder / "conftest.py").write_text(
        f"import sys\nsys.path.insert(0, {str(TABLE.parent)!r})\nimport costs\n{before}\n"
        "def pytest_configure(config):\n"
        f"    config.pluginmanager.register(costs.{plugin}(config.rootpath / 'costs.txt'))\n"
    )
    return folder


def test_measured_and_chosen(tmp_path):
    """Half as much again is allowed for pytest's own work around a test."""
    for plugin in ("Measure", "Fast"):
        done = run(prepare(tmp_path, plugin), **ALONE)
        assert done.returncode == 0, done.stdout + done.stderr
    costs = read(tmp_path / "costs.txt")
    expected = {
        "test_it.py fixture heavy": (0.4, 1),
        "test_it.py fixture teardown": (0.2, 1),
        "test_it.py::test_cheap": (0.08, 4),
        "test_it.py::test_dear": (0.3, 1),
    }
    assert set(costs) == set(expected)  # test_with_it itself costs nothing
    for name, (seconds, times) in expected.items():
        assert costs[name].times == times
        assert seconds <= costs[name].seconds + 0.01 < 1.5 * seconds
    assert "5 passed, 2 deselected" in done.stdout


def run(folder, *words, **variables):
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words], cwd=folder, capture_output=True, text=True,
        env=os.environ | variables,
    )  # fmt: skip


def test_the_fast_tests_are_within_the_minute(request):
    """By the table, which --fast itself refuses if it were not so; see BUDGET."""
    items = request.session.items
    if len({item.path for item in items}) > 0.9 * len(list(TABLE.parent.rglob("test_*.py"))):
        selection = Selection(read())  # nearly all are collected here already
        for item in items:
            selection.offer(item)
        chosen, left, seconds = len(selection.chosen), len(selection.left), selection.seconds
    else:
        done = run(ROOT, "-q", "--fast", "--collect-only")
        assert done.returncode == 0, done.stdout + done.stderr
        chosen, of, seconds = map(
            int, re.search(r"fast: (\d+) of (\d+) tests, (\d+) s", done.stdout).groups()
        )
        left = of - chosen
    assert seconds <= BUDGET
    assert 0 < left < chosen


def test_more_than_the_minute_is_refused(tmp_path):
    (tmp_path / "costs.txt").write_text("    0.05    4 test_it.py::test_cheap\n")
    done = run(prepare(tmp_path, "Fast", before="costs.BUDGET = 0.01"), **ALONE)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "0 s of CPU by tests/costs.txt" in done.stderr + done.stdout
