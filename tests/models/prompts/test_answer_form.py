"""Answers of every supported family, against its own chat template."""

import json
import shutil

import pytest
from tokenizers import AddedToken, Tokenizer, models, normalizers
from transformers import PreTrainedTokenizerFast

from mllmu.errors import UserError
from mllmu.models import Conversation, Message, load_model, render, user_turn
from mllmu.models.prompts.answer_form import answer_form, answer_tokens


def test_answers_follow_prompts_as_the_chat_template_writes_them(family):
    """A teacher-forced answer is the model's turn in a rendered conversation, with the token that ends it."""
    processor = family.processor
    prompt = render(processor, user_turn("this person lives in"))
    turns = (Message("user", "this person lives in"), Message("assistant", "Riga"))
    finished = render(processor, Conversation(turns)).text
    encoded = family.encoder.encode(prompt, "Riga")
    answer = processor.tokenizer.decode(encoded.input_ids[encoded.answer_mask], skip_special_tokens=False)
    written = processor.tokenizer.decode(encoded.input_ids, skip_special_tokens=False)
    # Templates that write no end token leave it to the tokenizer.
    end = processor.tokenizer.decode([family.encoder.answer_form.end_id])
    assert answer.endswith(f"Riga{end}")
    if end in finished[len(prompt.text) :]:
        whole = finished[: finished.rindex(end) + len(end)]
    else:
        whole = finished.rstrip() + end
    bos = processor.tokenizer.bos_token
    assert written == (whole if not bos or whole.startswith(bos) else bos + whole)


def test_a_model_without_an_end_is_refused(random_model_folder, tmp_path):
    """It would write on, and nobody could tell it where an answer ends."""
    folder = shutil.copytree(random_model_folder, tmp_path / "endless")
    file = folder / "tokenizer_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "eos_token": None}))
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(
        UserError, match=r"names no end token; expected an eos_token in tokenizer_config\.json"
    ):
        load_model(folder, "cpu")


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


def test_an_end_of_turn_that_no_role_names_ends_an_answer(random_model_folder, tmp_path):
    """As in Gemma 3, whose end of text is another: it would be taught, and never written, as the end."""
    folder = shutil.copytree(random_model_folder, tmp_path / "turns")
    loaded = load_model(folder, "cpu")
    loaded.processor.tokenizer.add_tokens(AddedToken("<turn_end>", special=True), special_tokens=True)
    loaded.processor.chat_template = (
        "{% for message in messages %}{{ message.role }}: {% for part in message.content %}"
        "{{ '<image>' if part.type == 'image' else part.text }}{% endfor %}<turn_end>\\n{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    form = answer_form(loaded.processor)
    assert loaded.processor.tokenizer.decode([form.end_id]) == "<turn_end>"
