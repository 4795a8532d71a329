"""A small, fixed part of a benchmark's questions, asked briefly: for models asked again and again."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mllmu.benchmark.types import EvaluationSet
from mllmu.evaluation.protocol import Asking, Part, Protocol
from mllmu.evaluation.questions.items import Item
from mllmu.evaluation.view import USUAL_VIEWS, name_of_view
from mllmu.evaluation.without_letters import WithoutLetters, without

_Kind = tuple[str, str, str]

SAMPLED_SETS = (
    EvaluationSet.FORGET,
    EvaluationSet.TEST,
    EvaluationSet.RETAIN,
    EvaluationSet.CELEBRITY,
    EvaluationSet.SAME_PERSON,
)


def sample_items(items: Sequence[Item], people: int, questions: int, seed: int) -> list[Item]:
    """Some people of each set, and some questions about each of them in every modality and task.

    Args:
        items: what a protocol asks under one split; those under further views are left out.
        people: how many of each set; all where there are fewer.
        questions: how many of each person in each modality and task; likewise.
        seed: draws both.

    Returns:
        The chosen items in the order they were given. Of a set whose people are shown in several portraits,
        each question is there with one of them.
    """
    of_set: dict[EvaluationSet, dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        if item.eval_set in SAMPLED_SETS and name_of_view(item.view) in USUAL_VIEWS:
            of_set[item.eval_set][item.question.profile_id].append(item)
    chosen: set[int] = set()
    for eval_set, of_person in of_set.items():
        # A set's draw does not depend on which other sets there are.
        rng = random.Random(f"{seed} {eval_set.value}")
        for person in rng.sample(sorted(of_person), min(people, len(of_person))):
            cells: dict[tuple[str, str], list[Item]] = defaultdict(list)
            for item in rng.sample(of_person[person], len(of_person[person])):
                cell = cells[(item.question.modality.value, item.question.task.value)]
                asked = {one.question.question_id for one in cell}
                if len(cell) < questions and item.question.question_id not in asked:
                    cell.append(item)
            chosen |= {id(item) for cell in cells.values() for item in cell}
    return [item for item in items if id(item) in chosen]


def limited_items(items: Iterable[Item], limit: int | None, seed: int) -> list[Item]:
    """At most so many questions of each set, modality and task, each with all the portraits it is asked with.

    Args:
        items: what a protocol asks under one split.
        limit: how many questions; all if None.
        seed: draws them; what is drawn of one kind does not depend on which others there are.

    Returns:
        The chosen items in the order they were given.
    """
    everything = list(items)
    if limit is None:
        return everything
    of_kind: dict[_Kind, set[tuple[str, str]]] = defaultdict(set)
    for item in everything:
        of_kind[_kind(item)].add(_question(item))
    chosen = {
        kind: set(random.Random(f"{seed} {kind}").sample(sorted(asked), min(limit, len(asked))))
        for kind, asked in of_kind.items()
    }
    return [item for item in everything if _question(item) in chosen[_kind(item)]]


def _kind(item: Item) -> _Kind:
    return item.eval_set.value, item.question.modality.value, item.question.task.value


def _question(item: Item) -> tuple[str, str]:
    return item.question.profile_id, item.question.question_id


@dataclass(frozen=True)
class BriefProtocol:
    """A protocol that asks for nothing but what its accuracies and the audit of tokens are read from.

    Attributes:
        protocol: how the questions are put.
    """

    protocol: Protocol

    @property
    def name(self) -> str:
        """That of the protocol."""
        return self.protocol.name

    def put(self, item: Item) -> Asking:
        """What the protocol asks, without paraphrases, wrong answers, and letters that nobody counts."""
        asking = WithoutLetters(self.protocol).put(item)
        return replace(asking, scored=without(asking, {Part.PARAPHRASE, Part.WRONG}))
