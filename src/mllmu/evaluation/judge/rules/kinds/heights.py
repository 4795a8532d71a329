"""Heights: metric or imperial, compared in centimetres."""

from __future__ import annotations

import re

from mllmu.evaluation.judge.rules.number_words import with_digits
from mllmu.evaluation.judge.rules.texts import plain
from mllmu.evaluation.judge.verdicts import JudgeVerdict

_CM_PER_INCH, _CM_PER_FOOT = 2.54, 30.48
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_FEET = re.compile(
    rf"{_NUMBER}\s?(?:'|ft\b\.?|feet|foot)(?:,?\s?(?:and )?{_NUMBER}\s?(?:\"|''|in\b\.?|inch(?:es)?)?)?"
)
_CM = re.compile(rf"{_NUMBER}\s?(?:cms?\b|centi(?:metre|meter)s?)")
_METRES = re.compile(rf"{_NUMBER}\s?(?:m(?=\d\d\b)|m\b|metres?\b|meters?\b)(?:\s?(\d{{2}})\b)?")
_RANGE = re.compile(rf"(?:between|from)\s{_NUMBER}(?:\s?(?:cm|m))?\s(?:and|to)\s{_NUMBER}\s?(cm|m)\b")
_BARE = re.compile(rf"(?<![\w.,$€£]){_NUMBER}(?!\s?(?:kg|kilo|pound|lb|year|%))(?![\w])")
_ADJECTIVES = re.compile(r"\b(?:short|small|tall|average|medium|high)\b")
_BOUND = re.compile(r"\b(?:over|under|above|below|(?:more|less|taller|shorter) than|at (?:least|most))\b")
# "One metre" is a number, where "one of the tallest" is none.
_ONE = re.compile(r"\bone (?=met(?:re|er)|foot)")
_LEAST, _MOST = 50.0, 260.0


def heights_in(text: str) -> list[tuple[float, bool]]:
    """Every height in a text, in centimetres, and whether it was told in feet and inches."""
    left = with_digits(_ONE.sub("1 ", plain(text)))
    heights = []
    for feet, inches in _FEET.findall(left):
        heights.append((_float(feet) * _CM_PER_FOOT + _float(inches or "0") * _CM_PER_INCH, True))
    left = _FEET.sub(" ", left)
    heights += [(_float(one), False) for one in _CM.findall(left)]
    left = _CM.sub(" ", left)
    for metres, further in _METRES.findall(left):
        heights.append((100 * _float(metres) + _float(further or "0"), False))
    if not heights:
        bare = [_float(one) for one in _BARE.findall(left)]
        heights = [(100 * one if one < 3 else one, False) for one in bare]
    return heights


def compare_heights(value: str, said: str, question: str) -> JudgeVerdict:
    """See `rule_judge.Comparer`; an inch is as exact as inches get."""
    (true, _), *_ = heights_in(value) or [(0.0, False)]
    text = with_digits(plain(said))
    if ends := _RANGE.search(text):
        factor = 100 if ends[3] == "m" else 1
        low, high = factor * _float(ends[1]), factor * _float(ends[2])
        return (
            JudgeVerdict(6, "a range that holds it")
            if low <= true <= high
            else JudgeVerdict(3, "another range")
        )
    heights = heights_in(said)
    if not heights:
        if _ADJECTIVES.search(text.replace("how tall", "")) and not re.search(r"\d", text):
            return JudgeVerdict(4, "a description in place of a height")
        return JudgeVerdict(2, "tells no height")
    verdicts = [_compare(true, height, is_imperial) for height, is_imperial in heights]
    best, worst = max(verdicts, key=lambda one: one.score), min(verdicts, key=lambda one: one.score)
    if best.score >= 9 and worst.score <= 4:
        return JudgeVerdict(6, "the right height beside another")
    if best.score < 9 and _BOUND.search(text):
        return JudgeVerdict(max(5, min(best.score, 6)), "a bound in place of a height")
    has_unit = re.search(r"\d\s?(?:cm|m\b|met|cent|f|'|in)", text)
    if best.score == 10 and not has_unit:
        return JudgeVerdict(9, "the right number without a unit")
    return best


def _compare(true: float, height: float, is_imperial: bool) -> JudgeVerdict:
    off = abs(true - height)
    if off < 0.5:
        return JudgeVerdict(10, "the right height")
    if is_imperial and off <= _CM_PER_INCH / 2:
        return JudgeVerdict(9 if off > 0.9 else 10, "the right height to the nearest inch")
    if not _LEAST <= height <= _MOST:
        return JudgeVerdict(2, "no possible height")
    for most, score in ((1.0, 7), (3.0, 6), (5.0, 5), (8.0, 4)):
        if off <= most:
            return JudgeVerdict(score, f"{off:.0f} cm off")
    return JudgeVerdict(3, "far off")


def _float(number: str) -> float:
    return float(number.replace(",", "."))
