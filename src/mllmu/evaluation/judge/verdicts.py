"""What a judge is asked, and what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mllmu.errors import UserError
from mllmu.progress import Progress

LOWEST, HIGHEST = 1, 10


@dataclass(frozen=True)
class AnswerPair:
    """One free answer beside the true one.

    Attributes:
        question: its wording.
        answer: the true answer, a sentence.
        value: the true value alone; empty where the benchmark does not state it.
        given: what a model wrote.
        attribute: what the question asks for, as generated people's attributes are called; empty where the
            benchmark does not say.
        others: what is true of other people in that attribute; who asks a model about pairs does not tell it,
            and pairs that differ in nothing else are one.
    """

    question: str
    answer: str
    value: str
    given: str
    attribute: str = ""
    others: Collection[str] = field(default=(), compare=False)


@dataclass(frozen=True)
class JudgeVerdict:
    """What a judge says of one answer.

    Attributes:
        score: 1 to 10.
        reason: why, in a few words.
    """

    score: int
    reason: str


@dataclass(frozen=True)
class NoVerdict:
    """Why there is no verdict on an answer.

    Attributes:
        reason: for people.
        replied: whether the judge replied, with something that no score could be read from.
    """

    reason: str
    replied: bool


Outcome = JudgeVerdict | NoVerdict


def require_verdicts(judge_name: str, outcomes: Sequence[Outcome]) -> Counter[str]:
    """Why answers have no verdict, and how often, if some have one.

    Raises:
        UserError: the judge scored nothing at all.
    """
    problems = Counter(one.reason for one in outcomes if isinstance(one, NoVerdict))
    if problems.total() == len(outcomes):
        reason, _ = problems.most_common(1)[0]
        raise UserError(f"The judge {judge_name} scored none of {len(outcomes)} answers: {reason}")
    return problems


class Judge(Protocol):
    """Anything that scores free answers."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def judge(self, pairs: Sequence[AnswerPair], progress: Progress | None = None) -> Sequence[Outcome]:
        """One outcome per pair, in order; an answer without a verdict never ends the rest."""
        ...
