"""Protects: a control token in the words of a prompt in the model's own format is refused by name."""

import copy

import pytest

from mllmu.errors import UserError
from mllmu.inference import Request, TransformersEngine
from mllmu.models import Conversation, Message, Prompt
from mllmu.models.prompts.chat import render
from mllmu.models.prompts.plain_text import special_tokens
from mllmu.models.prompts.raw_prompts import raw_prompt, require_raw_prompt
from tests.models.conftest import png

RED = png("red")


def spoken(images):
    turns = (Message("user", "Who?", images), Message("assistant", "Ada."), Message("user", "How?", images))
    return Conversation(turns)


@pytest.mark.parametrize("images", [(), (RED,), (RED, RED)])
def test_what_the_template_of_every_family_writes_passes(family, images):
    require_raw_prompt(family.processor, render(family.processor, spoken(images)))


def test_every_control_token_of_every_family_is_refused_in_the_words(family):
    processor = family.processor
    text = render(processor, spoken((RED,))).text
    tokens = {*processor.tokenizer.all_special_tokens, processor.image_token}
    for token in sorted(
        one for one in tokens if special_tokens(processor, len(processor.tokenizer)).search(one)
    ):
        prompt = Prompt(text.replace("How?", f"How {token} so?"), (RED, RED))
        with pytest.raises(UserError, match="The prompt ") as error:
            require_raw_prompt(processor, prompt)
        assert token in str(error.value)


def test_the_engine_looks_before_it_computes(loaded):
    engine = TransformersEngine(loaded)
    for ask in (engine.score, engine.generate):
        with pytest.raises(UserError, match=r"The prompt 'USER: Who is </s> this.*contains </s>"):
            ask([Request(Prompt("USER: Who is </s> this?\nASSISTANT:"), "Ada", 4)])
    with pytest.raises(UserError, match=r"1 image placeholders .* for 0 images"):
        engine.score([Request(Prompt("USER: What is <image>?\nASSISTANT:"), "Ada")])


def test_images_are_written_as_the_template_of_every_family_writes_them(family):
    """The prompt of the official evaluation reads alike, and shows the model what a conversation does."""
    processor = family.processor
    official = Prompt("USER: <image>\nWho?\nUSER: <image>\nHow?\nASSISTANT:", (RED, RED))
    written = raw_prompt(processor, official)
    own = written.text.removeprefix("USER: ").split("\nWho?")[0]
    assert written.text == official.text.replace("<image>", own)
    assert own in render(processor, spoken((RED,))).text and own.count(processor.image_token) == 1
    assert written.images == official.images
    one, two = (len(family.encoder.encode(each)) for each in (render(processor, spoken((RED,))), written))
    assert min(one, two) > 4


def test_official_prompts_and_words_like_tokens_pass(loaded):
    require_raw_prompt(loaded.processor, Prompt("USER:<image>\nIs 3 < 4 > 2? [sic]\nASSISTANT:", (RED,)))


def test_of_several_named_templates_the_one_that_is_run_counts(loaded):
    """A processor holds them as a mapping, which no cache takes for a key."""
    processor = copy.copy(loaded.processor)
    processor.chat_template = {"default": loaded.processor.chat_template, "tools": "{{ messages }}"}
    one, several = (
        raw_prompt(each, Prompt("USER: <image>\nWho?\nASSISTANT: Ada.</s>USER: How?\nASSISTANT:", (RED,)))
        for each in (loaded.processor, processor)
    )
    assert one == several


def test_a_system_instruction_holds_no_control_token(loaded):
    with pytest.raises(UserError, match="The system instruction 'Be </s> kind' contains </s>"):
        render(loaded.processor, spoken(()), "Be </s> kind")
