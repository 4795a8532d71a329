"""Money: amounts a year in any notation, and their currencies."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mllmu.evaluation.judge.rules.number_words import with_digits
from mllmu.evaluation.judge.rules.texts import plain
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_CURRENCIES = {
    "dollar": r"\$|\busd\b|\bdollars?\b|\bbucks\b",
    "euro": r"€|\beur\b|\beuros?\b",
    "pound": r"£|\bgbp\b|\bpounds?\b|\bquid\b",
    "yen": r"¥|\bjpy\b|\byen\b",
    "rupee": r"₹|\binr\b|\brupees?\b",
    "franc": r"\bchf\b|\bfrancs?\b",
}
_ANY_CURRENCY = re.compile("|".join(_CURRENCIES.values()))
_YEAR = re.compile(r"(?:19|20)\d\d")
_AMOUNT = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[,. ]\d{3})+(?![\d])|\d+(?:\.\d+)?)\s?(k\b|thousand\b|grand\b|m\b|million\b)?"
    r"[^.;,\d]{0,16}?\b((?:per|a|every) month|monthly|each month|(?:per|a|every) week"
    r"|weekly|an hour|per hour)?\b"
)
_SCALES = {"k": 1e3, "thousand": 1e3, "grand": 1e3, "m": 1e6, "million": 1e6}
_TIMES_A_YEAR = {"month": 12, "week": 52, "hour": 2080}
_FIGURES = re.compile(r"\b(?:(four|4)|(five|5)|(six|6)|(seven|7))[- ]figures?\b")
# Amounts of less than this are ages, hours and the like, unless a currency stands beside them.
_LEAST = 500.0


@dataclass(frozen=True)
class Amount:
    """An amount of money.

    Attributes:
        a_year: what it comes to in a year.
        is_converted: whether it was told for a month, a week or an hour.
    """

    a_year: float
    is_converted: bool


def currency_of(text: str) -> str:
    """The currency named in a text; empty where there is none, or more than one."""
    named = [name for name, signs in _CURRENCIES.items() if re.search(signs, plain(text))]
    return named[0] if len(named) == 1 else ""


def amounts_in(text: str) -> list[Amount]:
    """Every amount in a text; a year is none beside an amount."""
    written = with_digits(plain(text))
    matches = list(_AMOUNT.finditer(written))
    if any(not _is_a_year(match) for match in matches):
        matches = [match for match in matches if not _is_a_year(match)]
    amounts = []
    for number, scale, period in (match.groups("") for match in matches):
        grouped = re.fullmatch(r"\d{1,3}(?:[,. ]\d{3})+", number)
        amount = float(re.sub(r"[,. ]", "", number) if grouped else number) * _SCALES.get(scale, 1)
        times = next((factor for name, factor in _TIMES_A_YEAR.items() if name in period), 1)
        if amount * times >= _LEAST:
            amounts.append(Amount(amount * times, times > 1))
    return amounts


def _is_a_year(match: re.Match[str]) -> bool:
    """Whether an amount reads as a year: "in 2024", with no currency beside it."""
    beside = match.string[max(0, match.start() - 4) : match.end()]
    return _YEAR.fullmatch(match[1]) is not None and not match[2] and not _ANY_CURRENCY.search(beside)


def compare_amounts(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; the amount and the currency count each."""
    true = next((one.a_year for one in amounts_in(value)), 0.0)
    if figures := _FIGURES.search(plain(said)):
        digits = next(number for number, group in enumerate(figures.groups(), start=4) if group)
        return JudgeVerdict(5, "only the number of figures") if len(f"{true:.0f}") == digits else _OTHER
    verdicts = [_compare(true, one, value, said) for one in amounts_in(said)]
    if not verdicts:
        if re.search(r"\b(?:well|good|high|low|modest|decent|average)\b", plain(said)):
            return JudgeVerdict(4, "a description in place of an amount")
        return JudgeVerdict(2, "tells no amount")
    best, worst = max(verdicts, key=lambda one: one.score), min(verdicts, key=lambda one: one.score)
    if best.score >= 9 and worst.score <= 4:
        return JudgeVerdict(6, "the right amount beside another")
    return best


def _compare(true: float, given: Amount, value: str, said: str) -> JudgeVerdict:
    off = abs(given.a_year - true) / true if true else 1.0
    currency, given_currency = currency_of(value), currency_of(said)
    if off < 0.001:
        if currency and given_currency and given_currency != currency:
            return JudgeVerdict(6, "the right number in another currency")
        if currency and not given_currency:
            return JudgeVerdict(9, "the right number without a currency")
        return JudgeVerdict(9 if given.is_converted else 10, "the right amount")
    for most, score in ((0.02, 6), (0.05, 6), (0.1, 5), (0.2, 4)):
        if off <= most:
            return JudgeVerdict(score, f"{100 * off:.0f} % off")
    return _OTHER


_OTHER = JudgeVerdict(3, "another amount")
