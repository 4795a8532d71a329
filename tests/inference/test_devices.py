"""Types and places of weights: what is asked must not depend on them more than rounding does."""

import copy

import pytest
import torch
from accelerate import dispatch_model

from mllmu.errors import UserError
from mllmu.inference import Limits, TransformersEngine
from mllmu.inference.prefix_sharing.shared_prefixes import SharedPrefixes
from mllmu.models import load_model, module_map, pick_device, wrap_model


@pytest.fixture
def copied(loaded):
    return wrap_model(copy.deepcopy(loaded.model), loaded.processor, "copy")


def test_bfloat16_is_asked_with_shared_prefixes(loaded, copied, requests):
    """Log-probabilities are computed in float32 from bfloat16 logits, which are a few per cent off."""
    copied.model.to(torch.bfloat16)
    engine = TransformersEngine(copied)
    assert isinstance(engine.backend, SharedPrefixes)
    rough, exact = engine.score(requests), TransformersEngine(loaded).score(requests)
    differences = [
        abs(left - right)
        for one, other in zip(rough, exact, strict=True)
        for left, right in zip(one.log_probs, other.log_probs, strict=True)
    ]
    assert sum(differences) / len(differences) < 0.1
    assert all(engine.generate(requests))


def test_a_model_spread_over_devices_gives_the_same(loaded, copied, requests):
    """Hooks that carry tensors from device to device must carry masks, positions and what layers keep."""
    parts = module_map(copied.model)
    places = {name: "cpu" for name in (parts.vision_tower, parts.projector, parts.language_model, "lm_head")}
    dispatch_model(copied.model, places, force_hooks=True)
    spread, whole = TransformersEngine(copied), TransformersEngine(loaded)
    assert isinstance(spread.backend, SharedPrefixes)
    assert spread.generate(requests) == whole.generate(requests)
    assert spread.score(requests) == whole.score(requests)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_what_the_cpu_gives(loaded, copied, requests):
    copied.model.to(f"cuda:{torch.cuda.device_count() - 1}")
    assert TransformersEngine(copied).generate(requests) == TransformersEngine(loaded).generate(requests)
    assert Limits.of(copied).memory > 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
@pytest.mark.parametrize("device", ["cuda", "cuda:1", "all"])
def test_gpus_that_are_not_there_get_one_sentence(device):
    with pytest.raises(UserError, match="not available here, where there are 0 GPUs"):
        load_model("tiny", device)


def test_processes_take_a_gpu_each(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert pick_device("auto") == torch.device("cuda:1")
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(UserError, match="LOCAL_RANK numbers, which is '2' here, where there are 2 GPUs"):
        pick_device("auto")
