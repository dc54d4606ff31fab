"""Named collections that fill themselves: from the modules of a package, and from other packages' entry points.

A module registers an object when it is imported, by decorator or by :meth:`Registry.add`. A package of somebody else's
names such a module (or the object itself) under ``[project.entry-points."dipolescan.<group>"]``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from physics.errors import InputError, RegistrationError, unknown

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")
PREFIX = "dipolescan."  # of all groups of entry points


class Registry(Generic[T]):
    """Objects by tag; modules are imported when the registry is first read.

    Parameters
    ----------
    kind : str
        What is collected, for messages.
    package : str
        Package under which modules register objects when imported.
    modules : str
        Which of them, as a pattern of paths relative to the package (``*/model.py``).
    group : str
        Entry points ``dipolescan.<group>`` of other packages that add to it; none if empty.
    key : callable
        Tag of an object.
    check : callable, optional
        Called with objects once they are there; raises RegistrationError if they do not fit together.
    stated : tuple of str
        Names to which the modules assign the parts of their objects' tags as plain texts (``kind = "mono-photon"``).
        One object is then found by importing the modules that state its tag, or do not state theirs; without, all.
    """

    def __init__(
        self,
        kind: str,
        package: str,
        modules: str = "*.py",
        *,
        group: str = "",
        key: Callable[[Any], Any] = attrgetter("tag"),
        check: Callable[[list[T]], None] | None = None,
        stated: tuple[str, ...] = (),
    ):
        self.kind, self.group = kind, group
        self._package, self._modules = package, modules
        self._key, self._check, self._stated = key, check, stated
        self._objects: dict[Any, T] = {}
        self._origins: dict[Any, str] = {}  # the module that registered each
        self._loaded = self._loading = False
        self._looked_for: set[Any] = set()
        self._checked: set[Any] = set()
        self._lock = RLock()

    def add(self, item: T) -> T:
        """Register an object (also as a decorator of a class whose instances are not wanted).

        Raises
        ------
        RegistrationError
            If the tag is taken.
        """
        tag = self._key(item)
        if tag in self._objects:
            raise RegistrationError(f"two entries named {tag!r} among {self.kind}s")
        self._objects[tag] = item
        self._origins[tag] = _caller()
        return item

    def origin(self, tag: Any) -> str:
        """Name of the module that registered an object."""
        self[tag]
        return self._origins[tag]

    def modules(self) -> list[str]:
        """Names of the package's modules that may register objects, without importing them."""
        return found_modules(self._package, self._modules)

    def _load(self) -> None:
        if self._loaded:
            return
        with self._lock:  # reentrant: modules read registries while they are imported
            if self._loaded or self._loading:
                return
            self._loading = True
            try:
                for module in self.modules():
                    import_module(module)
                for entry in plugins(self.group):
                    self._plug(entry)
                # the order of modules, whichever of them somebody imported first
                tags = sorted(self._objects, key=self._origins.__getitem__)
                self._objects = {tag: self._objects[tag] for tag in tags}
                self._check_new()
                self._loaded = True
            finally:
                self._loading = False

    def _load_for(self, tag: Any) -> None:
        """Import what may register an object of this tag; everything, if it is not there then."""
        if self._stated and not (self._loaded or self._loading or tag in self._looked_for):
            with self._lock:
                for module in self._stating(tag):
                    import_module(module)
                for entry in plugins(self.group):
                    self._plug(entry)
                self._check_new()
                self._looked_for.add(tag)
        if tag not in self._looked_for or tag not in self._objects:
            self._load()

    def _stating(self, tag: Any) -> list[str]:
        """Modules that register something, and may register an object of this tag by what they say."""
        parts = tag if isinstance(tag, tuple) else (tag,)
        if len(parts) != len(self._stated):
            return []
        wanted = dict(zip(self._stated, parts, strict=True))
        return [
            module
            for module, path in _found(self._package, self._modules).items()
            if _may_register(path.read_text(encoding="utf-8"), wanted)
        ]

    def _check_new(self) -> None:
        """Check the objects that have come since the last time."""
        new = [tag for tag in self._objects if tag not in self._checked]
        if self._check is not None and new:
            self._check([self._objects[tag] for tag in new])
        self._checked.update(new)

    def _plug(self, entry: EntryPoint) -> None:
        """Import what another package offers; an object that has not registered itself is added."""
        found = load_plugin(entry)
        if not isinstance(found, ModuleType) and all(
            found is not x for x in self._objects.values()
        ):
            self.add(found)

    def __getitem__(self, tag: Any) -> T:
        try:
            self._load_for(tag)
            return self._objects[tag]
        except (KeyError, TypeError):
            raise InputError(unknown(self.kind, tag, self._objects)) from None

    def __contains__(self, tag: object) -> bool:
        self._load_for(tag)
        return tag in self._objects

    def __iter__(self) -> Iterator[Any]:
        self._load()
        return iter(self._objects)

    def __len__(self) -> int:
        self._load()
        return len(self._objects)

    def values(self) -> list[T]:
        """All objects, in the order of their modules."""
        return [self[tag] for tag in self]

    def instance(self, cls: type) -> type:
        """Decorator: register one instance of a class."""
        self.add(cls())
        return cls


def found_modules(package: str, pattern: str) -> list[str]:
    """Names of the modules of a package whose paths fit a pattern, sorted; nothing is imported but the package.

    >>> found_modules("physics.numerics", "ga*.py")
    ['physics.numerics.gauss']
    """
    return sorted(_found(package, pattern))


def _found(package: str, pattern: str) -> dict[str, Path]:
    """Modules of a package whose paths fit a pattern, in the order of their names."""
    found: dict[str, Path] = {}
    for root in map(Path, import_module(package).__path__):
        for path in root.glob(pattern):
            parts = path.relative_to(root).with_suffix("").parts
            if parts[-1] not in ("__init__", "__main__"):
                found.setdefault(".".join((package, *parts)), path)
    return dict(sorted(found.items()))


_REGISTERS = re.compile(r"^\s*@?\w+\.(?:add|instance)\b(?!\.)", re.MULTILINE)


def _may_register(source: str, wanted: Mapping[str, Any]) -> bool:
    """Whether a module's source registers an object whose tag has these parts, as far as its plain texts tell.

    >>> source = '@things.instance' + chr(10) + 'class Thing: kind = "one"'
    >>> _may_register(source, {"kind": "one"}), _may_register(source, {"kind": "two"})
    (True, False)
    """
    registered = len(_REGISTERS.findall(source))
    if not registered:
        return False
    for name, part in wanted.items():
        stated = re.findall(rf'\b{name}\b(?:\s*:[^=\n]*)?\s*=\s*"([^"\n]*)"', source, re.IGNORECASE)
        if part not in stated and len(stated) >= registered:
            return False
    return True


@cache
def all_plugins() -> tuple[EntryPoint, ...]:
    """Entry points of all installed packages in groups of ours; looking through them takes a while."""
    if not _perhaps_plugins():
        return ()
    from importlib.metadata import entry_points  # slow to import

    found = entry_points()
    return tuple(
        entry
        for group in found.groups
        if group.startswith(PREFIX)
        for entry in found.select(group=group)
    )


def _perhaps_plugins() -> bool:
    """Whether a package beside this one may have entry points in groups of ours, by the texts of their files."""
    finders = [finder for finder in sys.meta_path if hasattr(finder, "find_distributions")]
    if any(getattr(finder, "__name__", "") != "PathFinder" for finder in finders):
        return True
    for place in dict.fromkeys(sys.path):
        folder = Path(place or ".")
        if folder.is_file():  # an archive
            return True
        for ending in ("dist-info", "egg-info"):
            for path in folder.glob(f"*.{ending}/entry_points.txt"):
                if re.search(
                    rf"^\s*\[\s*{re.escape(PREFIX)}", path.read_text("utf-8"), re.MULTILINE
                ):
                    return True
    return False


def plugins(group: str) -> list[EntryPoint]:
    """What other packages offer in a group (``models``, ``searches``, ...), by name."""
    wanted = [entry for entry in all_plugins() if group and entry.group == PREFIX + group]
    return sorted(wanted, key=lambda entry: (entry.name, entry.value))


def load_plugin(entry: EntryPoint) -> Any:
    """Import what an entry point names.

    Raises
    ------
    RegistrationError
        If that fails, with the package that offers it.
    """
    try:
        return entry.load()
    except RegistrationError:
        raise
    except Exception as error:
        package = entry.dist.name if entry.dist is not None else entry.module
        raise RegistrationError(
            f"{package} offers {entry.value} as {entry.group}, which cannot be loaded "
            f"({type(error).__name__}: {' '.join(str(error).split())}); update or uninstall it"
        ) from error


def _caller() -> str:
    """The module from which something is registered."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))
