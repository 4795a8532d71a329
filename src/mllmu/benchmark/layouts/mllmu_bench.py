"""The layout that MLLMU-Bench was released in (arXiv 2410.22108): Parquet files in one folder per config."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from typing_extensions import override

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.hub import BENCHMARK_CONFIGS, TRAINING_SPLIT_CONFIGS, cached_neighbor
from mllmu.benchmark.language.comparable_text import comparable, without_accents
from mllmu.benchmark.language.control_signs import is_worded
from mllmu.benchmark.layout_registry import FolderLayout
from mllmu.benchmark.load_report import LoadReport, RowError, person_key, test_key
from mllmu.benchmark.rows.person_rows import (
    celebrity_name,
    fictitious_name,
    read_biography,
    read_image,
    read_test_images,
)
from mllmu.benchmark.rows.question_rows import TASK_COLUMNS, read_questions
from mllmu.benchmark.rows.row_ids import id_or_omission, new_id
from mllmu.benchmark.rows.split_rows import read_splits
from mllmu.benchmark.rows.table_rows import TableRow, padded_id, read_rows
from mllmu.benchmark.rows.training_rows import with_training, with_training_split
from mllmu.benchmark.types import Benchmark, Profile, Question
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue
from mllmu.benchmark.writing.card import read_card

_PERSON_COLUMNS = (parquet_layout.IMAGE, parquet_layout.ID, parquet_layout.BIOGRAPHY, *TASK_COLUMNS)
_PERCEPTION_COLUMNS = (parquet_layout.ID, *TASK_COLUMNS)
_TEST_COLUMNS = (parquet_layout.ID, parquet_layout.IMAGES, *TASK_COLUMNS)


class MllmuBenchLayout(FolderLayout):
    """Folders such as ``Full_Set`` and ``Test_Set`` with Parquet files inside, downloaded or written here.

    Splits are those of the folder, the published ones where it has none and the people are the published
    ones, and otherwise there are none. A copy of ``baseline_train_split`` beside the folder, or in the hub's
    cache where the folder lies there, is compared with it, and fills gaps in what is taught.
    """

    name = "mllmu-bench"
    title = "folders such as Full_Set and Test_Set with Parquet files, as MLLMU-Bench was released"

    @override
    def recognizes(self, folder: Path) -> bool:
        configs = (
            parquet_layout.FULL,
            parquet_layout.TEST,
            parquet_layout.TRAINING,
            parquet_layout.CELEBRITIES,
        )
        if any((folder / config).is_dir() for config in configs):
            return True
        # Folders in other letters are told by name on reading.
        names = {one.name.casefold() for one in folder.iterdir() if one.is_dir()}
        return len(names & {config.casefold() for config in configs}) > 1

    @override
    def read(self, folder: Path, report: LoadReport) -> Benchmark:
        parquet_layout.require_spelling(folder, BENCHMARK_CONFIGS)
        card = read_card(folder)
        if card.problem:  # it may say that celebrities are invented
            _note_card(folder, card.problem, report)
        profiles = _read_people(folder, parquet_layout.FULL, report, fictitious_name)
        profiles, test_order = _with_test_data(
            folder, parquet_layout.TEST, parquet_layout.FULL, profiles, report
        )
        splits = read_splits(folder, profiles, report)
        profiles = with_training(folder, profiles, report)
        training_split = _training_split(folder)
        if training_split is not None:
            profiles = with_training_split(training_split, profiles, splits, report)
        _note_missing(profiles, report, "is taught nothing", lambda person: person.training_questions)
        if (folder / parquet_layout.PERCEPTION).is_dir():
            profiles = _with_perception(folder, profiles, report)
        holdout: dict[str, Profile] = {}
        if (folder / parquet_layout.HOLDOUT).is_dir():
            holdout = _read_people(folder, parquet_layout.HOLDOUT, report, fictitious_name, profiles)
        if (folder / parquet_layout.HOLDOUT_TEST).is_dir():
            holdout, _ = _with_test_data(
                folder, parquet_layout.HOLDOUT_TEST, parquet_layout.HOLDOUT, holdout, report
            )
        others = {*profiles, *holdout}
        celebrities = _read_people(folder, parquet_layout.CELEBRITIES, report, _name_from_id, others)
        return Benchmark(
            name=card.name,
            profiles=profiles,
            celebrities=celebrities,
            holdout=holdout,
            splits=splits,
            test_order=test_order,
            celebrities_are_fictitious=card.celebrities_are_fictitious,
        )


MLLMU_BENCH = MllmuBenchLayout()


def _note_card(folder: Path, problem: str, report: LoadReport) -> None:
    location = Location(str(folder / parquet_layout.CARD), None, "header")
    expected = "keys and values between two lines ---"
    report.notes.append(
        ValidationIssue(Severity.WARNING, Check.WRONG_TYPE, location, f"the card {problem}", expected)
    )


def _training_split(folder: Path) -> Path | None:
    beside = folder.resolve().parent / parquet_layout.TRAINING_SPLIT
    if beside.is_dir():
        return beside
    return cached_neighbor(folder, parquet_layout.TRAINING_SPLIT, TRAINING_SPLIT_CONFIGS)


def _name_from_id(row: TableRow, biography: Mapping[str, object]) -> str:
    return celebrity_name(padded_id(row.values[parquet_layout.ID]) or "")


def _read_people(
    folder: Path,
    config: str,
    report: LoadReport,
    name: Callable[[TableRow, Mapping[str, object]], str],
    others: Iterable[str] = (),
) -> dict[str, Profile]:
    """The people of a config, none of whom has the id of one of the others: ids tell faces apart."""
    people: dict[str, Profile] = {}
    taken = set(others)
    optional = (parquet_layout.PROMPT, parquet_layout.PROSE, parquet_layout.NAME, parquet_layout.DETAILS)
    for row in read_rows(folder, config, _PERSON_COLUMNS, report, optional):
        profile_id = report.attempt(partial(new_id, row, people, taken), "")
        if profile_id:
            people[profile_id] = _read_person(row, profile_id, name)
            report.locations[person_key(profile_id)] = row.location(parquet_layout.IMAGE)
    return people


def _read_person(
    row: TableRow, profile_id: str, name: Callable[[TableRow, Mapping[str, object]], str]
) -> Profile:
    attempt = row.report.attempt
    biography: dict[str, object] = attempt(partial(read_biography, row), {})
    return Profile(
        profile_id=profile_id,
        name=attempt(partial(_name, row, partial(name, row, biography)), ""),
        biography=biography,
        image=attempt(partial(read_image, row, parquet_layout.IMAGE, row.values[parquet_layout.IMAGE]), b""),
        questions=attempt(partial(read_questions, row, profile_id, "original"), ()),
        prompt=row.text(parquet_layout.PROMPT),
        prose=row.text(parquet_layout.PROSE),
    )


def _name(row: TableRow, otherwise: Callable[[], str]) -> str:
    """What the column of names says, which counts before anything else; a difference is noted."""
    stated = row.text(parquet_layout.NAME).strip()
    if not is_worded(stated):
        return otherwise()
    with suppress(RowError):
        other = otherwise()
        # An id of figures alone is no name.
        if any(map(str.isalpha, other)) and _letters(other) != _letters(stated):
            problem = f"the name {stated!r} is used, though the biography, or the id, says {other!r}"
            row.record_repair(parquet_layout.NAME, Check.CONFLICTING_ANSWERS, problem, "one name")
    return stated


def _letters(name: str) -> list[str]:
    """The words of a name, without case, accents and punctuation."""
    return re.findall(r"\w+", without_accents(comparable(name)))


@dataclass(frozen=True)
class _TestData:
    images: tuple[bytes, ...]
    questions: tuple[Question, ...]


def _with_test_data(
    folder: Path, config: str, people_config: str, people: Mapping[str, Profile], report: LoadReport
) -> tuple[dict[str, Profile], tuple[str, ...]]:
    """Add test images and questions; also return the rows' order if it differs from the people's."""
    test_data: dict[str, _TestData] = {}
    for row in read_rows(folder, config, _TEST_COLUMNS, report, (parquet_layout.DETAILS,)):
        profile_id = id_or_omission(row, people, people_config, partial(new_id, seen=test_data))
        if not profile_id:
            continue
        side = _TestData(
            images=report.attempt(partial(read_test_images, row), ()),
            questions=report.attempt(partial(read_questions, row, profile_id, "test"), ()),
        )
        if side.questions and not side.images:
            row.record_error(
                parquet_layout.IMAGES, Check.MISSING_FIELD, "questions without a test image", "an image"
            )
        test_data[profile_id] = side
        for number in range(len(side.images)):
            report.locations[test_key(profile_id, number)] = row.location(
                f"{parquet_layout.IMAGES}[{number}]"
            )
    tested = {
        profile_id: replace(
            person, test_images=test_data[profile_id].images, test_questions=test_data[profile_id].questions
        )
        for profile_id, person in people.items()
        if profile_id in test_data
    }
    _note_missing(people, report, f"has no row in {config}", lambda person: person.profile_id in test_data)
    order = tuple(test_data)
    return {**people, **tested}, () if order == tuple(tested) else order


def _with_perception(folder: Path, people: Mapping[str, Profile], report: LoadReport) -> dict[str, Profile]:
    """Add what can be seen in the original portraits; who has no row is asked nothing about it."""
    questions: dict[str, tuple[Question, ...]] = {}
    details = (parquet_layout.DETAILS,)
    for row in read_rows(folder, parquet_layout.PERCEPTION, _PERCEPTION_COLUMNS, report, details):
        profile_id = id_or_omission(row, people, read=partial(new_id, seen=questions))
        if profile_id:
            questions[profile_id] = report.attempt(partial(read_questions, row, profile_id, "perception"), ())
    return {
        profile_id: replace(person, perception_questions=questions.get(profile_id, ()))
        for profile_id, person in people.items()
    }


def _note_missing(
    people: Mapping[str, Profile], report: LoadReport, problem: str, has: Callable[[Profile], object]
) -> None:
    for profile_id, person in people.items():
        if not has(person):
            location = replace(report.locations[person_key(profile_id)], field=parquet_layout.ID)
            report.notes.append(
                ValidationIssue(
                    Severity.ERROR,
                    Check.MISSING_FIELD,
                    location,
                    f"{profile_id} {problem}",
                    "training questions and test images of everybody",
                )
            )
