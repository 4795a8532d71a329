"""Dates: any usual format, and what is right of one that is incomplete or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mllmu.evaluation.judge.rules.number_words import with_digits
from mllmu.evaluation.judge.rules.texts import plain
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = r"(?P<month>" + "|".join(f"{name}|{name[:3]}" for name in _MONTHS) + r"|sept)\b\.?"
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>\d{4}|'\d\d)"
_WORDED = [
    re.compile(rf"\b{_MONTH} {_DAY}(?!\d)(?:,? (?:of |in )?{_YEAR})?"),
    re.compile(rf"\b{_DAY}(?: day)?(?: of)?[ -]{_MONTH}(?:,?[ -](?:of |in )?{_YEAR})?"),
    re.compile(rf"\b{_MONTH},? (?:of |in )?{_YEAR}"),
    re.compile(rf"(?<![\d.,/$€£-]){_YEAR}(?![\d,/-]|\.\d|s\b)"),
    re.compile(rf"\b{_MONTH}"),
]
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?!\d)")
_YEAR_AND_MONTH = re.compile(r"(?<![\d./-])(\d{4})[-/](0[1-9]|1[0-2])(?!\d|[./-]\d)")
_DECADES = {
    "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
    "eighties": 80, "nineties": 90,
}  # fmt: skip
_DECADE = re.compile(rf"\b(?:(?:19|20)?(\d)0'?s|({'|'.join(_DECADES)}))\b")


@dataclass(frozen=True)
class CalendarDate:
    """A date, or the parts of one that are told; 0 where a part is not.

    Attributes:
        year: in full.
        month: 1 to 12.
        day: 1 to 31.
        is_short: whether only two digits of the year were told.
    """

    year: int = 0
    month: int = 0
    day: int = 0
    is_short: bool = False


def dates_in(text: str) -> list[CalendarDate]:
    """Every date in a text; one of digits alone that can be read in two orders is there in both."""
    dates: list[CalendarDate] = []
    left = with_digits(plain(text))
    for match in _NUMERIC.finditer(left):
        dates += _orders(int(match[1]), int(match[3]), int(match[4]), len(match[1]) == 4)
    left = _NUMERIC.sub(" ", left)
    for year, month in _YEAR_AND_MONTH.findall(left):
        dates.append(CalendarDate(int(year), int(month)))
    left = _YEAR_AND_MONTH.sub(" ", left)
    for pattern in _WORDED:
        for match in pattern.finditer(left):
            parts = match.groupdict()
            year = (parts.get("year") or "0").strip("'")
            month = (parts.get("month") or "")[:3]
            number = next((n for n, name in enumerate(_MONTHS, start=1) if month and name[:3] == month), 0)
            dates.append(_date(int(year), number, int(parts.get("day") or 0), len(year) == 2))
        left = pattern.sub(" ", left)
    # "May" may be a verb: alone it counts only beside nothing better.
    return [one for one in dates if one.year or one.day] or dates


def compare_dates(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; year, month and day count each."""
    true = next(iter(dates_in(value)), CalendarDate())
    dates = dates_in(said)
    verdicts = [_compare(true, one) for one in dates]
    if not verdicts:
        return _vague(true, plain(said))
    best = max(verdicts, key=lambda one: one.score)
    full = {(one.year, one.month, one.day) for one in dates if one.year and one.month and one.day}
    is_ambiguous = len(_NUMERIC.findall(said)) == 1
    if best.score >= 9 and len(full) > 1 and not is_ambiguous:
        return JudgeVerdict(5, "the right date beside another")
    if best.score >= 9 and true.year and _DECADE.search(plain(said)) and not _same_decade(true, plain(said)):
        return JudgeVerdict(8, "the right date beside a decade that is not its own")
    return best


def _compare(true: CalendarDate, given: CalendarDate) -> JudgeVerdict:
    given_parts = [name for name in ("year", "month", "day") if getattr(given, name)]
    right = [name for name in given_parts if getattr(given, name) == getattr(true, name)]
    if len(right) == 3:
        return JudgeVerdict(9, "the right date, its year in two digits") if given.is_short else _RIGHT
    if right == given_parts:
        scores = {("year",): 6, ("month",): 4, ("month", "day"): 7, ("year", "month"): 7, ("day",): 4}
        return JudgeVerdict(
            scores.get(tuple(given_parts), 6), f"right as far as it goes: {' and '.join(given_parts)}"
        )
    if len(given_parts) == 3 and len(right) == 2:
        (wrong,) = set(given_parts) - set(right)
        return JudgeVerdict(5, f"wrong {wrong}, the rest is right")
    if "year" in right:
        return JudgeVerdict(4, "only the year is right")
    return JudgeVerdict(3, "another date")


def _vague(true: CalendarDate, said: str) -> JudgeVerdict:
    if _DECADE.search(said):
        if _same_decade(true, said):
            return JudgeVerdict(5, "only the decade, which is right")
        return JudgeVerdict(3, "another decade")
    if re.search(r"\b(?:spring|summer|autumn|fall|winter)\b", said):
        return JudgeVerdict(3, "only a season")
    return JudgeVerdict(2, "tells no date")


def _same_decade(true: CalendarDate, said: str) -> bool:
    for digit, word in _DECADE.findall(said):
        tens = 10 * int(digit) if digit else _DECADES[word]
        if tens == true.year % 100 // 10 * 10:
            return True
    return False


def _orders(first: int, second: int, third: int, year_first: bool) -> Iterator[CalendarDate]:
    if year_first:
        yield CalendarDate(first, second, third)
        return
    for day, month in {(first, second), (second, first)}:
        if month <= 12 and day <= 31:
            yield _date(third, month, day, third < 100)


def _date(year: int, month: int, day: int, is_short: bool) -> CalendarDate:
    if is_short:
        year += 1900 if year > 30 else 2000
    return CalendarDate(year, month, day, is_short)


_RIGHT = JudgeVerdict(10, "the right date")
