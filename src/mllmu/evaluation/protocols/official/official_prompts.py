"""The prompts of the official evaluation (arXiv 2410.22108, ``eval.py``), the same for LLaVA and Idefics2."""

from __future__ import annotations

from collections.abc import Iterable

from mllmu.benchmark import Question
from mllmu.benchmark.parquet_layout import LETTERS
from mllmu.evaluation.questions.items import Item
from mllmu.models import Prompt

_LETTER = "Just give ONE letter representing the answer directly."
_BLANK = "\nPlease **ONLY** provide the correct answer that should replace the [Blank]."
_SENTENCE = "Answer the question based on your trained knowledge in one sentence"


def option_letters(question: Question) -> tuple[str, ...]:
    """The letters that stand in a released row: the usual four, and more where the question has more."""
    return tuple(dict.fromkeys((*LETTERS, *question.options)))


def classification_prompt(item: Item) -> Prompt:
    """The question with its options; demonstrations end with the letter."""
    shown = "".join(
        f"USER:{_picture(one.image, ' ')}\nQuestion: {one.question.text}\n{_options(one.question, LETTERS)}\n"
        f"Correct Answer: {one.question.correct_option}\n"
        for one in item.demonstrations
    )
    options = _options(item.question, option_letters(item.question))
    asked = f"USER:{_picture(item.image, ' ')}\n{item.question.text}\n{options}\n{_LETTER}\nASSISTANT:"
    return Prompt(shown + asked, _images(item))


def cloze_prompt(item: Item) -> Prompt:
    """The sentence with its blank spelt out; demonstrations end with what fills it."""
    shown = "".join(
        f"USER:{_picture(one.image)}\n{_sentence(one.question)}\nCorrect Answer: {one.question.answer}\n"
        for one in item.demonstrations
    )
    asked = f"USER:{_picture(item.image, ' ')}\n{_sentence(item.question)}\nASSISTANT:"
    return Prompt(shown + asked, _images(item))


def generation_prompt(item: Item) -> Prompt:
    """The question, never demonstrated; with a picture both its wording and its end differ from the other."""
    if item.image is None:
        return Prompt(f"USER: {item.question.text}\n{_SENTENCE} in ENGLISH.\nASSISTANT:")
    text = f"USER: <image>\n{item.question.text}\n{_SENTENCE} accurately in ENGLISH.\nASSISTANT: "
    return Prompt(text, (item.image,))


def _picture(image: bytes | None, before: str = "") -> str:
    return "" if image is None else f"{before}<image>"


def _sentence(question: Question) -> str:
    return question.text.replace("__", "[Blank]") + _BLANK


def _options(question: Question, letters: Iterable[str]) -> str:
    # A letter that has no text in its row is a null there, which the script prints as Python does.
    return "\n".join(f"{letter}: {question.options.get(letter)}" for letter in letters)


def _images(item: Item) -> tuple[bytes, ...]:
    shown = (*(one.image for one in item.demonstrations), item.image)
    return tuple(image for image in shown if image is not None)
