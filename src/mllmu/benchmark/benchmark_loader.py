"""A folder in the released layout, ours or downloaded -> a benchmark in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.card import card_name
from mllmu.benchmark.fingerprinting import fingerprint
from mllmu.benchmark.hub import TRAINING_SPLIT_CONFIGS, cached, download, is_hub_id
from mllmu.benchmark.load_report import LoadReport, person_key, test_key
from mllmu.benchmark.person_rows import (
    celebrity_name,
    fictitious_name,
    read_biography,
    read_image,
    read_test_images,
)
from mllmu.benchmark.question_rows import TASK_COLUMNS, read_questions
from mllmu.benchmark.split_rows import read_splits
from mllmu.benchmark.table_rows import TableRow, padded_id, read_rows
from mllmu.benchmark.training_rows import with_training, with_training_split
from mllmu.benchmark.types import Benchmark, Profile, Question
from mllmu.benchmark.validation_issues import Check, Severity, ValidationIssue
from mllmu.errors import UserError

_LOG = logging.getLogger(__name__)
_PERSON_COLUMNS = (parquet_layout.IMAGE, parquet_layout.ID, parquet_layout.BIOGRAPHY, *TASK_COLUMNS)
_TEST_COLUMNS = (parquet_layout.ID, parquet_layout.IMAGES, *TASK_COLUMNS)


def load_benchmark(source: str | Path) -> Benchmark:
    """Load a benchmark; what had to be repaired or left out is logged as one warning.

    Args:
        source: a folder in the released layout, or a hub id such as ``MLLMMU/MLLMU-Bench``.

    Raises:
        UserError: there is no such benchmark, or a file, row or field of it cannot be used.
    """
    benchmark, report = load_benchmark_with_report(source)
    if report.notes:
        _LOG.warning(
            "%s: %d entries were repaired or left out (mllmu data validate lists them); the first: %s",
            benchmark.name,
            len(report.notes),
            report.notes[0],
        )
    return benchmark


def load_benchmark_with_report(
    source: str | Path, report: LoadReport | None = None
) -> tuple[Benchmark, LoadReport]:
    """Load a benchmark, and list what had to be repaired or left out.

    Images stay encoded; their headers and checksums are checked. Splits are those of the folder, the
    published ones where it has none and the people are the published ones, and otherwise there are none.
    A copy of ``baseline_train_split`` beside the folder, or in the hub's cache, is compared with it, and
    fills gaps in what is taught.

    Args:
        source: as for `load_benchmark`.
        report: where to list it; decides what an entry does that cannot be used: by default it is refused.

    Raises:
        UserError: as `load_benchmark`.
    """
    report = LoadReport() if report is None else report
    folder = Path(source)
    if folder.is_dir():
        beside = folder.resolve().parent / parquet_layout.TRAINING_SPLIT
        return _load_folder(folder, card_name(folder), beside if beside.is_dir() else None, report)
    if folder.exists() or not is_hub_id(str(source)):
        raise UserError(
            f"{source} is no folder; expected a benchmark folder in the released layout "
            "or a hub id such as MLLMMU/MLLMU-Bench."
        )
    snapshot = download(str(source))
    beside_id = f"{str(source).split('/')[0]}/{parquet_layout.TRAINING_SPLIT}"
    return _load_folder(snapshot, str(source), cached(beside_id, TRAINING_SPLIT_CONFIGS), report)


def _load_folder(
    folder: Path, name: str, training_split: Path | None, report: LoadReport
) -> tuple[Benchmark, LoadReport]:
    profiles = _read_people(folder, parquet_layout.FULL, report, fictitious_name)
    profiles, test_order = _with_test_side(folder, parquet_layout.TEST, profiles, report)
    splits = read_splits(folder, profiles, report)
    profiles = with_training(folder, profiles, report)
    if training_split is not None:
        profiles = with_training_split(training_split, profiles, splits, report)
    _note_missing(profiles, report, "is taught nothing", lambda person: person.training_questions)
    holdout: dict[str, Profile] = {}
    if (folder / parquet_layout.HOLDOUT).is_dir():
        holdout = _read_people(folder, parquet_layout.HOLDOUT, report, fictitious_name)
    if (folder / parquet_layout.HOLDOUT_TEST).is_dir():
        holdout, _ = _with_test_side(folder, parquet_layout.HOLDOUT_TEST, holdout, report)
    celebrities = _read_people(folder, parquet_layout.CELEBRITIES, report, _name_from_id)
    benchmark = Benchmark(name, profiles, celebrities, holdout, splits, test_order=test_order)
    return replace(benchmark, fingerprint=fingerprint(benchmark)), report


def _name_from_id(row: TableRow, biography: Mapping[str, object]) -> str:
    return celebrity_name(padded_id(row.values[parquet_layout.ID]) or "")


def _read_people(
    folder: Path, config: str, report: LoadReport, name: Callable[[TableRow, Mapping[str, object]], str]
) -> dict[str, Profile]:
    people: dict[str, Profile] = {}
    optional = (parquet_layout.PROMPT, parquet_layout.PROSE, parquet_layout.NAME, parquet_layout.DETAILS)
    for row in read_rows(folder, config, _PERSON_COLUMNS, report, optional):
        profile_id = report.attempt(partial(_new_id, row, people), "")
        if profile_id:
            people[profile_id] = _read_person(row, profile_id, name)
            report.locations[person_key(profile_id)] = row.location(parquet_layout.IMAGE)
    return people


def _new_id(row: TableRow, ids_seen: Mapping[str, object]) -> str:
    profile_id = row.profile_id()
    if profile_id in ids_seen:
        problem = f"the id {profile_id} is repeated"
        raise row.error(parquet_layout.ID, Check.DUPLICATE_ID, problem, "every person once")
    return profile_id


def _read_person(
    row: TableRow, profile_id: str, name: Callable[[TableRow, Mapping[str, object]], str]
) -> Profile:
    attempt = row.report.attempt
    biography: dict[str, object] = attempt(partial(read_biography, row), {})
    return Profile(
        profile_id=profile_id,
        name=row.text(parquet_layout.NAME) or attempt(partial(name, row, biography), ""),
        biography=biography,
        image=attempt(partial(read_image, row, parquet_layout.IMAGE, row.values[parquet_layout.IMAGE]), b""),
        questions=attempt(partial(read_questions, row, profile_id, "original"), ()),
        prompt=row.text(parquet_layout.PROMPT),
        prose=row.text(parquet_layout.PROSE),
    )


@dataclass(frozen=True)
class _TestSide:
    images: tuple[bytes, ...]
    questions: tuple[Question, ...]


def _with_test_side(
    folder: Path, config: str, people: Mapping[str, Profile], report: LoadReport
) -> tuple[dict[str, Profile], tuple[str, ...]]:
    """Add test images and questions; also give the order of the rows where it is not that of the people."""
    sides: dict[str, _TestSide] = {}
    for row in read_rows(folder, config, _TEST_COLUMNS, report, (parquet_layout.DETAILS,)):
        profile_id = report.attempt(partial(_new_id, row, sides), "")
        if profile_id not in people:
            if profile_id:
                row.left_out(
                    parquet_layout.ID,
                    Check.UNKNOWN_ID,
                    f"nobody has the id {profile_id}",
                    "somebody who has one",
                )
            continue
        side = _TestSide(
            images=report.attempt(partial(read_test_images, row), ()),
            questions=report.attempt(partial(read_questions, row, profile_id, "test"), ()),
        )
        if side.questions and not side.images:
            row.spoiled(
                parquet_layout.IMAGES, Check.MISSING_FIELD, "questions without a test image", "an image"
            )
        sides[profile_id] = side
        for number in range(len(side.images)):
            report.locations[test_key(profile_id, number)] = row.location(
                f"{parquet_layout.IMAGES}[{number}]"
            )
    tested = {
        profile_id: replace(
            person, test_images=sides[profile_id].images, test_questions=sides[profile_id].questions
        )
        for profile_id, person in people.items()
        if profile_id in sides
    }
    _note_missing(people, report, f"has no row in {config}", lambda person: person.profile_id in sides)
    order = tuple(sides)
    return {**people, **tested}, () if order == tuple(tested) else order


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
