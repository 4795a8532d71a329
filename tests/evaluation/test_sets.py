from dataclasses import replace

import pytest

from mllmu.benchmark.types import EvaluationSet, Modality, Split
from mllmu.errors import UserError
from mllmu.evaluation import question_sets

from .people import BENCHMARK, PEOPLE, SPLIT


def test_who_is_asked_what_with_which_picture():
    """Test asks the people to forget, with the first of their other portraits and the other wordings."""
    sets = question_sets(BENCHMARK, SPLIT)
    assert list(sets) == list(EvaluationSet)
    forget = PEOPLE["002"]
    assert [item.question for item in sets[EvaluationSet.FORGET]] == list(forget.questions)
    assert [item.question for item in sets[EvaluationSet.TEST]] == list(forget.test_questions)
    assert {item.question.profile_id for item in sets[EvaluationSet.RETAIN]} == {"001"}
    shown = {
        EvaluationSet.FORGET: forget.image,
        EvaluationSet.TEST: forget.test_images[0],
        EvaluationSet.RETAIN: PEOPLE["001"].image,
        EvaluationSet.CELEBRITY: BENCHMARK.celebrities["Ada"].image,
        EvaluationSet.HOLDOUT: BENCHMARK.holdout["h1"].image,
    }
    for eval_set, items in sets.items():
        for item in items:
            assert item.eval_set == eval_set
            by_picture = item.question.modality == Modality.IMAGE_TEXT
            assert item.image == (shown[eval_set] if by_picture else None)


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
