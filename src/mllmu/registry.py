"""Things that are found by name because their file is there: methods, metrics, protocols, layouts, views."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from inspect import isabstract
from pkgutil import walk_packages
from types import ModuleType
from typing import Generic, Protocol, TypeVar

from mllmu.errors import UserError
from mllmu.suggest import unknown


class Named(Protocol):
    """Anything with a name by which users ask for it."""

    @property
    def name(self) -> str:
        """Unique within its registry; letters, digits and underscores, or such parts joined by hyphens.

        Each part begins with a letter.
        """
        ...


T = TypeVar("T", bound=Named)

# Names stand in file names, and before numbers: the view "seen" labels its images "seen-1" and "seen-2".
_NAME = re.compile(r"[A-Za-z]\w*(-[A-Za-z]\w*)*", re.ASCII)


class Registry(Generic[T]):
    """Everything of one kind: what a package's modules hold, and what other distributions offer.

    A module of the package, or of a package within it, is found by being there. Another distribution names an
    object, or a module that holds such objects, in an entry-point group of its ``pyproject.toml``::

        [project.entry-points."mllmu.methods"]
        my_method = "my_package.my_method"

    Modules are imported when the registry is first asked.
    """

    def __init__(self, kind: str, package: str, group: str, is_entry: Callable[[object], bool]) -> None:
        """Describe the kind.

        Args:
            kind: what one entry is called in messages, e.g. ``unlearning method``.
            package: dotted name of the package whose modules hold entries.
            group: entry-point group of other distributions, e.g. ``mllmu.methods``.
            is_entry: whether an object of a module is an entry.
        """
        self.kind = kind
        self._package = package
        self._group = group
        self._is_entry = is_entry

    def names(self) -> list[str]:
        """All names: those of the package first, then those of packages within it, then all others."""
        return list(self._entries)

    def get(self, name: str) -> T:
        """The entry of a name.

        Raises:
            UserError: if there is none; near names are suggested.
        """
        if name not in self._entries:
            self._refuse_unfinished(name)
            raise unknown(self.kind, name, self._entries)
        return self._entries[name]

    def _refuse_unfinished(self, name: str) -> None:
        """Say what a class of the name lacks, rather than that there is none."""
        for module in self._modules():
            for value in vars(module).values():
                if isinstance(value, type) and isabstract(value) and getattr(value, "name", None) == name:
                    lacking = ", ".join(sorted(value.__abstractmethods__))  # type: ignore[attr-defined]
                    raise UserError(
                        f"{value.__name__} in {module.__name__} is no {self.kind} yet; expected {lacking}"
                    )

    def all(self) -> list[T]:
        """All entries, in the order of `names`."""
        return list(self._entries.values())

    def add(self, entry: T) -> None:
        """Offer an entry for the rest of this process, as a notebook does.

        Raises:
            UserError: if another entry has its name, or it is no name.
        """
        self._require_name(entry.name, "an object of this process")
        present = self._entries.setdefault(entry.name, entry)
        if present is not entry:
            raise self._taken(entry.name, "an object of this process")

    @cached_property
    def _entries(self) -> dict[str, T]:
        entries: dict[str, T] = {}
        sources: dict[str, str] = {}
        for source, entries_of_source in (*self._own(), *self._offered()):
            for entry in entries_of_source:
                name: str = getattr(entry, "name", "")
                self._require_name(name, source)
                if entries.setdefault(name, entry) is not entry:
                    raise self._taken(name, f"{source}, after {sources[name]},")
                sources.setdefault(name, source)
        return entries

    def _own(self) -> Iterator[tuple[str, list[T]]]:
        for module in self._modules():
            yield module.__name__, self._entries_of(module)

    def _modules(self) -> Iterator[ModuleType]:
        package = import_module(self._package)
        modules = walk_packages(package.__path__, f"{self._package}.")
        for module in sorted(modules, key=lambda one: one.name.count(".")):
            try:
                yield import_module(module.name)
            except UserError:
                raise
            except Exception as error:  # whatever a file that somebody put there raises
                *_, last = traceback.extract_tb(error.__traceback__)
                what = f"{type(error).__name__}: {error} ({last.filename}, line {last.lineno})"
                raise UserError(f"{module.name} cannot be imported: {what}") from error

    def _offered(self) -> Iterator[tuple[str, list[T]]]:
        for point in entry_points(group=self._group):
            source = f"entry point {point.name!r} of group {self._group!r}"
            try:
                offered = point.load()
            except Exception as error:  # whatever another distribution's import raises
                raise UserError(f"{source} ({point.value}) cannot be loaded: {error}") from error
            entries = self._entries_of(offered) if isinstance(offered, ModuleType) else [offered]
            if not entries or not all(map(self._is_entry, entries)):
                raise UserError(f"{source} ({point.value}) is no {self.kind}, and no module that holds one")
            yield source, entries

    def _entries_of(self, module: ModuleType) -> list[T]:
        """What a module holds, without the classes that it only imports."""
        entries = [value for value in vars(module).values() if self._is_entry(value)]
        return [each for each in entries if not isinstance(each, type) or each.__module__ == module.__name__]

    def _require_name(self, name: object, source: str) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise UserError(
                f"{source} names a {self.kind} {name!r}; expected letters, digits and underscores, "
                "or such parts joined by hyphens, each of which begins with a letter"
            )

    def _taken(self, name: str, source: str) -> UserError:
        return UserError(f"{source} names a second {self.kind} {name!r}; expected a name of its own")
