"""Protects: what templates add by themselves (dates, empty thoughts) or leave out is no surprise."""

from __future__ import annotations

from typing import Any

import pytest

from mllmu.errors import UserError
from mllmu.models import Conversation, Message, render, user_turn
from mllmu.models.inputs.encoding import Encoder
from mllmu.models.prompts.chat import chat_prompt
from tests.families import build_family
from tests.models.conftest import png

PARTS = "{% for p in m['content'] %}{% if p['type'] == 'text' %}{{ p['text'] }}{% endif %}{% endfor %}"
MESSAGES = "{% for m in messages %}{{ m['role'] }}: " + PARTS + "\n{% endfor %}"
BEGIN = "{% if add_generation_prompt %}assistant:{% endif %}"
DATED = (
    "{% if not date_string is defined %}{% set date_string = strftime_now('%d %b %Y') %}{% endif %}"
    "Today Date: {{ date_string }}\n" + MESSAGES + BEGIN
)
# As Qwen3's: an empty thought before the last answer, and none at the end of a prompt.
THOUGHTFUL = (
    "{% for m in messages %}<|{{ m['role'] }}|>"
    "{% if m['role'] == 'assistant' and loop.last %}<think>\n\n</think>\n\n{% endif %}"
    + PARTS
    + "</s>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
USERS_ONLY = (
    "{% for m in messages if m['role'] == 'user' %}USER: " + PARTS + "{% endfor %}"
    "{% if add_generation_prompt %}A:{% endif %}"
)


# Of a question with a picture, the picture alone.
FIRST_PART = "{% for m in messages %}{{ m['content'][0]['text'] or '<image>' }}\n{% endfor %}" + BEGIN


def processor(template: str) -> Any:
    made = build_family("llava").processor
    made.chat_template = template
    return made


def test_a_template_that_writes_the_date_writes_the_same_one_every_day() -> None:
    """Models of one comparison may be asked on different days, and a training goes on the day after."""
    assert chat_prompt(processor(DATED), "Who?").text.startswith("Today Date: 26 Jul 2024\n")


def test_a_template_that_will_not_be_told_the_date_is_named(caplog: pytest.LogCaptureFixture) -> None:
    chat_prompt(processor("{{ strftime_now('%Y') }}" + MESSAGES + BEGIN), "Who?")
    assert "writes the day on which it is asked" in caplog.text


def test_an_empty_thought_belongs_to_the_prompt_and_not_to_the_answer() -> None:
    encoder = Encoder(processor(THOUGHTFUL))
    prompt = render(encoder.processor, user_turn("Who?"))
    assert prompt.text.endswith("<|assistant|><think>\n\n</think>\n\n")
    assert encoder.answer_form.lead == ""
    ids = encoder.answer_ids(prompt.text, "Riga")
    assert encoder.tokenizer.decode(ids).replace(" ", "") == "Riga</s>"


def test_examples_whose_answers_a_template_leaves_out_are_refused() -> None:
    """A question alone can be asked all the same."""
    users_only = processor(USERS_ONLY)
    assert chat_prompt(users_only, "Who?").text == "USER: Who?A:"
    shown = Conversation((Message("user", "Who?"), Message("assistant", "Ada"), Message("user", "Where?")))
    with pytest.raises(UserError, match="leaves 'Ada' out of a conversation"):
        render(users_only, shown)


def test_a_question_that_is_left_out_beside_a_picture_is_refused() -> None:
    """The model would be asked nothing; the same question without a picture can be asked."""
    first_part = processor(FIRST_PART)
    assert chat_prompt(first_part, "Who?").text == "Who?\nassistant:"
    with pytest.raises(UserError, match=r"leaves the question 'Who\?' out of its prompt"):
        chat_prompt(first_part, "Who?", (png("red"),))
