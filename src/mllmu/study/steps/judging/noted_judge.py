"""Whose scores of free answers an evaluation holds: those of two judges are two metrics under one name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mllmu.errors import UserError
from mllmu.study.steps.evaluation_note import evaluation_note, evaluation_notes, store_note

OFFICIAL_JUDGE = "eval_gpt.py"
"""What scores that were imported are noted as: which model its authors asked, its files do not say."""


def note_judge(folder: Path, name: str, judge: str) -> None:
    """Say in an evaluation's note who judged its free answers; where it has no note, it gets one.

    Args:
        folder: of a single evaluation.
        name: what its records are called, without the ending.
        judge: the judge's name.

    Raises:
        UserError: the note is damaged, or cannot be written.
    """
    store_note(folder, name, {**evaluation_note(folder, name), "judge": judge})


def judges_of(folder: Path) -> list[str]:
    """Who judged free answers in an evaluation, or in a report on several; those without a note are left out.

    Raises:
        UserError: a note is damaged.
    """
    return sorted({str(note["judge"]) for note in evaluation_notes(folder) if note.get("judge")})


def require_one_judge(folders: Sequence[Path]) -> None:
    """Refuse folders whose free answers were scored by different judges.

    Raises:
        UserError: naming two folders and their judges, or a damaged note.
    """
    first: tuple[Path, str] | None = None
    for folder in folders:
        for judge in judges_of(folder):
            first = first or (folder, judge)
            if judge != first[1]:
                raise UserError(
                    f"Free answers of {first[0]} were judged by {first[1]}, and of {folder} by {judge}; "
                    "expected one judge, as their scores are compared"
                )
