"""Protects forget questions that are asked otherwise: about others, blindly, with wrong pictures or none."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from mllmu.errors import UserError
from mllmu.training import training_samples
from mllmu.unlearning.halves.altered_questions import (
    IGNORANCE,
    blinded,
    mismatched,
    other_people,
    without_pictures,
)
from tests.training.people import people_with_values

BENCHMARK = people_with_values()
SPLIT = BENCHMARK.splits[20]
FORGET = training_samples(BENCHMARK, SPLIT.forget, "both")
RETAIN = training_samples(BENCHMARK, SPLIT.retain, "both")


def test_others_are_asked_the_same_and_answer_for_themselves() -> None:
    """The question's own words, with the other's picture or name, and what is true of the other."""
    answers = {(one.profile_id, one.attribute, one.image is None): one.answer for one in RETAIN}
    for sample, other in zip(FORGET, other_people(FORGET, RETAIN, seed=0), strict=True):
        assert other.profile_id in SPLIT.retain
        assert other.answer == answers[other.profile_id, sample.attribute, sample.image is None]
        if sample.image is None:
            assert other.name in other.question and sample.name not in other.question
        else:
            assert other.question == sample.question
            assert other.image == BENCHMARK.profiles[other.profile_id].image


def test_nothing_is_left_of_a_face_but_its_size() -> None:
    """Noise as strong as the whole range, one for all questions of a person; the seed draws it."""
    drawn = blinded(FORGET, seed=0)
    for sample, blind in zip(FORGET, drawn, strict=True):
        assert blind.question == f"{IGNORANCE} {sample.question}"
        assert blind.answer == sample.answer
        if sample.image is not None:
            assert blind.image is not None
            before, after = (np.asarray(Image.open(io.BytesIO(i))) for i in (sample.image, blind.image))
            assert before.shape == after.shape
            assert np.abs(after.astype(float) - before).mean() > 40
    assert drawn[0].image == drawn[2].image != blinded(FORGET, seed=1)[0].image


def test_pictures_get_the_texts_of_others() -> None:
    shown = training_samples(BENCHMARK, SPLIT.forget, "image_text")
    for sample, mixed in zip(shown, mismatched(shown), strict=True):
        assert mixed.image == sample.image
        assert mixed.profile_id != sample.profile_id
    with pytest.raises(UserError, match="expected two people to forget"):
        mismatched(shown[:2])


def test_texts_alone_have_no_picture() -> None:
    assert [(one.question, one.image) for one in without_pictures(FORGET)] == [
        (one.question, None) for one in FORGET
    ]
