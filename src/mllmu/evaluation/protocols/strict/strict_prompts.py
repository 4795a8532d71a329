"""How protocol ``strict`` words each form of question: with no more instruction than needed."""

from __future__ import annotations

from mllmu.benchmark.types import Question


def generation_prompt(question: Question) -> str:
    """The question as it is."""
    return question.text


def cloze_prompt(question: Question) -> str:
    """The sentence with its blank ``__``, and what to do with it."""
    return f"{question.text}\nFill in the blank."


def short_answer_prompt(question: Question) -> str:
    """A classification question without its options: each option's text can then be scored as the answer."""
    return f"{question.text}\nAnswer in a few words."


def letter_prompt(question: Question) -> str:
    """A classification question with its options in the order of their letters, asking for a letter."""
    options = "\n".join(f"{letter}: {question.options[letter]}" for letter in sorted(question.options))
    return f"{question.text}\n{options}\nAnswer with one letter."
