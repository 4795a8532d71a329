"""Checks of options and wrong answers: no two of a question are the same, and wrong ones are wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mllmu.benchmark.iteration import asked
from mllmu.benchmark.types import Benchmark, Question
from mllmu.benchmark.validation.text_comparison import contains, has_no_blanks, plain
from mllmu.benchmark.validation_issues import Check, Location, Severity, ValidationIssue


def equal_options(benchmark: Benchmark, locations: Mapping[str, Location]) -> Iterator[ValidationIssue]:
    """Find options that only case, spaces or punctuation tell apart.

    An error where the true one has a double, since either may then be chosen; else a warning. The same for
    the wrong answers that the truth ratio compares with the paraphrased one.
    """
    for _, question in asked(benchmark):
        location = locations[question.question_id]
        yield from _duplicates(question.options, question.correct_option, location, "option")
        alternatives = _alternatives(question)
        yield from _duplicates(alternatives, "paraphrased_answer", location, "alternative")


def mistaken_alternatives(
    benchmark: Benchmark, locations: Mapping[str, Location]
) -> Iterator[ValidationIssue]:
    """Find what spoils the truth ratio: true "wrong" answers, and paraphrases that do not say what is true.

    A question with wrong answers and no paraphrase has no truth ratio at all.
    """
    for _, question in asked(benchmark):
        if not question.wrong_answers:
            continue
        for number, wrong in enumerate(question.wrong_answers):
            if plain(wrong) == plain(question.paraphrased_answer):
                continue  # as `equal_options` says
            # One that only has the true value in it may state another: "6 feet 4 inches", "New York".
            if plain(wrong) in (plain(question.answer), plain(question.value)):
                problem = f"wrong_answers[{number}] {wrong!r} gives the true answer {question.value!r}"
                yield _mistaken(question, locations, problem, "another value")
        if not question.paraphrased_answer:
            problem = "wrong answers without a paraphrased answer: the truth ratio is not measured"
            yield _mistaken(question, locations, problem, "a paraphrased answer")
        elif _lacks_value(question):
            problem = f"the paraphrase {question.paraphrased_answer!r} lacks the value {question.value!r}"
            yield _mistaken(question, locations, problem, "a paraphrase with the true value")


def _lacks_value(question: Question) -> bool:
    """Whether a paraphrase lacks words of the value; where that is the whole answer, other words may do."""
    if plain(question.value) == plain(question.answer):
        return False
    if has_no_blanks(question.value):
        return not contains(question.paraphrased_answer, question.value)
    value, paraphrase = (set(plain(text).split()) for text in (question.value, question.paraphrased_answer))
    return not value <= paraphrase


def _mistaken(
    question: Question, locations: Mapping[str, Location], problem: str, expected: str
) -> ValidationIssue:
    location = locations[question.question_id]
    return ValidationIssue(Severity.WARNING, Check.ALTERNATIVES, location, problem, expected)


def _alternatives(question: Question) -> dict[str, str]:
    if not question.wrong_answers:
        return {}
    wrong = {f"wrong_answers[{number}]": text for number, text in enumerate(question.wrong_answers)}
    return {"paraphrased_answer": question.paraphrased_answer, **wrong}


def _duplicates(
    texts: Mapping[str, str], true: str, location: Location, kind: str
) -> Iterator[ValidationIssue]:
    keys = defaultdict(list)
    for key, text in texts.items():
        keys[plain(text)].append(key)
    for same in keys.values():
        if len(same) > 1:
            severity = Severity.ERROR if true in same else Severity.WARNING
            named = [f"{key} {texts[key]!r}" for key in same]
            problem = f"{' and '.join(same)} are both {texts[same[0]]!r}"
            if len({texts[key] for key in same}) > 1:
                problem = f"{' and '.join(named)} differ by case, accents, spaces or punctuation alone"
            yield ValidationIssue(severity, Check.EQUAL_OPTIONS, location, problem, f"every {kind} once")
