"""Protects: texts are equal that differ by case, accents and punctuation, and no others."""

from __future__ import annotations

import pytest

from mllmu.benchmark.validation.text_comparison import plain


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
