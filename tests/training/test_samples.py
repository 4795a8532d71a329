"""Protects what is taught: which questions of whom, in which form, with whose face."""

from __future__ import annotations

import pytest

from mllmu.errors import UserError
from mllmu.training import Sample, training_samples
from tests.training.people import people, portrait


def test_shown_samples_carry_the_face_and_the_released_wording() -> None:
    samples = training_samples(people(), ["002"], "image_text")
    assert samples[0] == Sample("Where was this person born?", "In Oslo.", portrait(1), "002")
    assert len(samples) == 2


def test_text_samples_carry_the_name_and_no_face() -> None:
    """The name stands in question and answer alike."""
    samples = training_samples(people(), ["002"], "text")
    assert samples[1] == Sample("What is Bo Berg's pet?", "Bo Berg's pet is a cat from Espoo.", None, "002")
    assert len(samples) == 2


def test_both_gives_every_question_in_both_forms() -> None:
    benchmark = people()
    both = training_samples(benchmark, ["002", "001"], "both")
    assert [(s.profile_id, s.image is None) for s in both] == [
        (who, text) for who in ("002", "001") for _ in range(2) for text in (False, True)
    ]


def test_unknown_people_and_modalities_are_named() -> None:
    with pytest.raises(UserError, match="no fictitious person '099'"):
        training_samples(people(), ["099"], "text")
    with pytest.raises(UserError, match=r"'picture'.*image_text, text, both"):
        training_samples(people(), ["001"], "picture")  # type: ignore[arg-type]
