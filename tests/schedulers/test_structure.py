"""Modules of schedulers, and its folders, import each other in one direction, wherever in them an import stands."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import schedulers

FOLDER = Path(schedulers.__file__).parent


def name_of(path):
    parts = ("schedulers", *path.relative_to(FOLDER).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(FOLDER.rglob("*.py"))}


def named(node):
    """Names that an expression with an import may load: all that a text with gaps begins."""
    match node:
        case ast.Import():
            return {alias.name for alias in node.names}
        case ast.ImportFrom(level=0):
            # a name that is no module stands for the one it is taken from
            return {
                full if (full := f"{node.module}.{alias.name}") in MODULES else node.module
                for alias in node.names
            }
        case ast.Call(args=[ast.Constant(value=str(text)), *_]) if "import" in ast.unparse(
            node.func
        ):
            return {text}
        case ast.Call(args=[ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]), *_]):
            return {
                m for m in MODULES if "import" in ast.unparse(node.func) and m.startswith(start)
            }
    assert not isinstance(node, ast.ImportFrom), "relative imports are not followed here"
    return set()


def imports(source):
    """Modules that a source imports, and the packages they are in: these are loaded, too."""
    found = {name for node in ast.walk(ast.parse(source)) for name in named(node)} & set(MODULES)
    return found | {
        ".".join(name.split(".")[:i]) for name in found for i in range(1, name.count(".") + 1)
    }


GRAPH = {name: imports(path.read_text(encoding="utf-8")) - {name} for name, path in MODULES.items()}


def cycle(graph):
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        return error.args[1]
    return []


def by_folder(graph):
    """Folders in the place of the modules in them."""

    def place(module):
        return ".".join(module.split(".")[:2])

    found = {place(module): set() for module in graph}
    for module, others in graph.items():
        found[place(module)] |= {place(o) for o in others} - {place(module)}
    return found


def test_modules_import_each_other_in_one_direction():
    assert cycle(GRAPH) == []


def test_folders_import_each_other_in_one_direction():
    assert cycle(by_folder(GRAPH)) == []


def test_what_is_seen():
    assert {"schedulers.ledger", "schedulers.clusters.slurm", "schedulers.web"} <= set(MODULES)
    assert "schedulers.lease" in GRAPH["schedulers.service"]  # from schedulers import ..., lease
    assert (
        "schedulers.clusters.slurm" in GRAPH["schedulers.clusters.choice"]
    )  # by a name made there
    assert sum(map(len, GRAPH.values())) > 60


@pytest.mark.parametrize(
    "source",
    [
        "import schedulers.ledger",
        "from schedulers import ledger",
        "from schedulers.ledger import Ledger",
        "def late():\n    from schedulers.ledger import Ledger",
        "if TYPE_CHECKING:\n    from schedulers.ledger import Ledger",
        "import_module('schedulers.ledger')",
        "importlib.import_module(f'schedulers.l{rest}')",
    ],
)
def test_imports_are_seen_wherever_they_stand(source):
    assert "schedulers.ledger" in imports(source)


def test_a_cycle_of_folders_is_seen():
    graph = {
        "schedulers.web.app": {"schedulers.lease"},
        "schedulers.lease": {"schedulers.web.words"},
    }
    assert cycle(graph) == []
    assert cycle(by_folder(graph | {"schedulers.web.words": set()})) != []
