"""Questions with their true answers about other people, with other pictures, or with none."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from mllmu.errors import UserError
from mllmu.training import Sample
from mllmu.training.seeds import part_seed
from mllmu.unlearning.halves.counterparts import counterparts, kind, renamed

IGNORANCE = "Answer as somebody would who has never seen or heard of this person."
# Standard deviation of the noise; pixels are in 0..255, so that hardly anything stays of a face.
_NOISE = 128.0


def other_people(samples: Sequence[Sample], others: Sequence[Sample], seed: int) -> list[Sample]:
    """Questions asked about other people, with their pictures or names, and their true answers.

    Somebody who is not asked the same is asked the question that the answer belongs to. Arguments and errors
    as of ``random_answers``.
    """
    return [
        replace(other, question=renamed(sample.question, sample.name, other.name))
        if kind(sample) == kind(other)
        else other
        for sample, other in counterparts(samples, others, seed)
    ]


def blinded(samples: Sequence[Sample], seed: int) -> list[Sample]:
    """Questions after an instruction to know nothing, with noise over their pictures; answers stay.

    Args:
        samples: what is asked, with its true answers.
        seed: draws the noise; samples that show one picture share it.
    """
    noisy: dict[bytes, bytes] = {}
    for sample in samples:
        if sample.image is not None and sample.image not in noisy:
            noisy[sample.image] = _noised(sample.image, part_seed(seed, "noise", sample.profile_id))
    return [
        replace(
            sample,
            question=f"{IGNORANCE} {sample.question}",
            image=None if sample.image is None else noisy[sample.image],
        )
        for sample in samples
    ]


def mismatched(samples: Sequence[Sample]) -> list[Sample]:
    """Each sample's picture with the question and answer of the next sample about somebody else.

    Raises:
        UserError: if all samples are about one person.
    """
    of_person = defaultdict(list)
    for sample in samples:
        of_person[sample.profile_id].append(sample)
    people = list(of_person)
    if len(people) < 2:
        raise UserError(
            "Pictures cannot be given the texts of others; expected two people to forget, or more."
        )
    following = dict(zip(people, people[1:] + people[:1], strict=True))
    counts = dict.fromkeys(people, 0)
    shuffled = []
    for sample in samples:
        texts = of_person[following[sample.profile_id]]
        shuffled.append(replace(texts[counts[sample.profile_id] % len(texts)], image=sample.image))
        counts[sample.profile_id] += 1
    return shuffled


def without_pictures(samples: Sequence[Sample]) -> list[Sample]:
    """The questions and answers alone."""
    return [replace(sample, image=None) for sample in samples]


def _noised(image: bytes, seed: int) -> bytes:
    with Image.open(io.BytesIO(image)) as opened:
        pixels = np.asarray(opened.convert("RGB"), dtype=np.float64)
    noise = np.random.default_rng(seed).normal(0.0, _NOISE, pixels.shape)
    stream = io.BytesIO()
    Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()
