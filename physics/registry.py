"""Named collections that fill themselves from the modules of a package."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from threading import RLock
from typing import Generic, Protocol, TypeVar

from physics.errors import InputError


class Tagged(Protocol):
    """Anything with a name of its own."""

    @property
    def tag(self) -> str:
        """The name."""


T = TypeVar("T", bound=Tagged)


class Registry(Generic[T]):
    """Objects by tag; modules of the package are imported when the registry is first read.

    Parameters
    ----------
    kind : str
        What is collected, for messages.
    package : str
        Package whose modules register objects when imported.
    """

    def __init__(self, kind: str, package: str):
        self.kind = kind
        self._package = package
        self._objects: dict[str, T] = {}
        self._loaded = self._loading = False
        self._lock = RLock()

    def add(self, item: T) -> T:
        """Register an object (also as a decorator of a class whose instances carry the tag).

        Raises
        ------
        ValueError
            If the tag is taken.
        """
        if item.tag in self._objects:
            raise ValueError(f"two entries named {item.tag!r} among {self.kind}s")
        self._objects[item.tag] = item
        return item

    def _load(self) -> None:
        if self._loaded:
            return
        with self._lock:  # reentrant: modules read registries while they are imported
            if self._loaded or self._loading:
                return
            self._loading = True
            try:
                package = import_module(self._package)
                for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
                    import_module(f"{self._package}.{module}")
                # the order of modules, whichever of them somebody imported first
                items = sorted(self._objects.items(), key=lambda item: type(item[1]).__module__)
                self._objects = dict(items)
                self._loaded = True
            finally:
                self._loading = False

    def __getitem__(self, tag: str) -> T:
        self._load()
        try:
            return self._objects[tag]
        except (KeyError, TypeError):
            raise InputError(
                f"unknown {self.kind} {tag!r}; there are: {', '.join(self._objects)}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        self._load()
        return iter(self._objects)

    def __len__(self) -> int:
        self._load()
        return len(self._objects)

    def values(self) -> list[T]:
        """All objects, in the order of registration."""
        return [self[tag] for tag in self]

    def instance(self, cls: Callable[[], T]) -> Callable[[], T]:
        """Decorator: register one instance of a class."""
        self.add(cls())
        return cls
