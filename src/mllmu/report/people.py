"""Sample people: who they are, what was asked, and what every model answered, side by side."""

from __future__ import annotations

import base64
import io
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mllmu.benchmark.images import open_image
from mllmu.benchmark.types import Benchmark, Profile
from mllmu.errors import UserError
from mllmu.evaluation import Key, get_metric
from mllmu.evaluation.metrics.option_accuracy import likeliest_options
from mllmu.evaluation.records import record_keys
from mllmu.evaluation.view import shown_as_usual
from mllmu.evaluation.views.test_portraits import TEST_VIEW
from mllmu.report.names import (
    MODALITY_TITLES,
    SET_TITLES,
    TASK_TITLES,
    ShownMetric,
    accuracies,
    lineage_title,
    unlearn_title,
)
from mllmu.report.numbers.scores import Condition, Scores
from mllmu.report.run_folder import records_name
from mllmu.unlearning.lineage import UNLEARNED, Lineage

#: How many people are shown of each set; the test set shows the first forget person again, seen anew.
_SHOWN = {"forget": 2, "test": 1, "retain": 2, "celebrity": 2}
_THUMBNAIL = 200
_LONGEST = 400
_CONTEXT = ["task", "attribute", "answer", "value"]
# A row of the records by its columns' names.
_Record = Mapping[Hashable, Any]


@dataclass(frozen=True)
class Answer:
    """What one model said.

    Attributes:
        model: the model's title.
        text: its answer; empty if it wrote nothing.
        is_right: whether the task's metric counts it.
        is_reference: whether the model is not an unlearned one.
    """

    model: str
    text: str
    is_right: bool
    is_reference: bool


@dataclass(frozen=True)
class Exchange:
    """One question and everybody's answer.

    Attributes:
        form: task and modality in words.
        question: the wording.
        expected: the reference answer.
        answers: one per model, in the order of the tables.
    """

    form: str
    question: str
    expected: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Card:
    """One person.

    Attributes:
        name: full name, or the id where the benchmark does not know the person.
        eval_set: title of the set.
        status: who this is, in a word or two.
        portrait: data URI of a thumbnail; empty where there is none.
        exchanges: what was asked.
    """

    name: str
    eval_set: str
    status: str
    portrait: str
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True)
class Samples:
    """The people shown for one forget ratio, and what the unlearned models had been unlearned on."""

    unlearned_on: str
    cards: tuple[Card, ...]


def sample_people(folder: Path, scores: Scores, condition: Condition, benchmark: Benchmark) -> Samples | None:
    """Choose people evenly over each set, and gather the answers of all models of the first seed.

    Args:
        folder: where the records lie.
        scores: which models there are.
        condition: whose forget ratio decides who belongs to which set.
        benchmark: names and portraits.

    Returns:
        The people, or None if there are no records.
    """
    ways = scores.unlearn_modalities(condition)
    way = "both" if "both" in ways else ways[0]
    lineages = (*scores.references(condition), *scores.methods(condition, way))
    seed = min(scores.seeds_of(condition), default=0)
    files = {}
    for lineage in lineages:
        stem = lineage.file_stem(condition.forget_ratio, seed)
        paths = [folder / records_name(stem, protocol) for protocol in (condition.protocol, "")]
        if path := next(filter(Path.is_file, paths), None):
            files[lineage] = path
    if not files:
        return None
    chosen = _choose(read_some_records(next(iter(files.values())), ["profile_id", "eval_set"]))
    ids = sorted({each for people in chosen.values() for each in people})
    metrics = accuracies(condition.protocol)
    records = {
        lineage: _judged(read_some_records(path, None, ids), read_some_records(path, _CONTEXT), metrics)
        for lineage, path in files.items()
    }
    cards = [
        _card(profile_id, eval_set, turn, records, metrics, benchmark)
        for eval_set, people in chosen.items()
        for turn, profile_id in enumerate(people)
    ]
    return Samples(unlearn_title(way).lower(), tuple(card for card in cards if card.exchanges))


def read_some_records(
    path: Path, columns: list[str] | None, profile_ids: Sequence[str] | None = None
) -> pd.DataFrame:
    """Some columns of a file of records, or all, about some people, or all.

    Raises:
        UserError: the file is damaged.
    """
    filters = None if profile_ids is None else [("profile_id", "in", list(profile_ids))]
    try:
        return pq.read_table(path, columns=columns, filters=filters).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"The records file {path} is damaged: expected a Parquet file ({error}).") from error


def protocol_of(path: Path) -> str:
    """How the model was asked whose records lie in a file.

    Raises:
        UserError: the file is damaged.
    """
    return ", ".join(sorted(set(read_some_records(path, ["protocol"])["protocol"])))


def _choose(people: pd.DataFrame) -> dict[str, list[str]]:
    """Return the ids to show per set: evenly spaced in the order of the records, the same in every run."""
    chosen = {}
    for eval_set, count in _SHOWN.items():
        ids = list(dict.fromkeys(people.loc[people["eval_set"] == eval_set, "profile_id"]))
        count = min(count, len(ids))
        chosen[eval_set] = [ids[(2 * index + 1) * len(ids) // (2 * count)] for index in range(count)]
    return chosen


def _judged(
    records: pd.DataFrame, context: pd.DataFrame, metrics: Sequence[ShownMetric]
) -> dict[Key, _Record]:
    """Return every record of a usual view under its key, with ``is_right`` by its task's own metric.

    Args:
        records: of the people shown.
        context: what is true of everybody, see `_CONTEXT`: it decides whether an answer names a value or a
            longer one, as it does in the scores.
        metrics: of the tasks.
    """
    context = context.drop_duplicates()
    usual = shown_as_usual(records)
    records = records[usual].assign(is_right=False)
    for metric in metrics:
        asked = records["task"] == metric.task
        if asked.any():
            rows = records[asked]
            if metric.task != "classification":
                others = context[context["task"] == metric.task]
                rows = pd.concat([rows, others.assign(response="")], ignore_index=True)
            values = get_metric(metric.key).compute(rows)[: int(asked.sum())]
            records.loc[asked, "is_right"] = [value == 100 for value in values]
    return dict(zip(record_keys(records), records.to_dict("records"), strict=True))


def _card(
    profile_id: str,
    eval_set: str,
    turn: int,
    records: Mapping[Lineage, Mapping[Key, _Record]],
    metrics: Sequence[ShownMetric],
    benchmark: Benchmark,
) -> Card:
    keys = [
        key
        for modality in MODALITY_TITLES
        for metric in metrics
        if (key := _pick(next(iter(records.values())), (profile_id, eval_set, modality, metric.task), turn))
    ]
    profile = benchmark.profiles.get(profile_id) or benchmark.celebrities.get(profile_id)
    return Card(
        name=profile.name if profile else profile_id,
        eval_set=SET_TITLES[eval_set],
        status=_status(profile_id, benchmark),
        portrait=_portrait(profile, keys[0][2]) if keys else "",
        exchanges=tuple(_exchange(key, records) for key in keys),
    )


def _pick(records: Mapping[Key, _Record], cell: tuple[str, str, str, str], turn: int) -> Key | None:
    """Return the key of one question of a person, set, modality and task, as asked with its first portrait.

    Another question for every person, or all would be asked for their birthplace.
    """
    columns = ["profile_id", "eval_set", "modality", "task"]
    first: dict[str, Key] = {}
    for key, row in records.items():
        if tuple(row[name] for name in columns) == cell:
            first[key[0]] = min(first.get(key[0], key), key)
    return list(first.values())[turn % len(first)] if first else None


def _status(profile_id: str, benchmark: Benchmark) -> str:
    if profile_id not in benchmark.celebrities:
        return "fictitious person"
    return "fictitious celebrity" if benchmark.celebrities_are_fictitious else "public figure"


def _exchange(key: Key, records: Mapping[Lineage, Mapping[Key, _Record]]) -> Exchange:
    question = next(iter(records.values()))[key]
    answers = [
        Answer(lineage_title(lineage), _said(row), bool(row["is_right"]), lineage.model != UNLEARNED)
        for lineage, asked in records.items()
        if (row := asked.get(key)) is not None
    ]
    form = f"{TASK_TITLES[question['task']]}, {MODALITY_TITLES[question['modality']].lower()}"
    return Exchange(form, str(question["question"]), str(question["answer"]), tuple(answers))


def _said(row: _Record) -> str:
    """Return the chosen option's text, or what was written, cut where it never ends."""
    if pd.isna(row["chosen_letter"]) or pd.isna(row["response"]):
        return ""
    text = str(row["response"])
    if row["task"] == "classification":
        options = dict(zip(row["option_letters"], row["options"], strict=True))
        scored = (row["option_log_probs"], row["option_lengths"], row["option_letters"])
        chosen = likeliest_options(*scored)
        if len(chosen) > 1:
            return f"undecided between {', '.join(chosen)}"
        written = row["letter_response"]
        letter = chosen[0] if chosen else row["chosen_letter"]
        text = str(options.get(letter, "" if pd.isna(written) else written))
    text = text.strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _portrait(profile: Profile | None, view: str) -> str:
    """Return a small JPEG as a data URI; empty for people without a portrait that can be opened."""
    if profile is None:
        return ""
    # A record may be about a portrait that the benchmark at hand has not.
    portraits = TEST_VIEW.show(profile) if profile.test_images else {}
    data = portraits.get(view, profile.image)
    try:
        image = open_image(data)
    except UserError:
        return ""
    image.thumbnail((_THUMBNAIL, _THUMBNAIL))
    small = io.BytesIO()
    image.save(small, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(small.getvalue()).decode()}"
