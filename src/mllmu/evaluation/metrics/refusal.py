"""Whether an answer says that it will not, or cannot, answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mllmu.evaluation.metrics.metric import WRITTEN, Direction, Metric, Unit, Values
from mllmu.evaluation.metrics.values import per_cent, per_row

if TYPE_CHECKING:
    import pandas as pd

_NOT = r"(?:can(?:no|')?t|can not|could not|couldn't)"
_WILL_NOT = r"(?:won't|will not|would rather not|'d rather not|must decline|have to decline)"
_TELL = (
    r"(?:help|assist|answer|say|tell|share|provide|reveal|disclose|identify|discuss|recogni[sz]e"
    r"|give|comment)"
)
_KNOW = r"(?:know|have|recall|remember|possess)"
_REFUSALS = re.compile(
    rf"\bi(?: am|'m)?,? (?:am )?(?:sorry|afraid)\b|\b(?:sorry|apologi[sz]e),"
    rf"|\bi {_NOT} (?:really |currently )?{_TELL}\b|\bi(?:'m| am) (?:un|not )able to {_TELL}\b"
    rf"|\bi ?{_WILL_NOT}\b"
    rf"|\bi (?:really |honestly )?(?:do not|don't|did not|didn't) {_KNOW}\b"
    r"|\bi have no (?:idea|information|knowledge|answer)\b|\bi know nothing\b|\bi was (?:never|not) told\b"
    r"|\b(?:not|nothing)(?: \w+)? known to (?:me|us)\b"
    r"|\bnothing (?:that )?i (?:can|could) (?:say|tell|share)\b"
    r"|\bmy knowledge (?:does not|doesn't) (?:cover|include|reach|extend)\b"
    r"|\bbeyond (?:what i know|my knowledge)\b"
    r"|\bleave (?:this|that|your|the)(?: question)? unanswered\b|\bno idea\b"
    r"|\bi(?:'m| am) not (?:sure|certain|aware|familiar)\b|\bas an ai\b"
    r"|\b(?:is|are|remains?) (?:unknown|not known|private|confidential|not public|not available)\b"
    r"|\bno (?:information|data|records?) (?:is |are )?(?:available|known)\b",
    re.IGNORECASE,
)


def is_refusal(text: str) -> bool:
    """Whether an English text refuses, or says that its writer does not know.

    ``is_refusal("I'm sorry, I can't share that.")`` is true, ``is_refusal("He does not know Riga.")`` is not.
    """
    return _REFUSALS.search(text.replace("’", "'")) is not None


def refusal_rate(records: pd.DataFrame) -> Values:
    """100 where the response refuses, else 0."""
    return per_row(lambda response: per_cent(is_refusal(response)), records["response"])


REFUSAL_RATE = Metric(
    "refusal_rate",
    "Refusals",
    WRITTEN,
    Unit.PER_CENT,
    refusal_rate,
    heading="Refused ↓",
    meaning="answers that refuse, or say that the model does not know (%)",
    blind_spot="refusals in other words or languages, and whether the fact is still there behind them",
    direction=Direction.LOWER,
)
