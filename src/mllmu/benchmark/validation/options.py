"""Options, and answers that are offered as alternatives: no two may be the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mllmu.benchmark.findings import Check, Finding, Place, Severity
from mllmu.benchmark.types import Benchmark, Question
from mllmu.benchmark.validation.people import asked
from mllmu.benchmark.validation.wording import plain


def equal_options(benchmark: Benchmark, places: Mapping[str, Place]) -> Iterator[Finding]:
    """Find options that only case, spaces or punctuation tell apart.

    An error where the true one has a double, since either may then be chosen; else a warning. The same for
    the wrong answers that the truth ratio compares with the paraphrased one.
    """
    for _, question in asked(benchmark):
        place = places[question.question_id]
        yield from _doubles(question.options, question.correct_option, place, "option")
        alternatives = _alternatives(question)
        yield from _doubles(alternatives, "paraphrased_answer", place, "alternative")


def _alternatives(question: Question) -> dict[str, str]:
    if not question.wrong_answers:
        return {}
    wrong = {f"wrong_answers[{number}]": text for number, text in enumerate(question.wrong_answers)}
    return {"paraphrased_answer": question.paraphrased_answer, **wrong}


def _doubles(texts: Mapping[str, str], true: str, place: Place, kind: str) -> Iterator[Finding]:
    keys = defaultdict(list)
    for key, text in texts.items():
        keys[plain(text)].append(key)
    for same in keys.values():
        if len(same) > 1:
            severity = Severity.ERROR if true in same else Severity.WARNING
            found = f"{' and '.join(same)} are both {texts[same[0]]!r}"
            yield Finding(severity, Check.EQUAL_OPTIONS, place, found, f"every {kind} once")
