"""Protects the numbers of ``mllmu data stats`` beyond Table 1: counted and converted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mllmu.benchmark import Benchmark, Range, asked_attributes, distributions
from mllmu.benchmark.attribute_distributions import _read_salary

BIOGRAPHIES = (
    {"Height": "5 feet 5 inches", "Annual Salary": "$75,000", "Date of Birth": "May 14, 1988"},
    {"Height": "168 cm", "Annual Salary": "€62,000", "Date of Birth": "2 June 1990"},
    {"Height": "5'10\"", "Annual Salary": "120,000 USD", "Date of Birth": "1971-01-02"},
    {"Height": "NA", "Annual Salary": "N/A", "Fun Facts": ["a", "b"]},
    {"Height": "168 cm", "Annual Salary": "$100,000", "Parents": {"Father": "a cook"}},
)


def with_biographies(benchmark: Benchmark) -> Benchmark:
    people = zip(benchmark.profiles.items(), BIOGRAPHIES, strict=True)
    return replace(
        benchmark, profiles={key: replace(one, biography=biography) for (key, one), biography in people}
    )


def test_values_are_counted_and_converted(benchmark: Benchmark) -> None:
    """5 feet 5 are 65 inches of 2.54 cm, 165.1; 5 feet 10 are 177.8; the middle of four heights is 168."""
    by_key = {one.key: one for one in distributions(with_biographies(benchmark))}
    height = by_key["Height"]
    assert (height.missing, height.distinct) == (1, 3)
    assert height.commonest[0] == ("168 cm", 2)
    assert height.ranges == (Range("cm", 4, 165.1, 168.0, 177.8),)
    assert by_key["Annual Salary"].ranges == (
        Range("USD", 3, 75_000, 100_000, 120_000),
        Range("EUR", 1, 62_000, 62_000, 62_000),
    )
    assert by_key["Date of Birth"].ranges == (Range("year", 3, 1971, 1988, 1990),)


@pytest.mark.parametrize(
    ("height", "centimetres"),
    [
        ("5 feet, 9 inches", 175.3),
        ("5 feet and 9 inches", 175.3),
        ("5-foot-9", 175.3),
        ("6 feet 2.5 inches", 189.2),
        ("6 feet tall", 182.9),
        ("5 feet, 150 pounds", 152.4),
        ("5.9 feet", None),
        ("5 feet, 9 stone", None),
        ("5 feet 60", None),
        ("5 feet 9 1/2 inches", None),
    ],
)
def test_heights_are_read_whole_or_left_out(
    benchmark: Benchmark, height: str, centimetres: float | None
) -> None:
    """69 inches of 2.54 cm are 175.26, 74.5 are 189.23; 5.9 feet may be 5 feet 9."""
    assert smallest(benchmark, "Height", height) == centimetres


@pytest.mark.parametrize(
    ("salary", "amount"),
    [
        ("€45,000.50", 45_000.5),
        ("€45.000,50", 45_000.5),
        ("€1.234.567", 1_234_567),
        ("75 000 EUR", 75_000),
        ("₹12,00,000", 1_200_000),
        ("$75000.", 75_000),
        ("€45.000", None),
        ("€45,00", None),
        ("CHF 80'000", None),
        ("$1.2 million", None),
        ("120 K", None),
    ],
)
def test_salaries_are_read_whole_or_left_out(benchmark: Benchmark, salary: str, amount: float | None) -> None:
    """45.000 is 45 to some and 45 thousand to others."""
    assert smallest(benchmark, "Annual Salary", salary) == amount


def smallest(benchmark: Benchmark, key: str, text: str) -> float | None:
    """The least number of a key, which somebody alone has."""
    person = replace(benchmark.profiles["001"], biography={key: text})
    [one] = distributions(replace(benchmark, profiles={"001": person}))
    return one.ranges[0].smallest if one.ranges else None


def test_nested_fields_are_told_apart_and_lists_are_one_value(benchmark: Benchmark) -> None:
    by_key = {one.key: one for one in distributions(with_biographies(benchmark))}
    assert by_key["Parents: Father"].commonest == (("a cook", 1),)
    assert (by_key["Fun Facts"].commonest, by_key["Fun Facts"].missing) == ((("a; b", 1),), 4)


def test_questions_are_counted_by_what_they_ask_for(benchmark: Benchmark) -> None:
    """3 of each 5 ask for the birthplace; one training question states it, the other asks for a pet."""
    assert asked_attributes(benchmark) == {"birthplace": (36, 5), "pet": (24, 5)}


def test_currencies_of_one_sign_are_several() -> None:
    for text, read in {
        "C$75,000": ("C$", 75000),
        "US$ 75,000": ("USD", 75000),
        "R$75.000,00": ("R$", 75000),
        "$75,000 a year": ("USD", 75000),
        "CHF 90,000": ("CHF", 90000),
        "90,000 CHF": ("CHF", 90000),
        "2 jobs, $40,000": ("USD", 40000),
        "a" + " " * 50_000 + "b": None,
    }.items():
        assert _read_salary(text) == read, text
