"""Every supported family, asked in all ways, against its own processor and a plain call for each request."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image

from mllmu.benchmark.images import open_image
from mllmu.inference import Request, TransformersEngine
from mllmu.inference.in_memory import transformers_engine as engine_module
from mllmu.inference.prefix_sharing.shared_prefixes import SharedPrefixes
from mllmu.models import Conversation, Message, user_turn
from tests.families import FAMILIES, build_family

from .conftest import LIMITS, stored

SIZES = [(64, 64), (96, 40), (40, 88)]


def photo(seed):
    """Noise in one of three shapes."""
    width, height = SIZES[seed % 3]
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return stored(Image.fromarray(pixels))


def asked():
    """Text and pictures of several shapes, demonstrations before some, answers of several lengths."""
    shown = [photo(number) for number in range(4)]
    demonstration = [
        Message("user", "this person lives in", (shown[3],)),
        Message("assistant", "Riga"),
    ]
    prompts = [
        user_turn("this person works as"),
        user_turn("who likes soup?"),
        *(user_turn("this person lives in", (image,)) for image in shown[:3]),
        user_turn("this person works as a teacher in", (shown[0],)),
        *(
            Conversation((*demonstration, Message("user", question, (image,))))
            for image in shown[:2]
            for question in ("this person likes", "this person works as")
        ),
    ]
    answers = ("nurse", "soup and cats", "Paris")
    return [
        Request(prompt, answer, max_new_tokens=3 + index % 3)
        for index, prompt in enumerate(prompts)
        for answer in answers[: 1 + index % 3]
    ]


@cache
def world(family):
    """A model with what it does, one request at a time, with what its own processor makes of it."""
    loaded = build_family(family)
    engine = TransformersEngine(loaded)
    requests = asked()
    return loaded, requests, [alone(loaded, engine.render(one.prompt), one) for one in requests]


@torch.inference_mode()
def alone(loaded, prompt, request):
    """Text written, and log-probabilities of the answer, by the plain classes."""
    processor, model = loaded.processor, loaded.model
    begun = bool(processor.tokenizer.bos_token) and prompt.text.startswith(processor.tokenizer.bos_token)
    inputs = processor(
        text=[prompt.text],
        images=[open_image(data) for data in prompt.images] or None,
        return_tensors="pt",
        add_special_tokens=not begun,
    )
    length = inputs["input_ids"].shape[1]
    written = model.generate(**inputs, do_sample=False, max_new_tokens=request.max_new_tokens)
    text = processor.tokenizer.decode(written[0, length:], skip_special_tokens=True).strip()
    answer = torch.tensor([loaded.encoder.answer_ids(prompt.text, request.answer)])
    size = answer.shape[1]
    inputs["input_ids"] = torch.cat([inputs["input_ids"], answer], dim=1)
    for name in {"attention_mask", "token_type_ids", "mm_token_type_ids"} & set(inputs):
        padding = torch.full((1, size), int(name == "attention_mask"), dtype=inputs[name].dtype)
        inputs[name] = torch.cat([inputs[name], padding], dim=1)
    if "cross_attention_mask" in inputs:
        seen = inputs["cross_attention_mask"]
        inputs["cross_attention_mask"] = torch.cat([seen, seen[:, -1:].repeat(1, size, 1, 1)], dim=1)
    logits = model(**inputs).logits[0, length - 1 : -1].float()
    return text, logits.log_softmax(-1).gather(1, answer[0][:, None])[:, 0]


def assert_same(engine, requests, expected):
    written = engine.generate(requests)
    assert written == [text for text, _ in expected]
    assert engine.generate(requests, engine.score(requests)) == written
    for scores, (_, log_probs) in zip(engine.score(requests), expected, strict=True):
        torch.testing.assert_close(torch.tensor(scores.log_probs), log_probs, atol=1e-4, rtol=0)


@pytest.mark.parametrize("limits", LIMITS[1:3])
@pytest.mark.parametrize("family", FAMILIES)
def test_shared_prefixes_change_nothing(family, limits):
    """Answers and log-probabilities are those of one request at a time; each picture is seen once."""
    loaded, requests, expected = world(family)
    assert len({text for text, _ in expected}) > 5
    engine = TransformersEngine(loaded, limits)
    assert isinstance(engine.backend, SharedPrefixes)
    assert_same(engine, requests, expected)


def test_long_prefixes_are_read_in_passes_that_part_no_picture():
    """Gemma 3's features of a picture see one another, so that a pass cannot end among them."""
    loaded, requests, expected = world("gemma3")
    assert_same(TransformersEngine(loaded, replace(LIMITS[1], batch_tokens=5)), requests, expected)


@pytest.mark.parametrize("family", FAMILIES)
def test_plain_batches_change_nothing(family, monkeypatch):
    """The same for batches filled up on the left and on the right, for families yet unknown."""
    monkeypatch.setattr(engine_module, "sharing_engine", lambda *_: None)
    loaded, requests, expected = world(family)
    assert_same(TransformersEngine(loaded, LIMITS[3]), requests, expected)
