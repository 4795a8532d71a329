"""Protects: whoever calls a model with assistants plainly, as transformers' examples do, gets its logits."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from mllmu.unlearning import unlearn
from tests.training.people import people, small_model

BENCHMARK = people()
SETTINGS: dict[str, Any] = {"batch_size": 4, "precision": "float32", "passes": 0.5}


@pytest.mark.parametrize("method", ["uld", "offset"])
def test_a_plain_call_gives_what_one_without_a_cache_gives(method: str) -> None:
    loaded = unlearn(method, small_model(), BENCHMARK, BENCHMARK.splits[20], "text", SETTINGS, seed=0)
    ids = torch.tensor([loaded.encoder.tokenizer("Who is this?")["input_ids"]])
    with torch.no_grad():
        plain, without, with_cache = (
            loaded.model(input_ids=ids, attention_mask=torch.ones_like(ids), **options).logits
            for options in ({}, {"use_cache": False}, {"use_cache": True})
        )
    assert torch.equal(plain, with_cache)
    assert torch.allclose(plain, without, atol=1e-5)
