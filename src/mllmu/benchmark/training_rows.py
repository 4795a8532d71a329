"""What fine-tuning teaches: the config ``ft_Data``, and ``baseline_train_split`` where it lies beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mllmu.benchmark import layout
from mllmu.benchmark.findings import Check
from mllmu.benchmark.load_report import LoadReport, PatientReport, training_key
from mllmu.benchmark.rows import Row, described, padded_id, read_rows
from mllmu.benchmark.types import Profile, Split, TrainingQuestion

_COLUMNS = (layout.ID, layout.METADATA)
_A_LIST = "a JSON list of objects with ID, Question and Answer"
_Pairs = dict[str, TrainingQuestion]


def with_training(folder: Path, people: Mapping[str, Profile], report: LoadReport) -> dict[str, Profile]:
    """Give people what ``ft_Data`` teaches about them; rows that repeat an id, as some may, are joined.

    Raises:
        UserError: the config or a row of it cannot be read.
    """
    taught: dict[str, list[TrainingQuestion]] = {}
    for row in read_rows(folder, layout.TRAINING, _COLUMNS, report):
        profile_id, pairs = _read(row, people)
        known = taught.get(profile_id, [])
        fresh = {field: pair for field, pair in pairs.items() if pair not in known}
        if known:
            found = f"the id {profile_id} is repeated; {len(fresh)} of {len(pairs)} questions are new"
            row.repaired(layout.ID, Check.DUPLICATE_ID, found, "every person once")
        if profile_id:
            taught[profile_id] = _remembered(row, known, fresh)
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
    ratios = layout.forget_ratios(folder)
    if not ratios or _about_others(folder, layout.forget_config(ratios[0]), people, report):
        return dict(people)
    filled = dict(people)
    for ratio in ratios:
        split = splits.get(ratio)
        for config, ids in (
            (layout.forget_config(ratio), split.forget if split else ()),
            (layout.retain_config(ratio), split.retain if split else ()),
        ):
            if (folder / config).is_dir():
                _compare(folder, config, ids, filled, report)
    return filled


def _about_others(folder: Path, config: str, people: Mapping[str, Profile], report: LoadReport) -> bool:
    row, compared = None, False
    for row in read_rows(folder, config, _COLUMNS, PatientReport()):
        profile_id, pairs = _read(row, people)
        known = people[profile_id].training_questions if profile_id else ()
        if any(pair in known for pair in pairs.values()):
            return False
        compared |= bool(known)
    if row is None or not compared:
        return False
    found = f"nothing that {layout.TRAINING} teaches: about other people, and not used"
    expected = f"the people of {layout.FULL}"
    replace(row, report=report).repaired(layout.METADATA, Check.TRAINING_SPLIT, found, expected)
    return True


def _compare(
    folder: Path, config: str, ids: Sequence[str], people: dict[str, Profile], report: LoadReport
) -> None:
    missing = dict.fromkeys(ids)
    row = None
    for row in read_rows(folder, config, _COLUMNS, report):
        profile_id, pairs = _read(row, people)
        if not profile_id:
            continue
        missing.pop(profile_id, None)
        if profile_id not in ids:
            found = f"{profile_id}, whom the benchmark does not have in {config}"
            row.repaired(layout.ID, Check.TRAINING_SPLIT, found, "the benchmark's people")
        known = people[profile_id].training_questions
        if known:
            _compare_pairs(row, pairs, known)
        else:
            found = (
                f"{layout.TRAINING} has nothing about {profile_id}; taken from here: {len(pairs)} questions"
            )
            row.repaired(layout.ID, Check.TRAINING_SPLIT, found, f"{profile_id} in {layout.TRAINING}")
            questions = tuple(_remembered(row, (), pairs))
            people[profile_id] = replace(people[profile_id], training_questions=questions)
    if row and missing:
        found = f"the file ends without {', '.join(missing)}"
        row.repaired(layout.ID, Check.TRAINING_SPLIT, found, f"the people of the benchmark's {config}")


def _compare_pairs(row: Row, pairs: _Pairs, known: Sequence[TrainingQuestion]) -> None:
    for field, pair in pairs.items():
        if pair not in known:
            found = (
                f"{pair.question!r} with the answer {pair.answer!r}, which {layout.TRAINING} does not have"
            )
            row.repaired(field, Check.TRAINING_SPLIT, found, f"what {layout.TRAINING} teaches")
    lacking = [pair.question for pair in known if pair not in pairs.values()]
    if lacking:
        found = f"{len(lacking)} questions of {layout.TRAINING} are missing, the first {lacking[0]!r}"
        row.repaired(layout.METADATA, Check.TRAINING_SPLIT, found, f"what {layout.TRAINING} teaches")


def _remembered(row: Row, known: Sequence[TrainingQuestion], fresh: _Pairs) -> list[TrainingQuestion]:
    for number, (field, pair) in enumerate(fresh.items(), start=len(known)):
        row.report.places[training_key(pair.profile_id, number)] = row.place(field)
    return [*known, *fresh.values()]


def _read(row: Row, people: Mapping[str, Profile]) -> tuple[str, _Pairs]:
    """The id of a row and its pairs by the field they stand in; an empty id where it is nobody's."""
    profile_id = row.report.attempt(row.profile_id, "")
    if profile_id not in people:
        if profile_id:
            row.left_out(
                layout.ID, Check.UNKNOWN_ID, f"nobody has the id {profile_id}", f"an id of {layout.FULL}"
            )
        return "", {}
    return profile_id, row.report.attempt(lambda: _pairs(row, profile_id), {})


def _pairs(row: Row, profile_id: str) -> _Pairs:
    value = row.values[layout.METADATA]
    entries = value
    if isinstance(value, str):
        try:
            entries = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise row.error(layout.METADATA, Check.WRONG_TYPE, f"not JSON ({error})", _A_LIST) from error
    if not isinstance(entries, list):
        raise row.error(layout.METADATA, Check.WRONG_TYPE, described(entries), _A_LIST)
    pairs: _Pairs = {}
    for position, entry in enumerate(entries):
        field = f"{layout.METADATA}[{position}]"
        if not isinstance(entry, dict):
            row.left_out(field, Check.WRONG_TYPE, described(entry), "an object with ID, Question and Answer")
            continue
        question, answer = (_text(row, f"{field}.{key}", entry.get(key)) for key in ("Question", "Answer"))
        if not question or not answer:
            row.left_out(field, Check.MISSING_FIELD, "no question or no answer", "both")
            continue
        if padded_id(entry.get("ID", profile_id)) != profile_id:
            found = f"names the id {entry['ID']!r}; the row's id {profile_id} is used"
            row.repaired(field, Check.UNKNOWN_ID, found, profile_id)
        attribute = entry.get("Attribute")
        pairs[field] = TrainingQuestion(
            profile_id, question, answer, attribute if isinstance(attribute, str) else ""
        )
    return pairs


def _text(row: Row, field: str, value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    row.left_out(field, Check.WRONG_TYPE, described(value), "a text")
    return ""
