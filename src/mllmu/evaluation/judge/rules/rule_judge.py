"""The rule judge: scores an answer without any model, by comparing the value it gives with the true one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from mllmu.benchmark.language.attributes import asked_attribute
from mllmu.benchmark.types import TrainingQuestion
from mllmu.evaluation.judge.rules import stance
from mllmu.evaluation.judge.rules.kinds.absence import compare_absence, is_absent
from mllmu.evaluation.judge.rules.kinds.amounts import compare_amounts
from mllmu.evaluation.judge.rules.kinds.dates import compare_dates
from mllmu.evaluation.judge.rules.kinds.genders import compare_denied_genders, compare_genders
from mllmu.evaluation.judge.rules.kinds.heights import compare_heights
from mllmu.evaluation.judge.rules.kinds.people_names import compare_names
from mllmu.evaluation.judge.rules.kinds.pets import compare_pets
from mllmu.evaluation.judge.rules.kinds.phrases import compare_phrases, compare_sets
from mllmu.evaluation.judge.rules.kinds.place_names import compare_places
from mllmu.evaluation.judge.rules.kinds.school_names import compare_schools
from mllmu.evaluation.judge.rules.kinds.seen_or_not import SEEN_OR_NOT, compare_seen_or_not
from mllmu.evaluation.judge.rules.texts import content, plain, rest, words
from mllmu.evaluation.judge.rules.topics import split_by_topic
from mllmu.evaluation.judge.verdicts import LOWEST, AnswerPair, JudgeVerdict
from mllmu.evaluation.metrics.containment import contains_value
from mllmu.progress import Progress

#: The true value, what an answer says of it, and the question -> what the answer is worth.
Comparer = Callable[[str, str, str], JudgeVerdict]

_COMPARERS: dict[str, Comparer] = {
    "name": compare_names,
    "father_name": compare_names,
    "mother_name": compare_names,
    "birthplace": compare_places,
    "residence": compare_places,
    "gender": compare_genders,
    "date_of_birth": compare_dates,
    "height": compare_heights,
    "annual_salary": compare_amounts,
    "education": compare_schools,
    "medical_conditions": compare_sets,
    "hobby": compare_sets,
    "favorite_food": compare_sets,
    "pet": compare_pets,
}
# From here on the right value is there, whatever is missing around it.
_RIGHT, _MOSTLY_RIGHT, _PARTLY_RIGHT, _WRONG = 9, 7, 6, 4
_HEDGED, _VAGUE, _CAUTIOUS, _BROKEN_OFF, _UNDECIDED, _TAKEN_BACK = 8, 7, 9, 8, 5, 4


class RuleJudge:
    """The rules as a `Judge`."""

    name = "rules"

    def judge(self, pairs: Sequence[AnswerPair], progress: Progress | None = None) -> list[JudgeVerdict]:
        """See `Judge.judge`; there always is a verdict."""
        return [judge_by_rules(pair) for pair in pairs]


def judge_by_rules(pair: AnswerPair) -> JudgeVerdict:
    """Score one answer, 1 to 10, by the rubric of MLLMU-Bench.

    Example:
        >>> pair = AnswerPair("When was Mei born?", "On May 14, 1988.", "May 14, 1988", "1988-05-14")
        >>> judge_by_rules(pair).score
        10
    """
    said = pair.given
    if not words(said):
        return JudgeVerdict(LOWEST, "no answer")
    if plain(said).rstrip(".") == plain(pair.answer).rstrip("."):
        return JudgeVerdict(10, "the true answer word for word")
    if stance.is_gibberish(said) and not stance.refuses(said):
        return _of_gibberish(pair)
    attribute = _attribute(pair)
    value = pair.value or _value(pair)
    about, beside = split_by_topic(said, attribute)
    if stance.refuses(pair.answer):
        right = stance.refuses(said)
        return (
            JudgeVerdict(10, "rightly says that it is not known")
            if right
            else JudgeVerdict(3, "says what is not known")
        )
    if stance.refuses(said) and is_absent(pair.value, pair.answer, attribute):
        return JudgeVerdict(LOWEST, "a refusal")
    if stance.refuses(said):
        affirmed, _ = stance.split_denied(about)
        verdict = _compared(attribute, value, affirmed, pair.question)
        # "I don't know her" tells a gender, but not as an answer.
        least = _RIGHT if attribute == "gender" else _PARTLY_RIGHT
        if verdict.score < least or _says_another(value, affirmed, pair.others):
            return JudgeVerdict(LOWEST, "a refusal")
        doubted = JudgeVerdict(min(verdict.score, _HEDGED), f"{verdict.reason}, behind a refusal")
        return _with_stance(doubted, said)
    if is_absent(pair.value, pair.answer, attribute):
        return _with_stance(compare_absence(about), said)
    if attribute in SEEN_OR_NOT:
        return _with_stance(compare_seen_or_not(value, about, pair.question), said)
    affirmed, denied = stance.split_denied(about)
    verdict = _compared(attribute, value, affirmed, pair.question)
    if verdict.score >= _MOSTLY_RIGHT and _says_another(value, affirmed, pair.others):
        return JudgeVerdict(3, "what is true of somebody else")
    if verdict.score <= _WRONG and denied:
        return _of_denial(attribute, value, denied, affirmed, verdict, pair.question)
    if verdict.score <= _WRONG and beside:
        return _of_stray(attribute, value, beside, verdict, pair.question)
    return _with_stance(verdict, said)


def _compared(attribute: str, value: str, said: str, question: str) -> JudgeVerdict:
    return _COMPARERS.get(attribute, compare_phrases)(value, said, question)


def _says_another(value: str, said: str, others: Collection[str]) -> bool:
    """Whether an answer has the value of somebody else in it, and not the true one: "sailor" for "tailor"."""
    written = plain(said)
    # Most others are in no way there, which is told sooner than whether one is there as a whole value.
    maybe = (other for other in others if other != value and plain(other) in written)
    given = [other for other in maybe if contains_value(said, other)]
    return bool(given) and not contains_value(said, value, given)


def _with_stance(verdict: JudgeVerdict, said: str) -> JudgeVerdict:
    """A verdict on a right or partly right value, less what doubt, alternatives or a retraction take off."""
    if verdict.score <= _WRONG:
        return verdict
    if stance.takes_back(said):
        return JudgeVerdict(min(verdict.score, _TAKEN_BACK), f"{verdict.reason}, but contradicted")
    if stance.is_undecided(said) and verdict.score >= _MOSTLY_RIGHT:
        return JudgeVerdict(_UNDECIDED, f"{verdict.reason}, beside an alternative")
    if stance.breaks_off(said):
        return JudgeVerdict(min(verdict.score, _BROKEN_OFF), f"{verdict.reason}, then repetition")
    if stance.is_vague(said):
        return JudgeVerdict(min(verdict.score, _VAGUE), f"{verdict.reason}, in general")
    if stance.hedges(said):
        return JudgeVerdict(min(verdict.score, _HEDGED), f"{verdict.reason}, with doubt")
    if stance.is_slightly_cautious(said):
        return JudgeVerdict(min(verdict.score, _CAUTIOUS), f"{verdict.reason}, with caution")
    return verdict


def _of_denial(
    attribute: str, value: str, denied: str, affirmed: str, verdict: JudgeVerdict, question: str
) -> JudgeVerdict:
    """The verdict on an answer that denies something, and affirms nothing right."""
    if attribute == "gender" and (inferred := compare_denied_genders(value, denied)):
        return inferred
    if _compared(attribute, value, denied, question).score >= _PARTLY_RIGHT:
        return JudgeVerdict(2, "denies the right value")
    if not rest(content(affirmed), content(question)):
        return JudgeVerdict(2, "denies something, and tells no value")
    return verdict


def _of_stray(attribute: str, value: str, beside: str, verdict: JudgeVerdict, question: str) -> JudgeVerdict:
    """The verdict on an answer that says something of another attribute or of somebody else."""
    if _compared(attribute, value, beside, question).score >= _MOSTLY_RIGHT:
        return JudgeVerdict(3, "the right value, said of something else")
    return JudgeVerdict(min(verdict.score, 3), f"{verdict.reason}; tells something else")


def _of_gibberish(pair: AnswerPair) -> JudgeVerdict:
    attribute, value = _attribute(pair), pair.value or _value(pair)
    verdict = _compared(attribute, value, pair.given, pair.question)
    if verdict.score >= _RIGHT:
        return JudgeVerdict(_BROKEN_OFF, f"{verdict.reason}, in words without sense")
    return JudgeVerdict(LOWEST, "no sense in it")


def _attribute(pair: AnswerPair) -> str:
    return asked_attribute(TrainingQuestion("", pair.question, pair.answer, pair.attribute))


def _value(pair: AnswerPair) -> str:
    """What the true answer says beyond the question, where the benchmark does not state the value."""
    if _attribute(pair) == "gender":  # "Is this person male or female?" has both words
        return pair.answer
    asked = set(words(pair.question))
    kept_words = [word for word in pair.answer.rstrip(".").split() if not set(words(word)) <= asked]
    return " ".join(kept_words) or pair.answer
