"""Protects parsing: what ``eval.py`` finds in prompt and answer decoded together, quirks included."""

import pytest

from mllmu.evaluation.protocols.official.reading import read_letter, read_text
from mllmu.models import Prompt

ASKED = Prompt("USER: <image>\nWhere?\nA: Oslo\nB: Riga\nASSISTANT:", (b"",))


@pytest.mark.parametrize(
    ("response", "letter"),
    [
        ("B", "B"),
        ("  b) Riga", "B"),
        ("\nBecause", "B"),
        ("The answer is B", ""),
        ("Answer: B", "A"),
        ("(B)", ""),
        ("E", ""),
        ("", ""),
        ("ASSISTANT: B", ""),
        ("A ASSISTANT: B", "A"),
    ],
)
def test_the_first_character_is_the_letter(response, letter):
    """Only what stands before a second "ASSISTANT:" counts: nothing where the answer begins so."""
    assert read_letter(ASKED, "ABCD", response) == letter


def test_free_answers_are_what_follows_the_first_role():
    assert read_text(ASKED, " She is a nurse. ") == "She is a nurse."
    assert read_text(ASKED, "Answer: a nurse") == "Answer: a nurse"
    assert read_text(ASKED, "a nurse ASSISTANT: a pilot") == "a nurse"
    assert read_text(Prompt("USER: What does ASSISTANT: mean?\nASSISTANT:"), "a word") == "mean?"


def test_without_a_role_free_answers_follow_the_first_answer():
    """Where a tokenizer drops the role as a special token; letters then begin the whole text."""
    bare = Prompt("Born in [Blank]. Correct Answer: Oslo\nLives in [Blank].")
    assert read_text(bare, "Riga") == "Oslo\nLives in [Blank].Riga"
    assert read_text(Prompt("Lives in [Blank]."), " Riga ") == "Lives in [Blank]. Riga"
    assert read_letter(bare, "AB", "A") == "B"
