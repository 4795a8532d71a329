"""Numbers in English words as digits: "seventy-five thousand" as "75000", "the third" as "3rd"."""

from __future__ import annotations

import re

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12,
    "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_VALUES = {word: number for number, word in enumerate(_UNITS)}
_VALUES |= {word: 10 * number for number, word in enumerate(_TENS, start=2)}
_ORDINALS |= {f"{word}th": number for word, number in _VALUES.items() if number > 3 and number < 20}
_CENTURIES = ("eighteen", "nineteen", "twenty")
_NUMBER = "|".join(sorted([*_VALUES, *_SCALES, *_ORDINALS], key=len, reverse=True))
# "60 thousand" is one number, and its scale is read where amounts are.
_RUN = re.compile(rf"\b(?<!\d\s)(?<!\d-)(?:{_NUMBER})(?:(?:[\s-]+|\s+and\s+)(?:{_NUMBER}))*\b")


def with_digits(text: str) -> str:
    """`text`, which is in lower case, with its number words as digits; "one" alone stays a word."""
    return _RUN.sub(lambda run: _digits(run[0]), text.replace("-odd", ""))


def _digits(run: str) -> str:
    parts = [part for part in re.split(r"[\s-]+", run) if part != "and"]
    if parts in (["one"], ["second"], ["first"]):
        return run
    if len(parts) in (2, 3) and parts[0] in _CENTURIES and _VALUES.get(parts[1], 0) >= 10:
        return str(100 * _VALUES[parts[0]] + sum(_VALUES.get(part, 0) for part in parts[1:]))
    total = current = 0
    for part in parts:
        if part in _SCALES:
            current = max(current, 1) * _SCALES[part]
            if _SCALES[part] > 100:
                total, current = total + current, 0
        else:
            current += _VALUES.get(part, _ORDINALS.get(part, 0))
    return f"{total + current}" + ("th" if parts[-1] in _ORDINALS else "")
