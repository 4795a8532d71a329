"""Which questions, with which pictures, make up each evaluation set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mllmu.benchmark.types import Benchmark, EvaluationSet, Modality, Profile, Question, Split
from mllmu.errors import UserError
from mllmu.evaluation.questions.items import Item
from mllmu.evaluation.questions.trained_questions import trained_questions
from mllmu.evaluation.view import View
from mllmu.evaluation.views.original import ORIGINAL_VIEW
from mllmu.evaluation.views.test_portraits import TEST_VIEW


def question_sets(benchmark: Benchmark, split: Split) -> dict[EvaluationSet, list[Item]]:
    """The items of every evaluation set that has any, people in the order the benchmark gives them.

    ``forget``, ``retain``, ``celebrity`` and ``holdout`` ask the original questions with the original
    portrait; ``test`` asks the paraphrased questions of the forget people, those about a picture once with
    each test portrait; ``trained`` asks the forget people's training questions. Where the split asks for some
    attributes alone, ``forget``, ``test``, ``trained`` and ``holdout`` ask for nothing else, so that people
    are compared by the same facts, and ``same_person`` asks the forget people's other original questions.
    ``perception`` asks what can be seen in their original portraits. Nobody demonstrates, and what has no
    right answer is not asked.

    Raises:
        UserError: the split names a profile the benchmark lacks, a forget profile has test questions about a
            picture but no test picture, or nobody is asked what is to be forgotten.

    Example:
        ::

            sets = question_sets(benchmark, benchmark.splits[10])
            [item.question.text for item in sets[EvaluationSet.FORGET]]
    """
    forget = _profiles(benchmark, split.forget, "forget")
    retain = _profiles(benchmark, split.retain, "retain")
    holdout = benchmark.holdout.values()
    original = list(_original(forget, EvaluationSet.FORGET))
    if split.attributes and not _requested(original, split):
        raise UserError(
            "no evaluation question about the people to forget asks for "
            f"{' or '.join(split.attributes)}; expected one at least, to tell whether it was forgotten"
        )
    others = [item for item in original if not split.forgets(item.question.attribute)]
    sets = {
        EvaluationSet.FORGET: _requested(original, split),
        EvaluationSet.TEST: _requested(_test(forget), split),
        EvaluationSet.RETAIN: list(_original(retain, EvaluationSet.RETAIN)),
        EvaluationSet.CELEBRITY: list(_original(benchmark.celebrities.values(), EvaluationSet.CELEBRITY)),
        EvaluationSet.HOLDOUT: _requested(_original(holdout, EvaluationSet.HOLDOUT), split),
        EvaluationSet.SAME_PERSON: [replace(item, eval_set=EvaluationSet.SAME_PERSON) for item in others],
        EvaluationSet.TRAINED: _requested(_trained(forget), split),
        EvaluationSet.PERCEPTION: list(_perception(forget)),
    }
    return {eval_set: items for eval_set, items in sets.items() if items}


def _requested(items: Iterable[Item], split: Split) -> list[Item]:
    """What is asked of the facts that are to be forgotten."""
    return [item for item in items if split.forgets(item.question.attribute)]


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
            yield from _shown(question, profile, ORIGINAL_VIEW, eval_set)


def _test(profiles: Iterable[Profile]) -> Iterator[Item]:
    """The paraphrased questions, with every test portrait in turn where a question is about a picture."""
    for profile in profiles:
        for question in filter(_answerable, profile.test_questions):
            yield from _shown(question, profile, TEST_VIEW, EvaluationSet.TEST)


def _trained(profiles: Iterable[Profile]) -> Iterator[Item]:
    """The training questions as they were taught, with the original portrait and by name."""
    for profile in profiles:
        for question in trained_questions(profile):
            yield from _shown(question, profile, ORIGINAL_VIEW, EvaluationSet.TRAINED)


def _perception(profiles: Iterable[Profile]) -> Iterator[Item]:
    """What can be seen in the original portrait."""
    for profile in profiles:
        for question in filter(_answerable, profile.perception_questions):
            yield from _shown(question, profile, ORIGINAL_VIEW, EvaluationSet.PERCEPTION)


def _shown(question: Question, profile: Profile, view: View, eval_set: EvaluationSet) -> Iterator[Item]:
    """One item for a text question, and one for every picture that a view shows."""
    if question.modality == Modality.TEXT:
        yield Item(question, None, eval_set)
        return
    for label, image in view.show(profile).items():
        yield Item(question, image, eval_set, label)


def shown_with(question: Question, portrait: bytes) -> bytes | None:
    """The portrait where a question is about a picture, None where it is not."""
    return portrait if question.modality == Modality.IMAGE_TEXT else None


def _answerable(question: Question) -> bool:
    return question.answerable
