"""Protects: assistants of a model that looks no further back than a window write as they read."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import pad

from mllmu.inference import Request, TransformersEngine
from mllmu.inference.engine_statistics import EngineStatistics
from mllmu.inference.in_memory.plain_batches import PlainBatches
from mllmu.models import LoadedModel, user_turn
from mllmu.models.wrappers import LogitAssistants
from tests.families import build_family

from .conftest import LIMITS, picture

WINDOWS = {"idefics2": 24, "gemma3": 16}
TOKENS = 12


def assisted(family: str) -> LoadedModel:
    """Two assistants of one layer each, the first of them unlike the model."""
    wrapper = LogitAssistants(1, (3.0, -1.0))
    wrapped = build_family(family).with_wrapper(wrapper)
    noise = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in wrapper.stacks[0].parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=noise)
    return wrapped


def written_without_a_cache(model: LoadedModel, request: Request) -> tuple[int, str]:
    """How many tokens were read, and the greedy answer, for which all is read again before every token."""
    encoded = model.encoder.encode(model.render(request.prompt))
    read, new = encoded.input_ids[None], []
    for count in range(TOKENS):
        kinds = {name: pad(kind[None], (0, count)) for name, kind in encoded.per_token.items()}
        with torch.inference_mode():
            states = model.model(input_ids=read, **kinds, **encoded.vision, use_cache=False)
        new.append(int(states.logits[0, -1].argmax()))
        if new[-1] == model.processor.tokenizer.eos_token_id:
            break
        read = torch.cat([read, torch.tensor([[new[-1]]])], 1)
    return read.shape[1], model.processor.tokenizer.decode(new, skip_special_tokens=True).strip()


@pytest.mark.parametrize("family", WINDOWS)
def test_answers_beyond_the_window_are_those_without_a_cache(family: str) -> None:
    model = assisted(family)
    engine = TransformersEngine(model)
    engine.__dict__["backend"] = PlainBatches(model, LIMITS[2], EngineStatistics())
    asked = [
        Request(user_turn("this person lives in Riga and likes soup " * 4, images), "", max_new_tokens=TOKENS)
        for images in ((), (picture(4),))
    ]
    expected = [written_without_a_cache(model, request) for request in asked]
    assert all(read > WINDOWS[family] + 1 for read, _ in expected)
    assert [answer.strip() for answer in engine.generate(asked)] == [answer for _, answer in expected]
