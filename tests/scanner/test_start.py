"""What commands import: the first second is made of imports, and one line at the top of a module can double it."""

import json
import subprocess
import sys
from queue import SimpleQueue
from threading import Event
from types import ModuleType

import pytest
import toys
from waiting import PATIENCE

import scanner
from physics.errors import InputError, RegistrationError
from physics.models.countings import countings
from physics.models.model import models
from physics.registry import Registry, _may_register, found_modules
from scanner.scans.foreground import fits_here
from scanner.scans.plan import make_plan
from scanner.scans.spec import ScanSpec
from schedulers.here import this_process

STORED = {"zarr", "xarray", "pandas"}
CLUSTER = {"dask", "distributed", "tornado"}
PHYSICS = {"scipy.stats", "scipy.optimize", "scipy.special", "scipy.integrate", "scipy.interpolate"}
SLOW = {"pydantic", "rich", "scipy", "importlib.metadata"}
EVERYTHING = STORED | CLUSTER | {"matplotlib"} | PHYSICS | SLOW
OTHER_MODELS = {
    "physics.dark_boson.counting",
    "physics.dark_dipole.counting",
    "physics.mixing.counting",
}
DRAWING = {"matplotlib", "PIL", "contourpy"}
NOT_TO_ASK = {"distributed", "tornado", "scipy.stats"} | DRAWING | OTHER_MODELS
POINT = ["experiment=FACET", "flavor=e"]
CURVE = ["STORE", "--experiment", "FACET", "--flavor", "e"]
NOT_FOR_CURVES = STORED | {"dask", "rich", "pydantic", "scipy"} | NOT_TO_ASK | PHYSICS
NOT_TO_RUN = STORED | CLUSTER | DRAWING | PHYSICS | OTHER_MODELS | {"pydantic", "rich", "scipy"}
ONE_MASS = [f"axes.m_N.{key}" for key in ("num=1", "start=0.1", "stop=0.1")]
FEW = [*ONE_MASS, "axes.d_gamma.num=5", "sampling.points=128", "sampling.replicas=2"]
SETTINGS = [word for change in FEW for word in ("--set", change)]
# in the order in which one process runs them: what one has imported, the next has, too
PROCESSES = {
    "help": [
        (["--help"], EVERYTHING | OTHER_MODELS | {"numpy", "pydantic"}),
        (["status", "--help"], EVERYTHING | OTHER_MODELS | {"numpy", "pydantic"}),
        (["list", "specs"], EVERYTHING | OTHER_MODELS | {"numpy"}),
        (["submit", "quickstart", "--queue", "queue"], EVERYTHING | OTHER_MODELS),
        (["plan", "quickstart"], EVERYTHING | OTHER_MODELS),
        (["status", "--queue", "queue"], (EVERYTHING - {"rich"}) | OTHER_MODELS),
    ],
    "questions": [
        (["compare", "STORE", "--by", "flavor", "--with", "STORE", "--experiment", "FACET"], NOT_TO_ASK),
    ],
    "curves": [
        (["query", "STORE", *POINT, "m_N=0.1", "d_gamma=1e-6"], NOT_FOR_CURVES),
        (["query", "STORE", *POINT, "m_N=0.123", "--find", "d_gamma"], NOT_FOR_CURVES),
        (["reach", *CURVE], NOT_FOR_CURVES),
        (["contour", *CURVE, "-o", "contour.csv"], NOT_FOR_CURVES),
        (["reach", *CURVE, "--band", "statistics", "--units", "mu_B", "-o", "a.csv"], NOT_FOR_CURVES),
        (["compare", "STORE", "--by", "channel", *CURVE[1:], "-o", "a.json"], NOT_FOR_CURVES),
        (["plot", "STORE", "--flavor", "e", "-o", "a.png"], NOT_FOR_CURVES - DRAWING),
    ],
    "runs": [
        (["run", "quickstart", *SETTINGS, "--store", "run.zarr"], NOT_TO_RUN),
    ],
}  # fmt: skip

FAILING = {"questions": 1}  # one store cannot be joined with itself; what is imported for that is

SCRIPT = """
import json, sys
from scanner.cli import main
for words in json.loads(sys.argv[1]):
    try:
        main.main(words, prog_name="dipolescan", standalone_mode=False)
    except Exception as error:
        print("\\nFAILED", error)
    print("\\nMODULES", json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("process", PROCESSES)
def test_a_command_imports_no_more_than_it_needs(process, small, spectra, tmp_path):
    commands = [
        [str(small) if word == "STORE" else word for word in words]
        for words, _ in PROCESSES[process]
    ]
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(commands)],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = [line for line in ran.stdout.splitlines() if line.startswith("MODULES ")]
    assert len(lines) == len(commands)
    failed = [line for line in ran.stdout.splitlines() if line.startswith("FAILED ")]
    assert len(failed) == FAILING.get(process, 0), failed
    for line, (words, heavy) in zip(lines, PROCESSES[process], strict=True):
        assert sorted(heavy & set(json.loads(line.removeprefix("MODULES ")))) == [], words


# ---- registries that import one of their objects ---------------------------------------------


def test_every_counting_is_where_one_alone_is_looked_for():
    """All of them are read first; one alone is then found by what its module states, in its model's room."""
    for model, kind in countings:
        module = countings.origin((model, kind))
        assert module in countings._stating((model, kind))
        assert module.split(".")[:2] == models.origin(model).split(".")[:2]


def test_a_list_of_everything_still_imports_everything():
    found = set(found_modules("physics", "*/counting/*.py"))
    assert list(countings)
    assert found <= set(sys.modules)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of modules that register ``one`` and ``two``, and one that does not say what."""
    folder = tmp_path / "startpackage"
    folder.mkdir()
    (folder / "__init__.py").touch()
    write(folder, "first", 'kind = "one"')
    write(folder, "second", 'kind = "two"')
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith("startpackage")]:
        del sys.modules[name]


def write(folder, name, body):
    (folder / f"{name}.py").write_text(
        f"from tests_of_start import things\n@things.add\nclass Thing:\n    {body}\n"
    )


@pytest.fixture
def things(package, monkeypatch):
    module = ModuleType("tests_of_start")
    module.things = Registry("thing", "startpackage", key=lambda c: c.kind, stated=("kind",))
    monkeypatch.setitem(sys.modules, "tests_of_start", module)
    return module.things


def test_one_object_needs_its_own_module_alone(things):
    assert things["one"].kind == "one"
    assert "startpackage.first" in sys.modules
    assert "startpackage.second" not in sys.modules
    assert list(things) == ["one", "two"]
    assert "startpackage.second" in sys.modules


def test_an_object_whose_module_does_not_state_its_tag_is_found(things, package):
    write(package, "third", 'kind = "".join(["thr", "ee"])')
    assert things["three"].kind == "three"


def test_a_tag_that_is_registered_elsewhere_is_found(things, package):
    write(package, "third", 'kind = "four"\nThing.kind = "five"')
    (package / "third.py").write_text(
        "from tests_of_start import things\nkind = 'four'\ndef put(x):\n    return things.add(x)\n"
        'class Thing:\n    kind = "five"\nput(Thing)\n'
    )
    assert "five" in things


def test_two_of_one_tag_are_refused_though_only_one_is_asked_for(things, package):
    write(package, "third", 'kind = "one"')
    with pytest.raises(RegistrationError, match="two entries named 'one'"):
        things["one"]


def test_an_unknown_tag_lists_all(things):
    with pytest.raises(InputError, match=r"there are: one, two|one.*two"):
        things["three"]
    assert "three" not in things


@pytest.mark.parametrize("source", ['kind = "x"', 'kind: str = "x"', "TAG"])
def test_a_module_that_registers_nothing_is_not_looked_at(source):
    assert not _may_register(source, {"kind": "x"})


# ---- scans in this process -------------------------------------------------------------------


def test_a_short_scan_is_computed_in_this_process(spectra, tmp_path, monkeypatch):
    """Through the same runner: nothing of a cluster is asked for, and every byte is that of another way."""
    monkeypatch.setattr("schedulers.clusters.choice.connect", None)
    path, workers = tmp_path / "here.zarr", []
    result = scanner.run(ScanSpec(toys.SMALL), path, progress=lambda p: workers.append(p.workers))
    assert result.computed == result.blocks > 0
    assert set(workers) == {1}
    other = toys.fill(toys.SMALL, tmp_path / "other.zarr").path
    assert toys.arrays(path) == toys.arrays(other)


@pytest.mark.parametrize("words", [{"workers": 1}, {"cluster": "local"}])
def test_a_cluster_that_is_named_is_taken(words, spectra, tmp_path, monkeypatch):
    asked = []

    def connect(*names, **about):
        asked.append(names)
        raise InputError("none in this test")

    monkeypatch.setattr("schedulers.clusters.choice.connect", connect)
    with pytest.raises(InputError, match="none in this test"):
        scanner.run(ScanSpec(toys.SMALL), tmp_path / "a.zarr", **words)
    assert asked == [("local", words.get("workers"))]


def test_a_long_scan_does_not_fit_here():
    axes = {"flavor": ["e"], "m_N": [0.1], "d_gamma": [1e-6]}
    content = {"name": "x", "experiments": ["FASER2"], "axes": axes}
    assert fits_here(make_plan(ScanSpec(content)))
    content["axes"]["m_N"] = {"start": 0.01, "stop": 1.0, "num": 2000}
    assert not fits_here(make_plan(ScanSpec(content)))


def test_calls_end_in_order_and_tell_their_errors():
    ended, done = SimpleQueue(), []
    with this_process() as here:
        for i in range(3):
            here.submit(lambda i: done.append(1 / i), i, key=f"k{i}").add_done_callback(ended.put)
        found = [ended.get(timeout=PATIENCE) for _ in range(3)]
    assert [x.key for x in found] == ["k0", "k1", "k2"]
    assert [x.status for x in found] == ["error", "finished", "finished"]
    assert isinstance(found[0].exception(), ZeroDivisionError)
    assert done == [1.0, 0.5]


def test_what_is_cancelled_is_never_begun():
    begun, go, done = Event(), Event(), []

    def wait():
        begun.set()
        go.wait(PATIENCE)

    with this_process() as here:
        first = here.submit(wait, key="a")
        begun.wait(PATIENCE)
        second = here.submit(done.append, 1, key="b")
        here.cancel([first, second])
        go.set()
        assert second.cancelled()
        assert not first.cancelled()
    assert done == []
