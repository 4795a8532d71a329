"""Chat templates that models may bring along: a prompt with the question in it, or one sentence."""

import copy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mllmu.models import chat_prompt, wrap_model
from mllmu.models.prompts import template_guard
from mllmu.models.tiny import build_model, build_processor, train_tokenizer
from tests.models.conftest import SMALL, TEXTS, png
from tests.models.test_chat_templates import BEGIN, JSON, PARTS, SHOWN, STRINGS, SYSTEM_AS_STRING

from .properties import made_or_refused

IMAGE = png("red", (8, 8))
# A system instruction with nothing else, and of every turn its first part.
LACKING = [
    "{% for message in messages if message['role'] == 'system' %}{{ message['content'] }}{% endfor %}",
    "{% for message in messages %}{{ message['content'][0]['text'] or '<image>' }}{% endfor %}",
]
REAL = [*LACKING, STRINGS + BEGIN, SHOWN + BEGIN, JSON, PARTS + BEGIN, SYSTEM_AS_STRING]
PIECES = st.sampled_from(
    [
        "{{ messages }}",
        "{% for message in messages %}", "{% endfor %}", "{{ message.content }}", "{{", "%}",
        "{{ raise_exception('a\nb') }}", "{{ 1 / 0 }}", "{{ x.y.z }}", "{{ messages[9] }}", "{% if %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{{ '\\ud800' }}", "{{ 'ab' * 9999999 }}",
        "{{ 'ab' * 9999 }}", "{{ 9**9**9 }}", "**", "{{ messages * messages }}",
        "{{ messages.pop() }}", "{{ ''.__class__.__mro__ }}", "{% include 'x' %}", "<think>",
        "{% generation %}",
        "{% set messages = [] %}", "{{ bos_token }}", "{{ none + 1 }}", "{# ", "{{ range(99999999)|list }}",
        "{{ messages|tojson|length }}", "\x00", "{{ strftime_now('%') }}", "{% extends messages %}",
    ]
)  # fmt: skip


@pytest.fixture(scope="module")
def processor():
    tokenizer = train_tokenizer(TEXTS, 400)
    loaded = wrap_model(build_model(tokenizer, SMALL, seed=0), build_processor(tokenizer), "small")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(template_guard, "_SECONDS", 5.0)
        yield loaded.processor


@st.composite
def templates(draw):
    text = draw(st.one_of(st.sampled_from(REAL), st.just("")))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 12))
        text = text[:start] + draw(st.one_of(PIECES, st.text(max_size=6))) + text[end:]
    return text


@example(template=LACKING[0])
@example(template=LACKING[1])
@given(template=templates())
def test_a_prompt_holds_the_question_or_the_template_is_refused(processor, template):
    own = copy.copy(processor)
    own.chat_template = template
    prompt = made_or_refused(lambda: chat_prompt(own, "Who is it?", (IMAGE,), "Be kind."), "chat template")
    if prompt is not None:
        words = " ".join(prompt.text.split())
        assert "Who is it?" in words and "Be kind." in words and len(prompt.images) == 1
        prompt.text.encode()
