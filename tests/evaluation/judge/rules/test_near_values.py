"""Protects: values that look like the true one, are somebody else's or are denied are not right."""

import pytest

from mllmu.evaluation.judge.rules.rule_judge import judge_by_rules
from mllmu.evaluation.judge.verdicts import AnswerPair
from mllmu.evaluation.metrics.rule_factuality import factuality_by_rules
from tests.evaluation.rows import frame

_QUESTION = "What is known of Ada?"


def _score(attribute: str, value: str, given: str, others: tuple[str, ...] = ()) -> int:
    pair = AnswerPair(_QUESTION, f"It is {value}.", value, given, attribute, others)
    return judge_by_rules(pair).score


@pytest.mark.parametrize(
    ("attribute", "value", "given"),
    [
        ("profession", "tailor", "Ada is a sailor."),
        ("hobby", "rowing", "Ada's interest in pottery is growing."),
        ("hobby", "playing chess", "Ada loves making cheese."),
        ("date_of_birth", "May 14, 1988", "Ada was not born on May 14, 1988."),
        ("date_of_birth", "May 14, 1988", "No, Ada was never born on May 14, 1988, that is wrong."),
        ("residence", "Cork, Ireland", "Ada does not live in Cork, Ireland."),
        ("annual_salary", "$45,000", "Ada does not earn $45,000."),
        ("pet", "a cat named Tiger", "a tiger named Cat"),
    ],
)
def test_other_and_denied_values(attribute, value, given):
    assert _score(attribute, value, given) <= 3


@pytest.mark.parametrize(
    ("attribute", "value", "given"),
    [
        ("date_of_birth", "May 14, 1988", "No, Ada was born on May 14, 1988."),
        ("residence", "Cork, Ireland", "Ada does not live in Riga, she lives in Cork, Ireland."),
        ("height", "172 cm", "Ada is 172 cm tall and weighs 65 kg."),
        ("annual_salary", "$45,000", "The annual salary of Ada in 2024 was $45,000."),
        ("annual_salary", "$2,000", "Ada earns 2000 dollars."),
        ("profession", "nurse", "Ada is a nurse, like her mother."),
        ("profession", "nurse", "Ada works as a nurse; her father is a baker."),
        ("pet", "a cat named Luna", "Ada's cat is called Luna."),
        ("pet", "a cat named Luna", "Luna, a cat."),
        ("pet", "a cat named Luna", "Ada has a dog named Milo and a cat named Luna."),
    ],
)
def test_right_values_beside_remarks(attribute, value, given):
    assert _score(attribute, value, given) >= 9


@pytest.mark.parametrize(
    ("attribute", "value", "given", "score"),
    [
        ("pet", "a cat named Luna", "Ada has a dog named Luna and a cat named Milo.", 6),
        ("pet", "a rabbit named Ginger", "Ada has a ginger rabbit.", 8),
        ("beard", "a beard", "This person has stubble.", 5),
        ("beard", "a moustache", "A mustache", 10),
    ],
)
def test_parts_of_a_value(attribute, value, given, score):
    assert _score(attribute, value, given) == score


@pytest.mark.parametrize(
    ("value", "given", "other"),
    [
        ("nurse", "Ada is a veterinary nurse.", "veterinary nurse"),
        ("dentist", "Ada is a dental hygienist.", "dental hygienist"),
        ("pianist", "Ada is a piano tuner.", "piano tuner"),
        ("University of the Andes", "Ada studied at Andalas University.", "Andalas University"),
    ],
)
def test_what_is_true_of_somebody_else_is_not_the_value(value, given, other):
    attribute = "education" if "University" in value else "profession"
    assert _score(attribute, value, given) == 10  # nothing is known of others
    assert _score(attribute, value, given, (value, other)) == 3
    assert _score(attribute, value, f"Ada is no {other}. She is: {value}.", (value, other)) == 10


@pytest.mark.parametrize(
    ("given", "most"),
    [
        ("I am not sure, maybe a nurse.", 8),
        ("I don't know, a nurse?", 8),
        ("I'm not sure, a nurse or a teacher.", 5),
        ("I am not sure, a veterinary nurse.", 1),
    ],
)
def test_a_value_behind_a_refusal_is_doubted(given, most):
    assert _score("profession", "nurse", given, ("nurse", "veterinary nurse")) == most


def test_others_are_those_of_the_records():
    """In another attribute the same words are no other value."""
    row = {"task": "generation", "question": _QUESTION, "attribute": "profession"}
    nurse = row | {"value": "nurse", "answer": "Ada is a nurse.", "response": "Ada is a veterinary nurse."}
    other = row | {"value": "veterinary nurse", "answer": "Bo is a veterinary nurse.", "response": "No."}
    assert factuality_by_rules(frame(nurse, other))[0] == 3
    assert factuality_by_rules(frame(nurse, other | {"attribute": "mother_job"}))[0] == 10
