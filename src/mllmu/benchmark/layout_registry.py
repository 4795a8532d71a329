"""The interface of a folder layout, and the registry of all layouts that a benchmark can be read from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from mllmu.benchmark.load_report import LoadReport
from mllmu.benchmark.types import Benchmark
from mllmu.errors import UserError
from mllmu.registry import Registry


class FolderLayout(ABC):
    """A folder format that benchmarks can be read from.

    A package of its own offers a layout by an entry point in its ``pyproject.toml``; a script or a notebook
    calls ``LAYOUTS.add``. Nothing else has to be changed.

    Attributes:
        name: unique among the layouts, e.g. ``mllmu-bench``.
        title: a few words by which a user recognises such a folder, shown in error messages.

    Example:
        ::

            class PeopleJson(FolderLayout):
                name = "people-json"
                title = "a people.json beside its images"

                def recognizes(self, folder):
                    return (folder / "people.json").is_file()

                def read(self, folder, report):
                    entries = json.loads((folder / "people.json").read_text("utf-8"))
                    profiles = {entry["id"]: make_profile(entry, folder) for entry in entries}
                    return Benchmark(folder.name, profiles, celebrities={}, holdout={}, splits={})


            LAYOUTS.add(PeopleJson())
    """

    name: str
    title: str

    @abstractmethod
    def recognizes(self, folder: Path) -> bool:
        """Whether a folder is in this layout, decided by the names of its files and folders alone."""

    @abstractmethod
    def read(self, folder: Path, report: LoadReport) -> Benchmark:
        """Read a folder that `recognizes` accepts.

        Args:
            folder: the benchmark folder.
            report: repairs are listed in its ``notes``, and file and row of people and questions in its
                ``locations``. A layout may leave it alone: issues then name the folder only.

        Returns:
            The benchmark. Its fingerprint may be left empty; the loader computes it.

        Raises:
            UserError: a file, row or field of it cannot be used.
        """


LAYOUTS: Registry[FolderLayout] = Registry(
    "layout", "mllmu.benchmark.layouts", "mllmu.layouts", lambda value: isinstance(value, FolderLayout)
)
"""All layouts: this package's, those of other distributions, and those added in this process."""


def layout_of(folder: Path) -> FolderLayout:
    """The first registered layout that recognises a folder.

    Raises:
        UserError: none does; the sentence lists the layouts.
    """
    for layout in LAYOUTS.all():
        if layout.recognizes(folder):
            return layout
    expected = "; ".join(f"{layout.name} ({layout.title})" for layout in LAYOUTS.all())
    raise UserError(f"{folder} is in no layout that can be read; expected one of: {expected}.")
