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
        "A-B",
        "The answer is A-B.",
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


@pytest.mark.parametrize("letter", "ABCD")
@pytest.mark.parametrize(
    "text",
    [
        "{} seems right",
        "{} looks correct",
        "{} would be the answer",
        "{} it is",
        "{} for sure",
        "{} of course",
        "{} 100 %",
        "Option {} matches the photo",
        "Option {} seems right",
        "I think {} fits",
        "I'd go with {}",
        "I would pick {} here",
    ],
)
def test_no_letter_is_read_less_than_others(text, letter):
    """A is an article, too, and lost more words than the others."""
    assert read_letter(text.format(letter), dict.fromkeys("ABCD", "") | CITIES) == letter


@pytest.mark.parametrize("letter", "ABCD")
def test_wordings_may_be_cut_off(letter):
    """Letters are asked for in few tokens, which end within a long option."""
    schools = dict(
        zip("ABCD", ["San Sebastián Technical School", "Trieste", "Aga Khan", "Lima"], strict=True)
    )
    schools[letter] = "San Sebastián Technical School"
    for cut in (5, 12, 20):
        assert read_letter(f"{letter} {schools[letter][:cut]}", schools) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("A nurse.", "B"),
        ("a nurse", "B"),
        ("The answer is A nurse", "B"),
        ("A nurse (B)", "B"),
        ("A chef, D", "D"),
        ("A civil engineer", "C"),
        ("A civil eng", ""),  # cut off, and no letter
        ("A teacher", "A"),
        ("A: nurse", "A"),
        ("B nurse", "B"),
    ],
)
def test_an_article_before_another_wording_is_no_letter(text, letter):
    jobs = {"A": "teacher", "B": "nurse", "C": "civil engineer", "D": "chef"}
    assert read_letter(text, jobs) == letter


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


@pytest.mark.parametrize(
    "text",
    [
        "b) Riga",
        "(b) Riga",
        "b. Riga",
        "b: Riga",
        "[b] Riga",
        "b Riga",
        "I think (b)",
        "I think it is b) Riga",
        "so the answer is b",
        "I would choose option b.",
        "Answer:B",
        "Answer: b) Riga",
        "B。",
        "B!",
        "B?",
        "“B”",
        "«B»",
        "__B__",
        "$\\boxed{B}$",
        "Ｂ",
        "ｂ",
        "（Ｂ）",
        "Ｂ：Riga",
        "答案是B",
        "答案：B",
        "答案是B。",
        "我选B选项",
        "选b",
        "答えはBです",
        "정답은 B입니다",
        "Riga。",
        "“Riga”",
    ],
)
def test_forms_of_other_keyboards_and_lists(text):
    assert read_letter(text, CITIES) == "B"


@pytest.mark.parametrize(
    "text",
    [
        "It is not A.",
        "It's not A",
        "It isn't A.",
        "It isn’t A.",
        "The answer is not A",
        "The answer isn't A.",
        "Answer: not A",
        "Not A.",
        "not (a)",
        "not **A**",
        "It is not A: Oslo",
        "It cannot be A",
        "It can't be option A.",
        "I don't think it is A.",
        "I do not believe the correct answer is A.",
        "I'm not sure if it's A",
        "neither A nor B",
        "Neither A, B nor C.",
        "It is neither (A) nor (B).",
        "not A or B",
        "except A",
        "all except A",
        "Anything other than A",
        "anything except A and B",
        "The wrong answer is A",
        "I would rule out A.",
        "A is not right.",
        "A isn't the answer.",
        "A is wrong",
        "A is definitely wrong",
        "A and B are incorrect",
        "A: Oslo is not correct",
        "A can be ruled out",
        "A cannot be right",
        "It is A. No, it is not A.",
        "不是A",
        "不选Ａ",
        "A不对",
        "答案不是A",
    ],
)
def test_a_denied_letter_is_not_named(text):
    assert read_letter(text, CITIES) == ""


@pytest.mark.parametrize(
    "text",
    [
        "It is not A but B",
        "It's not A, it's B.",
        "It is not A. It is B.",
        "It is not A, and B is right.",
        "B, not A",
        "B, not A or C",
        "B rather than A",
        "B instead of A",
        "Neither A nor C: B",
        "A and C are wrong, so it is B",
        "A is wrong. The answer is B.",
        "A isn't right, B is.",
        "A or B, but not A",
        "No, B",
        "I'm not sure, but B",
        "I don't know, B",
        "不是A，是B",
        "A is out of the question? Not A. (b)",
    ],
)
def test_what_is_left_when_others_are_denied(text):
    assert read_letter(text, CITIES) == "B"


@pytest.mark.parametrize(
    "text",
    [
        "a) Oslo\nb) Riga",
        "(a) or (b)",
        "i.e. a person",
        "e.g. a nurse",
        "a. or b.",
        "A或B",
        "vitamin b12",
        "AB型",
    ],
)
def test_small_letters_and_lists_that_name_no_single_option(text):
    assert read_letter(text, CITIES) == ""
