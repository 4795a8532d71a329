"""Samples of training and unlearning: a question, its answer, and the portrait shown with it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from mllmu.benchmark import name_person
from mllmu.benchmark.language.answer_parts import stated_value
from mllmu.benchmark.language.person_naming import mentions_person, name_in_question
from mllmu.benchmark.language.wrong_values import wrong_values
from mllmu.benchmark.types import Benchmark, Profile, Split, TrainingQuestion
from mllmu.errors import UserError

_LOG = logging.getLogger(__name__)
TrainingModality = Literal["image_text", "text", "both"]


@dataclass(frozen=True)
class Sample:
    """One question with its answer.

    Attributes:
        question: what the user asks.
        answer: what the model answers.
        image: the encoded portrait shown with the question; None for text.
        profile_id: whom it is about.
        value: the longest true value that the answer states; empty where none is known.
        name: what question and answer call the person; empty where they say "this person".
        attribute: what is asked about; empty where the benchmark does not say.
        wrong_values: plausible values that the benchmark offers in place of the true one.
    """

    question: str
    answer: str
    image: bytes | None = field(repr=False)
    profile_id: str
    value: str = ""
    name: str = ""
    attribute: str = ""
    wrong_values: tuple[str, ...] = ()


def training_samples(
    benchmark: Benchmark, profile_ids: Iterable[str], modality: TrainingModality
) -> list[Sample]:
    """The training questions of some people, in the order of the ids.

    With the image they are worded as the benchmark words them ("this person"); as text the name stands in
    question and answer, and before a question that mentions nobody, of which a warning tells. ``both``
    gives each question in both forms, the image first.

    Args:
        benchmark: where the people are.
        profile_ids: whose questions to take.
        modality: "image_text", "text" or "both".

    Raises:
        UserError: if the modality is unknown, an id is not among the benchmark's fictitious people, or
            somebody to be named has no name.

    Example:
        ::

            samples = training_samples(benchmark, ["001", "002"], "image_text")
    """
    modalities: Sequence[str] = get_args(TrainingModality)
    if modality not in modalities:
        raise UserError(f"Unknown training modality '{modality}'; expected one of {', '.join(modalities)}.")
    samples: list[Sample] = []
    unnamed: list[str] = []
    for profile_id in profile_ids:
        profile = benchmark.profiles.get(profile_id)
        if profile is None:
            raise UserError(
                f"Benchmark '{benchmark.name}' has no fictitious person '{profile_id}'; "
                f"expected one of its {len(benchmark.profiles)} profile ids."
            )
        if modality != "image_text" and profile.training_questions and not profile.name:
            raise UserError(
                f"'{profile_id}' of benchmark '{benchmark.name}' has no name; "
                "expected one, to teach without the image."
            )
        for question in profile.training_questions:
            if modality != "text":
                samples.append(_shown(profile, question))
            if modality != "image_text":
                samples.append(_named(profile, question))
                if not mentions_person(question.question, profile.name):
                    unnamed.append(samples[-1].question)
    if unnamed:
        _LOG.warning(
            "%s: %d text questions mention nobody, so that the name is put before them; the first: %r",
            benchmark.name,
            len(unnamed),
            unnamed[0],
        )
    return samples


def forget_samples(benchmark: Benchmark, split: Split, modality: TrainingModality) -> list[Sample]:
    """What a split asks to be forgotten: all that its forget people were taught, or some facts alone.

    Arguments and errors are those of `training_samples`.
    """
    samples = training_samples(benchmark, split.forget, modality)
    return [sample for sample in samples if split.forgets(sample.attribute)]


def retain_samples(benchmark: Benchmark, split: Split, modality: TrainingModality) -> list[Sample]:
    """All else that was taught: about the retain people, then what the forget people are to keep.

    Arguments and errors are those of `training_samples`.
    """
    retain = training_samples(benchmark, split.retain, modality)
    if not split.attributes:
        return retain
    others = training_samples(benchmark, split.forget, modality)
    return retain + [sample for sample in others if not split.forgets(sample.attribute)]


def _shown(profile: Profile, item: TrainingQuestion) -> Sample:
    return _sample(profile, item, item.question, item.answer, profile.image, "")


def _named(profile: Profile, item: TrainingQuestion) -> Sample:
    question, answer = name_in_question(item.question, profile.name), name_person(item.answer, profile.name)
    return _sample(profile, item, question, answer, None, profile.name)


def _sample(
    profile: Profile, item: TrainingQuestion, question: str, answer: str, image: bytes | None, name: str
) -> Sample:
    value = stated_value(profile, item.attribute, question, answer)
    wrong = wrong_values(profile, item.attribute, value)
    return Sample(question, answer, image, profile.profile_id, value, name, item.attribute, wrong)
