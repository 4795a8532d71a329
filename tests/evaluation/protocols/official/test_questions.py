"""Protects who is asked what: demonstrations, skipped questions, portraits."""

from dataclasses import replace

import pytest

from mllmu.benchmark.types import EvaluationSet, Task
from mllmu.errors import UserError
from mllmu.evaluation.protocols.official.draws import Draw
from mllmu.evaluation.protocols.official.official_questions import official_items

from .people import BENCHMARK, IMAGE, PEOPLE, SPLIT, TEXT

FORGET, TEST, RETAIN, CELEBRITY, *_ = EvaluationSet
DRAWN = Draw(
    people={
        (FORGET, Task.CLOZE): ("b", "a"),
        (FORGET, Task.CLASSIFICATION): ("c",),
        (TEST, Task.CLASSIFICATION): ("a",),
        (TEST, Task.CLOZE): ("c", "b"),
        (RETAIN, Task.CLOZE): ("e", "d"),
        (RETAIN, Task.CLASSIFICATION): ("d",),
    },
    images={(task, who): place % 2 for task in Task for place, who in enumerate("abc")},
)


@pytest.fixture(scope="module")
def asked():
    return list(official_items(BENCHMARK, SPLIT, DRAWN))


def of(items, eval_set, task, modality=None):
    wanted = [item for item in items if (item.eval_set, item.question.task) == (eval_set, task)]
    return [item for item in wanted if modality in (None, item.question.modality)]


def people(items):
    return list(dict.fromkeys(item.question.profile_id for item in items))


def test_sets_keep_the_order_of_their_rows_and_leave_out_who_demonstrates(asked):
    """Forget and retain as the split lists them, test as its rows stand; nobody of the holdout."""
    assert people(of(asked, FORGET, Task.GENERATION)) == ["c", "a", "b"]
    assert people(of(asked, FORGET, Task.CLASSIFICATION)) == ["a", "b"]
    assert people(of(asked, FORGET, Task.CLOZE)) == ["c"]
    assert people(of(asked, TEST, Task.GENERATION)) == ["a", "b", "c"]
    assert people(of(asked, TEST, Task.CLASSIFICATION)) == ["b", "c"]
    assert people(of(asked, RETAIN, Task.CLASSIFICATION)) == ["e"]
    assert people(of(asked, RETAIN, Task.CLOZE)) == []
    assert {item.eval_set for item in asked} == {FORGET, TEST, RETAIN, CELEBRITY}
    # Two questions of each task and modality, but for the two celebrities, who have one.
    assert len(of(asked, FORGET, Task.GENERATION)) == 3 * 4
    assert len(of(asked, CELEBRITY, Task.CLOZE)) == 2 * 2


def test_demonstrations_are_all_original_questions_in_the_order_of_the_people(asked):
    """Drawn as b, a, shown as a, b: the script looks them up row by row in the set of all."""
    for modality, pictures in (
        (IMAGE, [PEOPLE["a"].image] * 2 + [PEOPLE["b"].image] * 2),
        (TEXT, [None] * 4),
    ):
        shown = of(asked, FORGET, Task.CLOZE, modality)[0].demonstrations
        expected = [
            question
            for who in "ab"
            for question in PEOPLE[who].questions
            if (question.task, question.modality) == (Task.CLOZE, modality)
        ]
        assert [one.question for one in shown] == expected
        assert [one.image for one in shown] == pictures
    assert of(asked, TEST, Task.CLASSIFICATION)[0].demonstrators == ("a",)
    assert of(asked, TEST, Task.CLASSIFICATION)[0].demonstrations[0].image == PEOPLE["a"].image


def test_free_questions_and_celebrities_have_no_demonstrations(asked):
    shown = {item.demonstrators for item in asked if item.question.task is Task.GENERATION}
    assert shown == {()}
    assert {item.demonstrators for item in asked if item.eval_set is CELEBRITY} == {()}


def test_test_questions_are_skipped_by_their_place_in_the_row(asked):
    """Original cloze rows read image, image, text, text; c's and b's test rows image, text, image, text.

    Places 0 and 1 are skipped for pictures, 2 and 3 for text: of the test row its third and second stay.
    """
    left = [item.question for item in of(asked, TEST, Task.CLOZE) if item.question.profile_id in "bc"]
    rows = {who: [q for q in PEOPLE[who].test_questions if q.task is Task.CLOZE] for who in "bc"}
    assert left == [rows["b"][1], rows["b"][2], rows["c"][1], rows["c"][2]]
    assert [question.modality for question in left] == [TEXT, IMAGE, TEXT, IMAGE]


def test_every_person_is_shown_with_the_drawn_portrait(asked):
    for item in of(asked, TEST, Task.GENERATION, IMAGE):
        index = "abc".index(item.question.profile_id) % 2
        assert item.view == f"test-{index + 1}"
        assert item.image == PEOPLE[item.question.profile_id].test_images[index]
    for item in asked:
        if item.question.modality is TEXT:
            assert (item.image, item.view) == (None, "")
        elif item.eval_set is FORGET:
            assert (item.image, item.view) == (PEOPLE[item.question.profile_id].image, "original")


def test_questions_without_a_right_answer_are_asked_and_counted():
    """The script counts them wrong, so its totals hold them."""
    first, *others = PEOPLE["a"].questions
    changed = replace(
        PEOPLE["a"], questions=(replace(first, correct_option="E", answer="", value=""), *others)
    )
    benchmark = replace(BENCHMARK, profiles={**PEOPLE, "a": changed})
    items = list(official_items(benchmark, SPLIT, DRAWN))
    assert len(items) == len(list(official_items(BENCHMARK, SPLIT, DRAWN)))
    assert any(item.question.correct_option == "E" for item in of(items, FORGET, Task.CLASSIFICATION))


def test_a_missing_test_picture_is_named():
    bare = replace(BENCHMARK, profiles={**PEOPLE, "b": replace(PEOPLE["b"], test_images=())})
    with pytest.raises(UserError, match="'b' has test questions about a picture but no test image"):
        list(official_items(bare, SPLIT, DRAWN))
