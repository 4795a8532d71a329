"""Who else is asked the same: questions about other people that correspond to given ones."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from mllmu.errors import UserError
from mllmu.training import Sample
from mllmu.training.seeds import part_seed


def counterparts(
    samples: Sequence[Sample], others: Sequence[Sample], seed: int
) -> Iterator[tuple[Sample, Sample]]:
    """Each sample with a question about somebody else with another answer, if possible of the same kind."""
    of_kind, of_form = defaultdict(list), defaultdict(list)
    for other in others:
        of_kind[_form(other), kind(other)].append(other)
        of_form[_form(other)].append(other)
    for sample, question in zip(samples, questions(samples), strict=True):
        rng = random.Random(part_seed(seed, "other answer", *question))
        for pool in (of_kind[_form(sample), kind(sample)], of_form[_form(sample)]):
            fitting = [one for one in pool if _answers_otherwise(one, sample)]
            if fitting:
                yield sample, rng.choice(fitting)
                break
        else:
            raise UserError(
                f"There is no answer about somebody else to put in the place of that to {sample.question!r}; "
                "expected questions about people to retain."
            )


def answer_in_place(sample: Sample, other: Sample) -> str:
    """The answer about somebody else, as if it were about the sample's person.

    The first mention of the other is renamed: "Bo's name is Bo" becomes "Ada's name is Bo".
    """
    return other.answer.replace(other.name, sample.name, 1) if other.name else other.answer


def _answers_otherwise(other: Sample, sample: Sample) -> bool:
    is_same = bool(sample.value) and other.value == sample.value
    is_other = other.profile_id != sample.profile_id
    return is_other and not is_same and answer_in_place(sample, other) != sample.answer


def questions(samples: Sequence[Sample]) -> Iterator[tuple[str, int]]:
    """Whom each sample is about, and which of that person's questions it is, with the face or by name."""
    counts: Counter[tuple[str, bool]] = Counter()
    for sample in samples:
        person = (sample.profile_id, _form(sample))
        yield sample.profile_id, counts[person]
        counts[person] += 1


def _form(sample: Sample) -> bool:
    return sample.image is None


def kind(sample: Sample) -> str:
    """What a question asks: its attribute, or its words where the benchmark does not say."""
    return sample.attribute or renamed(sample.question, sample.name, "")


def renamed(text: str, name: str, other: str) -> str:
    """A text about somebody else, by another name; as it is where it calls nobody by name."""
    return text.replace(name, other) if name else text
