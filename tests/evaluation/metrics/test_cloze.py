"""Whether the true value counts as contained in an answer, and where it has to be the whole of it."""

import math

import pytest

from mllmu.evaluation.metrics import cloze
from mllmu.evaluation.metrics.containment import contains_value
from tests.evaluation.rows import frame


@pytest.mark.parametrize(
    ("answer", "response", "contains", "exact"),
    [
        ("Riga, Latvia", "riga latvia.", 100, 100),
        ("Riga, Latvia", "in Riga Latvia", 100, 0),
        ("Riga", "In Riga or Oslo", 100, 0),
        ("a nurse", "The Nurse!", 100, 100),
        ("a rabbit named Truffle", "It is the rabbit named Truffle", 100, 0),
        ("a rabbit named Truffle", "a rabbit", 0, 0),
        ("an", "a", 0, 0),
        ("shepherd's pie", "shepherds pie", 100, 100),
        ("August 11, 1992", "On August 11 1992.", 100, 0),
        ("$45,000", "$45000", 100, 100),
        ("$45,000", "$4,5000", 0, 0),
        ("$1.5", "$15", 0, 0),
        ("8.5", "85", 0, 0),
        ("8.5", "8.5.", 100, 100),
        ("nurse", "a teacher", 0, 0),
        ("nurse", "", 0, 0),
        ("A", "", 0, 0),  # an article alone is a value all the same
        ("José", "Jose\u0301", 100, 100),
        ("Ｒｉｇａ", "riga\u200b", 100, 100),
        ("Riga", "«Riga»", 100, 100),
        ("Riga", "¿Riga?", 100, 100),
        ("Riga", "Riga —", 100, 100),
        ("東京", "東京。", 100, 100),
        ("C", "C++", 100, 100),
    ],
)
def test_cloze_contains_and_exact(answer, response, contains, exact):
    records = frame({"task": "cloze", "answer": answer, "response": response})
    assert cloze.cloze_contains(records).tolist() == [contains]
    assert cloze.cloze_exact(records).tolist() == [exact]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Riga", "She was born in RIGA."),
        ("Riga ", "in riga"),  # a blank behind the value once made a whole set wrong
        ("\u00a0New\u2003York\u3000", "in new\tyork\nnow"),
        ("Riga\ufeff", "Riga"),
        ("José", "JOSE\u0301's"),
        ("Straße", "STRASSE"),
        ("O'Neill", "O’Neill"),
        ("ﬁlm director", "a film director"),
        ("5 feet", "5 feet tall, 30 years old"),
        ("5 feet", "She is 5 feet."),
        ("5 feet 9 inches", "5 feet  9 inches"),
        ("5'9\"", "5′9″ tall"),
        ("170 cm", "170 cm, 5 feet 7 inches"),
        ("$50,000", "US$50,000.00 a year"),
        ("$50,000", "$50,000, and 3 weeks off"),
        ("3", "3, 4 or 5"),
        ("里加", "她住在里加市"),
        ("리가", "그녀는 리가에 산다"),
        ("東京", "在東京Tower"),
        ("Riga", "**Riga**_Latvia"),
    ],
)
def test_values_that_are_contained(value, text):
    assert contains_value(text, value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", "Riga"),
        (" \u00a0", "anything at all"),
        ("\u200b", "anything\u200b"),
        ("art", "a party"),
        ("Ann", "Anna"),
        ("twenty", "twenty-five"),
        ("five", "twenty-five"),
        ("रीग", "रीगा"),  # a vowel sign is no word of its own
        ("5 feet", "5 feet 9 inches"),
        ("5 feet", "5 feet, 9 inches"),
        ("5 feet", "5 feet and nine inches"),
        ("5 feet", "5 feet 9"),
        ("five feet", "five feet two"),
        ("5'", "5'9\""),
        ("9 inches", "5 feet 9 inches"),
        ("5 feet", "15 feet"),
        ("5 feet", "1.5 feet"),
        ("1 m", "1 m 75 cm"),
        ("25 years", "25 years and 3 months"),
        ("$50", "$50,000"),
        ("$50", "$50.75"),
        ("$50", "$50 million"),
        ("$50", "$50 and 20 cents"),
        ("000", "50,000"),
        ("2012", "20122"),
    ],
)
def test_values_that_are_not_contained(value, text):
    assert not contains_value(text, value)


def test_a_value_is_not_contained_in_a_longer_one_of_the_same_attribute():
    """Beside it stands the value alone, which counts; and a comma, as in a place and its country."""
    rows = [
        ("profession", "veterinary nurse", "veterinary nurse", 100),
        ("profession", "nurse", "She is a veterinary nurse.", 0),
        ("profession", "nurse", "She is a school nurse.", 100),  # nobody's, so taken for more detail
        ("profession", "a nurse", "She is a veterinary nurse.", 0),
        ("profession", "a nurse", "Nurse, of a school", 100),
        ("profession", "nurse", "A nurse, no veterinary nurse", 100),
        ("birthplace", "Riga", "Riga, Latvia", 100),
        ("birthplace", "Riga, Latvia", "Riga, Latvia", 100),
        ("hobby", "nurse", "a veterinary nurse", 100),  # the longer value is one of another attribute
        ("", "nurse", "a veterinary nurse", 100),  # and where nothing is known of attributes, none is longer
    ]
    names = ("attribute", "value", "response")
    records = frame(*(dict(zip(names, row, strict=False)) for row in rows))
    assert cloze.generation_contains(records).tolist() == [row[-1] for row in rows]


def test_a_blank_value_has_no_score():
    """It would be contained in everything."""
    for blank in ("", " ", "\u200b\u00a0"):
        records = frame({"value": blank, "answer": blank, "response": "Riga"})
        for metric in (cloze.generation_contains, cloze.cloze_contains, cloze.cloze_exact):
            assert math.isnan(metric(records)[0])


@pytest.mark.parametrize("protocol", ["official", "official_idefics2"])
def test_the_official_contains_stays_as_published(protocol):
    rows = [
        ("5 feet", "5 FEET 9 inches", 100),
        ("art", "Party", 100),
        ("Riga ", "Riga", 0),
        ("é", "e\u0301", 0),
    ]
    records = frame(
        *({"protocol": protocol, "answer": one, "value": one, "response": text} for one, text, _ in rows)
    )
    assert cloze.cloze_contains(records).tolist() == [expected for *_, expected in rows]
    assert cloze.generation_contains(records).tolist() == [expected for *_, expected in rows]
