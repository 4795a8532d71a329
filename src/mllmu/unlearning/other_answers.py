"""The forget questions with other answers than the true ones: refusals, alternatives, those about others."""

from __future__ import annotations

import logging
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mllmu.benchmark.wrong_values import with_value
from mllmu.errors import UserError
from mllmu.training import Sample
from mllmu.training.seeds import part_seed
from mllmu.unlearning.method import Job
from mllmu.unlearning.need import Half
from mllmu.unlearning.refusals import REFUSALS

_LOG = logging.getLogger(__name__)
# As many as AltPO has a model write (arXiv 2409.13474); fewer wrong values come up more often.
ALTERNATIVES = 5


def half_samples(half: Half, job: Job) -> Sequence[Sample]:
    """The samples of any half but the retain half; one for each forget sample, or several in turns.

    Raises:
        UserError: if the benchmark has nothing that they could be made of.
    """
    if half is Half.REFUSAL:
        return refusals(job.forget, job.seed)
    if half is Half.ALTERNATIVE:
        return alternatives(job.forget, job.retain, job.seed)
    if half is Half.RANDOM_ANSWER:
        return random_answers(job.forget, job.retain, job.seed)
    if half is Half.OTHER_PERSON:
        return other_people(job.forget, job.retain, job.seed)
    return job.forget


def refusals(samples: Sequence[Sample], seed: int) -> list[Sample]:
    """Questions with one of some refusals each; the same for a question with the face and by name.

    Args:
        samples: what is asked, with its true answers.
        seed: draws the refusals.
    """
    drawn = (random.Random(part_seed(seed, "refusal", *question)) for question in _questions(samples))
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
    values_of = defaultdict(set)
    for other in others:
        if other.attribute and other.value:
            values_of[other.attribute].add(other.value)
    choices: list[list[str]] = []
    for sample, question in zip(samples, _questions(samples), strict=True):
        wrong = sample.wrong_values or sorted(values_of[sample.attribute] - {sample.value})
        rng = random.Random(part_seed(seed, "alternatives", *question))
        choices.append(rng.sample(wrong, len(wrong)) if sample.value else [])
    lacking = choices.count([])
    if lacking == len(samples):
        raise UserError(
            f"There are no alternative answers to the {len(samples)} questions to forget; expected a "
            "benchmark with multiple-choice questions about the same facts, or with attributes of questions."
        )
    if lacking:
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
        replace(sample, answer=_renamed(other.answer, other.name, sample.name), value=other.value)
        for sample, other in _counterparts(samples, others, seed)
    ]


def other_people(samples: Sequence[Sample], others: Sequence[Sample], seed: int) -> list[Sample]:
    """Questions asked about other people, with their pictures or names, and their true answers.

    Somebody who is not asked the same is asked the question that the answer belongs to. Arguments and errors
    as of ``random_answers``.
    """
    return [
        replace(other, question=_renamed(sample.question, sample.name, other.name))
        if _kind(sample) == _kind(other)
        else other
        for sample, other in _counterparts(samples, others, seed)
    ]


def _counterparts(
    samples: Sequence[Sample], others: Sequence[Sample], seed: int
) -> Iterator[tuple[Sample, Sample]]:
    """Each sample with a question about somebody else with another answer, if possible of the same kind."""
    of_kind, of_form = defaultdict(list), defaultdict(list)
    for other in others:
        of_kind[_form(other), _kind(other)].append(other)
        of_form[_form(other)].append(other)
    for sample, question in zip(samples, _questions(samples), strict=True):
        rng = random.Random(part_seed(seed, "other answer", *question))
        for pool in (of_kind[_form(sample), _kind(sample)], of_form[_form(sample)]):
            fitting = [one for one in pool if _answers_otherwise(one, sample)]
            if fitting:
                yield sample, rng.choice(fitting)
                break
        else:
            raise UserError(
                f"There is no answer about somebody else to put in the place of that to {sample.question!r}; "
                "expected questions about people to retain."
            )


def _answers_otherwise(other: Sample, sample: Sample) -> bool:
    stated = (other.value, sample.value) if other.value and sample.value else (other.answer, sample.answer)
    return other.profile_id != sample.profile_id and stated[0] != stated[1]


def _questions(samples: Sequence[Sample]) -> Iterator[tuple[str, int]]:
    """Whom each sample is about, and which of that person's questions it is, with the face or by name."""
    counts: Counter[tuple[str, bool]] = Counter()
    for sample in samples:
        person = (sample.profile_id, _form(sample))
        yield sample.profile_id, counts[person]
        counts[person] += 1


def _form(sample: Sample) -> bool:
    return sample.image is None


def _kind(sample: Sample) -> str:
    """What a question asks: its attribute, or its words where the benchmark does not say."""
    return sample.attribute or _renamed(sample.question, sample.name, "")


def _renamed(text: str, name: str, other: str) -> str:
    return text.replace(name, other) if name else text


def _with_other_value(sample: Sample, value: str) -> Sample:
    return replace(sample, answer=with_value(sample.answer, sample.value, value), value=value)
