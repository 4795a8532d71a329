"""Protects: what is wrong with pictures alone does not hide behind prompts without any."""

from __future__ import annotations

import pytest
import torch

from mllmu.models import Prompt
from mllmu.models.packing.trial_prompts import mean_error


def test_the_larger_mean_of_pictures_and_of_texts_counts() -> None:
    """Two texts without an error and one picture of two tokens with -.3 and .1 on average: .2, not .05."""
    prompts = [Prompt("Who?"), Prompt("How?"), Prompt("<image> Who?", (b"picture",))]
    gaps = [torch.zeros(4), torch.zeros(2), torch.tensor([-0.3, 0.1])]
    assert mean_error(gaps, prompts) == pytest.approx(0.2)
    assert mean_error([gaps[2], gaps[1], torch.zeros(2)], prompts) == pytest.approx(0.4 / 4)
