"""Quantities: where a number and its unit go on ("5 feet" as "5 feet 9 inches"), and so are another one."""

from __future__ import annotations

import re

# Each from large to small; a quantity goes on with a smaller unit of the same line.
_SCALES = (
    (
        ("mile", "miles", "mi"),
        ("yard", "yards", "yd"),
        ("foot", "feet", "ft", "'"),
        ("inch", "inches", "in", '"'),
    ),
    (
        ("kilometer", "kilometers", "kilometre", "kilometres", "km"),
        ("meter", "meters", "metre", "metres", "m"),
        ("centimeter", "centimeters", "centimetre", "centimetres", "cm"),
        ("millimeter", "millimeters", "millimetre", "millimetres", "mm"),
    ),
    (("stone", "stones", "st"), ("pound", "pounds", "lb", "lbs"), ("ounce", "ounces", "oz")),
    (
        ("kilogram", "kilograms", "kilogramme", "kilogrammes", "kg", "kilo", "kilos"),
        ("gram", "grams", "gramme", "grammes", "g"),
    ),
    (
        ("year", "years", "yr", "yrs"),
        ("month", "months"),
        ("week", "weeks"),
        ("day", "days"),
        ("hour", "hours", "hr", "hrs", "h"),
        ("minute", "minutes", "min", "mins"),
        ("second", "seconds", "sec", "secs", "s"),
    ),
    (("dollar", "dollars", "euro", "euros"), ("cent", "cents")),
    (("pound", "pounds"), ("pence", "penny", "pennies")),
)
_UNITS = {name for scale in _SCALES for names in scale for name in names}
_NUMBER_WORDS = (
    r"zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion"
)
_NUMBER = rf"(?:\d[\d.,]*|(?:{_NUMBER_WORDS})\b)"
_UNIT = rf"(?:{'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(?![^\W\d_])\.?"
_AND = r"\s?,?\s?(?:and\s|&\s)?"
_ENDS_IN_UNIT = re.compile(rf"(?<!\w){_NUMBER}[\s-]?({_UNIT})$")
_BEGINS_WITH_UNIT = re.compile(rf"{_NUMBER}[\s-]?({_UNIT})")
_A_QUANTITY_BEFORE = re.compile(rf"(?<!\w){_NUMBER}[\s-]?({_UNIT}){_AND}$")
_A_QUANTITY_AFTER = re.compile(rf"{_AND}{_NUMBER}[\s-]?({_UNIT})")
_A_NUMBER_AFTER = re.compile(rf"\s?{_NUMBER}(?![\s-]?{_UNIT})")
_DIGITS_BEFORE = re.compile(r"\d[.,:/]$")
# "$50.00" is $50.
_DIGITS_AFTER = re.compile(
    r"(?!\.0+(?!\d))[.,:/]\d|\s?(?:hundred|thousand|million|billion|trillion|k|bn)\b"
    rf"|\sand\s{_NUMBER}\s(?:cents?|pence|pennies)\b"
)


def goes_on(before: str, value: str, after: str) -> bool:
    """Whether a quantity in a text is more than the part of it that is `value`.

    ``goes_on("", "5 feet", " 9 inches tall")`` and ``goes_on("5 feet ", "9 inches", "")`` are true,
    ``goes_on("", "5 feet", " tall, 30 years old")`` is not; a value without a number never goes on. Numbers
    are written in digits or in English words, units in English or by their signs.

    Args:
        before: the text before the value, all in lower case.
        value: where a number of it touches its end or a unit at its end, or its beginning, is looked at.
        after: the text after it.
    """
    if value[0].isdigit() and _DIGITS_BEFORE.search(before):
        return True
    if value[-1].isdigit() and _DIGITS_AFTER.match(after):
        return True
    first, larger = _BEGINS_WITH_UNIT.match(value), _A_QUANTITY_BEFORE.search(before)
    if first and larger and _is_smaller(first[1], larger[1]):
        return True
    if not (last := _ENDS_IN_UNIT.search(value)):
        return False
    if smaller := _A_QUANTITY_AFTER.match(after):
        return _is_smaller(smaller[1], last[1])
    return _has_smaller(last[1]) and _A_NUMBER_AFTER.match(after) is not None


def _is_smaller(unit: str, other: str) -> bool:
    """Whether a unit comes after another in one line of `_SCALES`."""
    return any(rank > other_rank for rank, other_rank in _places(unit, other))


def _has_smaller(unit: str) -> bool:
    """Whether a quantity in that unit can go on."""
    return any(_rank(unit, scale) not in (-1, len(scale) - 1) for scale in _SCALES)


def _places(unit: str, other: str) -> list[tuple[int, int]]:
    ranks = [(_rank(unit, scale), _rank(other, scale)) for scale in _SCALES]
    return [(one, two) for one, two in ranks if one >= 0 and two >= 0]


def _rank(unit: str, scale: tuple[tuple[str, ...], ...]) -> int:
    """The place of a unit in a scale, counted from its largest; -1 if it is not of it."""
    return next((rank for rank, names in enumerate(scale) if unit.rstrip(".") in names), -1)
