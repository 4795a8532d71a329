"""Who demonstrates is retained by all, scored by nobody, and the same for everybody."""

from dataclasses import replace

import pytest

from mllmu.benchmark.types import Benchmark, EvaluationSet, Modality, Split, Task
from mllmu.errors import UserError
from mllmu.evaluation import STRICT
from tests.evaluation import people

IDS = ("1", "2", "3", "4", "5", "6")
PEOPLE = {profile_id: people.tested(profile_id, 10 * int(profile_id)) for profile_id in IDS}
BENCHMARK = Benchmark("six people", PEOPLE, {}, {}, {})
FEW, MORE = Split(17, ("1",), ("2", "3", "4", "5", "6")), Split(34, ("5", "6"), ("1", "2", "3", "4"))


def demonstrating(splits, said, seed=0, benchmark=BENCHMARK):
    """The ids that demonstrate, by forget ratio."""
    found = {}
    for ratio, items in STRICT.items(benchmark, splits, said, seed).items():
        (found[ratio],) = {item.demonstrators for item in items}
    return found


def test_nobody_demonstrates_unless_asked_to():
    assert demonstrating([FEW, MORE], "") == {17: (), 34: ()}
    assert demonstrating([FEW, MORE], " ") == {17: (), 34: ()}


def test_those_who_are_named_demonstrate_in_that_order():
    assert demonstrating([FEW, MORE], "4, 2,4") == {17: ("4", "2"), 34: ("4", "2")}


def test_drawn_people_are_retained_at_every_ratio_and_the_same_at_each():
    """Three are retained by both splits, so two of them demonstrate, whatever the seed."""
    drawn = {seed: demonstrating([FEW, MORE], "draw:2", seed) for seed in range(20)}
    for by_ratio in drawn.values():
        assert by_ratio[17] == by_ratio[34]
        assert set(by_ratio[17]) < {"2", "3", "4"}
    assert len({by_ratio[17] for by_ratio in drawn.values()}) > 1
    assert drawn[3] == demonstrating([MORE, FEW], "draw:2", 3)


def test_a_larger_draw_adds_people_to_a_smaller_one():
    """So that a score with more demonstrations differs by these alone."""
    assert demonstrating([FEW], "draw:3")[17][:2] == demonstrating([FEW], "draw:2")[17]


def test_demonstrators_are_in_no_scored_set():
    """Everybody else is asked as without them."""
    plain, items = STRICT.items(BENCHMARK, [FEW])[17], STRICT.items(BENCHMARK, [FEW], "3")[17]
    left = [replace(item, demonstrations=()) for item in items]
    assert left == [item for item in plain if item.question.profile_id != "3"]
    assert {item.question.profile_id for item in items if item.eval_set == EvaluationSet.RETAIN} == {
        "2",
        "4",
        "5",
        "6",
    }


def test_each_demonstrator_answers_another_question_of_the_same_form():
    """The first their first, the second their second; with the portrait where a picture is asked about."""
    richer = {
        profile_id: replace(
            profile,
            questions=(*profile.questions, *people.questions(profile_id, "second")),
            test_questions=(),
        )
        for profile_id, profile in PEOPLE.items()
    }
    items = STRICT.items(replace(BENCHMARK, profiles=richer), [FEW], "3,2")[17]
    for item in items:
        task, modality = item.question.task, item.question.modality
        first, second = item.demonstrations
        assert first.question.question_id == f"3/original/{task}/{modality}"
        assert second.question.question_id == f"2/second/{task}/{modality}"
        shown = (
            [people.portrait(30), people.portrait(20)] if modality == Modality.IMAGE_TEXT else [None, None]
        )
        assert [first.image, second.image] == shown


def test_who_has_no_question_of_a_form_does_not_demonstrate_it():
    bare = replace(
        PEOPLE["3"], questions=tuple(one for one in PEOPLE["3"].questions if one.task != Task.CLOZE)
    )
    items = STRICT.items(replace(BENCHMARK, profiles={**PEOPLE, "3": bare}), [FEW], "3")[17]
    assert {item.demonstrators for item in items if item.question.task == Task.CLOZE} == {()}
    assert {item.demonstrators for item in items if item.question.task != Task.CLOZE} == {("3",)}


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("7", "unknown demonstrator '7'"),
        ("2,", "unknown demonstrator ''"),
        ("5", "'5' is to be forgotten: expected somebody who is retained at every forget ratio"),
        ("draw:", "'draw:' do not say how many: expected e.g. draw:2"),
        ("draw:two", "do not say how many"),
        ("draw:0", "do not say how many"),
        ("draw:-1", "do not say how many"),
        ("draw:3", "'draw:3' are all of the 3 people who are retained at every forget ratio"),
        ("2,3,4", "expected fewer, so that somebody is left to score"),
    ],
)
def test_mistakes_are_told_in_one_sentence(said, sentence):
    with pytest.raises(UserError, match=sentence):
        STRICT.items(BENCHMARK, [FEW, MORE], said)
