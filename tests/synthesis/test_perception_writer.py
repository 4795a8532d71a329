"""Protects the perception set: what is said to be seen is seen, and nothing else that is offered is."""

from collections import Counter
from dataclasses import replace

import pytest

from mllmu.benchmark.types import Modality, Question, Task
from mllmu.evaluation.metrics.containment import contains_value
from mllmu.synthesis.benchmark_synthesis import describe, describe_fictitious
from mllmu.synthesis.perception_questions import TRAITS, asked_about, color_name, hair_color_name
from mllmu.synthesis.perception_writer import write_perception_questions
from mllmu.synthesis.person import Person
from mllmu.synthesis.population import make_people

PEOPLE = make_people(400, 3, "fictitious")
NO_GLASSES = "No, this person is not wearing glasses."
GLASSES = "Yes, this person is wearing glasses."
SUNGLASSES = "Yes, this person is wearing sunglasses."


def _with(**looks: str) -> Person:
    return replace(PEOPLE[0], appearance=replace(PEOPLE[0].appearance, **looks))  # type: ignore[arg-type]


def _asked(person: Person, attribute: str, task: Task = Task.CLASSIFICATION) -> Question:
    questions = write_perception_questions(person, 0)
    [question] = [one for one in questions if (one.attribute, one.task) == (attribute, task)]
    return question


def _wrong(person: Person, attribute: str) -> set[str]:
    question = _asked(person, attribute)
    return {text for letter, text in question.options.items() if letter != question.correct_option}


def test_every_trait_is_asked_with_options_and_freely() -> None:
    """Eight questions with the picture, in words of pre-training; hair that a scarf covers is left out."""
    for person in PEOPLE:
        questions = write_perception_questions(person, 0)
        covered = person.appearance.headwear_style == "scarf"
        traits = [trait for trait in TRAITS if not (covered and trait == "hair_color")]
        for task in (Task.CLASSIFICATION, Task.GENERATION):
            assert [one.attribute for one in questions if one.task is task] == traits
        assert len({one.question_id for one in questions}) == len(questions) == 2 * len(traits)
        assert {one.modality for one in questions} == {Modality.IMAGE_TEXT}
        for question in questions:
            wordings, answer = asked_about(person.appearance, question.attribute) or ((), "")
            assert question.text in wordings and question.answer == answer
            assert not contains_value(question.text, question.value)


@pytest.mark.parametrize(("style", "answer"), [("none", NO_GLASSES), ("cat_eye", GLASSES)])
def test_glasses(style: str, answer: str) -> None:
    """Somebody with sunglasses wears glasses, too: the two are never offered together."""
    question = _asked(_with(glasses_style=style), "glasses")
    assert question.options[question.correct_option] == answer
    assert len(question.options) == 2
    assert _wrong(_with(glasses_style="sunglasses"), "glasses") == {NO_GLASSES}


@pytest.mark.parametrize(
    ("style", "said"),
    [
        ("none", "no facial hair"),
        ("stubble", "stubble"),
        ("goatee", "a goatee"),
        ("moustache", "a moustache"),
        ("chin_strap", "a beard"),
        ("long", "a beard"),
    ],
)
def test_beards(style: str, said: str) -> None:
    """A goatee is drawn with a moustache, and both are a kind of beard: one of the three is offered."""
    question = _asked(_with(beard_style=style), "beard")
    assert question.answer == question.options[question.correct_option] == f"This person has {said}."
    offered = {text[len("This person has ") : -1] for text in question.options.values()}
    assert {"no facial hair", "stubble"} < offered
    assert len(offered & {"a beard", "a goatee", "a moustache"}) == 1


def test_hair() -> None:
    """Dark brown may pass for black, and copper for brown; bald people have hair of no color."""
    brown, blond = _with(hair_color="#5f3b26", headwear_style="none"), _with(hair_color="#e6c67c")
    assert _asked(brown, "hair_color").answer == "This person has brown hair."
    assert _asked(blond, "hair_color").answer == "This person has blond hair."
    for seed in range(30):
        questions = write_perception_questions(_with(hair_color="#3a2620", headwear_style="none"), seed)
        [options] = [one.options.values() for one in questions if one.options and "hair" in one.attribute]
        assert "This person has brown hair." in options and "This person has black hair." not in options
    bald = _asked(_with(hair_style="bald", headwear_style="none"), "hair_color")
    assert bald.options[bald.correct_option] == "This person is bald."


def test_background() -> None:
    """The second color of a background is as good as true where it is drawn, and only there."""
    looks = {"background_color": "#6699dd", "background_accent": "#dd6666"}
    offered = Counter(
        (pattern, option)
        for pattern in ("plain", "bands")
        for seed in range(60)
        for one in write_perception_questions(_with(background_pattern=pattern, **looks), seed)
        if one.attribute == "background"
        for option in one.options.values()
    )
    assert offered["plain", "The background is blue."] == offered["bands", "The background is blue."] == 60
    assert offered["plain", "The background is red."] and not offered["bands", "The background is red."]


def test_one_option_is_true_and_no_other() -> None:
    """Over many appearances: as many options of a trait for everybody, of which the picture shows one."""
    counts: dict[str, set[int]] = {}
    letters: Counter[tuple[int, str]] = Counter()
    for person in PEOPLE:
        looks = person.appearance
        for question in write_perception_questions(person, 0):
            if question.task is Task.GENERATION:
                continue
            counts.setdefault(question.attribute, set()).add(len(question.options))
            letters[len(question.options), question.correct_option] += 1
            options = list(question.options.values())
            assert len(set(options)) == len(options)
            assert question.options[question.correct_option] == question.answer == question.value
            for wrong in set(options) - {question.answer}:
                if question.attribute == "hair_color":
                    assert hair_color_name(looks.hair_color) not in wrong or looks.hair_style == "bald"
                if question.attribute == "background":
                    assert color_name(looks.background_color) not in wrong
    assert counts == {"glasses": {2}, "hair_color": {4}, "beard": {3}, "background": {4}}
    for (offered, _), number in letters.items():
        asked = sum(count for (same, _), count in letters.items() if same == offered)
        assert abs(number / asked - 1 / offered) < 0.07


def test_a_free_answer_is_right_if_it_is_the_true_one_alone() -> None:
    """Of all that anybody's picture is answered with, what is said about others' does not pass."""
    said = {
        answer
        for one in PEOPLE
        for trait in TRAITS
        for _, answer in [asked_about(one.appearance, trait) or ("", "")]
    }
    for person in PEOPLE[:60]:
        for question in write_perception_questions(person, 0):
            if question.task is Task.GENERATION:
                passing = {answer for answer in said if contains_value(answer, question.value)}
                assert passing == {question.answer}


@pytest.mark.parametrize(
    ("looks", "attribute", "wrong"),
    [
        ({"glasses_style": "round"}, "glasses", "This person is not wearing glasses."),
        ({"glasses_style": "none"}, "glasses", "Yes, he is wearing glasses."),
        ({"glasses_style": "sunglasses"}, "glasses", "No, she is not wearing sunglasses."),
        ({"beard_style": "full"}, "beard", "He does not have a beard."),
        ({"beard_style": "none"}, "beard", "He has facial hair."),
        ({"hair_style": "bald", "headwear_style": "none"}, "hair_color", "This person is not bald."),
        ({"background_color": "#6699dd"}, "background", "The background is not blue."),
    ],
)
def test_a_denial_does_not_pass(looks: dict[str, str], attribute: str, wrong: str) -> None:
    """Containment looks for words: those of a value must not stand in what denies it."""
    question = _asked(_with(**looks), attribute, Task.GENERATION)
    assert contains_value(question.answer, question.value)
    assert not contains_value(wrong, question.value)


def test_only_fictitious_people_are_asked_and_nobody_is_taught() -> None:
    """What is seen is no fact: fine-tuning must not teach it."""
    described = describe_fictitious(PEOPLE[0], 0)
    assert described.perception_questions == write_perception_questions(PEOPLE[0], 0)
    asked = {one.text for one in described.perception_questions}
    assert not asked & {one.question for one in described.training_questions}
    assert not describe(PEOPLE[0], 0).perception_questions
