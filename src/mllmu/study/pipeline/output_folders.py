"""Which folders a run and a report may write to: new ones, and those that an earlier one made."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mllmu.errors import UserError
from mllmu.files import refuse_file, require_room_for, writing_to
from mllmu.report.run_folder import (
    EVALUATIONS_FOLDER,
    JOINED_FILE,
    MADE_FILES,
    RECIPE_FILE,
    RECORDS_FOLDER,
    STAGES_FOLDER,
    TABLES_FOLDER,
)

_OF_REPORTS = (*MADE_FILES, RECORDS_FOLDER, EVALUATIONS_FOLDER, TABLES_FOLDER)
_OF_RUNS = (RECIPE_FILE, *_OF_REPORTS)


def require_run_folder(folder: Path) -> None:
    """Refuse a folder in which a run would write over files that no run made.

    Raises:
        UserError: it is a file, or holds a file of the name of one of a run's, and lacks stages or a recipe;
            or nothing can be written there.
    """
    _require_own(folder, (STAGES_FOLDER, RECIPE_FILE), _OF_RUNS, "a run")
    require_room_for(folder)


def require_report_folder(folder: Path) -> None:
    """Refuse a folder in which a report on others would write over files that no such report made.

    Raises:
        UserError: it is a file, or holds a file of the name of one of a report's, which is of something else.
    """
    _require_own(folder, (JOINED_FILE,), _OF_REPORTS, "such a report")


def note_joined(folder: Path, joined: Iterable[Path]) -> None:
    """Write down of which folders a folder holds the report."""
    names = "".join(f"{one}\n" for one in joined)
    (folder / JOINED_FILE).write_text(names, encoding="utf-8")


def _require_own(folder: Path, marks: Iterable[str], written: Iterable[str], kind: str) -> None:
    with writing_to(folder):
        refuse_file(folder)
        if all((folder / mark).exists() for mark in marks):
            return
        if lost := [name for name in written if (folder / name).exists()]:
            raise UserError(
                f"{folder} holds {lost[0]}, which {kind} would write over, and nothing says that {kind} made "
                "it; expected a new folder, or one of an earlier time"
            )
