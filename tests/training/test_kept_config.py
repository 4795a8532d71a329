"""Protects: a training leaves nothing in the config that is stored beside the weights."""

from __future__ import annotations

from typing import Any

import pytest

from mllmu.training import LoraSettings, TrainingSettings, fine_tune, training_samples
from mllmu.unlearning import unlearn
from tests.families import build_family
from tests.training.people import people, people_with_values

SHORT: dict[str, Any] = {"batch_size": 2, "precision": "float32"}
ADAPTED: dict[str, Any] = {"lora": LoraSettings(r=2), "gradient_checkpointing": True}


@pytest.mark.parametrize("family", ["llava", "idefics2", "qwen2_5_vl", "gemma3"])
@pytest.mark.parametrize("changes", [{}, ADAPTED], ids=["full", "adapters"])
def test_a_config_is_what_it_was(family: str, changes: dict[str, Any]) -> None:
    """The Trainer switches caches off, and whoever generates with the stored model would have none."""
    loaded = build_family(family)
    before = loaded.model.config.to_dict()
    assert before["text_config"]["use_cache"]
    samples = training_samples(people(), ["001", "002"], "image_text")
    fine_tune(loaded, samples, TrainingSettings(max_steps=1, **SHORT, **changes), seed=0)
    assert loaded.model.config.to_dict() == before
    benchmark = people_with_values()
    unlearn(
        "npo", loaded, benchmark, benchmark.splits[20], "both", {"passes": 0.1, **SHORT, **changes}, seed=0
    )
    assert loaded.model.config.to_dict() == before
