"""``mllmu push data``: people as a dataset, ready to be sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mllmu.benchmark import Severity, write_benchmark
from mllmu.benchmark.validation import validate
from mllmu.benchmark.writing.card import dataset_card
from mllmu.errors import UserError
from mllmu.progress import Progress
from mllmu.study.pushing.model_files import require_inside
from mllmu.study.pushing.prepared_push import CARD_FILE, PreparedPush, require_repository_name


@contextmanager
def prepared_people(
    benchmark: Path, to: str, is_private: bool = True, progress: Progress | None = None
) -> Iterator[PreparedPush]:
    """Check a benchmark, and write it in the released layout with its card, as it will be sent.

    Args:
        benchmark: a folder in any layout that can be read.
        to: the repository, ``owner/name``.
        is_private: whether a new repository is for its owner alone.
        progress: called with the portraits looked at and all there are.

    Yields:
        What will be sent; gone when the block ends.

    Raises:
        UserError: there is no such folder, it has errors, a file of it leads out of it, the disk is full, or
            `to` cannot be a repository.

    Example:
        ::

            with prepared_people(Path("people"), "owner/people") as prepared:
                push(prepared)
    """
    require_repository_name(to)
    if not benchmark.is_dir():
        raise UserError(f"There is no folder {benchmark}; expected a benchmark's folder.")
    for file in sorted(benchmark.rglob("*")):
        if file.is_symlink() or not file.is_dir():
            require_inside(file, benchmark)
    validation = validate(benchmark, progress)
    errors, warnings = (validation.count(each).total() for each in (Severity.ERROR, Severity.WARNING))
    if errors:
        raise UserError(
            f"{benchmark} has errors, {errors} in all; expected none "
            f"(mllmu data validate {benchmark} shows them)."
        )
    people = validation.benchmark
    with TemporaryDirectory() as temporary:
        folder = write_benchmark(people, temporary)
        configs = sorted(path.name for path in folder.iterdir() if path.is_dir())
        (folder / CARD_FILE).write_text(dataset_card(people, configs, to), encoding="utf-8")
        notes = (f"mllmu data validate {benchmark} has {warnings} warnings",) if warnings else ()
        yield PreparedPush("dataset", to, is_private, folder, notes=notes)
