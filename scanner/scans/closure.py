"""Which code and which data a number depends on: the imports of what counts, followed through the syntax trees.

Docstrings and comments are no part of it, nor modules that are there but not imported by what counts. Where a module
reads a registry, whatever registers itself there counts, too: the product's own modules and those of other packages.
Where it only registers something of its own, the registry's module does not. Nothing is imported here.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec, resolve_name
from pathlib import Path

from physics.errors import InputError
from physics.reading import parse_yaml
from physics.registry import found_modules, plugins

OWN = "physics"
REGISTRY = "Registry"  # its class
REGISTERING = ("add", "instance")
DATA = (".yaml", ".yml", ".csv", ".json", ".txt", ".dat", ".npz")


@cache
def digest_of(module: str) -> str:
    """SHA-256 over the modules and data files that a module's numbers depend on."""
    if _path(module) is None:
        raise InputError(
            f"the source of the module {module} is not there, so that nobody could tell what its numbers come from; "
            "install its package with its .py files"
        )
    total = hashlib.sha256()
    behind = sorted(modules_behind(module))
    for name in behind:
        total.update(f"{name} {_code_digest(name)}\0".encode())
        for path in data_files(name):
            total.update(f"{path.name} {_data_digest(path)}\0".encode())
    for package in sorted({_top(name) for name in behind} - {OWN}):
        for path in _files_of(package):
            total.update(f"{path.name} {_data_digest(path)}\0".encode())
    return total.hexdigest()


@cache
def modules_behind(module: str) -> frozenset[str]:
    """Names of all modules that a module's numbers depend on, itself included.

    Followed are imports within ``physics``, within the module's own package, and within packages that register
    something which is read.
    """
    found: set[str] = set()
    packages = {OWN, _top(module)}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        needs = _needs(name)
        packages |= {_top(other) for other in needs.registered}
        waiting += [other for other in needs.all if _top(other) in packages]
    return frozenset(found)


def _top(name: str) -> str:
    return name.partition(".")[0]


@cache
def _root(package: str) -> Path | None:
    """Folder that a top-level package lies in."""
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    if places:
        return Path(places[0]).parent
    origin = spec.origin if spec is not None else None  # a package of one module
    return Path(origin).parent if origin is not None else None


@cache
def _path(name: str) -> Path | None:
    """The source of a module; None if there is none of this name (an object in a module, for instance)."""
    root = _root(_top(name))
    if root is None:
        return None
    path = root.joinpath(*name.split("."))
    for candidate in (path.with_name(path.name + ".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def _source(name: str) -> bytes:
    path = _path(name)
    return path.read_bytes() if path is not None else b""


@cache
def _tree(name: str) -> ast.Module:
    return ast.parse(_source(name))


@cache
def _nodes(name: str) -> tuple[list[ast.Name], list[ast.Attribute], set[str]]:
    """Names, attributes and texts of a module, in one walk."""
    names: list[ast.Name] = []
    attributes: list[ast.Attribute] = []
    texts: set[str] = set()
    for node in _walk(_tree(name)):
        if isinstance(node, ast.Name):
            names.append(node)
        elif isinstance(node, ast.Attribute):
            attributes.append(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
    return names, attributes, texts


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes, in no order; twice as fast as ``ast.walk``."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for value in vars(node).values():
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [item for item in value if isinstance(item, ast.AST)]


@dataclass(frozen=True)
class _Needs:
    """Modules that a module needs: all, and those that are among them since they register what it reads."""

    all: frozenset[str]
    registered: frozenset[str]


@cache
def _needs(name: str) -> _Needs:
    parts = name.split(".")
    # importing it runs the packages around it
    found = {".".join(parts[:n]) for n in range(1, len(parts))}
    imports = list(_imports(name))
    known = dict(_defined(name))  # registries by the name that they have here
    for module, names in imports:
        there = _defined(module) if _top(module) in (OWN, _top(name)) else {}
        known |= {local: there[original] for original, local in names if original in there}
    read = _read(name, known)
    known |= (by_module := _through_modules(name, imports))
    read |= set(by_module)
    for module, names in imports:
        if names and all(local in known and local not in read for _, local in names):
            continue  # only to register something of its own
        found |= {module, *(f"{module}.{original}" for original, _ in names)}
    registered: set[str] = set()
    for local in read:
        registry = known[local]
        registered |= set(found_modules(registry.package, registry.modules))
        registered |= {entry.module for entry in plugins(registry.group)}
    there_are = (other for other in found | registered if _path(other) is not None)
    return _Needs(frozenset(there_are), frozenset(registered))


def _imports(name: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Module, and what is imported from it as (its name, the name here)."""
    path = _path(name)
    package = name if path is not None and path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _import_statements(name):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        else:
            module = "." * node.level + (node.module or "")
            absolute = resolve_name(module, package) if node.level else module
            yield absolute, [(alias.name, alias.asname or alias.name) for alias in node.names]


@cache
def _import_statements(name: str) -> list[ast.Import | ast.ImportFrom]:
    return [
        node for node in _statements(_tree(name)) if isinstance(node, ast.Import | ast.ImportFrom)
    ]


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements that run: not those for type checkers."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for block in _BLOCKS:
            if not (typing_only and block == "body"):
                inner = getattr(node, block, ())
                waiting += inner if isinstance(inner, list) else ()


@dataclass(frozen=True)
class _Registry:
    """What the definition of a registry says."""

    package: str
    modules: str
    group: str


@cache
def _defined(name: str) -> dict[str, _Registry]:
    """Registries that a module defines: ``things: Registry[Thing] = Registry("thing", "package", ...)``."""
    found: dict[str, _Registry] = {}
    if REGISTRY.encode() not in _source(name):  # most modules: they need no syntax tree for this
        return found
    for node in _tree(name).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Call):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        call = node.value
        if not (isinstance(call.func, ast.Name) and call.func.id == REGISTRY):
            continue
        words = {word.arg: word.value for word in call.keywords}
        package, modules = (
            _text(call.args[n] if len(call.args) > n else words.get(word), default)
            for n, word, default in ((1, "package", ""), (2, "modules", "*.py"))
        )
        if isinstance(target, ast.Name) and package:
            found[target.id] = _Registry(package, modules, _text(words.get("group"), ""))
    return found


def _text(node: ast.AST | None, default: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return default


def _read(name: str, registries: dict[str, _Registry]) -> set[str]:
    """Registries that a module does more with than register."""
    if not registries:
        return set()
    names, attributes, _ = _nodes(name)
    registering = {id(node.value) for node in attributes if node.attr in REGISTERING}
    return {
        node.id
        for node in names
        if node.id in registries and isinstance(node.ctx, ast.Load) and id(node) not in registering
    }


def _through_modules(
    name: str, imports: list[tuple[str, list[tuple[str, str]]]]
) -> dict[str, _Registry]:
    """Registries that are read as attributes of imported modules (``base.things["x"]``), by how they are written."""
    modules = {module: module for module, names in imports if not names}
    for module, names in imports:
        modules |= {local: f"{module}.{original}" for original, local in names}
    for statement in _import_statements(name):
        if isinstance(statement, ast.Import):
            modules |= {alias.asname: alias.name for alias in statement.names if alias.asname}
    own = {
        local: defined
        for local, module in modules.items()
        if _top(module) in (OWN, _top(name)) and (defined := _defined(module))
    }
    if not own:
        return {}
    attributes = _nodes(name)[1]
    registering = {id(node.value) for node in attributes if node.attr in REGISTERING}
    found = {}
    for node in attributes:
        written = (
            ast.unparse(node.value) if isinstance(node.value, ast.Name | ast.Attribute) else ""
        )
        if id(node) not in registering and node.attr in own.get(written, {}):
            found[f"{written}.{node.attr}"] = own[written][node.attr]
    return found


# ---- digests ---------------------------------------------------------------------------------


@cache
def _code_digest(name: str) -> str:
    """Of what a module says, whatever its comments, docstrings and layout; the same for all versions of Python."""
    parts: list[str] = []
    _write(_tree(name), parts)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _write(node: ast.AST, parts: list[str]) -> None:
    kind = type(node)
    parts.append(kind.__name__)
    for field in kind._fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            parts.append(field)
            if value._fields:
                _write(value, parts)
            else:  # of the context of a name, mostly
                parts += (type(value).__name__, ")")
        elif isinstance(value, list):
            if not value:
                continue
            parts.append(field)
            for item in value:
                if isinstance(item, ast.Expr) and _is_text(item):
                    continue  # a docstring, of an attribute perhaps
                if isinstance(item, ast.AST):
                    _write(item, parts)
                else:
                    parts.append(repr(item))
        elif value is not None or field == "value":
            parts.append(f"{field}={value!r}")
    parts.append(")")


def _is_text(node: ast.Expr) -> bool:
    return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@cache
def data_files(name: str) -> tuple[Path, ...]:
    """Files beside a module that a text in it names, by name or by a pattern with such an ending."""
    path = _path(name)
    if path is None or not any(ending.encode() in _source(name) for ending in DATA):
        return ()
    patterns = (
        t for t in _nodes(name)[2] if t.endswith(DATA) and " " not in t and not t.startswith("/")
    )
    return tuple(sorted({file for text in patterns for file in path.parent.glob(text)}))


@cache
def _files_of(package: str) -> tuple[Path, ...]:
    """All files but code of a package of somebody else's: how it finds them is not known."""
    root = _root(package)
    there = (root / package).rglob("*") if root is not None else ()
    return tuple(
        sorted(p for p in there if p.is_file() and p.suffix not in (".py", ".pyc", ".pyi"))
    )


@cache
def _data_digest(path: Path) -> str:
    """Of what a YAML file says, whatever its comments; of the bytes of any other."""
    raw = path.read_bytes()
    if path.suffix in (".yaml", ".yml"):
        with suppress(
            InputError, UnicodeDecodeError
        ):  # of somebody else's package: then the bytes count
            raw = json.dumps(parse_yaml(raw.decode("utf-8")), default=str).encode()
    return hashlib.sha256(raw).hexdigest()
