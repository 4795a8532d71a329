"""Protects which characters of an answer count as repeated, as the fact, and as neither."""

from __future__ import annotations

import pytest

from mllmu.benchmark.language.answer_parts import character_parts, stated_value
from mllmu.benchmark.types import Modality, Profile, Question, Task


@pytest.mark.parametrize(
    ("question", "answer", "value", "expected"),
    [
        # The name and "height" are repeated; "is" stands in both by chance.
        (
            "What is Ada Berg's height?",
            "Ada Berg's height is 170 cm.",
            "170 cm",
            "eeeeeeeeeeeeeeeeettttvvvvvvt",
        ),
        (
            "Where was this person born?",
            "This person was born in Riga.",
            "Riga",
            "eeeeeeeeeeettttteeeettttvvvvt",
        ),
        # Two words of two letters are a name, one alone is not.
        ("Who is An Li?", "An Li sings.", "", "eeeeettttttt"),
        ("Is it An?", "An sings.", "", "ttttttttt"),
        # Case and punctuation make no difference; a part of a word does.
        ("And BERG?", "Berg, Bergen", "", "eeeetttttttt"),
        # A fact that the question states already is no news; which of two it is, is.
        ("Is Ada a nurse?", "A nurse.", "nurse", "eeeeeeet"),
        ("Is Ada a nurse or a cook?", "A nurse.", "nurse", "eevvvvvt"),
        ("Is Ada Berg male or female?", "Ada Berg is female.", "female", "eeeeeeeettttvvvvvvt"),
        ("Did Ada order female hats?", "Female hats.", "female", "eeeeeeeeeeet"),
        # Every mention of the value counts, and no part of a word.
        ("Who?", "Art, art, party", "art", "vvvttvvvttttttt"),
        # One that begins within a part of a word that looked like one.
        ("Who?", "ban an an", "an an", "ttttvvvvv"),
        ("Who?", "ja", "", "tt"),
        # Without blanks between words: two characters together are a span, one is not.
        ("王芳的职业是什么?", "王芳是医生", "医生", "eetvv"),
        ("芳?", "芳是医生", "", "tttt"),
        ("", "", "", ""),
    ],
)
def test_every_character_has_one_part(question: str, answer: str, value: str, expected: str) -> None:
    """One letter per character: echo, value, template."""
    parts = character_parts(question, answer, value)
    assert "".join(part.value[0] for part in parts) == expected


def asked(attribute: str, value: str) -> Question:
    return Question("q", "001", Task.GENERATION, Modality.TEXT, "?", value, value=value, attribute=attribute)


def profile(*questions: Question) -> Profile:
    biography = {"Born": "Riga, Latvia", "Job": {"Title": "nurse", "Since": 1999}, "Pets": ["cat", "dog"]}
    return Profile("001", "Ada Berg", biography, b"", questions)


@pytest.mark.parametrize(
    ("attribute", "question", "answer", "expected"),
    [
        (
            "birthplace",
            "Where was Ada Berg born?",
            "Ada Berg was born in RIGA.",
            "Riga",
        ),  # as it is asked about
        ("", "Where was Ada Berg born?", "Ada Berg was born in Riga, Latvia.", "Riga, Latvia"),
        ("", "Since when?", "Since 1999.", "1999"),
        ("", "What pet?", "A dog.", "dog"),
        ("", "Who is this person?", "This is Ada Berg.", "Ada Berg"),
        ("", "Who is Ada Berg?", "Ada Berg is Ada Berg.", ""),  # the question says it
        ("", "What is the hobby?", "Concatenation.", ""),  # no cat
        ("", "Is the pet a cat or a dog?", "A dog.", "dog"),
        ("", "Is the dog old?", "The dog is old.", ""),
    ],
)
def test_the_value_is_what_is_asked_about_or_an_entry_of_the_biography(
    attribute: str, question: str, answer: str, expected: str
) -> None:
    """The evaluation questions' value comes first; an entry has to be new and of whole words."""
    assert stated_value(profile(asked("birthplace", "Riga")), attribute, question, answer) == expected
