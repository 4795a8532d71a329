"""The three task columns of a row -> questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from mllmu.benchmark import layout
from mllmu.benchmark.rows import Row
from mllmu.benchmark.types import Modality, Question, Task

TASK_COLUMNS = (layout.CLASSIFICATION, layout.GENERATION, layout.CLOZE)
_MODALITIES = {name: modality for modality, name in layout.FREE_FORM_TYPES.items()}


@dataclass(frozen=True)
class _Entry:
    """One entry of a task column: where it stands and, unless it had to be left out, its question."""

    task: Task
    modality: Modality
    question: Question | None


def read_questions(row: Row, wording: str) -> tuple[Question, ...]:
    """Read a row's questions in the order of its details, or of its columns where it has none.

    Entries that cannot be asked (no wording, no answer) are left out and noted; those whose correct letter
    is none of the options' are noted and kept without an answer, because the official evaluation asks them.
    Where the row has no details, ids are made from the position among the questions of the same modality.

    Args:
        row: a row with the three task columns.
        wording: ``original`` or ``test``, for the ids.

    Raises:
        UserError: a task column does not have the released form, or the details do not fit the questions.
    """
    entries = [*_choices(row), *_free_forms(row, Task.GENERATION), *_free_forms(row, Task.CLOZE)]
    groups: dict[tuple[str, str], list[Question | None]] = defaultdict(list)
    questions: list[Question | None] = []
    for entry in entries:
        group = groups[entry.task.value, entry.modality.value]
        question_id = f"{row.profile_id()}/{wording}/{entry.task}/{entry.modality}/{len(group)}"
        questions.append(entry.question and replace(entry.question, question_id=question_id))
        group.append(questions[-1])
    details = row.values.get(layout.DETAILS)
    if details is not None:
        questions = list(_with_details(row, groups, details))
    return tuple(question for question in questions if question)


def _with_details(
    row: Row, groups: dict[tuple[str, str], list[Question | None]], details: list[dict[str, Any]]
) -> Iterator[Question | None]:
    waiting = {key: iter(group) for key, group in groups.items()}
    if len(details) != sum(map(len, groups.values())):
        raise row.error(
            layout.DETAILS, f"{len(details)} entries; expected one for every question of the row."
        )
    for position, detail in enumerate(details):
        try:
            question = next(waiting[detail["task"], detail["modality"]])
            yield question and replace(
                question,
                question_id=detail["question_id"],
                attribute=detail["attribute"] or "",
                value=detail["value"] or "",
                paraphrased_answer=detail["paraphrased_answer"] or "",
                wrong_answers=tuple(detail["wrong_answers"] or ()),
            )
        except (KeyError, StopIteration) as error:
            field = f"{layout.DETAILS}[{position}]"
            raise row.error(
                field, "no question of this task and modality; expected one entry each."
            ) from error


def _choices(row: Row) -> Iterator[_Entry]:
    column = row.values[layout.CLASSIFICATION]
    for modality, name in layout.CLASSIFICATION_LISTS.items():
        field = f"{layout.CLASSIFICATION}.{name}"
        if not isinstance(column, dict) or name not in column:
            raise row.error(field, "missing; expected a list of multiple-choice questions.")
        for position, entry in enumerate(column[name] or ()):
            yield _Entry(Task.CLASSIFICATION, modality, _choice(row, f"{field}[{position}]", modality, entry))


def _choice(row: Row, field: str, modality: Modality, entry: dict[str, Any]) -> Question | None:
    text = _part(row, field, entry, "Question")
    letter = _part(row, field, entry, "Correct_Answer")
    options = {key: str(option) for key, option in (entry.get("Options") or {}).items() if option is not None}
    if not text:
        row.note(field, "left out: the question has no wording")
        return None
    if not letter:
        row.note(field, "left out: no correct answer is named")
        return None
    if letter not in options:
        row.note(
            field,
            f"asked by the official protocol only: the correct answer {letter!r} is not among the options "
            f"{', '.join(options)}",
        )
    answer = options.get(letter, "")
    return Question(
        question_id="",
        profile_id=row.profile_id(),
        task=Task.CLASSIFICATION,
        modality=modality,
        text=text,
        answer=answer,
        options=options,
        correct_option=letter,
        value=answer,
    )


def _free_forms(row: Row, task: Task) -> Iterator[_Entry]:
    column = layout.FREE_FORM_COLUMNS[task]
    for position, entry in enumerate(row.values[column] or ()):
        field = f"{column}[{position}]"
        if not isinstance(entry, dict):
            raise row.error(field, "expected Question, Ground_Truth and Type.")
        kind = _part(row, field, entry, "Type")
        if kind not in _MODALITIES:
            row.note(field, f"left out: the type {kind!r} is neither {' nor '.join(_MODALITIES)}")
            continue
        yield _Entry(task, _MODALITIES[kind], _free_form(row, field, task, _MODALITIES[kind], entry))


def _free_form(
    row: Row, field: str, task: Task, modality: Modality, entry: dict[str, Any]
) -> Question | None:
    text = _part(row, field, entry, "Question")
    answer = _part(row, field, entry, "Ground_Truth")
    if not text or not answer:
        row.note(field, "left out: the question has no wording or no answer")
        return None
    return Question(
        question_id="",
        profile_id=row.profile_id(),
        task=task,
        modality=modality,
        text=text,
        answer=answer,
        value=answer,
    )


def _part(row: Row, field: str, entry: dict[str, Any], key: str) -> str:
    if not isinstance(entry, dict) or key not in entry:
        raise row.error(f"{field}.{key}", "missing; expected a text.")
    value = entry[key]
    return "" if value is None else str(value)
