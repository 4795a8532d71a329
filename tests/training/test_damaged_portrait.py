"""Protects: a portrait that does not decode is told by its person, whose picture of hundreds it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mllmu.errors import UserError
from mllmu.training import SampleDataset, training_samples
from tests.training.people import people, small_model


def test_a_portrait_that_does_not_decode_is_told_by_its_person() -> None:
    samples = training_samples(people(), ["001"], "image_text")
    with pytest.raises(UserError, match=r"^The portrait of 001 does not decode"):
        SampleDataset(small_model(), [replace(samples[0], image=b"half a file")])
