"""Mllama, whose text looks at images through layers of their own, against its own processor and classes."""

from dataclasses import replace

import pytest
import torch

from mllmu.inference import Request, TransformersEngine
from mllmu.inference.in_memory.plain_batches import PlainBatches
from mllmu.models import user_turn
from tests.families import mllama
from tests.inference.conftest import LIMITS
from tests.inference.test_families import alone, asked, assert_same, photo


@pytest.fixture(scope="module")
def world():
    loaded = mllama()
    engine, requests = TransformersEngine(loaded), asked()
    return loaded, requests, [alone(loaded, engine.render(one.prompt), one) for one in requests]


@pytest.mark.parametrize("limits", LIMITS)
def test_batches_change_nothing(world, limits):
    """Text alone, one picture and two pictures, answers appended and written, filled up on either side."""
    loaded, requests, expected = world
    assert len({text for text, _ in expected}) > 5
    engine = TransformersEngine(loaded, limits)
    assert isinstance(engine.backend, PlainBatches)
    assert_same(engine, requests, expected)


def test_pictures_are_seen(world):
    loaded, _, _ = world
    engine = TransformersEngine(loaded)
    scores = engine.score(
        [Request(user_turn("who?", images), "Ada") for images in ((), (photo(0),), (photo(1),))]
    )
    sums = [sum(one.log_probs) for one in scores]
    assert min(abs(a - b) for a, b in ((sums[0], sums[1]), (sums[0], sums[2]), (sums[1], sums[2]))) > 1e-3


def test_options_are_scored_alike_in_any_company(world):
    """As alone and as the only one of a batch, whatever else is asked."""
    loaded, requests, _ = world
    together = TransformersEngine(loaded, LIMITS[-1]).score(requests)
    one_by_one = TransformersEngine(loaded, replace(LIMITS[-1], batch_rows=1)).score(requests)
    for one, other in zip(together, one_by_one, strict=True):
        torch.testing.assert_close(
            torch.tensor(one.log_probs), torch.tensor(other.log_probs), atol=1e-4, rtol=0
        )


def test_the_masks_and_pictures_are_the_processors(world):
    """Token by token; an answer looks at what the prompt's last token looks at."""
    from mllmu.benchmark.images import open_image

    loaded, requests, _ = world
    engine = TransformersEngine(loaded)
    for request in requests:
        prompt = engine.render(request.prompt)
        encoded = loaded.encoder.encode(prompt, request.answer)
        if not prompt.images:
            assert (encoded.vision, encoded.cross_mask) == ({}, None)
            continue
        images = [open_image(data) for data in prompt.images]
        whole = loaded.processor(
            text=[prompt.text], images=images, return_tensors="pt", add_special_tokens=False
        )
        length = whole["input_ids"].shape[1]
        assert encoded.input_ids[:length].tolist() == whole["input_ids"][0].tolist()
        assert torch.equal(encoded.cross_mask[:length], whole["cross_attention_mask"][0])
        assert torch.equal(
            encoded.cross_mask[length:], encoded.cross_mask[length - 1].expand_as(encoded.cross_mask[length:])
        )
        assert torch.equal(encoded.vision["pixel_values"][:, 0], whole["pixel_values"][0])
