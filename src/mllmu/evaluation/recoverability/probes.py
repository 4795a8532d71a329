"""The probes of a question: the same fact asked for in other words, indirectly, and after a denial."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum
from functools import cache
from importlib.resources import files

import yaml

from mllmu.benchmark.iteration import asked as asked_of
from mllmu.benchmark.language.attributes import asked_attribute
from mllmu.benchmark.language.comparable_text import comparable
from mllmu.benchmark.types import Benchmark, EvaluationSet, Modality, Profile, Question, Split, Task
from mllmu.evaluation.questions.items import Item
from mllmu.evaluation.views.original import ORIGINAL_VIEW

_FREE = (Task.GENERATION, Task.CLOZE)


class Probe(str, Enum):
    """How a fact is asked for: as in the evaluation question, or in one of three other ways."""

    ORIGINAL = "original"
    REWORDED = "reworded"
    INDIRECT = "indirect"
    NEGATED = "negated"


PROBES = (Probe.REWORDED, Probe.INDIRECT, Probe.NEGATED)


def probe_items(
    benchmark: Benchmark, split: Split, people: int, seed: int
) -> Iterator[tuple[Question, dict[Probe, Item]]]:
    """The free-answer questions about people to forget, each with its probes as they are asked.

    A question has probes where its attribute is one that there are wordings for, and the benchmark states its
    value; others are left out. What is denied is the value that somebody else has in the same attribute.

    Args:
        benchmark: the people.
        split: who is to be forgotten, and which facts.
        people: how many to draw; all where there are fewer.
        seed: draws them, and what is denied.

    Yields:
        The question as in the evaluation set ``forget``, and all four items of it, pictures as there.
    """
    drawn = random.Random(f"{seed} people").sample(sorted(split.forget), min(people, len(split.forget)))
    values = _values(benchmark)
    for profile in map(benchmark.profiles.__getitem__, drawn):
        for question in profile.questions:
            if not _is_probed(question, split):
                continue
            in_attribute = values[asked_attribute(question)]
            others = [text for key, text in in_attribute.items() if key != comparable(question.value)]
            denied = random.Random(f"{seed} {question.question_id}").choice(others) if others else ""
            texts = _texts(profile, question, denied)
            if texts:
                items = {probe: _item(profile, question, probe, text) for probe, text in texts.items()}
                yield question, items


def _is_probed(question: Question, split: Split) -> bool:
    return question.task in _FREE and bool(question.value) and split.forgets(asked_attribute(question))


def values_by_attribute(benchmark: Benchmark) -> Mapping[str, set[str]]:
    """Everything that is true of anybody in an attribute, as evaluation questions state it."""
    values: dict[str, set[str]] = defaultdict(set)
    for _, question in asked_of(benchmark):
        if question.attribute and question.value:
            values[question.attribute].add(question.value)
    return values


def _values(benchmark: Benchmark) -> Mapping[str, Mapping[str, str]]:
    """Attribute -> what anybody of a benchmark has in it, as compared -> as written."""
    values: dict[str, dict[str, str]] = defaultdict(dict)
    for profile in benchmark.profiles.values():
        for question in profile.questions:
            if question.value:
                values[asked_attribute(question)].setdefault(comparable(question.value), question.value)
    return values


def _texts(profile: Profile, question: Question, denied: str) -> dict[Probe, str]:
    """The wording of each probe; none where the benchmark does not say enough to make all of them."""
    wordings = probe_wordings().get(asked_attribute(question))
    if wordings is None or not denied or (question.modality is Modality.TEXT and not profile.name):
        return {}
    person = profile.name if question.modality is Modality.TEXT else "this person"
    asked = {probe: wordings[probe].replace("{person}", person) for probe in (Probe.REWORDED, Probe.INDIRECT)}
    denial = f"The answer is not {denied}. {question.text}"
    return {Probe.ORIGINAL: question.text, **asked, Probe.NEGATED: denial}


def _item(profile: Profile, question: Question, probe: Probe, text: str) -> Item:
    """A probe as an item of the set ``forget``; its id is that of its question with the probe behind."""
    if probe is not Probe.ORIGINAL:
        # Other words make a sentence of the old words no reference answer.
        question = replace(
            question,
            question_id=f"{question.question_id}/{probe.value}",
            text=text,
            task=question.task if probe is Probe.NEGATED else Task.GENERATION,
            answer=question.value,
            paraphrased_answer="",
            wrong_answers=(),
            wording="",
        )
    if question.modality is Modality.TEXT:
        return Item(question, None, EvaluationSet.FORGET)
    ((view, image),) = ORIGINAL_VIEW.show(profile).items()
    return Item(question, image, EvaluationSet.FORGET, view)


@cache
def probe_wordings() -> Mapping[str, Mapping[str, str]]:
    """Attribute -> probe -> wording, in which ``{person}`` stands for who is asked about."""
    text = files(__package__).joinpath("probe_wordings.yaml").read_text(encoding="utf-8")
    wordings: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return wordings
