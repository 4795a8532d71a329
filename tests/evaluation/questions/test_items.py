"""Protects: a question that counts in several sets is asked once, and its answer counts in each."""

from dataclasses import replace

import pandas as pd
import pytest

from mllmu.benchmark import Benchmark, EvaluationSet, Modality, Profile, Question, Split, Task
from mllmu.evaluation import STRICT, Demonstration, Item, ask, distinct_items, records_of_split
from tests.evaluation.rows import answered


def person(profile_id):
    def question(view):
        return Question(f"{profile_id}/{view}", profile_id, Task.CLOZE, Modality.TEXT, "Born in __.", "Riga")

    return Profile(profile_id, profile_id, {}, b"", (question("original"),), (), (question("test"),))


PEOPLE = {profile_id: person(profile_id) for profile_id in ("1", "2", "3")}
BENCHMARK = Benchmark("few", PEOPLE, {"C": Profile("C", "C", {}, b"", (person("C").questions))}, {}, {})
FIRST, SECOND = Split(30, ("1",), ("2", "3")), Split(60, ("1", "2"), ("3",))
ITEMS = STRICT.items(BENCHMARK, [FIRST, SECOND])


def test_each_question_is_asked_once_over_all_splits():
    ids = [item.question.question_id for item in distinct_items(ITEMS.values())]
    assert sorted(ids) == ["1/original", "1/test", "2/original", "2/test", "3/original", "C/original"]


def test_another_picture_or_wording_is_another_item():
    """A blurred portrait under the same id must not be scored with the sharp one's answer."""
    question = replace(PEOPLE["1"].questions[0], modality=Modality.IMAGE_TEXT)
    sharp = Item(question, b"sharp", EvaluationSet.FORGET, "original")
    others = [
        replace(sharp, image=b"blurred"),
        replace(sharp, view="blurred"),
        replace(sharp, question=replace(question, text="Where was this person born? __")),
        replace(sharp, demonstrations=(Demonstration(PEOPLE["2"].questions[0], None),)),
    ]
    assert len(distinct_items([[sharp, *others]])) == 5
    assert len({sharp.key, *(other.key for other in others)}) == 5


def test_two_questions_that_only_look_alike_are_refused():
    """Asked once, one of them would be scored with the other's answer."""
    one = Item(PEOPLE["1"].questions[0], None, EvaluationSet.FORGET)
    other = replace(one, question=replace(one.question, answer="Oslo"))
    with pytest.raises(ValueError, match="'1/original' is asked twice"):
        distinct_items([[one], [other]])
    with pytest.raises(ValueError, match="'1/original' is asked twice"):
        ask(Never(), [one, other], STRICT)


class Never:
    """An engine that must not be reached."""


def test_one_answer_counts_in_the_set_of_each_split():
    asked = distinct_items(ITEMS.values())
    records = answered(asked, lambda item: f"about {item.question.question_id}")
    found = {
        ratio: records_of_split(records, items).set_index("question_id") for ratio, items in ITEMS.items()
    }
    assert found[30].loc["2/original", "eval_set"] == EvaluationSet.RETAIN.value
    assert found[60].loc["2/original", "eval_set"] == EvaluationSet.FORGET.value
    assert "2/test" not in found[30].index
    assert found[60].loc["2/test", "eval_set"] == EvaluationSet.TEST.value
    assert list(found[60]["response"]) == [f"about {name}" for name in found[60].index]


def test_what_was_demonstrated_otherwise_is_asked_again():
    """The same words after other demonstrations are another prompt, whose answer must not be mixed up."""
    plain = STRICT.items(BENCHMARK, [FIRST])[30]
    shown = STRICT.items(BENCHMARK, [FIRST], "2")[30]
    asked = distinct_items([plain, shown])
    assert len(asked) == len(plain) + len(shown)
    records = pd.DataFrame(
        {
            "question_id": [item.question.question_id for item in asked],
            "question": [item.question.text for item in asked],
            "view": "",
            "image_digest": "",
            "demonstrators": [list(item.demonstrators) for item in asked],
            "response": [str(item.demonstrators) for item in asked],
        }
    )
    assert set(records_of_split(records, shown)["response"]) == {"('2',)"}
    assert set(records_of_split(records, plain)["response"]) == {"()"}


@pytest.mark.parametrize("splits", [[FIRST, SECOND], [SECOND, FIRST]])
def test_whoever_is_to_be_forgotten_under_one_ratio_is_asked_as_such(splits):
    """Membership attacks read more of their answers, of vanilla under every ratio."""
    items = STRICT.items(BENCHMARK, splits)
    sets = {item.question.question_id: item.eval_set for item in distinct_items(items.values())}
    assert sets["1/original"] == sets["2/original"] == EvaluationSet.FORGET
    assert sets["3/original"] == EvaluationSet.RETAIN
