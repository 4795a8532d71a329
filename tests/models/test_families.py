"""Prompts and answers of every supported family, against its own processor and its own chat template."""

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers
from transformers import PreTrainedTokenizerFast

from mllmu.benchmark.images import open_image
from mllmu.models import Conversation, Message, Prompt, render, user_turn
from mllmu.models.answer_form import answer_tokens
from tests.families import FAMILIES, build_family

from .conftest import png

RED, BLUE = png("red", (64, 64)), png("blue", (96, 40))
DEMONSTRATED = Conversation(
    (
        Message("user", "this person lives in", (RED,)),
        Message("assistant", "Riga"),
        Message("user", "this person works as", (BLUE,)),
    )
)


@pytest.fixture(scope="module", params=FAMILIES)
def loaded(request):
    return build_family(request.param)


@pytest.mark.parametrize(
    "conversation",
    [user_turn("who likes soup?"), user_turn("this person lives in", (BLUE,)), DEMONSTRATED],
    ids=["text", "picture", "demonstrated"],
)
def test_encoding_equals_the_processor_itself(loaded, conversation):
    """Pictures are preprocessed once; what the model gets is what its processor makes of the whole prompt."""
    prompt = render(loaded.processor, conversation)
    assert_encoded_alike(loaded, prompt)


def test_raw_prompts_are_encoded_as_the_processor_does(loaded):
    """Prompts that are given as they are get the tokenizer's own first token."""
    place = loaded.processor.image_token
    assert_encoded_alike(loaded, Prompt(f"USER: {place}\nsoup?\nA: nurse\nUSER: {place}\ncats?", (RED, RED)))


def assert_encoded_alike(loaded, prompt):
    bos = loaded.processor.tokenizer.bos_token
    direct = loaded.processor(
        text=[prompt.text],
        images=[open_image(data) for data in prompt.images] or None,
        return_tensors="pt",
        add_special_tokens=not (bos and prompt.text.startswith(bos)),
    )
    encoded = loaded.encoder.encode(prompt)
    assert torch.equal(encoded.input_ids, direct["input_ids"][0])
    for name, values in encoded.per_token.items():
        assert torch.equal(values, direct[name][0])
    assert {*encoded.vision, *encoded.per_token} == set(direct) - {"input_ids", "attention_mask"}
    with torch.inference_mode():
        logits = [loaded.model(**{**direct, **vision}).logits for vision in ({}, encoded.vision)]
    assert torch.equal(*logits)


def test_answers_follow_prompts_as_the_chat_template_writes_them(loaded):
    """A teacher-forced answer is the model's turn in a rendered conversation, with the token that ends it."""
    processor = loaded.processor
    prompt = render(processor, user_turn("this person lives in"))
    turns = (Message("user", "this person lives in"), Message("assistant", "Riga"))
    finished = render(processor, Conversation(turns)).text
    encoded = loaded.encoder.encode(prompt, "Riga")
    told = processor.tokenizer.decode(encoded.input_ids[encoded.answer_mask], skip_special_tokens=False)
    written = processor.tokenizer.decode(encoded.input_ids, skip_special_tokens=False)
    # Templates that write no end token leave it to the tokenizer.
    end = processor.tokenizer.decode([loaded.encoder.answer_form.end_id])
    assert told.endswith(f"Riga{end}")
    if end in finished[len(prompt.text) :]:
        whole = finished[: finished.rindex(end) + len(end)]
    else:
        whole = finished.rstrip() + end
    bos = processor.tokenizer.bos_token
    assert written == (whole if not bos or whole.startswith(bos) else bos + whole)


def spaces_as_marks():
    """A tokenizer that, as Llama's, puts a space's mark before whatever stands first."""
    pieces = [
        ("<unk>", 0.0),
        ("</s>", 0.0),
        ("▁", -5.0),
        ("▁Riga", -1.0),
        ("▁USER:", -1.0),
        ("▁ASSISTANT:", -1.0),
    ]
    made = Tokenizer(models.Unigram(pieces, unk_id=0))
    made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token="</s>", unk_token="<unk>")


def test_no_space_is_doubled():
    """The answer's tokens are those of the whole text, not of the answer as a text of its own."""
    tokenizer = spaces_as_marks()
    whole = tokenizer("USER: Riga ASSISTANT: Riga")["input_ids"]
    prompt = tokenizer("USER: Riga ASSISTANT:")["input_ids"]
    answer = answer_tokens(tokenizer, "USER: Riga ASSISTANT:", " Riga")
    assert prompt + answer == whole
    assert tokenizer.convert_ids_to_tokens(answer) == ["▁Riga"]
    assert tokenizer.tokenize(" Riga") == ["▁", "▁Riga"]
