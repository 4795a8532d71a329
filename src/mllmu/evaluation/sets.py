"""Which questions, with which pictures, make up each evaluation set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mllmu.benchmark.types import Benchmark, EvaluationSet, Modality, Profile, Question, Split
from mllmu.errors import UserError

Key = tuple[str, int, tuple[str, ...]]
"""What tells a record from all others of a model: question id, image index, demonstrators' ids."""


@dataclass(frozen=True)
class Demonstration:
    """A question that is shown with its answer before another one is asked.

    Attributes:
        question: what is demonstrated.
        image: the encoded portrait shown with it; None for a text question.
    """

    question: Question
    image: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Item:
    """One question as it is asked in one evaluation set.

    Attributes:
        question: what is asked.
        image: the encoded portrait shown with it; None for a text question.
        eval_set: the set its score counts in.
        image_index: which of the set's portraits of the person is shown, from 0; 0 for a text question.
        demonstrations: what is shown before it, in order.
    """

    question: Question
    image: bytes | None = field(repr=False)
    eval_set: EvaluationSet
    image_index: int = 0
    demonstrations: tuple[Demonstration, ...] = ()

    @property
    def demonstrators(self) -> tuple[str, ...]:
        """The ids of those who demonstrate, each once, in the order they appear."""
        return tuple(dict.fromkeys(one.question.profile_id for one in self.demonstrations))

    @property
    def key(self) -> Key:
        """What identifies its record; the same under every split, whichever set it counts in there."""
        return self.question.question_id, self.image_index, self.demonstrators


def question_sets(benchmark: Benchmark, split: Split) -> dict[EvaluationSet, list[Item]]:
    """The items of every evaluation set that has any, people in the order the benchmark gives them.

    ``forget``, ``retain``, ``celebrity`` and ``holdout`` ask the original questions with the original
    portrait; ``test`` asks the paraphrased questions of the forget people, those about a picture once with
    each test portrait. Nobody demonstrates, and what has no right answer is not asked.

    Raises:
        UserError: the split names a profile the benchmark lacks, or a forget profile has test questions about
            a picture but no test picture.
    """
    forget = _profiles(benchmark, split.forget, "forget")
    retain = _profiles(benchmark, split.retain, "retain")
    sets = {
        EvaluationSet.FORGET: list(_original(forget, EvaluationSet.FORGET)),
        EvaluationSet.TEST: list(_test(forget)),
        EvaluationSet.RETAIN: list(_original(retain, EvaluationSet.RETAIN)),
        EvaluationSet.CELEBRITY: list(_original(benchmark.celebrities.values(), EvaluationSet.CELEBRITY)),
        EvaluationSet.HOLDOUT: list(_original(benchmark.holdout.values(), EvaluationSet.HOLDOUT)),
    }
    return {eval_set: items for eval_set, items in sets.items() if items}


def _profiles(benchmark: Benchmark, ids: Iterable[str], side: str) -> list[Profile]:
    """The profiles of one side of a split."""
    return [_profile(benchmark.profiles, profile_id, side) for profile_id in ids]


def _profile(profiles: Mapping[str, Profile], profile_id: str, side: str) -> Profile:
    """One profile by id."""
    if profile_id not in profiles:
        raise UserError(
            f"The split's {side} ids name profile '{profile_id}', which the benchmark does not have."
        )
    return profiles[profile_id]


def _original(profiles: Iterable[Profile], eval_set: EvaluationSet) -> Iterator[Item]:
    """The original questions, with the original portrait where a question is about a picture."""
    for profile in profiles:
        for question in filter(_answerable, profile.questions):
            yield Item(question, shown_with(question, profile.image), eval_set)


def shown_with(question: Question, portrait: bytes) -> bytes | None:
    """The portrait where a question is about a picture, None where it is not."""
    return portrait if question.modality == Modality.IMAGE_TEXT else None


def _test(profiles: Iterable[Profile]) -> Iterator[Item]:
    """The paraphrased questions, with every test portrait in turn where a question is about a picture."""
    for profile in profiles:
        for question in filter(_answerable, profile.test_questions):
            if question.modality == Modality.TEXT:
                yield Item(question, None, EvaluationSet.TEST)
                continue
            if not profile.test_images:
                raise UserError(
                    f"Profile '{profile.profile_id}' has test questions about a picture but no test image."
                )
            for index, image in enumerate(profile.test_images):
                yield Item(question, image, EvaluationSet.TEST, index)


def _answerable(question: Question) -> bool:
    return question.answerable
