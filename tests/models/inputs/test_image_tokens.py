"""Token ids of prompts with images, for every supported family, against its own processor."""

import pytest
import torch

from mllmu.benchmark.images import open_image
from mllmu.errors import UserError
from mllmu.models import Conversation, Message, Prompt, render, user_turn
from mllmu.models.inputs.encoding import Encoder
from tests.families import build_family
from tests.models.conftest import png

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


class ForeignMarks:
    """A processor in the manner of PaliGemma's: ``token_type_ids`` tell a prompt (0) from an answer (1)."""

    def __init__(self, processor, needs_images):
        self._processor = processor
        self._needs_images = needs_images

    def __getattr__(self, name):
        return getattr(self._processor, name)

    def __call__(self, text, images=None, **settings):
        if self._needs_images and images is None:
            raise ValueError("`images` are expected")
        output = self._processor(text=text, images=images, **settings)
        output["token_type_ids"] = torch.zeros_like(torch.as_tensor(output["input_ids"]))
        return output


@pytest.mark.parametrize(
    ("needs_images", "said"),
    [(False, "token_type_ids of its own meaning"), (True, "no text without an image")],
)
def test_marks_of_another_meaning_are_refused(needs_images, said):
    """Filled with marks of image features they would let answers see their own ends."""
    processor = ForeignMarks(build_family("gemma3").processor, needs_images)
    with pytest.raises(UserError, match=said):
        Encoder(processor).encode(render(processor, user_turn("who?", (RED,))))
