"""Which tests are fast: the table of measured costs, and the options --measure and --fast that write and read it.

A row of ``costs.txt`` is a test function with all its parameters, or a fixture that is shared by tests: seconds of
CPU of this process and of the processes that it waited for, how often, and the name. A test is fast if a case of its
function costs less than ``CASE`` on average, all cases together less than ``FUNCTION``, and each shared fixture less
than ``FIXTURE`` (or ``SESSION_FIXTURE``). What has no row is fast: it is new, or cheaper than ``ROW``. Tests that are
marked slow, slurm or browser never are.
"""

import resource
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TABLE = Path(__file__).with_name("costs.txt")
HEADER = "# seconds of CPU, times, test or shared fixture; written by 'just measure'\n"
CASE = 0.05
FUNCTION = 0.20
FIXTURE = 0.6
SESSION_FIXTURE = 15.0
ROW = 0.01
BUDGET = 36.0  # of what is chosen, by the table; collecting the tests takes up to 15 s more
NEVER = ("slow", "slurm", "browser")
TEARDOWN = "teardown"
SESSION = "session"


def spent() -> float:
    """Seconds of CPU of this process and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@dataclass
class Cost:
    """Seconds of CPU, and of how many cases."""

    seconds: float = 0.0
    times: int = 0

    @property
    def each(self):
        return self.seconds / max(self.times, 1)

    def add(self, seconds):
        self.seconds += seconds
        self.times += 1


def read(path=TABLE):
    """Costs by name of a test or fixture."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split(maxsplit=2) for line in lines if not line.startswith("#")]
    return {name: Cost(float(seconds), int(times)) for seconds, times, name in rows}


def write(costs, path=TABLE):
    """In the order of names, so that two tables can be compared."""
    rows = sorted((name, cost) for name, cost in costs.items() if cost.seconds >= ROW)
    lines = [f"{cost.seconds:8.3f} {cost.times:4d} {name}\n" for name, cost in rows]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")


def key_of(item):
    """File and function, without parameters."""
    return item.nodeid.split("[")[0]


def fixture_key(node, name):
    """A fixture of the session is one everywhere; one of a module is made again in each."""
    return f"{file_of(node.nodeid) or SESSION} fixture {name}"


def file_of(name):
    """File of a test's or fixture's name."""
    return name.split("::")[0].split(" fixture ")[0]


def never(item):
    return any(item.get_closest_marker(mark) for mark in NEVER)


@dataclass
class Selection:
    """What is fast, by a table of costs, of the items that are offered."""

    costs: dict[str, Cost]
    chosen: list = field(default_factory=list)
    left: list = field(default_factory=list)
    seconds: float = 0.0
    paid: set[str] = field(default_factory=set)

    def offer(self, item):
        cost, fixtures = self.costs.get(key_of(item), Cost()), self.fixtures(item)
        cheap = cost.each < CASE and cost.seconds < FUNCTION
        if never(item) or not cheap or any(self.dear(name) for name in fixtures):
            self.left.append(item)
            return
        self.chosen.append(item)
        self.seconds += cost.each + sum(self.costs[f].each for f in fixtures - self.paid)
        self.paid |= fixtures

    def fixtures(self, item):
        """Rows of the shared fixtures of an item, and of taking them down."""
        names = [*getattr(item, "fixturenames", ()), TEARDOWN]
        return {fixture_key(n, f) for n in (item, item.session) for f in names} & set(self.costs)

    def dear(self, fixture):
        limit = SESSION_FIXTURE if file_of(fixture) == SESSION else FIXTURE
        return self.costs[fixture].each >= limit


class Fast:
    """Leaves out what is not fast, and refuses when the rest has become too dear."""

    def __init__(self, table=TABLE):
        self.selection = Selection(read(table))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        found = self.selection
        for item in items:
            found.offer(item)
        if found.seconds > BUDGET:
            raise pytest.UsageError(
                f"the fast tests cost {found.seconds:.0f} s of CPU by tests/costs.txt, allowed are {BUDGET:.0f}: "
                "make the dearest cheaper, mark them slow, or lower the limits in tests/costs.py"
            )
        config.hook.pytest_deselected(items=found.left)
        items[:] = found.chosen

    def pytest_terminal_summary(self, terminalreporter):
        chosen, left = len(self.selection.chosen), len(self.selection.left)
        if not chosen + left:
            return  # with -n the workers collect
        terminalreporter.write_line(
            f"fast: {chosen} of {chosen + left} tests, {self.selection.seconds:.0f} s of CPU by "
            f"tests/costs.txt; this run took {spent():.0f} s of CPU"
        )


class Measure:
    """Writes the costs of what is run into the table, in place of the rows of the same files.

    Of a function that costs far more than is fast, not all parameters are run.
    """

    def __init__(self, table=TABLE):
        self.table = table
        self.costs = defaultdict(Cost)
        self._shared = 0.0  # seconds of shared fixtures within the present test

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config, items):
        config.hook.pytest_deselected(items=[item for item in items if never(item)])
        items[:] = [item for item in items if not never(item)]

    def pytest_runtest_setup(self, item):
        if self._dear(item):
            pytest.skip("dear enough with fewer parameters")

    def _dear(self, item):
        return self.costs[key_of(item)].seconds > 2 * FUNCTION

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        dear, begin, self._shared = self._dear(item), spent(), 0.0
        done = yield
        if not dear:
            self.costs[key_of(item)].add(max(spent() - begin - self._shared, 0.0))
        return done

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        if fixturedef.scope == "function":
            return (yield)
        begin, inner = spent(), self._shared
        try:
            return (yield)
        finally:
            seconds = spent() - begin - (self._shared - inner)
            self._add(fixture_key(request.node, fixturedef.argname), seconds)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item, nextitem):
        if nextitem is not None and nextitem.parent is item.parent:
            return (yield)
        begin = spent()
        try:
            return (yield)
        finally:
            self._add(fixture_key(item, TEARDOWN), spent() - begin)

    def _add(self, name, seconds):
        self.costs[name].add(seconds)
        self._shared += seconds

    def pytest_sessionfinish(self):
        files = {file_of(name) for name in self.costs} - {SESSION}
        kept = read(self.table) if self.table.exists() else {}
        kept = {name: cost for name, cost in kept.items() if file_of(name) not in files}
        write(kept | self.costs, self.table)
