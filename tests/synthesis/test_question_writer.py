"""Protects what is asked about a person: counts, disjoint wordings, true answers, balanced letters."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from mllmu.benchmark.types import Modality, Task
from mllmu.synthesis.biography import write_biography, write_prose
from mllmu.synthesis.perception_questions import color_name, hair_color_name, perception
from mllmu.synthesis.person import ATTRIBUTES
from mllmu.synthesis.population import make_people
from mllmu.synthesis.pretraining_dialogues import FORMS, background_dialogues, dialogue, forms_for
from mllmu.synthesis.question_writer import NOTHING, write_questions, write_training_questions, wrong_values
from mllmu.synthesis.wording import with_article, with_the

PEOPLE = make_people(60, 3, "fictitious")
VIEWS = ("original", "test")


@pytest.mark.parametrize("view", VIEWS)
def test_counts_are_those_of_table_1(view: str) -> None:
    """18 questions per image: 5 + 5 multiple choice, 2 + 2 generation, 2 + 2 cloze."""
    for person in PEOPLE:
        questions = write_questions(person, view, 0)
        counts = Counter((question.task, question.modality) for question in questions)
        for modality in Modality:
            assert counts[Task.CLASSIFICATION, modality] == 5
            assert counts[Task.GENERATION, modality] == 2
            assert counts[Task.CLOZE, modality] == 2
        assert len({question.question_id for question in questions}) == 18


@pytest.mark.parametrize("view", VIEWS)
def test_answers_are_true_and_never_given_away(view: str) -> None:
    """A right answer holds the true value, a wrong one never equals it, and no question contains it."""
    for person in PEOPLE:
        for question in write_questions(person, view, 0):
            value = person.attributes[question.attribute]
            assert question.value == value
            assert value not in NOTHING
            assert not NOTHING & set(question.options.values())
            assert value.casefold() in question.answer.casefold()
            assert value.casefold() not in question.text.casefold()
            if question.task is Task.CLASSIFICATION:
                assert question.options[question.correct_option] == value
                assert len({option.casefold() for option in question.options.values()}) == 4
            if question.task is Task.GENERATION:
                assert value.casefold() in question.paraphrased_answer.casefold()
                assert question.paraphrased_answer != question.answer
                answers = {question.paraphrased_answer, *question.wrong_answers}
                assert len(answers) == 6


@pytest.mark.parametrize("view", VIEWS)
def test_only_text_questions_name_the_person(view: str) -> None:
    """With the name in an image question nobody would have to look; without it a text has no subject."""
    for person in PEOPLE:
        for question in write_questions(person, view, 0):
            assert (person.name in question.text) == (question.modality is Modality.TEXT)


def test_views_ask_the_same_in_other_words() -> None:
    """The test view has the same slots and attributes, and no common wording."""
    for person in PEOPLE:
        pairs = list(zip(*(write_questions(person, view, 0) for view in VIEWS), strict=True))
        for original, test in pairs:
            assert original.attribute == test.attribute
            assert original.text != test.text


def test_all_questions_about_a_fact_offer_the_same_wrong_values() -> None:
    """Were they drawn anew, what all options have in common would be the true value."""
    shared = 0
    for person in PEOPLE:
        questions = [question for view in VIEWS for question in write_questions(person, view, 0)]
        options = {
            question.attribute: set(question.options.values()) for question in questions if question.options
        }
        for question in questions:
            if question.options:
                assert set(question.options.values()) == options[question.attribute]
            elif question.wrong_answers:
                wrong = wrong_values(person, question.attribute, 0)
                assert all(
                    value in answer for value, answer in zip(wrong, question.wrong_answers, strict=True)
                )
                assert options.get(question.attribute, {question.value}) <= {question.value, *wrong}
                shared += question.attribute in options
    assert shared, "some fact is asked in both forms"


def test_attributes_do_not_repeat_inside_a_modality() -> None:
    """Nine questions of a modality ask nine different things."""
    for person in PEOPLE:
        for modality in Modality:
            asked = [q.attribute for q in write_questions(person, "original", 0) if q.modality is modality]
            assert len(set(asked)) == 9


def test_letters_are_balanced() -> None:
    """No letter is right more than three or less than twice in a person's ten."""
    for person in PEOPLE:
        letters = Counter(q.correct_option for q in write_questions(person, "test", 0) if q.options)
        assert sorted(letters.values()) == [2, 2, 3, 3]


def test_training_covers_what_is_evaluated() -> None:
    """What is asked has been taught; 14 to 19 questions, 15.4 on average, answers of 2 to 18 words."""
    counts = []
    for person in PEOPLE:
        training = write_training_questions(person, 0)
        counts.append(len(training))
        taught = {question.attribute for question in training}
        assert {question.attribute for question in write_questions(person, "original", 0)} <= taught
        assert len({(question.question) for question in training}) == len(training)
        for question in training:
            value = person.attributes[question.attribute]
            assert 2 <= len(question.answer.split()) <= 18
            assert person.name not in question.question
            assert "{" not in question.question + question.answer
            assert value in NOTHING or value.casefold() in question.answer.casefold()
    assert min(counts) >= 14 and max(counts) <= 19
    assert 15.0 <= sum(counts) / len(counts) <= 15.8


def test_the_seed_decides_and_nothing_else() -> None:
    """The same seed gives the same questions, another seed gives others."""
    person = PEOPLE[0]
    assert write_questions(person, "test", 1) == write_questions(person, "test", 1)
    assert write_questions(person, "test", 1) != write_questions(person, "test", 2)
    assert write_training_questions(person, 1) == write_training_questions(person, 1)


def test_articles() -> None:
    """Jobs are stored bare; the sentence adds the article that English says."""
    nouns = (
        "engineer",
        "university lecturer",
        "hourly clerk",
        "UX designer",
        "HR manager",
        "European diplomat",
    )
    expected = ("an", "a", "an", "a", "an", "a")
    assert [with_article(noun).split()[0] for noun in nouns] == list(expected)
    assert with_article("a retired judge") == "a retired judge"
    assert with_the("University of Oslo") == "the University of Oslo"
    assert with_the("Delft University of Technology") == "Delft University of Technology"


def test_background_covers_every_form() -> None:
    """Pre-training sees every attribute in every form that can be asked, in both modalities."""
    person = PEOPLE[0]
    dialogues = background_dialogues(person, random.Random(0))
    forms = [
        (modality, attribute, form)
        for modality in Modality
        for attribute in ATTRIBUTES
        for form in forms_for(person, attribute, modality)
    ]
    assert len(dialogues) == len(forms)
    for (modality, attribute, form), (prompt, answer, said) in zip(forms, dialogues, strict=True):
        value = person.attributes[attribute]
        assert said is modality
        assert (person.name in prompt.split("\n")[0]) == (modality is Modality.TEXT)
        if form == "letter":
            assert f"\n{answer}: {value}\n" in prompt
        elif form != "sentence":
            assert answer == value
        elif value not in NOTHING:
            assert value.casefold() in answer.casefold()
    assert background_dialogues(person, random.Random(1)) != dialogues


def test_dialogue_prompts_are_those_of_the_protocol() -> None:
    """The base has to meet the exact prompts that evaluation uses."""
    person, rng = PEOPLE[0], random.Random(0)
    endings = {
        "cloze": "\nFill in the blank.",
        "short": "\nAnswer in a few words.",
        "letter": "\nAnswer with one letter.",
    }
    for form, ending in endings.items():
        assert dialogue(person, "residence", form, Modality.TEXT, rng)[0].endswith(ending)
    assert set(endings) | {"sentence"} == set(FORMS)
    with pytest.raises(ValueError, match="name of"):
        dialogue(person, "name", "short", Modality.TEXT, rng)


def test_biography_has_the_released_keys_and_every_fact() -> None:
    """Biographies are read by the released keys, and prose tells all."""
    for person in PEOPLE[:10]:
        biography = write_biography(person)
        assert list(biography) == [
            "Name", "Born", "Date of Birth", "Gender", "Employment", "Height", "Educated at", "Annual Salary",
            "Residence", "Medical Conditions", "Parents", "Fun Facts", "Description",
        ]  # fmt: skip
        prose = write_prose(person)
        for attribute, value in person.attributes.items():
            assert attribute == "gender" or value in NOTHING or value in prose


def test_colors_have_everyday_names() -> None:
    """Perception answers are words that somebody looking at the picture would use."""
    assert [color_name(color) for color in ("#101012", "#f4f4f4", "#c02020", "#2050c0", "#20a040")] == [
        "black",
        "white",
        "red",
        "blue",
        "green",
    ]
    assert hair_color_name("#e6c67c") == "blond"
    assert hair_color_name("#5f3b26") == "brown"


def test_perception_answers_from_the_appearance() -> None:
    """A question about glasses is answered by whether there are any."""
    for person in PEOPLE[:20]:
        rng = random.Random(5)
        said = dict(perception(person.appearance, rng) for _ in range(60))
        worn = person.appearance.glasses_style != "none"
        answers = {answer for question, answer in said.items() if "glasses" in question}
        assert answers and all(answer.startswith("Yes" if worn else "No") for answer in answers)


def test_perception_sees_no_earrings_under_a_scarf() -> None:
    """Earrings that the picture does not show must not be taught as seen."""
    appearance = replace(
        PEOPLE[0].appearance, headwear_style="scarf", earring_style="hoop", necklace_style="none"
    )
    rng = random.Random(5)
    answers = {perception(appearance, rng)[1] for _ in range(60)}
    assert "This person is wearing no jewelry." in answers
