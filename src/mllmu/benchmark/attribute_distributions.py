"""Summaries of the biographies' values, and counts of the attributes that questions ask for."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from mllmu.benchmark.language.attributes import asked_attribute
from mllmu.benchmark.rows.person_rows import is_nothing
from mllmu.benchmark.types import Benchmark

_COMMON = 0.1
"""Share of the people who need to have a key for it to be counted; fun facts have keys of their own."""

_INCHES_PER_FOOT = 12
_CM_PER_INCH = 2.54
_FEET = re.compile(
    r"(?<![\d.,])(?P<feet>\d)[\s-]*(?:feet|foot|ft\.?|['’])"
    r"(?:\s*(?P<joint>,|and\b)?[\s-]*(?P<inches>\d{1,2}(?:\.\d+)?)(?![\d.]*\d)"
    r"\s*(?P<unit>inch(?:es)?|in\b|[\"”])?)?(?!\s*[\d/])"
)
_SALARY = re.compile(
    r"(?P<sign>\b[A-Z]{1,3}[$£¥]|\b[A-Z]{3}\b|[^\s\w.,:~-])?\s{0,9}(?<!\d)(?<!\d[.,'’])(?P<number>\d+(?:[.,]\d+|\s\d{3}(?!\d))*)(?![.,'’]?\d)"
    r"(?!\s*(?i:hundred|thousand|million|billion|lakh|crore|[km]\b))\s*(?P<name>[A-Z]{3})?\b"
)
_COMMAS_GROUP = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d{1,2})?|\d{1,3}(?:\s\d{3})+|\d+(?:\.\d{1,2})?")
_POINTS_GROUP = re.compile(r"\d{1,3}(?:\.\d{3})+,\d{1,2}|\d{1,3}(?:\.\d{3}){2,}")


@dataclass(frozen=True)
class Range:
    """Count, minimum, median and maximum of numbers in one unit."""

    unit: str
    count: int
    smallest: float
    middle: float
    largest: float


@dataclass(frozen=True)
class Distribution:
    """Summary of the values that one biography key has among the fictitious people.

    Attributes:
        key: the key; nested keys follow a colon.
        missing: people without it, or with a value such as NA.
        distinct: different values.
        commonest: the most frequent values with their counts, at most five.
        ranges: summaries of the values that are dates, heights or salaries; one per currency.
    """

    key: str
    missing: int
    distinct: int
    commonest: tuple[tuple[str, int], ...]
    ranges: tuple[Range, ...]


def distributions(benchmark: Benchmark) -> list[Distribution]:
    """Summarise the biographies of the fictitious people, key by key, in the order in which keys appear."""
    values: dict[str, list[str]] = defaultdict(list)
    for person in benchmark.profiles.values():
        for key, text in _leaves(person.biography):
            values[key].append(text)
    people = len(benchmark.profiles)
    return [
        _distribution(key, texts, people) for key, texts in values.items() if len(texts) >= _COMMON * people
    ]


def asked_attributes(benchmark: Benchmark) -> dict[str, tuple[int, int]]:
    """Count evaluation and training questions by the attribute they ask for, the most frequent first.

    Attributes that a benchmark does not state are read from the wording; what stays unknown is ``other``.
    """
    people = [*benchmark.profiles.values(), *benchmark.celebrities.values()]
    evaluated = Counter(
        asked_attribute(question) or "other"
        for person in people
        for question in (*person.questions, *person.test_questions)
    )
    taught = Counter(
        asked_attribute(pair) or "other" for person in people for pair in person.training_questions
    )
    return {name: (evaluated[name], taught[name]) for name, _ in (evaluated + taught).most_common()}


def _leaves(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for inner, entry in value.items():
            yield from _leaves(entry, f"{key}: {inner}" if key else str(inner))
    elif isinstance(value, list | tuple):
        yield key, "; ".join(map(str, value))
    else:
        yield key, "" if value is None else str(value)


def _distribution(key: str, texts: list[str], people: int) -> Distribution:
    stated = [text for text in texts if not is_nothing(text)]
    counts = Counter(stated)
    return Distribution(
        key=key,
        missing=people - len(stated),
        distinct=len(counts),
        commonest=tuple(counts.most_common(5)),
        ranges=tuple(_ranges(key, stated)),
    )


def _ranges(key: str, texts: list[str]) -> Iterator[Range]:
    read = next((reader for word, reader in _READERS.items() if word in key.casefold()), None)
    if read is None:
        return
    numbers: dict[str, list[float]] = defaultdict(list)
    for unit, number in filter(None, map(read, texts)):
        numbers[unit].append(number)
    for unit, amounts in sorted(numbers.items(), key=lambda item: -len(item[1])):
        yield Range(unit, len(amounts), min(amounts), median(amounts), max(amounts))


def _read_year(text: str) -> tuple[str, float] | None:
    match = re.search(r"\b(1[89]\d\d|20\d\d)\b", text)
    return ("year", float(match[1])) if match else None


def _read_height(text: str) -> tuple[str, float] | None:
    if match := re.search(r"(\d{2,3}(?:\.\d+)?)\s*cm\b", text):
        return "cm", float(match[1])
    if match := re.search(r"\b(\d(?:\.\d+)?)\s*m\b", text):
        return "cm", 100 * float(match[1])
    match = _FEET.search(text)
    # "5.9 feet" may mean 5 feet 9, and a number after a comma something else than inches.
    if (
        match is None
        or (match["joint"] and not match["unit"])
        or float(match["inches"] or 0) >= _INCHES_PER_FOOT
    ):
        return None
    inches = _INCHES_PER_FOOT * int(match["feet"]) + float(match["inches"] or 0)
    return "cm", round(_CM_PER_INCH * inches, 1)


def _read_salary(text: str) -> tuple[str, float] | None:
    amounts = list(_SALARY.finditer(text))
    # "2 jobs, $40,000" has a number before the amount.
    match = next((each for each in amounts if each["sign"] or each["name"]), amounts[0] if amounts else None)
    amount = _amount(match["number"]) if match else None
    if match is None or amount is None:
        return None
    names = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
    sign = match["sign"] or ""
    return match["name"] or names.get(sign, sign or "no currency"), amount


def _amount(number: str) -> float | None:
    """The number that is written; None for such as 45.000, which is 45 to some and 45 thousand to others."""
    if _COMMAS_GROUP.fullmatch(number):
        return float(re.sub(r"[,\s]", "", number))
    if _POINTS_GROUP.fullmatch(number):
        return float(number.replace(".", "").replace(",", "."))
    return None


_READERS: Mapping[str, Callable[[str], tuple[str, float] | None]] = {
    "date of birth": _read_year,
    "height": _read_height,
    "salary": _read_salary,
}
