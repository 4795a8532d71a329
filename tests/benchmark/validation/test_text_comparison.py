"""Protects: texts are equal that differ by case, accents and punctuation, and no others."""

from __future__ import annotations

import pytest

from mllmu.benchmark.validation.text_comparison import contains, plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zoë  Wójcik", "ZOE WOJCIK"),
        ("Łódź, Poland", "lodz (Poland)"),
        ("Ё-моё", "е моё"),
        ("1990-02-03", "1990 02 03"),
        ("Σωκράτης", "Σωκρατης"),
        ("مُحَمَّد", "محمد"),
    ],
)
def test_texts_that_say_the_same(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5 °C", "-5 °C"),
        ("5", "−5"),
        ("パン", "バン"),
        ("バン", "ハン"),
        ("हिन्दी", "हिनदी"),
        ("край", "краи"),
        ("$5", "€5"),
    ],
)
def test_texts_that_do_not(one: str, other: str) -> None:
    assert plain(one) != plain(other)


@pytest.mark.parametrize(
    ("text", "part", "is_there"),
    [
        ("她是一名教师。", "教师", True),
        ("王芳的职业是什么？", "王芳", True),
        ("김철수는 어디에 삽니까?", "김철수", True),
        ("Sie lebt in Rom.", "Rom", True),
        ("Sie lebt in Romanien.", "Rom", False),
        ("at $50,000", "50", False),
    ],
)
def test_words_of_scripts_without_blanks_are_found(text: str, part: str, is_there: bool) -> None:
    assert contains(text, part) is is_there
