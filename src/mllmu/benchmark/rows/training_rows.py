"""Read training questions from the config ``ft_Data`` and compare them with ``baseline_train_split``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from mllmu.benchmark import parquet_layout
from mllmu.benchmark.load_report import CollectingReport, LoadReport, training_key
from mllmu.benchmark.rows.row_ids import id_or_omission
from mllmu.benchmark.rows.table_rows import TableRow, described, padded_id, read_rows
from mllmu.benchmark.types import Profile, Split, TrainingQuestion
from mllmu.benchmark.validation_issues import Check
from mllmu.json_text import RepeatedKeyError, parse_json

_COLUMNS = (parquet_layout.ID, parquet_layout.METADATA)
_OPTIONAL = (parquet_layout.IMAGE,)
_A_LIST = "a JSON list of objects with ID, Question and Answer"
_Pairs = dict[str, TrainingQuestion]


def with_training(folder: Path, people: Mapping[str, Profile], report: LoadReport) -> dict[str, Profile]:
    """Add the training questions of ``ft_Data`` to people; rows with the same id are joined.

    Raises:
        UserError: the config or a row of it cannot be read.
    """
    taught: dict[str, list[TrainingQuestion]] = {}
    others: dict[str, TableRow] = {}
    for row in read_rows(folder, parquet_layout.TRAINING, _COLUMNS, report, _OPTIONAL):
        profile_id, pairs = _read(row, people, others)
        earlier = _with_attributes(taught.get(profile_id, []), pairs.values())
        fresh = {field: pair for field, pair in pairs.items() if not _has(earlier, pair)}
        if earlier:
            problem = f"the id {profile_id} is repeated; {len(fresh)} of {len(pairs)} questions are new"
            row.record_repair(parquet_layout.ID, Check.DUPLICATE_ID, problem, "every person once")
        if profile_id:
            taught[profile_id] = _with_locations_noted(row, earlier, fresh)
    _note_other_images(others)
    return {
        profile_id: replace(person, training_questions=tuple(taught.get(profile_id, ())))
        for profile_id, person in people.items()
    }


def with_training_split(
    folder: Path, people: Mapping[str, Profile], splits: Mapping[int, Split], report: LoadReport
) -> dict[str, Profile]:
    """Compare the published training data of the baselines with the benchmark, and fill gaps of ``ft_Data``.

    Args:
        folder: the copy of ``baseline_train_split``, with ``forget_N`` and ``retain_M``.
        people: as ``ft_Data`` teaches them.
        splits: who is forgotten and retained in the benchmark; differences are noted, and its splits stand.
        report: where differences are noted.

    Returns:
        The people, with training questions from here for those who had none. A copy that teaches nothing of
        what they are taught is about other people (a release beside generated people), and left alone.

    Raises:
        UserError: a config or a row of it cannot be read.
    """
    configs = parquet_layout.split_configs(folder)
    if not configs or _about_others(folder, next(iter(configs.values())).forget, people, report):
        return dict(people)
    filled = dict(people)
    for ratio, names in configs.items():
        split = splits.get(ratio)
        for config, ids in (
            (names.forget, split.forget if split else ()),
            (names.retain, split.retain if split else ()),
        ):
            if config is not None:
                _compare(folder, config, ids, filled, report)
    return filled


def _about_others(folder: Path, config: str, people: Mapping[str, Profile], report: LoadReport) -> bool:
    row, compared = None, False
    for row in read_rows(folder, config, _COLUMNS, CollectingReport()):
        profile_id, pairs = _read(row, people, {})
        earlier = people[profile_id].training_questions if profile_id else ()
        if any(_has(earlier, pair) for pair in pairs.values()):
            return False
        compared |= bool(earlier)
    if row is None or not compared:
        return False
    problem = f"nothing that {parquet_layout.TRAINING} teaches: about other people, and not used"
    expected = f"the people of {parquet_layout.FULL}"
    replace(row, report=report).record_repair(
        parquet_layout.METADATA, Check.TRAINING_SPLIT, problem, expected
    )
    return True


def _compare(
    folder: Path, config: str, ids: Sequence[str], people: dict[str, Profile], report: LoadReport
) -> None:
    missing = dict.fromkeys(ids)
    others: dict[str, TableRow] = {}
    row = None
    for row in read_rows(folder, config, _COLUMNS, report, _OPTIONAL):
        profile_id, pairs = _read(row, people, others)
        if not profile_id:
            continue
        missing.pop(profile_id, None)
        if profile_id not in ids:
            problem = f"{profile_id}, whom the benchmark does not have in {config}"
            row.record_repair(parquet_layout.ID, Check.TRAINING_SPLIT, problem, "the benchmark's people")
        earlier = people[profile_id].training_questions
        if earlier:
            _compare_pairs(row, pairs, earlier)
        else:
            problem = (
                f"{parquet_layout.TRAINING} has nothing about {profile_id}; "
                f"taken from here: {len(pairs)} questions"
            )
            row.record_repair(
                parquet_layout.ID, Check.TRAINING_SPLIT, problem, f"{profile_id} in {parquet_layout.TRAINING}"
            )
            questions = tuple(_with_locations_noted(row, (), pairs))
            people[profile_id] = replace(people[profile_id], training_questions=questions)
    _note_other_images(others)
    if row and missing:
        problem = f"the file ends without {', '.join(missing)}"
        row.record_repair(
            parquet_layout.ID, Check.TRAINING_SPLIT, problem, f"the people of the benchmark's {config}"
        )


def _compare_pairs(row: TableRow, pairs: _Pairs, earlier: Sequence[TrainingQuestion]) -> None:
    for field, pair in pairs.items():
        if not _has(earlier, pair):
            problem = (
                f"{pair.question!r} with the answer {pair.answer!r}, "
                f"which {parquet_layout.TRAINING} does not have"
            )
            row.record_repair(field, Check.TRAINING_SPLIT, problem, f"what {parquet_layout.TRAINING} teaches")
    lacking = [pair.question for pair in earlier if not _has(pairs.values(), pair)]
    if lacking:
        problem = (
            f"{len(lacking)} questions of {parquet_layout.TRAINING} are missing, the first {lacking[0]!r}"
        )
        row.record_repair(
            parquet_layout.METADATA, Check.TRAINING_SPLIT, problem, f"what {parquet_layout.TRAINING} teaches"
        )


def _has(pairs: Iterable[TrainingQuestion], wanted: TrainingQuestion) -> bool:
    """Whether a question is there with the same answer; what it is called to ask about does not count."""
    return any((one.question, one.answer) == (wanted.question, wanted.answer) for one in pairs)


def _with_attributes(
    earlier: Sequence[TrainingQuestion], pairs: Iterable[TrainingQuestion]
) -> list[TrainingQuestion]:
    """Pairs with the attribute that the same pair states later, where they state none."""
    stated = {(one.question, one.answer): one.attribute for one in pairs if one.attribute}
    return [
        one if one.attribute else replace(one, attribute=stated.get((one.question, one.answer), ""))
        for one in earlier
    ]


def _with_locations_noted(
    row: TableRow, earlier: Sequence[TrainingQuestion], fresh: _Pairs
) -> list[TrainingQuestion]:
    for number, (field, pair) in enumerate(fresh.items(), start=len(earlier)):
        row.report.locations[training_key(pair.profile_id, number)] = row.location(field)
    return [*earlier, *fresh.values()]


def _read(row: TableRow, people: Mapping[str, Profile], others: dict[str, TableRow]) -> tuple[str, _Pairs]:
    """Id of a row and its question-answer pairs by field; an empty id if no person has it.

    A row with another image than the person's is added to `others`.
    """
    profile_id = id_or_omission(row, people)
    if not profile_id:
        return "", {}
    entry = row.values.get(parquet_layout.IMAGE)
    image = entry.get("bytes") if isinstance(entry, Mapping) else None
    if image and people[profile_id].image and image != people[profile_id].image:
        others.setdefault(profile_id, row)
    return profile_id, row.report.attempt(partial(_pairs, row, profile_id), {})


def _note_other_images(others: Mapping[str, TableRow]) -> None:
    """Say once that everybody is taught with their own image, where another lies beside their questions."""
    if others:
        profile_id, row = next(iter(others.items()))
        problem = (
            f"images of {len(others)} people, the first of them {profile_id}, are not byte for byte those of "
            f"{parquet_layout.FULL}, which are used"
        )
        row.record_repair(parquet_layout.IMAGE, Check.IMAGE, problem, f"the images of {parquet_layout.FULL}")


def _pairs(row: TableRow, profile_id: str) -> _Pairs:
    value = row.values[parquet_layout.METADATA]
    entries = value
    if isinstance(value, str):
        try:
            entries = parse_json(value)
        except RepeatedKeyError as error:
            raise row.error(parquet_layout.METADATA, Check.SPELLING, str(error), "every key once") from error
        except ValueError as error:
            raise row.error(
                parquet_layout.METADATA, Check.WRONG_TYPE, f"not JSON ({error})", _A_LIST
            ) from error
    if not isinstance(entries, list):
        raise row.error(parquet_layout.METADATA, Check.WRONG_TYPE, described(entries), _A_LIST)
    pairs: _Pairs = {}
    for position, entry in enumerate(entries):
        field = f"{parquet_layout.METADATA}[{position}]"
        if not isinstance(entry, dict):
            row.record_omission(
                field, Check.WRONG_TYPE, described(entry), "an object with ID, Question and Answer"
            )
            continue
        question, answer = (row.as_text(f"{field}.{key}", entry.get(key)) for key in ("Question", "Answer"))
        if not question or not answer:
            row.record_omission(field, Check.MISSING_FIELD, "no question or no answer", "both")
            continue
        if padded_id(entry.get("ID", profile_id)) != profile_id:
            problem = f"names the id {entry['ID']!r}; the row's id {profile_id} is used"
            row.record_repair(field, Check.UNKNOWN_ID, problem, profile_id)
        attribute = row.as_text(f"{field}.Attribute", entry.get("Attribute"))
        pair = TrainingQuestion(profile_id, question, answer, attribute)
        if _has(pairs.values(), pair):
            problem = f"{question!r} with the answer {answer!r} stands twice in the row; taught once"
            row.record_repair(field, Check.DUPLICATE_ID, problem, "every question once")
            continue
        pairs[field] = pair
    return pairs
