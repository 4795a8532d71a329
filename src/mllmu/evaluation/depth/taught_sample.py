"""Which taught questions are asked to tell how deep forgetting goes: a small, fixed part of them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from mllmu.benchmark.language.answer_parts import AnswerPart, character_parts
from mllmu.benchmark.types import Benchmark
from mllmu.training import Sample, training_samples


def taught_sample(
    benchmark: Benchmark,
    profile_ids: Sequence[str],
    people: int,
    questions: int,
    seed: int,
    attributes: Sequence[str] = (),
) -> list[Sample]:
    """Some of the questions that some people were taught with, each with the picture and by name.

    A question is drawn only where both of its answers state a value that the benchmark knows: so not where it
    asks for the name, which by name it tells itself.

    Args:
        benchmark: the people.
        profile_ids: who is drawn from.
        people: how many to draw; all where there are fewer.
        questions: how many about each; likewise.
        seed: draws both; the drawing of one person's questions depends on nobody else's.
        attributes: what is asked for; anything where there are none.

    Returns:
        Person after person, each question with the picture and then by name.

    Raises:
        UserError: an id is unknown, or somebody has no name.
    """
    chosen: list[Sample] = []
    drawn = random.Random(f"{seed} people").sample(sorted(profile_ids), min(people, len(profile_ids)))
    for profile_id in drawn:
        shown, named = (
            training_samples(benchmark, [profile_id], modality) for modality in ("image_text", "text")
        )
        pairs = [
            pair
            for pair in zip(shown, named, strict=True)
            if all(map(states_value, pair)) and (not attributes or pair[0].attribute in attributes)
        ]
        rng = random.Random(f"{seed} {profile_id}")
        for pair in rng.sample(pairs, min(questions, len(pairs))):
            chosen += pair
    return chosen


def states_value(sample: Sample) -> bool:
    """Whether the answer states a known value, and the question does not."""
    return AnswerPart.VALUE in character_parts(sample.question, sample.answer, sample.value)
