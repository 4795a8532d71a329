"""Protects the wording: prompts typed by hand from REFERENCE's description of ``eval.py``."""

from mllmu.benchmark.types import EvaluationSet, Question, Task
from mllmu.evaluation.protocols.official.official_prompts import (
    classification_prompt,
    cloze_prompt,
    generation_prompt,
)
from mllmu.evaluation.questions.items import Demonstration, Item

from .people import IMAGE, TEXT, choice, cloze

OPTIONS = {"B": "Riga", "A": "Oslo", "D": "Bonn", "C": "Rome"}


def item(question, demonstrated=()):
    """Pictures are named by the question they belong to."""
    shown = tuple(Demonstration(one, picture_of(one)) for one in demonstrated)
    return Item(question, picture_of(question), EvaluationSet.FORGET, demonstrations=shown)


def picture_of(question):
    return question.text.encode() if question.modality is IMAGE else None


def test_multiple_choice_with_a_picture():
    prompt = classification_prompt(item(choice("Where from?", OPTIONS), [choice("Where to?", OPTIONS, "C")]))
    assert prompt.text == (
        "USER: <image>\nQuestion: Where to?\nA: Oslo\nB: Riga\nC: Rome\nD: Bonn\nCorrect Answer: C\n"
        "USER: <image>\nWhere from?\nA: Oslo\nB: Riga\nC: Rome\nD: Bonn\n"
        "Just give ONE letter representing the answer directly.\nASSISTANT:"
    )
    assert prompt.images == (b"Where to?", b"Where from?")


def test_multiple_choice_without_a_picture():
    asked = choice("Where from?", OPTIONS, modality=TEXT)
    prompt = classification_prompt(item(asked, [choice("Where to?", OPTIONS, "C", TEXT)]))
    assert prompt.text == (
        "USER:\nQuestion: Where to?\nA: Oslo\nB: Riga\nC: Rome\nD: Bonn\nCorrect Answer: C\n"
        "USER:\nWhere from?\nA: Oslo\nB: Riga\nC: Rome\nD: Bonn\n"
        "Just give ONE letter representing the answer directly.\nASSISTANT:"
    )
    assert prompt.images == ()


def test_a_row_has_four_letters_whatever_the_question_has():
    """A null among the options is printed as Python prints it; a fifth letter is not demonstrated."""
    few, many = {"A": "yes", "B": "no"}, {**OPTIONS, "E": "Kiel"}
    prompt = classification_prompt(
        item(choice("Is it?", few, modality=TEXT), [choice("Where?", many, "E", TEXT)])
    )
    assert prompt.text == (
        "USER:\nQuestion: Where?\nA: Oslo\nB: Riga\nC: Rome\nD: Bonn\nCorrect Answer: E\n"
        "USER:\nIs it?\nA: yes\nB: no\nC: None\nD: None\n"
        "Just give ONE letter representing the answer directly.\nASSISTANT:"
    )
    assert (
        "\nD: Bonn\nE: Kiel\nJust" in classification_prompt(item(choice("Where?", many, modality=TEXT))).text
    )


def test_cloze_with_and_without_a_picture():
    """The demonstration's picture follows "USER:" without a space, the question's with one."""
    request = "\nPlease **ONLY** provide the correct answer that should replace the [Blank]."
    prompt = cloze_prompt(item(cloze("Lives in __.", "Riga"), [cloze("Born in __ .", "Oslo")]))
    assert prompt.text == (
        f"USER:<image>\nBorn in [Blank] .{request}\nCorrect Answer: Oslo\n"
        f"USER: <image>\nLives in [Blank].{request}\nASSISTANT:"
    )
    assert prompt.images == (b"Born in __ .", b"Lives in __.")
    prompt = cloze_prompt(item(cloze("Lives in __.", "Riga", TEXT), [cloze("Born in __.", "Oslo", TEXT)]))
    assert prompt.text == (
        f"USER:\nBorn in [Blank].{request}\nCorrect Answer: Oslo\n"
        f"USER:\nLives in [Blank].{request}\nASSISTANT:"
    )


def test_free_questions_end_in_a_space_after_a_picture_only():
    def asked(modality):
        return generation_prompt(item(Question("q", "a", Task.GENERATION, modality, "Who?", "Ada.")))

    assert asked(IMAGE).text == (
        "USER: <image>\nWho?\nAnswer the question based on your trained knowledge in one sentence accurately "
        "in ENGLISH.\nASSISTANT: "
    )
    assert asked(IMAGE).images == (b"Who?",)
    assert asked(TEXT).text == (
        "USER: Who?\nAnswer the question based on your trained knowledge in one sentence in ENGLISH."
        "\nASSISTANT:"
    )
