"""Read evaluation questions from the three task columns of a table row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.language.comparable_text import comparable, is_blank
from mllmu.benchmark.rows.table_rows import TableRow, described
from mllmu.benchmark.types import Modality, Question, Task, Wording
from mllmu.benchmark.validation_issues import Check

TASK_COLUMNS = (parquet_layout.CLASSIFICATION, parquet_layout.GENERATION, parquet_layout.CLOZE)
_MODALITIES = {name: modality for modality, name in parquet_layout.FREE_FORM_TYPES.items()}
_LEAST_OPTIONS = 2
"""Of a single option nobody can choose a wrong one."""
_DETAIL_TEXTS = ("question_id", "task", "modality", "attribute", "value", "paraphrased_answer", "wording")


@dataclass(frozen=True)
class _Entry:
    """One entry of a task column: its field and, unless it had to be left out, its question."""

    field: str
    task: Task
    modality: Modality
    question: Question | None


def read_questions(row: TableRow, profile_id: str, wording: str) -> tuple[Question, ...]:
    """Read a row's questions in the order of its details, or of its columns where it has none.

    Entries that cannot be asked (no wording, no answer, no choice, another type) are left out and noted;
    those whose correct letter is none of the options' are noted and kept without an answer, because the
    official evaluation asks them. Where the row has no details, ids are made from the position among the
    questions of the same modality.

    Args:
        row: a row with the three task columns.
        profile_id: whom the row is about.
        wording: ``original``, ``test`` or ``perception``, for the ids.

    Raises:
        UserError: a task column does not have the released form, or the details do not fit the questions.
    """
    entries = [*_choices(row), *_free_forms(row, Task.GENERATION), *_free_forms(row, Task.CLOZE)]
    groups: dict[tuple[str, str], list[_Entry]] = defaultdict(list)
    for number, entry in enumerate(entries):
        group = groups[entry.task.value, entry.modality.value]
        if entry.question:
            question_id = f"{profile_id}/{wording}/{entry.task}/{entry.modality}/{len(group)}"
            question = replace(entry.question, question_id=question_id, profile_id=profile_id)
            entries[number] = replace(entry, question=question)
        group.append(entries[number])
    if row.values.get(parquet_layout.DETAILS) is not None:
        entries = list(_with_details(row, groups))
    return tuple(
        _with_location_noted(row, entry.field, entry.question) for entry in entries if entry.question
    )


def _with_location_noted(row: TableRow, field: str, question: Question) -> Question:
    first = row.report.locations.setdefault(question.question_id, row.location(field))
    if first != row.location(field):
        problem = f"the question id {question.question_id} is also that of {first}"
        raise row.error(field, Check.DUPLICATE_ID, problem, "an id of its own for every question")
    return question


def _with_details(row: TableRow, groups: Mapping[tuple[str, str], list[_Entry]]) -> Iterator[_Entry]:
    details = row.values[parquet_layout.DETAILS]
    expected = "one entry for every question of the row"
    if not isinstance(details, list):
        raise row.error(parquet_layout.DETAILS, Check.WRONG_TYPE, described(details), expected)
    waiting = {key: iter(group) for key, group in groups.items()}
    if len(details) != sum(map(len, groups.values())):
        raise row.error(parquet_layout.DETAILS, Check.MISSING_FIELD, f"{len(details)} entries", expected)
    for position, detail in enumerate(details):
        field = f"{parquet_layout.DETAILS}[{position}]"
        texts = _detail_texts(row, field, detail)
        entry = next(waiting.get((texts["task"], texts["modality"]), iter(())), None)
        if entry is None:
            raise row.error(field, Check.MISSING_FIELD, "no question of this task and modality", expected)
        wrong = detail.get("wrong_answers") or []
        if not isinstance(wrong, list) or not all(isinstance(one, str) for one in wrong):
            raise row.error(f"{field}.wrong_answers", Check.WRONG_TYPE, described(wrong), "a list of texts")
        for number, one in enumerate(wrong):
            if is_blank(one):
                row.record_omission(
                    f"{field}.wrong_answers[{number}]",
                    Check.MISSING_FIELD,
                    "a blank wrong answer",
                    "an answer",
                )
        if entry.question is None:
            yield entry
        else:
            # Ids are made, and the value is the answer, where none is stated.
            question = replace(
                entry.question,
                question_id=texts["question_id"] or entry.question.question_id,
                attribute=texts["attribute"],
                value=texts["value"] or entry.question.value,
                paraphrased_answer=texts["paraphrased_answer"],
                wrong_answers=tuple(one for one in wrong if not is_blank(one)),
                wording=_wording(row, field, texts["wording"]),
            )
            _check_value(row, field, question)
            yield replace(entry, question=question)


def _wording(row: TableRow, field: str, text: str) -> str:
    """Whether a wording was seen in training; what is none of the two is noted, and nothing is known then."""
    expected = " or ".join(repr(each.value) for each in Wording)
    wording = text.strip().casefold()
    if wording and wording not in [each.value for each in Wording]:
        row.record_omission(f"{field}.wording", Check.WRONG_TYPE, f"the wording {text!r}", expected)
        return ""
    if wording != text:
        row.record_repair(f"{field}.wording", Check.SPELLING, f"{text!r}, read as {wording!r}", expected)
    return wording


def _check_value(row: TableRow, field: str, question: Question) -> None:
    """Details follow their questions by position alone: a value of another answer shows that they slipped."""
    value, answer = comparable(question.value), comparable(question.answer)
    wrong = {comparable(option) for option in question.options.values()} - {answer}
    if answer and (value not in answer or value in wrong):
        problem = f"the value {question.value!r} beside the answer {question.answer!r} to {question.text!r}"
        row.record_error(f"{field}.value", Check.CONFLICTING_ANSWERS, problem, "the answer, or a part of it")


def _detail_texts(row: TableRow, field: str, detail: object) -> dict[str, str]:
    if not isinstance(detail, dict):
        raise row.error(field, Check.WRONG_TYPE, described(detail), "an object")
    texts = {key: detail.get(key) or "" for key in _DETAIL_TEXTS}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise row.error(f"{field}.{key}", Check.WRONG_TYPE, described(text), "a text")
    return {key: "" if is_blank(text) else text for key, text in texts.items()}


def _choices(row: TableRow) -> Iterator[_Entry]:
    column = row.values[parquet_layout.CLASSIFICATION]
    if not isinstance(column, dict):
        expected = f"an object of {' and '.join(parquet_layout.CLASSIFICATION_LISTS.values())}"
        raise row.error(parquet_layout.CLASSIFICATION, Check.WRONG_TYPE, described(column), expected)
    for modality, name in parquet_layout.CLASSIFICATION_LISTS.items():
        field = f"{parquet_layout.CLASSIFICATION}.{name}"
        for position, entry in _listed(row, field, column.get(name)):
            location = f"{field}[{position}]"
            yield _Entry(location, Task.CLASSIFICATION, modality, _choice(row, location, modality, entry))


def _listed(row: TableRow, field: str, entries: object) -> Iterator[tuple[int, Mapping[str, object]]]:
    """The objects of a list with their positions; everything else is left out and noted."""
    if entries is None:
        row.record_omission(field, Check.MISSING_FIELD, "nothing", "a list of questions")
        return
    if not isinstance(entries, list):
        raise row.error(field, Check.WRONG_TYPE, described(entries), "a list of questions")
    for position, entry in enumerate(entries):
        if isinstance(entry, dict):
            yield position, entry
        else:
            row.record_omission(f"{field}[{position}]", Check.WRONG_TYPE, described(entry), "a question")


def _choice(row: TableRow, field: str, modality: Modality, entry: Mapping[str, object]) -> Question | None:
    text = _part(row, field, entry, "Question")
    letter = _part(row, field, entry, "Correct_Answer")
    options = _options(row, field, entry.get("Options"))
    if not text or not letter or len(options) < _LEAST_OPTIONS:
        unchosen = "a single option" if options else "no options"
        problem = "no wording" if not text else "no correct answer" if not letter else unchosen
        row.record_omission(
            field, Check.MISSING_FIELD, problem, "a question with options and the correct letter"
        )
        return None
    if letter not in options:
        row.record_error(
            field,
            Check.CORRECT_OPTION,
            f"asked by the official protocol only: the correct answer {letter!r} is not among the options",
            f"one of {', '.join(options)}",
        )
    answer = options.get(letter, "")
    return Question(
        question_id="",
        profile_id="",
        task=Task.CLASSIFICATION,
        modality=modality,
        text=text,
        answer=answer,
        options=options,
        correct_option=letter,
        value=answer,
    )


def _options(row: TableRow, field: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        row.record_omission(
            f"{field}.Options", Check.WRONG_TYPE, described(value), "an object of letters and texts"
        )
        return {}
    # A Parquet struct has all letters in every row; those that a question does not use are null.
    used = {str(letter): option for letter, option in value.items() if option is not None}
    texts = {letter: row.as_text(f"{field}.Options.{letter}", option) for letter, option in used.items()}
    for letter in value:
        if letter not in used and any(_follows(other, str(letter)) for other in used):
            field_of = f"{field}.Options.{letter}"
            row.record_omission(field_of, Check.MISSING_FIELD, "an option that is null", "a text")
    for letter, text in texts.items():
        if not text and isinstance(used[letter], str):  # of other kinds it is noted why they are no text
            row.record_omission(f"{field}.Options.{letter}", Check.MISSING_FIELD, "a blank option", "a text")
    return {letter: text for letter, text in texts.items() if text}


def _follows(letter: str, other: str) -> bool:
    """Whether an option stands after another one in the same series: A to D, a to d, 1 to 4."""
    kinds = [(one.isupper(), one.isdigit(), len(one)) for one in (letter, other)]
    return kinds[0] == kinds[1] and letter > other


def _free_forms(row: TableRow, task: Task) -> Iterator[_Entry]:
    column = parquet_layout.FREE_FORM_COLUMNS[task]
    for position, entry in _listed(row, column, row.values[column]):
        field = f"{column}[{position}]"
        kind = _part(row, field, entry, "Type")
        if kind not in _MODALITIES:
            check = Check.WRONG_TYPE if kind else Check.MISSING_FIELD
            row.record_omission(f"{field}.Type", check, f"the type {kind!r}", " or ".join(_MODALITIES))
            continue
        yield _Entry(field, task, _MODALITIES[kind], _free_form(row, field, task, _MODALITIES[kind], entry))


def _free_form(
    row: TableRow, field: str, task: Task, modality: Modality, entry: Mapping[str, object]
) -> Question | None:
    text = _part(row, field, entry, "Question")
    answer = _part(row, field, entry, "Ground_Truth")
    if not text or not answer:
        problem = "no answer" if text else "no wording"
        row.record_omission(field, Check.MISSING_FIELD, problem, "a question with its answer")
        return None
    return Question(
        question_id="",
        profile_id="",
        task=task,
        modality=modality,
        text=text,
        answer=answer,
        value=answer,
    )


def _part(row: TableRow, field: str, entry: Mapping[str, object], key: str) -> str:
    return row.as_text(f"{field}.{key}", entry.get(key))
