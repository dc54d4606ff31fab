"""Pages of the Python interface, from docstrings: the door, ds.scan, results, and rooms of physics."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from pathlib import Path

import dipolescan
from docstrings import module_page
from text import escaped, table, toctree
from types_of import types_of

import physics
from physics.registry import found_modules
from scanner.outputs.accessor import ScanAccessor
from scanner.outputs.result import Result
from scanner.queries.assumptions import Assumptions


def python() -> tuple[str, dict[str, str]]:
    """The door, one entry for each public name, and the pages of ds.scan and of results."""
    rows, entries = [], []
    for name in dipolescan.__all__:
        found = getattr(dipolescan, name)
        first = (inspect.getdoc(found) or "").partition("\n\n")[0]
        rows.append([f"[{escaped(name)}](#{_id(name)})", escaped(first)])
        entries.append(_directive(found, f"dipolescan.{name}"))
    results, documented = _results()
    pages = {
        "python/cubes": _cubes(),
        "python/results": results,
        "python/types": _types(
            [ScanAccessor, *documented], {ScanAccessor, Assumptions, *documented}
        ),
    }
    return (
        "\n\n".join(
            [table(["name", "what it is"], rows), _rst("\n\n".join(entries)), toctree(pages)]
        ),
        pages,
    )


def _id(name: str) -> str:
    return f"dipolescan.{name}"


def _directive(found: object, name: str) -> str:
    if inspect.isclass(found):
        below = "" if issubclass(found, Exception) else "\n   :members:"
        return f".. autoclass:: {name}{below}"
    return f".. autofunction:: {name}"


def _rst(text: str) -> str:
    return f"```{{eval-rst}}\n{text}\n```"


def _cubes() -> str:
    return "\n\n".join(
        [
            "# Questions to a cube: ds.scan",
            "A cube that `dipolescan.open_cube` opens is an ordinary `xarray.Dataset`, which has the questions "
            "below under `ds.scan`. In the examples `cube` is such a dataset and `np` is NumPy.",
            _rst(
                ".. autoclass:: scanner.outputs.accessor.ScanAccessor\n   :members:\n   :inherited-members:"
            ),
            "## Assumptions",
            _rst(".. autoclass:: scanner.queries.assumptions.Assumptions\n   :members:"),
        ]
    )


def _results() -> tuple[str, list[type]]:
    """Every class of result that there is, and the classes."""
    for module in found_modules("scanner.outputs", "*.py"):
        import_module(module)
    parts = [
        "# Results",
        "What the questions of [ds.scan](cubes.md) return. Every result prints itself, draws itself and "
        "writes itself to a file; what it writes says what decided its numbers ([what files say](../../outputs.md)).",
        _rst(".. autoclass:: scanner.outputs.result.Result\n   :members:"),
    ]
    classes = sorted(_below(Result), key=lambda cls: cls.__name__)
    for found in classes:
        name = f"{found.__module__}.{found.__qualname__}"
        parts.append(f"## {escaped(found.__name__)}")
        parts.append(
            _rst(f".. autoclass:: {name}\n   :members:\n   :inherited-members: ABC, Sequence")
        )
    return "\n\n".join(parts), [Result, *classes]


def _types(asked: list[type], documented: set[type]) -> str:
    """What functions of the door, questions and results take and return besides."""
    doors = [getattr(dipolescan, name) for name in dipolescan.__all__]
    there = documented | {found for found in doors if inspect.isclass(found)}
    parts = [
        "# Further types",
        "What functions take and return besides [results](results.md), sorted by their names.",
    ]
    found = [cls for cls in types_of([*doors, *asked]) if cls not in there]
    for cls in sorted(found, key=lambda cls: (cls.__name__.lower(), cls.__module__)):
        below = "\n   :members:\n   :exclude-members: set"  # matplotlib's own, of figures
        parts.append(f"## {escaped(cls.__name__)}")
        parts.append(_rst(f".. autoclass:: {cls.__module__}.{cls.__qualname__}{below}"))
    return "\n\n".join(parts)


def _below(cls: type) -> list[type]:
    """Classes below another that users meet: none that is there to be extended."""
    found = []
    for below in cls.__subclasses__():
        found += [] if inspect.isabstract(below) else [below]
        found += _below(below)
    return [one for one in found if one.__module__.startswith("scanner.outputs")]


def physics_rooms() -> tuple[str, dict[str, str]]:
    """One page for each room of physics, with all public names of its modules."""
    pages, rows = {}, []
    folder = Path(physics.__path__[0])
    for info in pkgutil.iter_modules(physics.__path__):
        page = f"physics/{info.name}"
        texts = [module_page(path, _name(path, folder)) for path in _modules(folder, info)]
        pages[page] = "\n\n".join([f"# physics.{escaped(info.name)}", *texts])
        first = (inspect.getdoc(import_module(f"physics.{info.name}")) or "").partition("\n\n")[0]
        rows.append([f"[physics.{escaped(info.name)}]({page}.md)", escaped(first), str(len(texts))])
    return (
        "\n\n".join([table(["room", "what it is", "modules"], rows), toctree(pages)]),
        pages,
    )


def _modules(folder: Path, info: pkgutil.ModuleInfo) -> list[Path]:
    """Modules of a room, but for those whose names say that they are its own."""
    if not info.ispkg:
        return [folder / f"{info.name}.py"]
    paths = sorted((folder / info.name).rglob("*.py"))
    return [path for path in paths if not path.stem.startswith("_") or path.stem == "__init__"]


def _name(path: Path, folder: Path) -> str:
    parts = path.relative_to(folder.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")
