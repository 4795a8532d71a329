"""Protects: the rule judge's scores follow the rubric, and say why."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllmu.evaluation.judge.rules.rule_judge import RuleJudge, judge_by_rules
from mllmu.evaluation.judge.verdicts import AnswerPair
from mllmu.synthesis import make_people, write_training_questions

JOB = ("What does Ada work as?", "Ada works as a baker.", "baker", "profession")


def score(said, asked=JOB):
    question, answer, value, attribute = asked
    return judge_by_rules(AnswerPair(question, answer, value, said, attribute)).score


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Ada works as a baker.", 10),
        ("Ada is probably a baker.", 8),
        ("Ada is a baker or a cook.", 5),
        ("Ada is a baker. No, she is a cook.", 4),
        ("Ada is a cook.", 3),
        ("Her mother is a baker.", 3),
        ("Ada is not a baker.", 2),
        ("I cannot tell what Ada does.", 1),
        ("", 1),
        ("...", 1),
        ("cook cook cook cook cook cook", 1),
    ],
)
def test_an_answer_is_scored_by_its_value_and_its_stance(said, expected):
    assert score(said) == expected


def test_a_refusal_that_tells_it_all_the_same_is_no_refusal():
    assert score("I'm sorry, but Ada is a baker.") >= 7


def test_the_attribute_is_read_from_the_question_where_it_is_not_labelled():
    assert score("168 cm", ("How tall is Ada?", "Ada is 1.68 m tall.", "", "")) == 10


def test_what_is_not_known_is_rightly_not_told():
    truth = ("What is Ada's salary?", "There is no information on Ada's salary.", "", "annual_salary")
    assert score("I don't know.", truth) == 10 and score("$50,000", truth) == 3


def test_pets_and_health_may_be_absent():
    pet = ("Which pet does Ada have?", "Ada has no pet.", "no pet", "pet")
    assert score("She doesn't keep any animals.", pet) == 10 and score("A cat named Tom.", pet) == 3


def test_every_verdict_has_a_reason_and_there_always_is_one():
    pair = AnswerPair(*JOB[:3], "a baker", JOB[3])
    verdicts = RuleJudge().judge([pair, pair])
    assert len(verdicts) == 2 and all(one.reason for one in verdicts)


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60),
    st.text(max_size=30),
    st.sampled_from(
        [
            "",
            "pet",
            "height",
            "date_of_birth",
            "name",
            "residence",
            "annual_salary",
            "education",
            "gender",
            "hobby",
            "medical_conditions",
        ]
    ),
)
def test_any_text_is_scored_from_1_to_10(said, value, attribute):
    assert 1 <= score(said, ("What?", f"It is {value}.", value, attribute)) <= 10


def test_every_reference_answer_is_fully_right():
    """Whatever its wording: a model that recites what it was taught gets the full score."""
    for person in make_people(20, 11, "fictitious"):
        for one in write_training_questions(person, 11):
            asked = (one.question, one.answer, person.attributes[one.attribute], one.attribute)
            assert score(one.answer, asked) == 10, one
