"""Protects: an answer is scored as in a table with all other questions; inspect_ai finds what there is."""

from importlib.metadata import entry_points

import pytest

from mllmu.benchmark import Modality, Question, Task

pytest.importorskip("inspect_ai")


def question(task, answer, **further):
    return Question("q", "001", task, Modality.TEXT, "What?", answer, attribute="job", **further)


def value(metric, asked, written, others=()):
    from mllmu.bridges.inspect.inspect_scorers import answer_value, scoring_metadata

    return answer_value(metric, scoring_metadata(asked, [asked, *others]), written)


@pytest.mark.parametrize(
    ("written", "expected"), [("nurse", 100), ("a veterinary nurse", 0), ("a nurse, I think", 100), ("", 0)]
)
def test_a_part_of_what_is_true_of_others_is_not_the_value(written, expected):
    asked, other = (question(Task.CLOZE, answer) for answer in ("nurse", "veterinary nurse"))
    assert value("cloze_contains", asked, written, [other]) == expected


def test_a_question_without_a_value_has_none():
    asked = question(Task.GENERATION, "She is a nurse.")
    missing = value("generation_contains", asked, "A nurse.")
    assert missing != missing and value("rougeL_f", asked, " She is a nurse. ") == 1


@pytest.mark.parametrize(("written", "right"), [("(B)", 100), ("It is A", 0), ("Riga", 100), ("A or B", 0)])
def test_letters_are_read_as_elsewhere(written, right):
    options = {"A": "Oslo", "B": "Riga"}
    asked = question(Task.CLASSIFICATION, "Riga", options=options, correct_option="B")
    assert value("letter_accuracy", asked, written) == right
    assert value("letter_invalid", asked, written) == (100 if written == "A or B" else 0)


def test_the_declared_entry_point_is_there():
    (point,) = [one for one in entry_points(group="inspect_ai") if one.name == "mllmu"]
    assert {"mllmu", "questions"} <= set(vars(point.load()))
