"""Which questions, with which picture, make up each evaluation set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mllmu.benchmark.types import Benchmark, EvaluationSet, Modality, Profile, Question, Split
from mllmu.errors import UserError


@dataclass(frozen=True)
class Item:
    """One question as it is asked in one evaluation set.

    Attributes:
        question: what is asked.
        image: the encoded portrait shown with it; None for a text question.
        eval_set: the set its score counts in.
    """

    question: Question
    image: bytes | None = field(repr=False)
    eval_set: EvaluationSet


def question_sets(benchmark: Benchmark, split: Split) -> dict[EvaluationSet, list[Item]]:
    """The items of every evaluation set that has any, people in the order the benchmark gives them.

    ``forget``, ``retain``, ``celebrity`` and ``holdout`` ask the original questions with the original
    portrait; ``test`` asks the paraphrased questions of the forget people with their first test portrait.

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
        for question in profile.questions:
            shown = profile.image if question.modality == Modality.IMAGE_TEXT else None
            yield Item(question, shown, eval_set)


def _test(profiles: Iterable[Profile]) -> Iterator[Item]:
    """The paraphrased questions, with the first test portrait where a question is about a picture."""
    for profile in profiles:
        for question in profile.test_questions:
            if question.modality == Modality.TEXT:
                yield Item(question, None, EvaluationSet.TEST)
                continue
            if not profile.test_images:
                raise UserError(
                    f"Profile '{profile.profile_id}' has test questions about a picture but no test image."
                )
            yield Item(question, profile.test_images[0], EvaluationSet.TEST)
