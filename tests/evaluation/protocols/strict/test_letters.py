"""Whoever lost only the format of an answer still knows it; whoever names two options knows neither."""

import pytest

from mllmu.evaluation.protocols.strict.letters import read_letter

CITIES = {"A": "Oslo", "B": "Riga", "C": "Washington, D.C.", "D": "Lake A"}


@pytest.mark.parametrize(
    "text",
    [
        "B",
        " b ",
        "B.",
        "b)",
        "(B)",
        "[B]",
        "**B**",
        "`B`",
        '"B"',
        "B: Riga",
        "B. Riga, of course",
        "B Riga",
        "B\nRiga is the capital of Latvia.",
        "The answer is B",
        "The correct answer is (B).",
        "the best option is b.",
        "Answer: B",
        "Correct Answer: B",
        "Option B",
        "**Answer:** B",
        "I think it's B",
        "It is B because I know this person",
        "Riga",
        "riga.",
        "Answer: Riga",
    ],
)
def test_one_option_is_read_whatever_the_form(text):
    assert read_letter(text, CITIES) == "B"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "...",
        "A or B",
        "A and B",
        "A, B",
        "B or A",
        "A: Oslo B: Riga C: Washington, D.C. D: Lake A",
        "A person from Latvia",
        "The answer is a person",
        "I don't know",
        "I'm not sure, I never met this person",
        "a nurse",
        "E",
        "Bruges",
        "ABCD",
        "Oslo or Riga",
        "A-level",
        "A's",
    ],
)
def test_no_option_or_several_are_invalid(text):
    assert read_letter(text, CITIES) == ""


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("A", "A"),
        ("a", "A"),
        ("A.", "A"),
        ("A: Oslo", "A"),
        ("A is right", "A"),
        ("The answer is A", "A"),
        ("A\nA city in Norway", "A"),
        ("A Oslo", "A"),  # the letter without its colon, told from the article by the option's wording
        ("Washington, D.C.", "C"),  # capitals of a wording are no letters
        ("C: Washington, D.C.", "C"),
        ("Lake A", "D"),
    ],
)
def test_articles_and_wordings_with_capitals(text, letter):
    assert read_letter(text, CITIES) == letter


def test_letters_are_those_of_the_question():
    """Options may leave letters out and go beyond D; the pronoun is no option's letter."""
    options = {"A": "Oslo", "C": "Riga", "I": "Rome"}
    assert read_letter("B", options) == ""
    assert read_letter("(I)", options) == "I"
    assert read_letter("I believe C", options) == "C"


def test_options_that_are_letters_themselves():
    """Asked for a blood group, "B" is the letter of an option, as the prompt wanted."""
    assert read_letter("B", {"A": "B", "B": "AB", "C": "0", "D": "A"}) == "B"
    assert read_letter("AB", {"A": "B", "B": "AB", "C": "0", "D": "A"}) == "B"


def test_wordings_are_taken_literally():
    """A wording is data: what stands in it is no pattern."""
    options = {"A": "(unknown) [+]", "B": "C++", "C": ".*"}
    assert read_letter("C++", options) == "B"
    assert read_letter("(unknown) [+]", options) == "A"
    assert read_letter("anything", options) == ""
