"""Token ids of prompts with images, for every supported family, against its own processor."""

import pytest
import torch

from mllmu.benchmark.images import open_image
from mllmu.models import Conversation, Message, Prompt, render, user_turn

from .conftest import png

RED, BLUE = png("red", (64, 64)), png("blue", (96, 40))
DEMONSTRATED = Conversation(
    (
        Message("user", "this person lives in", (RED,)),
        Message("assistant", "Riga"),
        Message("user", "this person works as", (BLUE,)),
    )
)


@pytest.mark.parametrize(
    "conversation",
    [user_turn("who likes soup?"), user_turn("this person lives in", (BLUE,)), DEMONSTRATED],
    ids=["text", "picture", "demonstrated"],
)
def test_encoding_equals_the_processor_itself(family, conversation):
    """Images are preprocessed once; the inputs are those that the processor makes of the whole prompt."""
    prompt = render(family.processor, conversation)
    assert_encoded_alike(family, prompt)


def test_raw_prompts_are_encoded_as_the_processor_does(family):
    """Prompts that no chat template rendered get the BOS token from the tokenizer."""
    placeholder = family.processor.image_token
    assert_encoded_alike(
        family, Prompt(f"USER: {placeholder}\nsoup?\nA: nurse\nUSER: {placeholder}\ncats?", (RED, RED))
    )


def assert_encoded_alike(family, prompt):
    bos = family.processor.tokenizer.bos_token
    direct = family.processor(
        text=[prompt.text],
        images=[open_image(data) for data in prompt.images] or None,
        return_tensors="pt",
        add_special_tokens=not (bos and prompt.text.startswith(bos)),
    )
    encoded = family.encoder.encode(prompt)
    assert torch.equal(encoded.input_ids, direct["input_ids"][0])
    for name, values in encoded.per_token.items():
        assert torch.equal(values, direct[name][0])
    assert {*encoded.vision, *encoded.per_token} == set(direct) - {"input_ids", "attention_mask"}
    with torch.inference_mode():
        logits = [family.model(**{**direct, **vision}).logits for vision in ({}, encoded.vision)]
    assert torch.equal(*logits)
