"""Protects the few questions that are asked on the way: whom they are about, and that they stay the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from mllmu.benchmark import EvaluationSet
from mllmu.evaluation import STRICT, Part, get_protocol
from mllmu.evaluation.questions.items import Item
from mllmu.evaluation.questions.sampled_questions import (
    SAMPLED_SETS,
    BriefProtocol,
    limited_items,
    sample_items,
)
from mllmu.evaluation.without_letters import WithoutLetters
from mllmu.synthesis import synthesize


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """All questions about twelve people, four of them to be forgotten, and what goes with them."""
    people = synthesize(12, 3, 2, seed=1, image_size=32, test_image_size=32, ratios=(34,))
    return STRICT.items(people, [people.splits[34]])[34]


def cells(items: list[Item]) -> Counter[tuple[str, str, str, str]]:
    asked = ((item.eval_set.value, item.question) for item in items)
    return Counter((name, one.profile_id, one.modality.value, one.task.value) for name, one in asked)


@pytest.mark.parametrize("questions", [1, 2])
def test_people_of_each_set_are_asked_alike(items: list[Item], questions: int) -> None:
    """Three people of each set and no others; as many questions of each kind about each, where there are."""
    sample = sample_items(items, 3, questions, seed=0)
    counted = cells(sample)
    sets = set(SAMPLED_SETS) - {EvaluationSet.SAME_PERSON}  # of which there is none for whole people
    assert {eval_set for eval_set, *_ in counted} == {one.value for one in sets}
    for eval_set in sets:
        assert len({person for name, person, *_ in counted if name == eval_set.value}) == 3
    assert set(counted.values()) == {questions}
    assert [item for item in items if item in sample] == sample


def test_what_is_to_be_kept_of_the_people_to_forget_is_asked_on_the_way(items: list[Item]) -> None:
    """And changes nothing about what else is asked."""
    kept = [replace(item, eval_set=EvaluationSet.SAME_PERSON) for item in items if item.eval_set == "forget"]
    sample = sample_items([*items, *kept], 3, 1, seed=0)
    assert len({item.question.profile_id for item in sample if item in kept}) == 3
    assert [item for item in sample if item not in kept] == sample_items(items, 3, 1, seed=0)


def test_no_question_is_asked_about_two_portraits(items: list[Item]) -> None:
    """A test question has two; one of them is drawn."""
    sample = sample_items(items, 99, 99, seed=0)
    assert len({item.question.question_id for item in sample}) == len(sample)
    portraits = {item.view for item in sample if item.view.startswith("test")}
    assert len(portraits) == 2
    assert len(sample) < len(items)


def test_the_seed_draws_and_nothing_else(items: list[Item]) -> None:
    """A set's people do not depend on what other sets hold, nor on the order of the questions."""
    first = sample_items(items, 2, 1, seed=0)
    assert sample_items(items, 2, 1, seed=0) == first
    assert sample_items(items, 2, 1, seed=1) != first
    without = [item for item in items if item.eval_set.value != "retain"]
    assert sample_items(without, 2, 1, seed=0) == [item for item in first if item in without]


def test_a_limit_draws_questions_of_each_kind_with_all_their_portraits(items: list[Item]) -> None:
    def kind(item: Item) -> tuple[str, str, str]:
        return item.eval_set.value, item.question.modality.value, item.question.task.value

    def questions(chosen: list[Item]) -> dict[tuple[str, str, str], set[tuple[str, str]]]:
        named: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
        for item in chosen:
            named.setdefault(kind(item), set()).add((item.question.profile_id, item.question.question_id))
        return named

    everything, two = questions(items), limited_items(items, 2, seed=0)
    assert limited_items(items, None, seed=0) == items
    assert {name: len(ids) for name, ids in questions(two).items()} == {
        name: min(2, len(ids)) for name, ids in everything.items()
    }
    of_drawn = questions(two)
    assert two == [
        item
        for item in items
        if (item.question.profile_id, item.question.question_id) in of_drawn[kind(item)]
    ]
    assert limited_items(items, 2, seed=1) != two
    text = [item for item in items if item.question.modality.value == "text"]
    assert limited_items(text, 2, seed=0) == [item for item in two if item in text]


def test_without_letters_all_else_is_asked_as_ever(items: list[Item]) -> None:
    """Where letters are all there is, as in the official protocol, they stay."""
    official = get_protocol("official")
    for item in items:
        asked, whole = WithoutLetters(STRICT).put(item), STRICT.put(item)
        assert asked.scored == {part: one for part, one in whole.scored.items() if part is not Part.LETTERS}
        assert asked.letter_response is None and asked.response == whole.response
        if item.question.options:
            assert Part.LETTERS in whole.scored and whole.letter_response is not None
            assert WithoutLetters(official).put(item).letter_response is not None
    assert WithoutLetters(STRICT).name == "strict"


def test_only_what_accuracies_and_the_audit_need_is_asked(items: list[Item]) -> None:
    """By the strict protocol no letters; by the official one, whose accuracy is the letter's, they stay."""
    for item in items:
        brief, whole = BriefProtocol(STRICT).put(item), STRICT.put(item)
        assert set(brief.scored) == set(whole.scored) & {Part.OPTIONS, Part.ANSWER}
        assert brief.letter_response is None and brief.response == whole.response
    official = get_protocol("official")
    choice = next(item for item in items if item.question.options)
    assert BriefProtocol(official).put(choice).letter_response is not None
