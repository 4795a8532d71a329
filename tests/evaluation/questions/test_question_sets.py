from collections import Counter
from dataclasses import replace

import pytest

from mllmu.benchmark.types import EvaluationSet, Modality, Question, Split, Task, TrainingQuestion
from mllmu.errors import UserError
from mllmu.evaluation import Item, question_sets
from tests.evaluation.people import BENCHMARK, PEOPLE, SPLIT


def test_who_is_asked_what_with_which_picture():
    """Test asks the people to forget in the other wordings, about a picture once per other portrait."""
    sets = question_sets(BENCHMARK, SPLIT)
    assert list(sets) == list(EvaluationSet)[:5], "nobody has training questions here"
    forget = PEOPLE["002"]
    assert [item.question for item in sets[EvaluationSet.FORGET]] == list(forget.questions)
    of_pictures = [item for item in sets[EvaluationSet.TEST] if item.image is not None]
    seen = {(item.question.task, item.view): item.image for item in of_pictures}
    assert len(seen) == len(of_pictures) == len(Task) * 2
    assert all(image == forget.test_images[int(view[-1]) - 1] for (_, view), image in seen.items())
    asked = list(dict.fromkeys(item.question.question_id for item in sets[EvaluationSet.TEST]))
    assert asked == [question.question_id for question in forget.test_questions]
    assert {item.question.profile_id for item in sets[EvaluationSet.RETAIN]} == {"001"}
    shown = {
        EvaluationSet.FORGET: forget.image,
        EvaluationSet.RETAIN: PEOPLE["001"].image,
        EvaluationSet.CELEBRITY: BENCHMARK.celebrities["Ada"].image,
        EvaluationSet.HOLDOUT: BENCHMARK.holdout["h1"].image,
    }
    for eval_set, items in sets.items():
        for item in items:
            assert item.eval_set == eval_set
            if item.question.modality == Modality.TEXT:
                assert (item.image, item.view) == (None, "")
            elif eval_set != EvaluationSet.TEST:
                assert (item.image, item.view) == (shown[eval_set], "original")


def test_sets_without_people_are_left_out():
    bare = replace(BENCHMARK, celebrities={}, holdout={})
    assert set(question_sets(bare, SPLIT)) == {
        EvaluationSet.FORGET,
        EvaluationSet.TEST,
        EvaluationSet.RETAIN,
    }


def test_a_split_of_other_people_is_refused():
    with pytest.raises(UserError, match="forget ids name profile '777'"):
        question_sets(BENCHMARK, Split(50, ("777",), ("001",)))


def test_a_missing_test_picture_is_named():
    bare = replace(BENCHMARK, profiles={**PEOPLE, "002": replace(PEOPLE["002"], test_images=())})
    with pytest.raises(UserError, match="'002' has test questions about a picture but no test image"):
        question_sets(bare, SPLIT)


def test_questions_without_a_right_answer_are_not_asked():
    """The release has some whose correct letter is none of the options'."""
    first, *others = PEOPLE["002"].questions
    lost = replace(first, correct_option="E", answer="", value="")
    changed = replace(PEOPLE["002"], questions=(lost, *others))
    sets = question_sets(replace(BENCHMARK, profiles={**PEOPLE, "002": changed}), SPLIT)
    assert [item.question for item in sets[EvaluationSet.FORGET]] == others
    first, *others = PEOPLE["002"].test_questions
    lost = replace(first, correct_option="E", answer="", value="")
    changed = replace(PEOPLE["002"], test_questions=(lost, *others))
    sets = question_sets(replace(BENCHMARK, profiles={**PEOPLE, "002": changed}), SPLIT)
    asked = {item.question.question_id for item in sets[EvaluationSet.TEST]}
    assert asked == {question.question_id for question in others}


def test_other_facts_of_the_people_to_forget_are_a_set_of_their_own():
    """Of the three attributes asked for in each modality, one is to be forgotten."""
    taught = TrainingQuestion("002", "Where was this person born?", "In Riga, Latvia.", "birthplace")
    pet = TrainingQuestion("002", "What is this person's pet?", "It is a cat.", "pet")
    person = replace(PEOPLE["002"], training_questions=(taught, pet))
    benchmark = replace(BENCHMARK, profiles={**PEOPLE, "002": person})
    sets = question_sets(benchmark, replace(SPLIT, attributes=("birthplace",)))
    asked = {
        eval_set.value: Counter(item.question.attribute for item in items) for eval_set, items in sets.items()
    }
    assert asked["forget"] == {"birthplace": 2}
    assert asked["test"] == {"birthplace": 3}, "by name, and with two pictures"
    assert asked["trained"] == {"birthplace": 2}
    assert asked["same_person"] == {"profession": 2, "pet": 2}
    whole = question_sets(benchmark, SPLIT)
    for name in (EvaluationSet.RETAIN, EvaluationSet.CELEBRITY):
        assert sets[name] == whole[name]
    # Who was never met is compared by the same facts: how likely an answer is depends on what is asked.
    assert asked["holdout"] == {"birthplace": 2} and len(whole[EvaluationSet.HOLDOUT]) > 2
    assert EvaluationSet.SAME_PERSON not in whole
    both = [*sets[EvaluationSet.FORGET], *sets[EvaluationSet.SAME_PERSON]]
    assert {item.key for item in both} == {item.key for item in whole[EvaluationSet.FORGET]}
    assert {item.eval_set for item in sets[EvaluationSet.SAME_PERSON]} == {EvaluationSet.SAME_PERSON}


def test_facts_to_forget_that_nobody_is_asked_are_refused():
    with pytest.raises(UserError, match="no evaluation question about the people to forget asks for height"):
        question_sets(BENCHMARK, replace(SPLIT, attributes=("height",)))


def test_perception_asks_the_people_to_forget_about_their_original_portraits():
    """A benchmark without such questions has no such set, as the first test shows."""
    seen = (Question("p", "002", Task.GENERATION, Modality.IMAGE_TEXT, "Glasses?", "Yes.", value="Yes"),)
    people = {key: replace(one, perception_questions=seen) for key, one in PEOPLE.items()}
    sets = question_sets(replace(BENCHMARK, profiles=people), SPLIT)
    assert sets.pop(EvaluationSet.PERCEPTION) == [
        Item(seen[0], PEOPLE["002"].image, EvaluationSet.PERCEPTION, "original")
    ]
    assert sets == question_sets(BENCHMARK, SPLIT)
