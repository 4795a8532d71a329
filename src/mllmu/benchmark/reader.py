"""A folder in the released layout, ours or downloaded -> a benchmark in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mllmu.benchmark import layout
from mllmu.benchmark.card import card_name
from mllmu.benchmark.fingerprint import fingerprint
from mllmu.benchmark.hub import download, is_hub_id
from mllmu.benchmark.person_rows import (
    celebrity_name,
    fictitious_name,
    read_biography,
    read_image,
    read_training_questions,
)
from mllmu.benchmark.question_rows import TASK_COLUMNS, read_questions
from mllmu.benchmark.rows import LoadReport, Row, read_rows
from mllmu.benchmark.splits import has_official_ids, official_splits, retained
from mllmu.benchmark.types import Benchmark, Profile, Question, Split, TrainingQuestion
from mllmu.errors import UserError

_LOG = logging.getLogger(__name__)
_PERSON_COLUMNS = (layout.IMAGE, layout.ID, layout.BIOGRAPHY, *TASK_COLUMNS)
_TEST_COLUMNS = (layout.ID, layout.IMAGES, *TASK_COLUMNS)


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
            "%s: %d entries were repaired or left out; the first: %s",
            benchmark.name,
            len(report.notes),
            report.notes[0],
        )
    return benchmark


def load_benchmark_with_report(source: str | Path) -> tuple[Benchmark, LoadReport]:
    """Load a benchmark, and list what had to be repaired or left out.

    Images stay encoded; their headers and checksums are checked. Splits are those of the folder, the
    published ones where it has none and the people are the published ones, and otherwise there are none.

    Raises:
        UserError: as `load_benchmark`.
    """
    folder = Path(source)
    if folder.is_dir():
        return _load_folder(folder, card_name(folder))
    if folder.exists() or not is_hub_id(str(source)):
        raise UserError(
            f"{source} is no folder; expected a benchmark folder in the released layout "
            "or a hub id such as MLLMMU/MLLMU-Bench."
        )
    return _load_folder(download(str(source)), str(source))


def _load_folder(folder: Path, name: str) -> tuple[Benchmark, LoadReport]:
    report = LoadReport()
    profiles = _read_people(folder, layout.FULL, report, fictitious_name)
    profiles = _with_test_side(folder, layout.TEST, profiles, report)
    profiles = _with_training(folder, profiles, report)
    holdout: dict[str, Profile] = {}
    if (folder / layout.HOLDOUT).is_dir():
        holdout = _read_people(folder, layout.HOLDOUT, report, fictitious_name)
    if (folder / layout.HOLDOUT_TEST).is_dir():
        holdout = _with_test_side(folder, layout.HOLDOUT_TEST, holdout, report)
    benchmark = Benchmark(
        name=name,
        profiles=profiles,
        celebrities=_read_people(folder, layout.CELEBRITIES, report, _name_from_id),
        holdout=holdout,
        splits=_read_splits(folder, profiles, report),
        test_order=_test_order(folder, profiles),
    )
    return replace(benchmark, fingerprint=fingerprint(benchmark)), report


def _name_from_id(row: Row, biography: Mapping[str, object]) -> str:
    return celebrity_name(row.profile_id())


def _read_people(
    folder: Path, config: str, report: LoadReport, name: Callable[[Row, Mapping[str, object]], str]
) -> dict[str, Profile]:
    people: dict[str, Profile] = {}
    optional = (layout.PROMPT, layout.PROSE, layout.NAME, layout.DETAILS)
    for row in read_rows(folder, config, _PERSON_COLUMNS, report, optional):
        profile_id = row.profile_id()
        if profile_id in people:
            raise row.error(layout.ID, f"the id {profile_id} is repeated; expected every person once.")
        biography = read_biography(row)
        people[profile_id] = Profile(
            profile_id=profile_id,
            name=row.text(layout.NAME) or name(row, biography),
            biography=biography,
            image=read_image(row, layout.IMAGE, row.values[layout.IMAGE]),
            questions=read_questions(row, "original"),
            prompt=row.text(layout.PROMPT),
            prose=row.text(layout.PROSE),
        )
    return people


@dataclass(frozen=True)
class _TestSide:
    images: tuple[bytes, ...]
    questions: tuple[Question, ...]


def _with_test_side(
    folder: Path, config: str, people: Mapping[str, Profile], report: LoadReport
) -> dict[str, Profile]:
    sides: dict[str, _TestSide] = {}
    for row in read_rows(folder, config, _TEST_COLUMNS, report, (layout.DETAILS,)):
        profile_id = row.profile_id()
        if profile_id in sides:
            raise row.error(layout.ID, f"the id {profile_id} is repeated; expected every person once.")
        if profile_id not in people:
            row.note(layout.ID, f"left out: nobody has the id {profile_id}")
            continue
        images = enumerate(row.values[layout.IMAGES] or ())
        sides[profile_id] = _TestSide(
            images=tuple(read_image(row, f"{layout.IMAGES}[{index}]", image) for index, image in images),
            questions=read_questions(row, "test"),
        )
    return {
        profile_id: replace(
            person, test_images=sides[profile_id].images, test_questions=sides[profile_id].questions
        )
        if profile_id in sides
        else person
        for profile_id, person in people.items()
    }


def _test_order(folder: Path, people: Mapping[str, Profile]) -> tuple[str, ...]:
    rows = (row.profile_id() for row in read_rows(folder, layout.TEST, (layout.ID,), LoadReport()))
    order = tuple(profile_id for profile_id in rows if profile_id in people)
    return () if order == tuple(profile_id for profile_id in people if profile_id in order) else order


def _with_training(folder: Path, people: Mapping[str, Profile], report: LoadReport) -> dict[str, Profile]:
    taught: dict[str, list[TrainingQuestion]] = {}
    for row in read_rows(folder, layout.TRAINING, (layout.ID, layout.METADATA), report):
        profile_id = row.profile_id()
        if profile_id not in people:
            row.note(layout.ID, f"left out: nobody has the id {profile_id}")
            continue
        pairs = read_training_questions(row)
        known = taught.get(profile_id, [])
        if known:
            fresh = [pair for pair in pairs if pair not in known]
            row.note(
                layout.ID, f"the id {profile_id} is repeated; {len(fresh)} of {len(pairs)} questions are new"
            )
            pairs = [*known, *fresh]
        taught[profile_id] = pairs
    return {
        profile_id: replace(person, training_questions=tuple(taught.get(profile_id, ())))
        for profile_id, person in people.items()
    }


def _read_splits(folder: Path, people: Mapping[str, Profile], report: LoadReport) -> dict[int, Split]:
    ratios = layout.forget_ratios(folder)
    if not ratios and has_official_ids(tuple(people)):
        return official_splits()
    splits = {}
    for ratio in ratios:
        forget = _read_ids(folder, layout.forget_config(ratio), people, report)
        if (folder / layout.retain_config(ratio)).is_dir():
            retain = _read_ids(folder, layout.retain_config(ratio), people, report)
        else:
            retain = retained(tuple(people), forget, ratio)
        both = sorted(set(forget) & set(retain))
        if both:
            raise UserError(
                f"{folder}: {both[0]} is in {layout.forget_config(ratio)} and in "
                f"{layout.retain_config(ratio)}; expected everybody in one of them."
            )
        splits[ratio] = Split(ratio, forget, retain)
    return splits


def _read_ids(
    folder: Path, config: str, people: Mapping[str, Profile], report: LoadReport
) -> tuple[str, ...]:
    ids: dict[str, None] = {}
    for row in read_rows(folder, config, (layout.ID,), report):
        profile_id = row.profile_id()
        if profile_id not in people:
            raise row.error(layout.ID, f"nobody in {layout.FULL} has the id {profile_id}.")
        if profile_id in ids:
            row.note(layout.ID, f"the id {profile_id} is repeated, and counted once")
        ids[profile_id] = None
    return tuple(ids)
