"""Protects the set of training questions: word for word as fine-tuning teaches them, in both modalities."""

from dataclasses import replace

from mllmu.benchmark.types import EvaluationSet, Modality, Task, TrainingQuestion
from mllmu.evaluation import question_sets
from mllmu.evaluation.questions.trained_questions import trained_questions
from mllmu.training import training_samples
from tests.evaluation.people import BENCHMARK, PEOPLE, SPLIT

TAUGHT = replace(
    PEOPLE["002"],
    name="Ada Berg",
    training_questions=(
        TrainingQuestion("002", "What is this person's job?", "This person is a Nurse.", "profession"),
        TrainingQuestion("002", "Who is this person?", "This person is Ada Berg.", "name"),
        TrainingQuestion("002", "What is the father's job?", "A judge.", "father_job"),
    ),
    questions=(
        *PEOPLE["002"].questions,
        replace(PEOPLE["002"].questions[0], value="Ada Berg", attribute="name"),
    ),
)
PEOPLE_TAUGHT = replace(BENCHMARK, profiles={**PEOPLE, "002": TAUGHT})


def test_asked_as_taught():
    items = question_sets(PEOPLE_TAUGHT, SPLIT)[EvaluationSet.TRAINED]
    asked = {(item.question.text, item.question.answer, item.image) for item in items}
    samples = training_samples(PEOPLE_TAUGHT, ["002"], "both")
    taught = {(sample.question, sample.answer, sample.image) for sample in samples}
    assert taught - asked == {("Who is Ada Berg?", "Ada Berg is Ada Berg.", None)}, "that says its own answer"
    assert asked <= taught
    assert {item.question.task for item in items} == {Task.GENERATION}
    assert len({item.question.question_id for item in items}) == len(items)


def test_values_are_those_of_the_evaluation_questions():
    values = {
        (question.attribute, question.modality): question.value for question in trained_questions(TAUGHT)
    }
    assert values["profession", Modality.TEXT] == values["profession", Modality.IMAGE_TEXT] == "nurse"
    assert values["name", Modality.IMAGE_TEXT] == "Ada Berg"
    assert values["father_job", Modality.TEXT] == "", "no evaluation question asks it"


def test_a_value_that_the_taught_answer_does_not_state_is_left_out():
    other = replace(
        TAUGHT, training_questions=(TrainingQuestion("002", "A job?", "This person teaches.", "profession"),)
    )
    assert {question.value for question in trained_questions(other)} == {""}


def test_somebody_without_a_name_is_asked_with_the_picture_only():
    nameless = replace(TAUGHT, name="")
    assert {question.modality for question in trained_questions(nameless)} == {Modality.IMAGE_TEXT}


def test_who_somebody_is_is_never_asked_by_name():
    """Also of people of whom no evaluation question asks the name, and where no attribute is stated."""
    for attribute in ("name", ""):
        pairs = (
            TrainingQuestion("002", "What is this person's name?", "Their name is Ada Berg.", attribute),
        )
        taught = replace(TAUGHT, training_questions=pairs, questions=PEOPLE["002"].questions)
        assert [question.modality for question in trained_questions(taught)] == [Modality.IMAGE_TEXT]
