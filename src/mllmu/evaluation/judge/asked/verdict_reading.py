"""Reads a verdict out of what a language model replied, whatever it wrote around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from mllmu.evaluation.judge.verdicts import HIGHEST, LOWEST, JudgeVerdict

_BROKEN = re.compile(r'"score"\s*:\s*"?(\d{1,4})"?(?![\d.])')
_RANGE = rf"{LOWEST}[ \t]*(?:[-–]|to|through|and)[ \t]*{HIGHEST}"
# Between which ends scores lie is no score: "(1-10)", "on a scale of 1 to 10", "Score 1-10: 8".
_SCALE = re.compile(
    rf"(?:[(\[]|\b(?:scale|range|from|between)(?:[ \t]+of)?[ \t]+){_RANGE}\b[)\]]?|\b{_RANGE}(?=[ \t]*[:=])",
    re.IGNORECASE,
)
# "5/10/1985" and "8,5/10" are none either.
_OUT_OF = re.compile(r"(?<![\d.,/\-−])(\d{1,4})(?:\.0)?\s*(?:/|out of)\s*10(?![\d.]\d|\d|\s*/\s*\d)")
# "7-8" and "3 to 4" are no score, and "-3" is none that there is; "8 - 2 details are missing" is 8.
_CALLED = re.compile(
    r"\b(?:score|rating)\b\W{0,4}(?:is|of|:|=)?\W{0,4}(?<![\d.])(?<![:=\s(][-−])(\d{1,4})"
    r"(?![\d/]|[.,]\d|[-–]\d|[ \t]+[-–][ \t]+\d+[ \t]*(?:[.,;)]|$)|[ \t]*(?:to|or|out of)[ \t]+\d)",
    re.IGNORECASE | re.MULTILINE,
)
_ALONE = re.compile(r"\s*\**(\d{1,4})(?:\.0)?\**\s*\.?\s*")
_REASON = re.compile(r'"reason"\s*:\s*"((?:[^"\\]|\\.)*)')


def read_verdict(text: str) -> JudgeVerdict | None:
    """The verdict in a reply: JSON, JSON that breaks off or stands in prose, "8/10", "Score: 8", or "8".

    Returns:
        None if there is no score of 1 to 10, or there are several that differ.
    """
    # An answer that holds such an object may be quoted beside the verdict itself.
    scored = [entry for entry in _objects(text) if "score" in entry]
    if scored:
        score = _whole(scored[0]["score"])
        if score is None or any(_whole(entry["score"]) != score for entry in scored):
            return None
        return JudgeVerdict(score, str(scored[0].get("reason") or ""))
    without_scale = _SCALE.sub("", text)
    # What stands in JSON that breaks off before its score is a reason, and no score.
    is_broken = text.lstrip("` \n").removeprefix("json").lstrip().startswith("{")
    for patterns in ((_BROKEN,), () if is_broken else (_OUT_OF, _CALLED)):
        scores = {int(one) for pattern in patterns for one in pattern.findall(without_scale)}
        if scores:
            return _only(scores, text)
    alone = _ALONE.fullmatch(text)
    return _only({int(alone[1])}, "") if alone else None


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Every JSON object in a text."""
    decoder, start = json.JSONDecoder(), text.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            if isinstance(value, dict):
                yield value
        start = text.find("{", end)


def _whole(value: object) -> int | None:
    """A score that is a number, or the text of one; None for anything else."""
    if isinstance(value, str) and (match := _ALONE.fullmatch(value) or _OUT_OF.fullmatch(value.strip())):
        value = int(match[1])
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return int(value) if LOWEST <= value <= HIGHEST and value == int(value) else None


def _only(scores: set[int], text: str) -> JudgeVerdict | None:
    if len(scores) != 1 or not LOWEST <= (score := scores.pop()) <= HIGHEST:
        return None
    reason = _REASON.search(text)
    return JudgeVerdict(score, reason[1] if reason else text.strip())
