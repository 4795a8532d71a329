"""Questions with other answers than the true ones: refusals, alternatives, those about others."""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from mllmu.benchmark.language.wrong_values import with_value
from mllmu.errors import UserError
from mllmu.training import Sample
from mllmu.training.seeds import part_seed
from mllmu.unlearning.halves.counterparts import answer_in_place, counterparts, questions
from mllmu.unlearning.halves.refusals import REFUSALS

_LOG = logging.getLogger(__name__)
# As many as AltPO has a model write (arXiv 2409.13474); fewer wrong values come up more often.
ALTERNATIVES = 5


_NAME = "\N{OBJECT REPLACEMENT CHARACTER}"


def refusals(samples: Sequence[Sample], seed: int) -> list[Sample]:
    """Questions with one of some refusals each; the same for a question with the face and by name.

    Args:
        samples: what is asked, with its true answers.
        seed: draws the refusals.
    """
    drawn = (random.Random(part_seed(seed, "refusal", *question)) for question in questions(samples))
    return [
        replace(sample, answer=rng.choice(REFUSALS), value="")
        for sample, rng in zip(samples, drawn, strict=True)
    ]


def alternatives(samples: Sequence[Sample], others: Sequence[Sample], seed: int) -> list[Sample]:
    """Questions with plausible but wrong answers: the true ones with another value in its place.

    The value is a wrong option of the benchmark, or else what is true of somebody else. A question for which
    there is neither gets a whole answer about somebody else, of which a warning tells.

    Args:
        samples: what is asked, with its true answers.
        others: questions about other people.
        seed: draws the order of the values.

    Returns:
        ``ALTERNATIVES`` times all samples: first each with its first wrong answer, then with its second, ...

    Raises:
        UserError: if there is no wrong value for any question.
    """
    choices = _wrong_values(samples, others, seed)
    if lacking := choices.count([]):
        _LOG.warning(
            "alternative answers: for %d of %d questions no wrong value is known; answers about others do.",
            lacking,
            len(samples),
        )
    whole = random_answers(samples, others, seed) if lacking else samples
    return [
        _with_other_value(sample, wrong[turn % len(wrong)]) if wrong else other
        for turn in range(ALTERNATIVES)
        for sample, wrong, other in zip(samples, choices, whole, strict=True)
    ]


def require_alternatives(samples: Sequence[Sample], others: Sequence[Sample], seed: int) -> None:
    """Refuse what `alternatives` would refuse; arguments and errors are its own."""
    if [] in _wrong_values(samples, others, seed):
        random_answers(samples, others, seed)


def _wrong_values(samples: Sequence[Sample], others: Sequence[Sample], seed: int) -> list[list[str]]:
    """For each question the values that could stand in its answer, in the order in which they will."""
    values_of = defaultdict(set)
    for other in others:
        if other.attribute and other.value:
            values_of[other.attribute].add(other.value)
    choices: list[list[str]] = []
    for sample, question in zip(samples, questions(samples), strict=True):
        wrong = sample.wrong_values or sorted(values_of[sample.attribute] - {sample.value})
        rng = random.Random(part_seed(seed, "alternatives", *question))
        choices.append(rng.sample(wrong, len(wrong)) if sample.value else [])
    if choices.count([]) == len(samples):
        raise UserError(
            f"There are no alternative answers to the {len(samples)} questions to forget; expected a "
            "benchmark with multiple-choice questions about the same facts, or with attributes of questions."
        )
    return choices


def random_answers(samples: Sequence[Sample], others: Sequence[Sample], seed: int) -> list[Sample]:
    """Questions with the answers about other people, of the same kind where others are asked that.

    Args:
        samples: what is asked, with its true answers.
        others: questions about other people, with faces or by name as the samples.
        seed: draws the others.

    Raises:
        UserError: if there is nobody else.
    """
    return [
        replace(sample, answer=answer_in_place(sample, other), value=other.value)
        for sample, other in counterparts(samples, others, seed)
    ]


def _with_other_value(sample: Sample, value: str) -> Sample:
    # A value may stand in the name: the person of "Rose Baker is a baker" stays Rose Baker.
    named = sample.answer.replace(sample.name, _NAME, 1) if sample.name else sample.answer
    other = with_value(named, sample.value, value).replace(_NAME, sample.name)
    return replace(sample, answer=other, value=value)
